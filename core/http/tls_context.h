// SPDX-License-Identifier: GPL-3.0-or-later
// The certificate of a listener, and whose certificates its clients need: TLS 1.2 and 1.3, HTTP/1.1 by ALPN. Immutable once loaded and shared
// by the connections that were made with it, so that a reload replaces the pointer only.
#pragma once

#include "core/base/result.h"

#include <memory>
#include <openssl/types.h>
#include <string>

namespace cm::http {

// InvalidInput when the files cannot be read or do not belong together. With `clientCaFile` nobody gets
// beyond the handshake without a client's certificate of one of these authorities.
[[nodiscard]] Result<std::shared_ptr<SSL_CTX>> loadTlsContext(const std::string &certificateFile, const std::string &keyFile,
                                                              const std::string &clientCaFile = {});

}  // namespace cm::http
