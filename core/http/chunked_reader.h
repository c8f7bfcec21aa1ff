// SPDX-License-Identifier: GPL-3.0-or-later
// Decodes a chunked body (RFC 9112 section 7.1) with the parser of Boost.Beast; trailers are read
// and dropped. Owned by a connection for the length of one request, one thread.
#pragma once

#include "core/base/result.h"

#include <memory>
#include <string>
#include <string_view>

namespace cm::http {

class ChunkedReader {
public:
    ChunkedReader();
    ~ChunkedReader();

    // Appends what `bytes` hold of the body to `out`. InvalidInput for a broken coding.
    [[nodiscard]] Result<void> feed(std::string_view bytes, std::string &out);
    [[nodiscard]] bool isDone() const;
    // What followed the body in the last bytes: the next request.
    [[nodiscard]] const std::string &rest() const { return m_kept; }

private:
    class Parser;

    std::unique_ptr<Parser> m_parser;
    std::string m_kept;
};

}  // namespace cm::http
