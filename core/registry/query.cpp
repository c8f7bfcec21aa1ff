// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/registry/query.h"

#include "core/pypi/names.h"
#include "core/pypi/version.h"
#include "core/registry/moderation.h"

#include <algorithm>
#include <charconv>
#include <unordered_map>

namespace cm::registry {

namespace {

using catalog::ProjectRow;
using catalog::Reader;
using catalog::ReleaseRow;

constexpr std::size_t rememberedLatest = 20'000;
constexpr std::int64_t journalOfOneProject = 100'000;

bool isPrerelease(const std::string &version)
{
    const auto parsed = pypi::Version::parse(version);
    return parsed && parsed->isPrerelease();
}

bool isNewer(const ReleaseRow &a, const ReleaseRow &b)
{
    return pypi::compareVersions(a.version, b.version) > 0;
}

struct Sort {
    catalog::ProjectSort by;
    bool descending;

    bool operator()(const ProjectRow &a, const ProjectRow &b) const
    {
        const auto order = compare(a, b);
        return descending ? order > 0 : order < 0;
    }

private:
    [[nodiscard]] std::strong_ordering compare(const ProjectRow &a, const ProjectRow &b) const
    {
        switch (by) {
        case catalog::ProjectSort::LastActivity:
            return std::tie(a.lastActivity, a.id) <=> std::tie(b.lastActivity, b.id);
        case catalog::ProjectSort::FileCount:
            return std::tie(a.fileCount, a.id) <=> std::tie(b.fileCount, b.id);
        case catalog::ProjectSort::TotalSize:
            return std::tie(a.totalSize, a.id) <=> std::tie(b.totalSize, b.id);
        case catalog::ProjectSort::Created:
            return std::tie(a.created, a.id) <=> std::tie(b.created, b.id);
        case catalog::ProjectSort::Name:
            break;
        }
        return a.normalizedName <=> b.normalizedName;
    }
};

// Of the caller's own projects, which are few: the whole list is at hand.
Result<catalog::ProjectPage> ownProjects(Reader &reader, const Principal &by, const catalog::ProjectQuery &query)
{
    CM_TRY_ASSIGN(const auto memberships, reader.projectsOfUser(by.userId));
    catalog::ProjectPage page;
    for (const catalog::MemberRow &membership : memberships) {
        if (membership.projectName.find(query.search) == std::string::npos || !by.covers(membership.projectName))
            continue;
        CM_TRY_ASSIGN(ProjectRow row, reader.project(membership.projectId));
        if (!row.deletion && (!query.status || row.status == *query.status))
            page.projects.push_back(std::move(row));
    }
    page.total = static_cast<std::int64_t>(page.projects.size());
    std::sort(page.projects.begin(), page.projects.end(), Sort{query.sort, query.descending});
    const std::int64_t from = std::clamp<std::int64_t>(query.offset, 0, page.total);
    const std::int64_t until = from + std::clamp<std::int64_t>(query.limit, 0, page.total - from);
    page.projects = {page.projects.begin() + from, page.projects.begin() + until};
    return page;
}

// Who made the status what it is, from the audit log.
Result<void> findStatusActor(Reader &reader, const ProjectRow &row, ProjectDetail &detail)
{
    if (row.quarantine) {
        detail.statusActor = row.quarantine->by;
        detail.statusSince = row.quarantine->since;
        return {};
    }
    for (const std::string_view action : {"project.set-status", "project.lift"}) {
        catalog::AuditQuery query;
        query.subjectKind = "project";
        query.subject = row.normalizedName;
        query.actionPrefix = action;
        query.limit = 1;
        CM_TRY_ASSIGN(const auto page, reader.audit(query));
        if (!page.rows.empty() && (!detail.statusSince || page.rows.front().time > *detail.statusSince)) {
            detail.statusActor = page.rows.front().actor;
            detail.statusSince = page.rows.front().time;
        }
    }
    return {};
}

}  // namespace

const ReleaseRow *latestRelease(const std::vector<ReleaseRow> &releases)
{
    const ReleaseRow *best = nullptr;
    int bestRank = -1;
    for (const ReleaseRow &release : releases) {
        const int rank = (release.yanked ? 0 : 2) + (isPrerelease(release.version) ? 0 : 1);
        if (rank > bestRank || (rank == bestRank && isNewer(release, *best))) {
            best = &release;
            bestRank = rank;
        }
    }
    return best;
}

Result<RegistrySummary> Browser::summary()
{
    const Time now = m_clock.now();
    const Time midnight = std::chrono::floor<std::chrono::days>(now);
    return m_catalog.read([&](Reader &reader) -> Result<RegistrySummary> {
        RegistrySummary summary;
        CM_TRY_ASSIGN(summary.counters, reader.counters(midnight));
        CM_TRY_ASSIGN(summary.serial, reader.lastSerial());
        CM_TRY_ASSIGN(summary.readOnly, reader.readOnly(now));
        return summary;
    });
}

Result<ProjectLine> Browser::lineOf(Reader &reader, ProjectRow project)
{
    ProjectLine line{std::move(project), {}, {}};
    {
        const std::lock_guard lock(m_latestMutex);
        const auto known = m_latest.find(line.project.id);
        if (known != m_latest.end() && known->second.serial == line.project.lastSerial) {
            line.latestVersion = known->second.version;
            line.summary = known->second.summary;
            return line;
        }
    }
    CM_TRY_ASSIGN(const auto releases, reader.releases(line.project.id));
    if (const ReleaseRow *latest = latestRelease(releases)) {
        line.latestVersion = latest->version;
        line.summary = latest->summary;
    }
    const std::lock_guard lock(m_latestMutex);
    if (m_latest.size() >= rememberedLatest)
        m_latest.clear();
    m_latest[line.project.id] = {line.project.lastSerial, line.latestVersion, line.summary};
    return line;
}

Result<ProjectLines> Browser::projects(const Principal &by, const ProjectListQuery &asked)
{
    catalog::ProjectQuery query = asked.query;
    query.search = pypi::normalizeName(query.search);
    const bool own = asked.mine || !may(by, Action::ReadRegistry);
    return m_catalog.read([&](Reader &reader) -> Result<ProjectLines> {
        CM_TRY_ASSIGN(catalog::ProjectPage page, own ? ownProjects(reader, by, query) : reader.listProjects(query));
        ProjectLines lines;
        lines.total = page.total;
        lines.projects.reserve(page.projects.size());
        for (ProjectRow &row : page.projects) {
            CM_TRY_ASSIGN(ProjectLine line, lineOf(reader, std::move(row)));
            lines.projects.push_back(std::move(line));
        }
        CM_TRY_ASSIGN(lines.serial, reader.lastSerial());
        return lines;
    });
}

Result<ProjectDetail> Browser::project(const Principal &by, std::string_view project)
{
    return m_catalog.read([&](Reader &reader) -> Result<ProjectDetail> {
        ProjectDetail detail;
        CM_TRY_ASSIGN(ProjectRow row, projectFor(reader, by, Action::ReadProject, project));
        CM_TRY_ASSIGN(const auto role, reader.roleOf(by.userId, row.id));
        for (const std::string_view name : allowedActions(by, row.normalizedName, role))
            detail.allowed.push_back(name);
        CM_TRY(findStatusActor(reader, row, detail));
        // The more generous of the two holds, as core/checks has it.
        detail.fileLimit =
            std::max(row.fileLimit.value_or(0), static_cast<std::int64_t>(m_settings.policies.fileLimit));
        detail.totalLimit =
            std::max(row.totalLimit.value_or(0), static_cast<std::int64_t>(m_settings.policies.projectLimit));
        detail.ownLimits = row.fileLimit || row.totalLimit;
        CM_TRY_ASSIGN(detail.members, reader.membersOfProject(row.id));

        CM_TRY_ASSIGN(auto releases, reader.releases(row.id));
        CM_TRY_ASSIGN(const auto files, reader.filesOfProject(row.id));
        std::sort(releases.begin(), releases.end(), isNewer);
        std::unordered_map<catalog::Id, std::size_t> places;
        for (ReleaseRow &release : releases) {
            release.description.clear();
            release.metadataJson.clear();
            places[release.id] = detail.releases.size();
            const bool prerelease = isPrerelease(release.version);
            detail.releases.push_back({std::move(release), prerelease, 0, 0});
        }
        for (const catalog::ListedFile &listed : files) {
            if (const auto place = places.find(listed.file.releaseId); place != places.end()) {
                detail.releases[place->second].files += 1;
                detail.releases[place->second].size += listed.file.size;
            }
        }
        CM_TRY_ASSIGN(detail.line, lineOf(reader, std::move(row)));
        return detail;
    });
}

Result<ReleaseDetail> Browser::release(const Principal &by, std::string_view project, std::string_view version)
{
    return m_catalog.read([&](Reader &reader) -> Result<ReleaseDetail> {
        CM_TRY_ASSIGN(const ProjectRow row, projectFor(reader, by, Action::ReadProject, project));
        CM_TRY_ASSIGN(ReleaseRow release, releaseOf(reader, row, version));
        ReleaseDetail detail;
        detail.project = row.name;
        CM_TRY_ASSIGN(detail.files, reader.filesOfRelease(release.id));
        for (const catalog::FileRow &file : detail.files)
            detail.line.size += file.size;
        detail.line.files = static_cast<std::int64_t>(detail.files.size());
        detail.line.prerelease = isPrerelease(release.version);
        detail.description = std::move(release.description);
        detail.metadataJson = std::move(release.metadataJson);
        detail.line.release = std::move(release);
        return detail;
    });
}

Result<JournalPage> Browser::journal(std::string_view project, catalog::Serial since, std::int64_t offset,
                                     std::int64_t limit)
{
    since = std::max<catalog::Serial>(since, 0);
    return m_catalog.read([&](Reader &reader) -> Result<JournalPage> {
        JournalPage page;
        CM_TRY_ASSIGN(page.serial, reader.lastSerial());
        if (!project.empty()) {
            CM_TRY_ASSIGN(auto rows, reader.journalOfProject(pypi::normalizeName(project), 0, journalOfOneProject));
            std::erase_if(rows, [since](const catalog::JournalRow &row) { return row.serial <= since; });
            page.total = static_cast<std::int64_t>(rows.size());
            const std::int64_t from = std::clamp<std::int64_t>(offset, 0, page.total);
            const std::int64_t count = std::clamp<std::int64_t>(limit, 0, page.total - from);
            page.rows = {rows.begin() + from, rows.begin() + from + count};
            return page;
        }
        // Serials have no gaps worth speaking of, so a window of serials is a window of rows.
        page.total = std::max<std::int64_t>(page.serial - since, 0);
        const catalog::Serial until = page.serial - std::clamp<std::int64_t>(offset, 0, page.serial);
        const catalog::Serial after = std::max(since, until - std::clamp<std::int64_t>(limit, 0, until));
        if (until <= after)
            return page;
        CM_TRY_ASSIGN(page.rows, reader.journalSince(after, until - after));
        std::erase_if(page.rows, [until](const catalog::JournalRow &row) { return row.serial > until; });
        std::reverse(page.rows.begin(), page.rows.end());
        return page;
    });
}

Result<catalog::AuditPage> Browser::audit(const Principal &by, const catalog::AuditQuery &query)
{
    CM_TRY(require(by, Action::ReadRegistry));
    return m_catalog.read([&](Reader &reader) { return reader.audit(query); });
}

Result<AuditProof> Browser::verifyAudit(const Principal &by)
{
    CM_TRY(require(by, Action::ReadRegistry));
    const auto rows = m_catalog.read([](Reader &reader) { return reader.verifyAudit(); });
    if (rows)
        return AuditProof{true, *rows, std::nullopt};
    if (rows.error().code != ErrorCode::Corrupt)
        return fail(rows.error());
    AuditProof proof;
    // "audit: row 17 does not follow …": the number is all that this needs of the catalog's words.
    const std::string &detail = rows.error().detail;
    constexpr std::string_view before = "audit: row ";
    if (detail.starts_with(before)) {
        catalog::Id broken = 0;
        std::from_chars(detail.data() + before.size(), detail.data() + detail.size(), broken);
        proof.firstBroken = broken;
        proof.lines = broken - 1;
    }
    return proof;
}

Result<catalog::DeletedPage> Browser::deleted(const Principal &by, std::int64_t offset, std::int64_t limit)
{
    CM_TRY(require(by, Action::ReadRegistry));
    return m_catalog.read([&](Reader &reader) { return reader.deletedThings(offset, limit); });
}

Result<std::optional<catalog::ProjectRole>> Browser::roleOn(const Principal &by, std::string_view project)
{
    return m_catalog.read([&](Reader &reader) -> Result<std::optional<catalog::ProjectRole>> {
        const std::string name = pypi::normalizeName(project);
        auto row = reader.findProject(name);
        if (!row && row.error().code == ErrorCode::NotFound)
            row = reader.findDeletedProject(name);
        if (row)
            return reader.roleOf(by.userId, row->id);
        if (row.error().code == ErrorCode::NotFound)
            return std::optional<catalog::ProjectRole>();
        return fail(row.error());
    });
}

Result<std::optional<catalog::ProjectRole>> Browser::roleOnFile(const Principal &by, std::string_view filename)
{
    return m_catalog.read([&](Reader &reader) -> Result<std::optional<catalog::ProjectRole>> {
        auto row = reader.findFile(filename);
        if (!row && row.error().code == ErrorCode::NotFound)
            row = reader.findDeletedFile(filename);
        if (row)
            return reader.roleOf(by.userId, row->projectId);
        if (row.error().code == ErrorCode::NotFound)
            return std::optional<catalog::ProjectRole>();
        return fail(row.error());
    });
}

}  // namespace cm::registry
