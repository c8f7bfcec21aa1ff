// SPDX-License-Identifier: GPL-3.0-or-later
// The older way to ask a registry what changed: changelog_since_serial over XML-RPC, from the client's side. Answers are
// read strictly: no document types, no entities of their own, bounded depth. Pure, any thread.
#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cm::mirror {

// One row of the public journal.
struct JournalRow {
    std::int64_t serial = 0;
    std::string name;  // as its owner writes it
    std::string version;
    std::string action;
    std::string time;  // as told; only compared
    friend bool operator==(const JournalRow &, const JournalRow &) = default;
};

[[nodiscard]] std::string changelogSinceSerial(std::int64_t serial);
[[nodiscard]] std::string changelogLastSerial();
// Unsupported with the words of a fault; Corrupt for what is no answer.
[[nodiscard]] Result<std::vector<JournalRow>> readChangelog(std::string_view xml);
[[nodiscard]] Result<std::int64_t> readSerial(std::string_view xml);

}  // namespace cm::mirror
