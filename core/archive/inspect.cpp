// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/archive/archive.h"
#include "core/archive/file.h"
#include "core/archive/member_name.h"
#include "core/archive/tar_reader.h"
#include "core/archive/zip_directory.h"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_set>

namespace cm::archive {
namespace {

void note(Facts &facts, std::string message, ProblemKind kind = ProblemKind::Distribution)
{
    facts.problems.push_back({kind, std::move(message)});
}

void noteRatio(Facts &facts, const Limits &limits)
{
    note(facts, "File exceeds compression ratio of " + std::to_string(limits.ratio));
}

bool hasFile(const Facts &facts, std::string_view path)
{
    return std::ranges::any_of(
        facts.members, [&](const Member &member) { return member.kind == MemberKind::File && member.path == path; });
}

// "demo_pkg-1.0" for "Demo.Pkg-1.0": how tools spell the directory differs, what it means does not.
std::string foldedDirectory(std::string_view name)
{
    std::string out;
    for (const char c : name) {
        const bool separator = c == '_' || c == '.' || c == '-';
        if (separator && !out.empty() && out.back() == '-')
            continue;
        out.push_back(separator ? '-' : c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c);
    }
    return out;
}

// The .dist-info directory that belongs to the file name: the one spelled as it, else the only one
// that means the same.
std::string findDistInfo(const Facts &facts, const std::string &expected)
{
    std::set<std::string, std::less<>> similar;
    for (const Member &member : facts.members) {
        const std::string_view top = std::string_view(member.path).substr(0, member.path.find('/'));
        if (top == expected)
            return expected;
        if (top.ends_with(".dist-info") && foldedDirectory(top) == foldedDirectory(expected))
            similar.emplace(top);
    }
    return similar.size() == 1 ? *similar.begin() : expected;
}

void locateWheelParts(Facts &facts, std::string_view filename)
{
    const std::size_t first = filename.find('-');
    const std::size_t second = first == std::string_view::npos ? first : filename.find('-', first + 1);
    if (second == std::string_view::npos || first == 0 || second == first + 1) {
        note(facts, "Unable to parse name and version from wheel filename");
        return;
    }
    facts.infoDirectory = findDistInfo(facts, std::string(filename.substr(0, second)) + ".dist-info");
    facts.metadataPath = facts.infoDirectory + "/METADATA";
    facts.recordPath = facts.infoDirectory + "/RECORD";
    if (const std::string wheel = facts.infoDirectory + "/WHEEL"; !hasFile(facts, wheel))
        note(facts, "WHEEL not found at " + wheel);
}

void locateSdistParts(Facts &facts)
{
    std::set<std::string_view> tops;
    bool onlyDirectories = true;
    for (const Member &member : facts.members) {
        const std::size_t slash = member.path.find('/');
        tops.insert(std::string_view(member.path).substr(0, slash));
        onlyDirectories = onlyDirectories && (slash != std::string::npos || member.kind == MemberKind::Directory);
    }
    if (tops.size() != 1 || !onlyDirectories) {
        note(facts, "Incorrect number of top-level directories in sdist");
        return;
    }
    facts.infoDirectory = *tops.begin();
    facts.metadataPath = facts.infoDirectory + "/PKG-INFO";
    if (!hasFile(facts, facts.metadataPath))
        note(facts, "PKG-INFO not found at " + facts.metadataPath);
}

// Reads a member that may be missing; damage is a problem of the file, not an error of ours.
Result<std::optional<std::string>> readPart(Facts &facts, const File &file, const ZipDirectory &directory,
                                            std::string_view path, const Limits &limits)
{
    const auto entry = std::ranges::find(directory.entries, path, &ZipEntry::name);
    if (entry == directory.entries.end() || entry->kind != MemberKind::File)
        return std::optional<std::string>();
    auto bytes = readZipEntry(file, *entry, limits.metadataBytes);
    if (bytes)
        return std::optional(std::move(*bytes));
    if (bytes.error().code == ErrorCode::Unavailable)
        return fail(std::move(bytes.error()));
    if (bytes.error().code == ErrorCode::TooLarge)
        note(facts, "File is too large: " + std::string(path));
    else
        note(facts, "Malformed zip file", ProblemKind::ZipStructure);
    return std::optional<std::string>();
}

Result<void> inspectZipContent(Facts &facts, const File &file, const ZipDirectory &directory, std::string_view filename,
                               Content content, const Limits &limits)
{
    bool knownMethods = true;
    for (const ZipEntry &entry : directory.entries) {
        facts.members.push_back({entry.name, entry.size, entry.kind});
        knownMethods = knownMethods && (entry.method == 0 || entry.method == 8);
        // Declared sizes may be nonsense: the sum stays where it can no longer grow.
        facts.unpackedBytes += std::min(entry.size, UINT64_MAX - facts.unpackedBytes);
    }
    if (facts.unpackedBytes > unpackBudget(file.size(), limits))
        noteRatio(facts, limits);
    if (!knownMethods)
        note(facts, "File does not use a supported compression type");
    if (content == Content::Wheel)
        locateWheelParts(facts, filename);
    else
        locateSdistParts(facts);
    if (directory.longName)
        note(facts, "Filename is too long", ProblemKind::ZipStructure);
    CM_TRY_ASSIGN(std::string problem, findZipProblem(file, directory));
    if (!problem.empty())
        note(facts, std::move(problem), ProblemKind::ZipStructure);
    CM_TRY_ASSIGN(facts.metadata, readPart(facts, file, directory, facts.metadataPath, limits));
    if (content == Content::Wheel) {
        CM_TRY_ASSIGN(facts.record, readPart(facts, file, directory, facts.recordPath, limits));
        CM_TRY_ASSIGN(facts.entryPoints,
                      readPart(facts, file, directory, facts.infoDirectory + "/entry_points.txt", limits));
    }
    return {};
}

Result<Facts> inspectZip(const File &file, std::string_view filename, Content content, const Limits &limits)
{
    Facts facts;
    CM_TRY_ASSIGN(const bool tar, looksLikeTar(file));
    CM_TRY_ASSIGN(const bool zip, looksLikeZip(file));
    if (tar && zip)
        note(facts, "File is both a zip and a tar file");
    auto directory = readZipDirectory(file, limits);
    if (!directory && directory.error().code == ErrorCode::TooLarge) {
        note(facts, "File has more than " + std::to_string(limits.members) + " members");
        return facts;
    }
    if (!directory)
        return fail(std::move(directory.error()));
    if (!*directory) {
        note(facts, "File is not a zipfile");
        return facts;
    }
    if (const ZipDirectory &read = **directory; read.entries.empty() && !read.problem.empty()) {
        note(facts, read.problem, ProblemKind::ZipStructure);
        return facts;
    }
    CM_TRY(inspectZipContent(facts, file, **directory, filename, content, limits));
    return facts;
}

// What can be said of one member of an sdist, in the words of the protocol or ours.
std::string tarMemberProblem(const TarMember &tar, const Limits &limits)
{
    if (tar.sparse)
        return "Sparse members are not allowed";
    if (tar.member.path.size() > limits.pathBytes)
        return "Filename is too long";
    // "./" alone is the archive's own directory.
    if (!tar.member.path.empty() || tar.member.kind != MemberKind::Directory) {
        if (const std::string_view problem = memberNameProblem(tar.member.path); !problem.empty())
            return std::string(problem);
    }
    if (tar.member.kind == MemberKind::Other)
        return "Members other than files, directories and links are not allowed";
    // The target of a hard link counts from the top, that of a symbolic link from where it stands.
    const std::string_view from = tar.member.kind == MemberKind::Symlink ? std::string_view(tar.member.path) : "";
    if (!tar.linkTarget.empty() && linkLeavesArchive(from, tar.linkTarget))
        return "Links that point outside the archive are not allowed";
    return {};
}

bool isTopLevelPkgInfo(const Member &member)
{
    const std::size_t slash = member.path.find('/');
    return member.kind == MemberKind::File && slash != std::string::npos && member.path.substr(slash) == "/PKG-INFO";
}

struct TarFindings {
    std::map<std::string, std::string> pkgInfos;  // by path
    std::string wanted;                           // the PKG-INFO whose bytes come next
    std::string problem;
    std::size_t pathBytes = 0;  // of all members so far
    bool tooMany = false;
    bool pkgInfoTooLarge = false;
};

TarVisitor tarVisitor(Facts &facts, TarFindings &found, std::unordered_set<std::string> &names, const Limits &limits)
{
    TarVisitor visitor;
    visitor.maxContent = limits.metadataBytes;
    visitor.member = [&](const TarMember &tar) {
        if (facts.members.size() >= limits.members) {
            found.tooMany = true;
            return TarStep::Stop;
        }
        if (found.problem.empty())
            found.problem = tarMemberProblem(tar, limits);
        // Noted above; its path, which may be a megabyte, is not kept.
        if (tar.member.path.size() > limits.pathBytes)
            return TarStep::Skip;
        if (tar.member.path.empty() || tar.member.path == ".")
            return TarStep::Skip;
        found.pathBytes += tar.member.path.size();
        if (found.pathBytes > limits.allPathBytes) {
            found.problem = "Filenames are too long";
            return TarStep::Stop;
        }
        const bool repeated = !names.insert(tar.member.path).second;
        if (repeated && tar.member.kind != MemberKind::Directory && found.problem.empty())
            found.problem = "Duplicate filename";
        facts.members.push_back(tar.member);
        if (!isTopLevelPkgInfo(tar.member) || tar.sparse || found.pkgInfos.size() >= 2)
            return TarStep::Skip;
        found.pkgInfoTooLarge = found.pkgInfoTooLarge || tar.member.size > limits.metadataBytes;
        found.wanted = tar.member.path;
        return found.pkgInfoTooLarge ? TarStep::Skip : TarStep::Read;
    };
    visitor.content = [&](std::string bytes) { found.pkgInfos.insert_or_assign(found.wanted, std::move(bytes)); };
    return visitor;
}

Result<Facts> inspectTar(const File &file, const Limits &limits, std::stop_token stop)
{
    Facts facts;
    facts.container = Container::TarGz;
    CM_TRY_ASSIGN(const bool zip, looksLikeZip(file));
    TarFindings found;
    std::unordered_set<std::string> names;
    const TarVisitor visitor = tarVisitor(facts, found, names, limits);
    CM_TRY_ASSIGN(const TarWalk walk, walkTar(file, unpackBudget(file.size(), limits), visitor, stop));
    facts.unpackedBytes = walk.unpacked;
    if (zip && walk.isTar)
        note(facts, "File is both a zip and a tar file");
    if (walk.overBudget)
        noteRatio(facts, limits);
    else if (found.tooMany)
        note(facts, "File has more than " + std::to_string(limits.members) + " members");
    else if (!walk.complete)
        note(facts, "File is not a tarfile");
    if (walk.isTar && walk.complete && !found.tooMany) {
        locateSdistParts(facts);
        if (const auto info = found.pkgInfos.find(facts.metadataPath); info != found.pkgInfos.end())
            facts.metadata = info->second;
        else if (found.pkgInfoTooLarge)
            note(facts, "File is too large: " + facts.metadataPath);
    }
    if (!found.problem.empty())
        note(facts, found.problem, ProblemKind::TarStructure);
    if (walk.trailingData)
        note(facts, "Trailing data", ProblemKind::TarStructure);
    return facts;
}

}  // namespace

Result<Facts> inspect(const std::filesystem::path &path, std::string_view filename, Content content,
                      const Limits &limits, std::stop_token stop)
{
    CM_TRY_ASSIGN(const File file, File::open(path));
    if (content == Content::Wheel || filename.ends_with(".zip"))
        return inspectZip(file, filename, content, limits);
    return inspectTar(file, limits, stop);
}

}  // namespace cm::archive
