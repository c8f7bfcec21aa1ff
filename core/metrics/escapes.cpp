// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/escapes.h"

namespace cm::metrics {

void appendUnescaped(std::string &out, std::string_view text)
{
    for (std::size_t at = 0; at < text.size(); ++at) {
        const bool last = at + 1 == text.size();
        if (last || (text[at] != '\\' && !(text[at] == '"' && text[at + 1] == '"'))) {
            out += text[at];
            continue;
        }
        const char next = text[++at];
        const int high = next == 'x' && at + 2 < text.size() ? hexDigit(text[at + 1]) : -1;
        const int low = high < 0 ? -1 : hexDigit(text[at + 2]);
        if (low >= 0) {
            out += static_cast<char>(high * 16 + low);
            at += 2;
        } else {
            out += next == 'n' ? '\n' : next == 'r' ? '\r' : next == 't' ? '\t' : next;
        }
    }
}

}  // namespace cm::metrics
