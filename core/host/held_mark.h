// SPDX-License-Identifier: GPL-3.0-or-later
// A file that says since when this process holds something in memory that is nowhere else. It is gone after a proper end;
// what the next start finds of it tells in which stretch something may have been lost. A killed process has left it
// exact; of a machine that lost its power it is as old as the last sync(). One process at a time; note() from any one
// thread at a time, quick, without waiting for the disk.
#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"

#include <filesystem>
#include <optional>
#include <string>

namespace cm::host {

// In which something may have been lost.
struct HeldStretch {
    Time from{};
    Time to{};
};

class HeldMark {
public:
    // `identity` of this start of the machine.
    HeldMark(std::filesystem::path file, std::string identity) : m_file(std::move(file)), m_identity(std::move(identity)) {}
    ~HeldMark();
    HeldMark(const HeldMark &) = delete;
    HeldMark &operator=(const HeldMark &) = delete;

    // Begins a new mark; what the one before has left, if the process ended without end() and held something. That is
    // found again by the next start until note() has said that all is elsewhere.
    // Unavailable when the file cannot be used.
    Result<std::optional<HeldStretch>> begin(Time now);
    // `since` nothing: all is elsewhere.
    void note(std::optional<Time> since, Time now);
    // To the disk. Blocks.
    void sync();
    // The process has ended well and holds nothing.
    void end();

private:
    [[nodiscard]] Result<std::optional<HeldStretch>> left() const;

    const std::filesystem::path m_file;
    const std::string m_identity;
    int m_fd = -1;
};

}  // namespace cm::host
