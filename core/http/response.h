// SPDX-License-Identifier: GPL-3.0-or-later
// An answer made for one request. Content-Length, Date, Connection and X-Request-Id are the
// server's; set() drops a header that could break out of its line, so that nothing stored can forge
// another one (the refusal is reported to the caller). A value, any thread.
#pragma once

#include "core/http/header.h"

#include <string>
#include <string_view>

namespace cm::http {

struct Response {
    int status = 200;
    // Empty: the registered phrase. Made safe when sent (printable ASCII).
    std::string reason;
    Headers headers;
    std::string body;
    // Ends the connection after this answer.
    bool close = false;

    // Replaces a header of that name; false when name or value may not be sent (CR, LF, NUL).
    bool set(std::string_view name, std::string_view value);
    // Adds one more of that name.
    bool add(std::string_view name, std::string_view value);
    [[nodiscard]] std::string_view header(std::string_view name) const noexcept;

    [[nodiscard]] static Response text(int status, std::string_view body);
    // The same words as reason phrase and as text/plain body: clients show one or the other.
    [[nodiscard]] static Response refusal(int status, std::string_view words);
    [[nodiscard]] static Response html(int status, std::string body);
    [[nodiscard]] static Response json(int status, std::string body);
    [[nodiscard]] static Response redirect(int status, std::string_view location);
};

// "HTTP/1.1 200 OK\r\n" and the header lines of `response`, with Content-Length unless the status has
// no body; neither Date nor the final empty line.
void appendHead(std::string &out, const Response &response);

}  // namespace cm::http
