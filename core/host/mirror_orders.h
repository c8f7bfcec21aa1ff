// SPDX-License-Identifier: GPL-3.0-or-later
// Orders to a static mirror as files of its folder, written by the agent of the host and taken by the mirror's next run: JSON
// that anybody may read. Any thread, any process; blocks on the disk. Unavailable and Forbidden as the disk has it.
#pragma once

#include "core/api/codec.h"

#include <filesystem>
#include <optional>
#include <vector>

namespace cm::host {

// What the mirror holds back, line by line, in its own words; not there: nothing.
[[nodiscard]] std::filesystem::path heldFile(const std::filesystem::path &tree);
// Of a mirror of a whole large registry of which nothing is left.
inline constexpr std::size_t mostHeld = 256U << 20;

// What is held back may go, if it is that of this digest. Void after `until`.
struct AllowOrder {
    std::string digest;  // SHA-256 of the file of what is held, hexadecimal
    Time asked;
    Time until;
    std::string by;
    std::string reason;
    BOOST_DESCRIBE_CLASS(AllowOrder, (), (digest, asked, until, by, reason), (), ())
};
// One at a time: the newest counts. InvalidInput for a file that is none.
[[nodiscard]] Result<std::optional<AllowOrder>> readAllow(const std::filesystem::path &tree);
[[nodiscard]] Result<void> writeAllow(const std::filesystem::path &tree, const AllowOrder &order);
[[nodiscard]] Result<void> removeAllow(const std::filesystem::path &tree);

// The project is looked at anew. Each has a file of its own.
struct AgainOrder {
    std::string project;
    Time asked;
    std::string by;
    std::string reason;
    BOOST_DESCRIBE_CLASS(AgainOrder, (), (project, asked, by, reason), (), ())
};
// A file is called after it.
inline constexpr std::size_t longestProject = 200;
// `project` is normalised. Conflict when too many wait already.
[[nodiscard]] Result<void> writeAgain(const std::filesystem::path &tree, const AgainOrder &order);
struct AgainFile {
    std::filesystem::path file;
    std::optional<AgainOrder> order;  // nothing: it is none
};
[[nodiscard]] std::vector<AgainFile> readAgain(const std::filesystem::path &tree);

}  // namespace cm::host
