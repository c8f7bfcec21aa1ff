// SPDX-License-Identifier: GPL-3.0-or-later
// The syslog header that a line may bear: RFC 5424, RFC 3164, and what CDNs make of them (a token before it, RFC 3339's
// time in the old form). Views into the line. Pure, any thread.
#pragma once

#include <string_view>

namespace cm::metrics {

struct SyslogLine {
    bool sound = true;  // false: it begins as a header does and is none
    std::string_view time;     // as it is written, for RFC 3339; empty where there is none
    std::string_view host;
    std::string_view app;      // the program that sent it; empty where no header says it
    std::string_view message;  // the whole line where there is no header
};

[[nodiscard]] SyslogLine readSyslog(std::string_view line);

}  // namespace cm::metrics
