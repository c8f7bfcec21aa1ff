// SPDX-License-Identifier: GPL-3.0-or-later
// An X.509 certificate as people and monitors look at it, from a handshake or from a file. Values, any
// thread; reading blocks on the file. Source: RFC 5280.
#pragma once

#include "core/base/clock.h"

#include <openssl/types.h>
#include <string>
#include <vector>

namespace cm::http {

struct Certificate {
    std::string serial;  // hexadecimal, lower case
    std::string subject;  // "CN=web1,O=…"
    std::string issuer;
    std::vector<std::string> names;  // DNS names and addresses of the subject's alternative names
    Time notBefore{};
    Time notAfter{};
    std::string fingerprint;  // SHA-256 of the DER form, hexadecimal
};

[[nodiscard]] Certificate describeCertificate(X509 &certificate);
// The first certificate of a PEM file. NotFound, Forbidden, InvalidInput.
[[nodiscard]] Result<Certificate> readCertificate(const std::string &file);

}  // namespace cm::http
