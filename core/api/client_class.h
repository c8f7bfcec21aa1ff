// SPDX-License-Identifier: GPL-3.0-or-later
// Who downloads, in six classes of which each download has exactly one. Plain values, any thread.
#pragma once

#include "core/api/types.h"

namespace cm::api {

// Interactive: an installer that a person runs, or one that does not tell. Ci: an installer that says it runs
// in continuous integration. Mirror: mirrors and caching proxies. Browser: browsers, command line fetchers and
// libraries for HTTP. Tooling: tools that download for another purpose than installing. Unknown: everything else.
enum class ClientClass { Interactive, Ci, Mirror, Browser, Tooling, Unknown };
template <>
struct EnumNames<ClientClass> {
    static constexpr std::array values{std::pair{ClientClass::Interactive, std::string_view("interactive")},
                                       std::pair{ClientClass::Ci, std::string_view("ci")},
                                       std::pair{ClientClass::Mirror, std::string_view("mirror")},
                                       std::pair{ClientClass::Browser, std::string_view("browser")},
                                       std::pair{ClientClass::Tooling, std::string_view("tooling")},
                                       std::pair{ClientClass::Unknown, std::string_view("unknown")}};
};

}  // namespace cm::api
