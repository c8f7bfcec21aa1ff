// SPDX-License-Identifier: GPL-3.0-or-later
// Whether somebody is this very machine, so that nobody listens in between: by its name or address as it was written,
// nothing is looked up. Pure, any thread.
#pragma once

#include <string_view>

namespace cm {

// "localhost", "127.0.0.1", "::1".
[[nodiscard]] inline bool isLoopbackHost(std::string_view host)
{
    return host == "localhost" || host == "::1" || host.starts_with("127.");
}

// "http://127.0.0.1:8427", "http://[::1]/": without TLS, to this machine.
[[nodiscard]] inline bool isPlainLoopbackUrl(std::string_view url)
{
    return url.starts_with("http://127.") || url.starts_with("http://localhost") || url.starts_with("http://[::1]");
}

}  // namespace cm
