// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/database_url.h"

namespace cm {

bool isDatabaseUri(std::string_view url)
{
    return url.starts_with("postgresql://") || url.starts_with("postgres://");
}

std::string passwordOf(std::string_view url)
{
    if (isDatabaseUri(url)) {
        const std::size_t begin = url.find("://") + 3;
        const std::string_view authority = url.substr(begin, url.find_first_of("/?", begin) - begin);
        const std::size_t at = authority.rfind('@');
        const std::size_t colon = authority.find(':');
        if (at != std::string_view::npos && colon < at)
            return std::string(authority.substr(colon + 1, at - colon - 1));
    }
    const std::size_t key = url.find("password=");
    if (key == std::string_view::npos)
        return {};
    std::string_view value = url.substr(key + 9);
    if (value.starts_with('\''))
        return std::string(value.substr(1, value.find('\'', 1) - 1));
    return std::string(value.substr(0, value.find_first_of("& ")));
}

}  // namespace cm
