// SPDX-License-Identifier: GPL-3.0-or-later
// What makes a zip file documentation that a registry can serve: pages with one index.html at the top, under
// names that mean the same everywhere. The same judgement on receipt and in the desktop before sending; each
// refusal says what to do. documentationRefusal() is pure; the others block on the file. Any thread.
#pragma once

#include "core/archive/zip_directory.h"
#include "core/base/result.h"
#include "core/checks/refusal.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <stop_token>
#include <string_view>
#include <vector>

namespace cm::checks {

struct DocumentationLimits {
    std::uint64_t archiveBytes = 100ULL << 20;
    std::uint64_t unpackedBytes = 500ULL << 20;
    std::uint64_t files = 10'000;
    std::uint64_t pathBytes = 512;
};

struct DocumentationArchive {
    std::optional<Refusal> refusal;
    std::vector<archive::ZipEntry> files;  // without folders; of an archive that is refused, whatever was read
    std::uint64_t unpackedBytes = 0;
};

// The first thing that is wrong with these entries, as the archive's directory tells of them.
[[nodiscard]] std::optional<Refusal> documentationRefusal(std::span<const archive::ZipEntry> entries,
                                                          const DocumentationLimits &limits);
// The same with all that can be wrong with the archive itself, less what only unpacking shows.
[[nodiscard]] Result<DocumentationArchive> inspectDocumentation(const std::filesystem::path &file,
                                                                const DocumentationLimits &limits,
                                                                std::stop_token stop = {});
// A zip file whose name is no distribution's.
[[nodiscard]] bool isNamedLikeDocumentation(std::string_view filename);
// A zip file that is named like no distribution and has an index.html, at its top or in a folder there.
[[nodiscard]] bool looksLikeDocumentation(const std::filesystem::path &file);

[[nodiscard]] Refusal documentationTooLarge(std::uint64_t limit);

}  // namespace cm::checks
