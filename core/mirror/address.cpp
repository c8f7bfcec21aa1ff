// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mirror/address.h"

#include "core/http/client/http_client.h"
#include "core/http/request_head.h"

#include <algorithm>
#include <vector>

namespace cm::mirror {
namespace {

// "http://host:80" of an address; where its path begins.
std::size_t pathStart(std::string_view address)
{
    const std::size_t host = address.find("://");
    if (host == std::string_view::npos)
        return std::string_view::npos;
    return std::min(address.find_first_of("/?#", host + 3), address.size());
}

bool hasScheme(std::string_view text)
{
    const std::size_t colon = text.find(':');
    return colon != std::string_view::npos && text.find_first_of("/?#") > colon;
}

bool isDot(std::string_view segment)
{
    return segment == "." || segment == "%2e" || segment == "%2E";
}

bool isDotDot(std::string_view segment)
{
    for (const char *word : {"..", ".%2e", ".%2E", "%2e.", "%2E.", "%2e%2e", "%2E%2E", "%2e%2E", "%2E%2e"}) {
        if (segment == word)
            return true;
    }
    return false;
}

// `path` begins with a slash.
std::string withoutDots(std::string_view path)
{
    std::vector<std::string_view> kept;
    bool folder = false;
    path.remove_prefix(1);
    for (;;) {
        const std::size_t slash = path.find('/');
        const std::string_view segment = path.substr(0, slash);
        folder = isDot(segment) || isDotDot(segment);
        if (isDotDot(segment) && !kept.empty())
            kept.pop_back();
        else if (!folder)
            kept.push_back(segment);
        if (slash == std::string_view::npos)
            break;
        path.remove_prefix(slash + 1);
    }
    std::string out;
    for (const std::string_view segment : kept)
        out.append("/").append(segment);
    return out.empty() || folder ? out + "/" : out;
}

}  // namespace

Result<std::string> resolveAddress(std::string_view base, std::string_view reference)
{
    reference = reference.substr(0, reference.find('#'));
    const std::size_t start = pathStart(base);
    if (start == std::string_view::npos)
        return fail(ErrorCode::InvalidInput, "no base to resolve against");
    std::string whole;
    if (hasScheme(reference)) {
        whole = reference;
    } else if (reference.starts_with("//")) {
        whole = std::string(base.substr(0, base.find(':') + 1)) + std::string(reference);
    } else if (reference.starts_with('/')) {
        whole = std::string(base.substr(0, start)) + std::string(reference);
    } else {
        std::string_view folder = base.substr(start);
        folder = folder.substr(0, folder.find_first_of("?#"));
        folder = folder.substr(0, folder.rfind('/') + 1);
        whole = std::string(base.substr(0, start)) + (folder.empty() ? "/" : std::string(folder)) + std::string(reference);
    }
    const std::size_t path = pathStart(whole);
    if (path == std::string::npos)
        return fail(ErrorCode::InvalidInput, "no http or https address");
    const std::size_t query = std::min(whole.find('?', path), whole.size());
    const std::string middle = path == query ? "/" : withoutDots(std::string_view(whole).substr(path, query - path));
    std::string resolved = whole.substr(0, path) + middle + whole.substr(query);
    CM_TRY(http::parseHttpUrl(resolved));
    return resolved;
}

std::string pathOfAddress(std::string_view address)
{
    const std::size_t start = pathStart(address);
    if (start == std::string_view::npos)
        return {};
    std::string_view path = address.substr(start);
    path = path.substr(0, path.find_first_of("?#"));
    const auto decoded = http::percentDecode(path);
    return decoded ? *decoded : std::string();
}

}  // namespace cm::mirror
