// SPDX-License-Identifier: GPL-3.0-or-later
// A file that says "this machine runs", removed at a proper end: what is found of an earlier start of the machine
// tells that it ended without a farewell, and when it was last seen. And what was found so, remembered by name.
// Blocks on the disk; one thread at a time.
#pragma once

#include "core/base/clock.h"

#include <filesystem>
#include <map>
#include <optional>
#include <string>

namespace cm::host {

class MachineMarker {
public:
    MachineMarker(std::filesystem::path folder, std::string identity);

    // When the machine was last seen before it ended without a farewell; nothing when it did not.
    [[nodiscard]] Result<std::optional<Time>> lastUncleanStop() const;
    [[nodiscard]] Result<void> write(Time now) const;
    [[nodiscard]] Result<void> remove() const;

private:
    std::filesystem::path m_file;
    std::string m_identity;
};

// Times by name, kept in a file.
class RememberedTimes {
public:
    explicit RememberedTimes(std::filesystem::path file);

    [[nodiscard]] std::optional<Time> at(const std::string &name) const;
    [[nodiscard]] Result<void> remember(const std::string &name, Time time);

private:
    std::filesystem::path m_file;
    std::map<std::string, Time> m_times;
};

}  // namespace cm::host
