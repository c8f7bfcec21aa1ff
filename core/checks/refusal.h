// SPDX-License-Identifier: GPL-3.0-or-later
// A refusal of the legacy upload protocol: the status and the one line that goes into the reason
// phrase and the body. The text is ASCII without control characters. A value; any thread.
#pragma once

#include <string>
#include <string_view>

namespace cm::checks {

struct Refusal {
    int status = 400;
    std::string text;
    // Where in this very file, for a person who mends it; no part of the protocol's line.
    std::string detail;
    friend bool operator==(const Refusal &, const Refusal &) = default;
};

// Makes `text` fit for a reason phrase: whatever is not printable ASCII becomes \xNN or \uNNNN.
[[nodiscard]] std::string asciiLine(std::string_view text);
[[nodiscard]] Refusal refuse(int status, std::string_view text, std::string detail = {});

}  // namespace cm::checks
