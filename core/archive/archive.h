// SPDX-License-Identifier: GPL-3.0-or-later
// Reading wheels (zip) and sdists (tar.gz, zip) without unpacking them: the list of members, the
// bytes of one, and every structural reason to refuse the file. Nothing is written to disk; sizes,
// counts and ratios are bounded by Limits. Functions block; any thread; the file must stay as it is.
#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace cm::archive {

enum class Container { Zip, TarGz };
enum class Content { Wheel, Sdist };
enum class MemberKind { File, Directory, Symlink, Hardlink, Other };

struct Member {
    std::string path;        // UTF-8, as the archive has it
    std::uint64_t size = 0;  // bytes, unpacked
    MemberKind kind = MemberKind::File;
    friend bool operator==(const Member &, const Member &) = default;
};

struct Limits {
    std::size_t members = 200'000;
    std::uint64_t metadataBytes = 16U << 20;  // of METADATA, PKG-INFO and other read members
    std::uint64_t freeBytes = 64U << 20;      // unpacked size below which the ratio is not looked at
    std::uint64_t ratio = 50;                 // unpacked to packed, above freeBytes
    std::size_t pathBytes = 4096;
    std::size_t allPathBytes = 32U << 20;  // of all members together
};

enum class ProblemKind {
    Distribution,  // "Invalid distribution file. <message>"
    ZipStructure,  // "Invalid distribution file. ZIP archive not accepted: <message>. See …"
    TarStructure,  // "Invalid distribution file. tar archive not accepted: <message>. See …"
};

struct Problem {
    ProblemKind kind = ProblemKind::Distribution;
    std::string message;
    friend bool operator==(const Problem &, const Problem &) = default;
};

struct Facts {
    Container container = Container::Zip;
    std::vector<Member> members;
    std::uint64_t unpackedBytes = 0;
    // In the order in which the upload protocol reports them; the first one is the refusal. When the
    // file cannot be read as an archive at all, what follows here is empty.
    std::vector<Problem> problems;
    std::string infoDirectory;  // "demo-1.0.dist-info" of a wheel, "demo-1.0" of an sdist
    std::string metadataPath;   // where METADATA or PKG-INFO is, or should be
    std::optional<std::string> metadata;
    std::string recordPath;  // wheels only, as are the next two
    std::optional<std::string> record;
    std::optional<std::string> entryPoints;
};

// `filename` is what the uploader calls the file; it says where a wheel's METADATA is. An Error
// means that the file could not be read or `stop` was asked for; a bad archive is a Facts with problems.
[[nodiscard]] Result<Facts> inspect(const std::filesystem::path &file, std::string_view filename, Content content,
                                    const Limits &limits = {}, std::stop_token stop = {});
// InvalidInput when the file is no archive of ours, TooLarge when it is over a limit.
[[nodiscard]] Result<std::vector<Member>> listMembers(const std::filesystem::path &file, const Limits &limits = {},
                                                      std::stop_token stop = {});
// The bytes of one file member. NotFound, TooLarge when it is longer than `maxBytes`.
[[nodiscard]] Result<std::string> readMember(const std::filesystem::path &file, std::string_view member,
                                             std::uint64_t maxBytes, std::stop_token stop = {});

}  // namespace cm::archive
