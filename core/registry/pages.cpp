// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/registry/pages.h"

#include "core/base/hash.h"
#include "core/pypi/version.h"
#include "core/registry/documentation.h"
#include "core/registry/query.h"

#include <algorithm>
#include <cstring>
#include <fmt/core.h>

namespace cm::registry {

namespace {

using catalog::ListedFile;
using catalog::ProjectRow;
using catalog::Reader;
using catalog::ReleaseRow;

bool isOlder(const std::string &a, const std::string &b)
{
    return pypi::compareVersions(a, b) < 0;
}

Result<pypi::ProjectStatus> statusOf(const ProjectRow &row)
{
    const auto status = pypi::projectStatusFromName(row.status);
    if (!status)
        return fail(ErrorCode::Corrupt, fmt::format("project {} has the status {}", row.normalizedName, row.status));
    return *status;
}

std::string percentEncoded(std::string_view text)
{
    constexpr std::string_view plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";
    std::string out;
    for (const char c : text) {
        if (plain.find(c) != std::string_view::npos)
            out.push_back(c);
        else
            out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return out;
}

// Positive, so that every engine keeps it as it is, and never 0, which stands for none.
std::int64_t newIdentity()
{
    std::int64_t number = 0;
    std::memcpy(&number, randomBytes(sizeof number).data(), sizeof number);
    return (number & 0x7fff'ffff'ffff'ffff) | 1;
}

// The release asked for, or the one that stands for the project.
Result<ReleaseRow> releaseShown(Reader &reader, const ProjectRow &project, std::optional<std::string_view> version)
{
    if (version) {
        CM_TRY_ASSIGN(ReleaseRow release, reader.findRelease(project.id, pypi::canonicalVersion(*version)));
        if (release.quarantine)
            return fail(ErrorCode::NotFound, "no such release");
        return release;
    }
    CM_TRY_ASSIGN(auto releases, reader.releases(project.id));
    std::erase_if(releases, [](const ReleaseRow &release) { return release.quarantine.has_value(); });
    const ReleaseRow *latest = latestRelease(releases);
    if (latest == nullptr)
        return fail(ErrorCode::NotFound, "the project has no release");
    // Lists leave the metadata out.
    return reader.release(latest->id);
}

}  // namespace

std::vector<pypi::SimpleIndexEntry> IndexPage::entries() const
{
    std::vector<pypi::SimpleIndexEntry> out;
    out.reserve(projects.size());
    for (const catalog::ProjectIndexEntry &project : projects)
        out.push_back({project.name, project.lastSerial});
    return out;
}

Result<IndexPage> Pages::index()
{
    return m_catalog.read([](Reader &reader) -> Result<IndexPage> {
        IndexPage page;
        const std::string_view quarantined = pypi::projectStatusName(pypi::ProjectStatus::Quarantined);
        CM_TRY(reader.forEachProject([&](const catalog::ProjectIndexEntry &entry) {
            if (entry.status != quarantined)
                page.projects.push_back(entry);
            return true;
        }));
        CM_TRY_ASSIGN(page.serial, reader.lastSerial());
        return page;
    });
}

Result<pypi::SimpleProjectPage> Pages::simple(std::string_view normalizedProject)
{
    return m_catalog.read([&](Reader &reader) -> Result<pypi::SimpleProjectPage> {
        CM_TRY_ASSIGN(const ProjectRow row, reader.findProject(normalizedProject));
        pypi::SimpleProjectPage page;
        page.name = row.normalizedName;
        page.serial = row.lastSerial;
        CM_TRY_ASSIGN(page.status, statusOf(row));
        page.statusReason = row.quarantine ? row.quarantine->reason : row.statusReason;
        if (!pypi::offersFiles(page.status))
            return page;
        CM_TRY_ASSIGN(const auto files, reader.filesOfProject(row.id));
        page.files.reserve(files.size());
        for (const ListedFile &listed : files) {
            if (listed.releaseQuarantined)
                continue;
            pypi::SimpleFile file;
            file.filename = listed.file.filename;
            file.url = fileUrl(listed.file);
            file.sha256 = listed.file.sha256;
            file.requiresPython = listed.file.requiresPython;
            file.size = static_cast<std::uint64_t>(listed.file.size);
            file.uploadTime = listed.file.uploadTime;
            file.yanked = listed.yanked;
            file.yankedReason = listed.yankedReason;
            file.metadataSha256 = listed.file.metadataSha256.value_or(std::string());
            page.files.push_back(std::move(file));
            page.versions.push_back(listed.version);
        }
        std::sort(page.versions.begin(), page.versions.end(), isOlder);
        page.versions.erase(std::unique(page.versions.begin(), page.versions.end()), page.versions.end());
        return page;
    });
}

Result<pypi::JsonProject> Pages::json(std::string_view normalizedProject, std::optional<std::string_view> version)
{
    return m_catalog.read([&](Reader &reader) -> Result<pypi::JsonProject> {
        CM_TRY_ASSIGN(const ProjectRow row, reader.findProject(normalizedProject));
        CM_TRY_ASSIGN(const pypi::ProjectStatus status, statusOf(row));
        if (!pypi::offersFiles(status))
            return fail(ErrorCode::NotFound, "no such project");
        CM_TRY_ASSIGN(const ReleaseRow shown, releaseShown(reader, row, version));
        pypi::JsonProject out;
        out.name = row.name;
        CM_TRY_ASSIGN(out.info, pypi::metadataFromJsonText(shown.metadataJson));
        out.info.description = shown.description;
        out.info.descriptionContentType = shown.descriptionContentType;
        out.version = shown.version;
        out.yanked = shown.yanked;
        out.yankedReason = shown.yankedReason;
        out.serial = row.lastSerial;
        out.projectUrl = fmt::format("{}/project/{}/", m_baseUrl, row.normalizedName);
        out.releaseUrl = fmt::format("{}{}/", out.projectUrl, shown.version);
        CM_TRY_ASSIGN(out.docsUrl, docsUrl(reader, row, shown, version.has_value()));
        CM_TRY_ASSIGN(const auto files, reader.filesOfProject(row.id));
        std::vector<pypi::JsonRelease> releases;
        for (const ListedFile &listed : files) {
            if (listed.releaseQuarantined)
                continue;
            if (listed.version == shown.version)
                out.urls.push_back(jsonFile(listed));
            const auto same = std::find_if(releases.begin(), releases.end(), [&](const pypi::JsonRelease &release) {
                return release.version == listed.version;
            });
            if (same != releases.end())
                same->files.push_back(jsonFile(listed));
            else
                releases.push_back({listed.version, {jsonFile(listed)}});
        }
        std::sort(releases.begin(), releases.end(),
                  [](const pypi::JsonRelease &a, const pypi::JsonRelease &b) { return isOlder(a.version, b.version); });
        out.releases = std::move(releases);
        CM_TRY_ASSIGN(const auto members, reader.membersOfProject(row.id));
        for (const catalog::MemberRow &member : members)
            out.roles.push_back({std::string(catalog::projectRoleName(member.role)), member.userName});
        return out;
    });
}

Result<std::string> Pages::docsUrl(Reader &reader, const ProjectRow &project, const ReleaseRow &shown,
                                   bool ofVersion) const
{
    if (m_docsBaseUrl.empty())
        return std::string();
    CM_TRY_ASSIGN(const auto rows, reader.documentationOfProject(project.id));
    if (ofVersion) {
        const bool there = std::any_of(rows.begin(), rows.end(), [&](const catalog::DocumentationRow &row) {
            return row.releaseId == shown.id && !row.releaseQuarantined;
        });
        return there ? fmt::format("{}/{}/{}/", m_docsBaseUrl, project.normalizedName, percentEncoded(shown.version))
                     : std::string();
    }
    return latestDocumentation(rows, std::nullopt) != nullptr
        ? fmt::format("{}/{}/{}/", m_docsBaseUrl, project.normalizedName, latestVersion)
        : std::string();
}

Result<StoredFile> Pages::fileAt(std::string_view path)
{
    return m_catalog.read([&](Reader &reader) -> Result<StoredFile> {
        StoredFile stored;
        CM_TRY_ASSIGN(stored.file, reader.findFileByPath(path));
        CM_TRY_ASSIGN(const ProjectRow project, reader.project(stored.file.projectId));
        CM_TRY_ASSIGN(const pypi::ProjectStatus status, statusOf(project));
        CM_TRY_ASSIGN(const ReleaseRow release, reader.release(stored.file.releaseId));
        stored.project = project.normalizedName;
        stored.offered = pypi::offersFiles(status) && !release.quarantine;
        return stored;
    });
}

Result<catalog::Serial> Pages::serial()
{
    return m_catalog.read([](Reader &reader) { return reader.lastSerial(); });
}

Result<JournalPiece> Pages::journal(catalog::Serial since, std::int64_t limit)
{
    std::int64_t identity = 0;
    const auto read = [&](Reader &reader) -> Result<JournalPiece> {
        JournalPiece piece;
        CM_TRY_ASSIGN(identity, reader.identity());
        CM_TRY_ASSIGN(piece.serial, reader.lastSerial());
        CM_TRY_ASSIGN(piece.rows, reader.journalSince(since, limit));
        const bool more = static_cast<std::int64_t>(piece.rows.size()) == limit;
        piece.through = more ? piece.rows.back().serial : piece.serial;
        piece.identity = fmt::format("{:016x}", identity);
        return piece;
    };
    CM_TRY_ASSIGN(auto piece, m_catalog.read(read));
    if (identity != 0)
        return piece;
    CM_TRY(m_catalog.writeAlways([fresh = newIdentity()](catalog::Writer &writer) { return writer.giveIdentity(fresh); }));
    return m_catalog.read(read);
}

std::string Pages::fileUrl(const catalog::FileRow &file) const
{
    return fmt::format("{}/packages/{}", m_baseUrl, percentEncoded(file.path));
}

pypi::JsonFile Pages::jsonFile(const ListedFile &listed) const
{
    const catalog::FileRow &row = listed.file;
    pypi::JsonFile file;
    file.filename = row.filename;
    file.url = fileUrl(row);
    file.type = pypi::packageTypeFromName(row.packagetype).value_or(pypi::PackageType::Sdist);
    file.pythonVersion = row.pythonVersion;
    file.comment = row.comment;
    file.md5 = row.md5.value_or(std::string());
    file.sha256 = row.sha256;
    file.blake2b256 = row.blake2b256;
    file.metadataSha256 = row.metadataSha256.value_or(std::string());
    file.size = static_cast<std::uint64_t>(row.size);
    file.uploadTime = row.uploadTime;
    file.requiresPython = row.requiresPython;
    file.yanked = listed.yanked;
    file.yankedReason = listed.yankedReason;
    return file;
}

}  // namespace cm::registry
