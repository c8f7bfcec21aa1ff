// SPDX-License-Identifier: GPL-3.0-or-later
// What projects would lose, each with a digest over what that is, so that a word given for one set is not taken for another:
// who allows deletions has seen these. Kept in the mirror's folder as text, a line for each project by its name. Pure values.
#pragma once

#include "core/mirror/state.h"

#include <map>

namespace cm::mirror {

struct Loss {
    bool whole = false;      // the project goes
    std::int64_t files = 0;  // that go out of service
    std::string digest;      // over which those are
    friend bool operator==(const Loss &, const Loss &) = default;
};
using Losses = std::map<std::string, Loss>;

[[nodiscard]] Loss lossOf(const std::vector<KnownFile> &going, bool whole);
[[nodiscard]] std::string lossesText(const Losses &losses);
// Corrupt for what is no such text.
[[nodiscard]] Result<Losses> readLosses(std::string_view text);

// Such a set in short.
struct HeldBack {
    std::string digest;  // of its text
    std::int64_t projects = 0, files = 0;
    std::vector<std::pair<std::string, Loss>> first;
};
[[nodiscard]] HeldBack heldBack(const Losses &losses, std::size_t shown);

}  // namespace cm::mirror
