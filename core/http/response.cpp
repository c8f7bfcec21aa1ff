// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/http/response.h"

#include "core/base/http_status.h"

#include <algorithm>
#include <fmt/format.h>

namespace cm::http {
namespace {

Response withType(int status, std::string_view type, std::string body)
{
    Response response;
    response.status = status;
    response.headers.push_back({"Content-Type", std::string(type)});
    response.body = std::move(body);
    return response;
}

}  // namespace

bool Response::set(std::string_view name, std::string_view value)
{
    if (!checkHeader(name, value))
        return false;
    std::erase_if(headers, [&](const Header &header) { return equalsIgnoringCase(header.name, name); });
    headers.push_back({std::string(name), std::string(value)});
    return true;
}

bool Response::add(std::string_view name, std::string_view value)
{
    if (!checkHeader(name, value))
        return false;
    headers.push_back({std::string(name), std::string(value)});
    return true;
}

std::string_view Response::header(std::string_view name) const noexcept
{
    const auto found = std::find_if(headers.begin(), headers.end(),
                                    [&](const Header &header) { return equalsIgnoringCase(header.name, name); });
    return found == headers.end() ? std::string_view{} : std::string_view(found->value);
}

Response Response::text(int status, std::string_view body)
{
    return withType(status, "text/plain; charset=utf-8", std::string(body));
}

Response Response::refusal(int status, std::string_view words)
{
    Response response = text(status, words);
    response.reason = std::string(words);
    response.body.push_back('\n');
    return response;
}

Response Response::html(int status, std::string body)
{
    return withType(status, "text/html; charset=utf-8", std::move(body));
}

Response Response::json(int status, std::string body)
{
    return withType(status, "application/json", std::move(body));
}

Response Response::redirect(int status, std::string_view location)
{
    Response response = text(status, "");
    response.set("Location", location);
    return response;
}

void appendHead(std::string &out, const Response &response)
{
    const std::string reason = safeReason(response.reason.empty() ? httpReason(response.status) : response.reason);
    fmt::format_to(std::back_inserter(out), "HTTP/1.1 {} {}\r\n", response.status, reason);
    for (const Header &header : response.headers) {
        // The struct is open: what was not set through set() is checked here.
        if (checkHeader(header.name, header.value))
            out.append(header.name).append(": ").append(header.value).append("\r\n");
    }
    if (response.status >= 200 && response.status != 204 && response.status != 304)
        fmt::format_to(std::back_inserter(out), "Content-Length: {}\r\n", response.body.size());
}

}  // namespace cm::http
