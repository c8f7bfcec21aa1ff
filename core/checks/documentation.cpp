// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/checks/documentation.h"

#include "core/base/utf8.h"
#include "core/pypi/filenames.h"

#include <algorithm>
#include <fmt/format.h>
#include <unordered_map>
#include <unordered_set>

namespace cm::checks {
namespace {

using archive::MemberKind;
using archive::ZipEntry;
using Answer = std::optional<Refusal>;

constexpr std::string_view indexPage = "index.html";
constexpr std::string_view makeAnew = "Make it anew with an ordinary zip program, such as `python -m zipfile -c`.";

// Names are shown as they are, in the line of a terminal too: asciiLine() in refuse() takes care of the rest.
Refusal refused(const ZipEntry &entry, std::string_view what, std::string_view remedy)
{
    constexpr std::size_t shown = 200;
    return refuse(400, fmt::format("Documentation: '{}' {}. {}", std::string_view(entry.name).substr(0, shown), what, remedy));
}

bool isDriveLetter(std::string_view name)
{
    return name.size() >= 2 && name[1] == ':' &&
           ((name[0] >= 'a' && name[0] <= 'z') || (name[0] >= 'A' && name[0] <= 'Z'));
}

bool isAscii(std::string_view text)
{
    return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

Answer nameRefusal(const ZipEntry &entry, const DocumentationLimits &limits)
{
    const std::string_view name = entry.name;
    if (name.empty() || !isUtf8(name) || (!isAscii(name) && (entry.flags & archive::zipFlagUtf8) == 0))
        return refused(entry, "is a name that is not marked as UTF-8", "Rename the file, or zip with UTF-8 names.");
    if (name.size() > limits.pathBytes)
        return refused(entry, fmt::format("is a name of more than {} bytes", limits.pathBytes), "Shorten its path.");
    if (name.find('\\') != std::string_view::npos)
        return refused(entry, "has a backslash in its name", "Folders are separated by '/': zip anew.");
    if (std::ranges::any_of(name, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }))
        return refused(entry, "has a control character in its name", "Rename the file.");
    if (name.front() == '/' || isDriveLetter(name))
        return refused(entry, "is an absolute name", "Zip the files from within their folder.");
    std::string_view rest = name.ends_with('/') ? name.substr(0, name.size() - 1) : name;
    for (;;) {
        const std::size_t slash = std::min(rest.find('/'), rest.size());
        const std::string_view part = rest.substr(0, slash);
        if (part == "..")
            return refused(entry, "points outside the archive", "Zip the files from within their folder.");
        if (part.empty() || part == ".")
            return refused(entry, "has an empty part in its name", "Zip the files from within their folder.");
        if (slash == rest.size())
            return std::nullopt;
        rest.remove_prefix(slash + 1);
    }
}

Answer kindRefusal(const ZipEntry &entry)
{
    if ((entry.flags & archive::zipFlagEncrypted) != 0)
        return refused(entry, "is encrypted", "Zip without a password.");
    if (entry.kind == MemberKind::Symlink || entry.kind == MemberKind::Hardlink)
        return refused(entry, "is a link", "Zip the file it points to in its place.");
    if (entry.kind == MemberKind::Other)
        return refused(entry, "is neither a file nor a folder", "Leave it out.");
    if (entry.kind == MemberKind::Directory && entry.size != 0)
        return refused(entry, "is a folder with content of its own", makeAnew);
    if (entry.method != archive::zipStored && entry.method != archive::zipDeflated)
        return refused(entry, fmt::format("is packed by method {}", entry.method), "Zip with deflate, or without packing.");
    return std::nullopt;
}

// Folding beyond ASCII differs from one file system to the next; within it all that fold agree.
std::string folded(std::string_view name)
{
    std::string out(name);
    std::ranges::transform(out, out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return out;
}

// Files that get in each other's way: twice the same, the same but for upper and lower case, a file where
// another needs a folder.
Answer collisionRefusal(std::span<const ZipEntry> entries)
{
    std::unordered_map<std::string, const ZipEntry *> names;
    std::unordered_set<std::string> folders;
    for (const ZipEntry &entry : entries) {
        std::string key = folded(entry.name);
        for (std::size_t slash = key.find('/'); slash != std::string::npos; slash = key.find('/', slash + 1))
            folders.insert(key.substr(0, slash));
        if (entry.kind == MemberKind::Directory) {
            folders.insert(key.ends_with('/') ? key.substr(0, key.size() - 1) : key);
            continue;
        }
        const auto [known, added] = names.try_emplace(std::move(key), &entry);
        if (!added && known->second->name == entry.name)
            return refused(entry, "is there twice", makeAnew);
        if (!added)
            return refused(entry, fmt::format("and '{}' differ only in upper and lower case", known->second->name),
                           "Rename one of them.");
    }
    for (const auto &[key, entry] : names) {
        if (folders.contains(key))
            return refused(*entry, "is both a file and a folder", "Rename one of them.");
    }
    return std::nullopt;
}

Answer indexRefusal(std::span<const ZipEntry> entries)
{
    const auto named = [&](std::string_view name) {
        return std::ranges::any_of(entries, [&](const ZipEntry &entry) { return entry.name == name; });
    };
    if (named(indexPage))
        return std::nullopt;
    for (const ZipEntry &entry : entries) {
        const std::size_t slash = entry.name.find('/');
        if (slash != std::string::npos && std::string_view(entry.name).substr(slash + 1) == indexPage)
            return refuse(400, fmt::format("Documentation: index.html is in the folder '{}' and has to be at the top of the"
                                           " archive. Zip the contents of that folder instead of the folder.",
                                           entry.name.substr(0, slash)));
    }
    return refuse(400, "Documentation: there is no index.html at the top of the archive. Zip the contents of the folder"
                       " that has it.");
}

Answer structureRefusal(std::string_view problem)
{
    return refuse(400, fmt::format("Documentation: the archive is not accepted: {}. {}", problem, makeAnew));
}

}  // namespace

Refusal documentationTooLarge(std::uint64_t limit)
{
    return refuse(413, fmt::format("Documentation: the archive is larger than {} bytes. Leave something out, or ask for a"
                                   " higher docs.archive of this registry.",
                                   limit));
}

std::optional<Refusal> documentationRefusal(std::span<const ZipEntry> entries, const DocumentationLimits &limits)
{
    std::uint64_t files = 0;
    std::uint64_t bytes = 0;
    for (const ZipEntry &entry : entries) {
        if (auto answer = nameRefusal(entry, limits))
            return answer;
        if (auto answer = kindRefusal(entry))
            return answer;
        files += entry.kind == MemberKind::File ? 1 : 0;
        if (entry.size > limits.unpackedBytes - bytes)
            return refuse(413, fmt::format("Documentation: the archive unpacks to more than {} bytes. Leave something out,"
                                           " or ask for a higher docs.unpacked of this registry.",
                                           limits.unpackedBytes));
        bytes += entry.size;
    }
    if (files > limits.files)
        return refuse(413, fmt::format("Documentation: the archive has {} files, more than {}. Leave something out, or ask"
                                       " for a higher docs.files of this registry.",
                                       files, limits.files));
    if (auto answer = collisionRefusal(entries))
        return answer;
    return indexRefusal(entries);
}

Result<DocumentationArchive> inspectDocumentation(const std::filesystem::path &path, const DocumentationLimits &limits,
                                                  std::stop_token stop)
{
    DocumentationArchive out;
    CM_TRY_ASSIGN(const archive::File file, archive::File::open(path));
    if (file.size() > limits.archiveBytes) {
        out.refusal = documentationTooLarge(limits.archiveBytes);
        return out;
    }
    archive::Limits bounds;
    // Folders are entries as well.
    bounds.members = limits.files * 2 + 100;
    bounds.pathBytes = limits.pathBytes;
    auto directory = archive::readZipDirectory(file, bounds);
    if (!directory && directory.error().code == ErrorCode::TooLarge) {
        out.refusal = refuse(413, fmt::format("Documentation: the archive has more than {} files. Leave something out, or"
                                              " ask for a higher docs.files of this registry.",
                                              limits.files));
        return out;
    }
    if (!directory)
        return fail(std::move(directory.error()));
    if (!*directory) {
        out.refusal = refuse(400, "Documentation: the file is not a zip archive. Zip the folder with index.html.");
        return out;
    }
    if ((*directory)->longName)
        out.refusal = refuse(400, fmt::format("Documentation: a name in the archive is longer than {} bytes. Shorten its"
                                              " path.",
                                              limits.pathBytes));
    if (!out.refusal)
        out.refusal = documentationRefusal((*directory)->entries, limits);
    if (!out.refusal) {
        CM_TRY_ASSIGN(const std::string problem, archive::findZipProblem(file, **directory));
        if (!problem.empty())
            out.refusal = structureRefusal(problem);
    }
    if (stop.stop_requested())
        return fail(ErrorCode::Cancelled, "looking at the archive was cancelled");
    for (ZipEntry &entry : (*directory)->entries) {
        out.unpackedBytes += entry.size;
        if (entry.kind == MemberKind::File)
            out.files.push_back(std::move(entry));
    }
    return out;
}

bool isNamedLikeDocumentation(std::string_view filename)
{
    return filename.ends_with(".zip") && !pypi::parseSdistName(filename);
}

bool looksLikeDocumentation(const std::filesystem::path &path)
{
    if (!isNamedLikeDocumentation(path.filename().string()))
        return false;
    const auto file = archive::File::open(path);
    if (!file)
        return false;
    const auto directory = archive::readZipDirectory(*file, {});
    if (!directory || !*directory)
        return false;
    return std::ranges::any_of((*directory)->entries, [](const ZipEntry &entry) {
        const std::size_t slash = entry.name.find('/');
        return entry.name == indexPage ||
               (slash != std::string::npos && std::string_view(entry.name).substr(slash + 1) == indexPage);
    });
}

}  // namespace cm::checks
