// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/catalog/queries.h"
#include "core/catalog/reader.h"
#include "core/catalog/row_mapping.h"

#include <algorithm>
#include <fmt/format.h>

namespace cm::catalog {

namespace {

std::string_view sortColumn(ProjectSort sort)
{
    switch (sort) {
    case ProjectSort::Name:
        return "normalized_name";
    case ProjectSort::LastActivity:
        return "last_activity";
    case ProjectSort::FileCount:
        return "file_count";
    case ProjectSort::TotalSize:
        return "total_size";
    case ProjectSort::Created:
        return "created";
    }
    return "normalized_name";
}

// Shorter texts are parts of nearly every name: what begins with them is what people look for, and an
// index answers that at once.
constexpr std::size_t shortestPart = 3;

// The first text after all that begin with `prefix`, for names of ASCII.
std::string afterPrefix(std::string prefix)
{
    ++prefix.back();
    return prefix;
}

// WHERE of a project list; the texts that the conditions refer to are kept beside it.
struct Filter {
    std::string sql = "p.deleted_at IS NULL";
    std::vector<std::string> texts;
};

Filter filterOf(const ProjectQuery &query, const sql::Dialect &dialect)
{
    Filter filter;
    if (query.status) {
        filter.texts.push_back(*query.status);
        filter.sql += " AND p.status = $1";
        // Said once more as a constant, so that the partial indexes may be used.
        if (*query.status != "active")
            filter.sql += " AND p.status <> 'active'";
    }
    if (!query.search.empty() && query.search.size() < shortestPart) {
        const auto first = filter.texts.size() + 1;
        filter.sql += fmt::format(" AND p.normalized_name >= ${} AND p.normalized_name < ${}", first, first + 1);
        filter.texts.push_back(query.search);
        filter.texts.push_back(afterPrefix(query.search));
    } else if (!query.search.empty()) {
        sql::Condition match = dialect.substringMatch("projects", "normalized_name", "p", query.search,
                                                      static_cast<int>(filter.texts.size()) + 1);
        filter.sql += " AND " + match.sql;
        for (std::string &text : match.params)
            filter.texts.push_back(std::move(text));
    }
    return filter;
}

}  // namespace

Result<ProjectRow> Reader::project(Id id)
{
    return one<ProjectRow>(m_connection, "SELECT " CM_PROJECT_COLUMNS " FROM projects p WHERE p.id = $1", {id},
                           projectOf, "project");
}

Result<ProjectRow> Reader::findProject(std::string_view normalizedName)
{
    return one<ProjectRow>(m_connection,
                           "SELECT " CM_PROJECT_COLUMNS " FROM projects p WHERE p.normalized_name = $1"
                           " AND p.deleted_at IS NULL",
                           {normalizedName}, projectOf, "project");
}

Result<ProjectRow> Reader::findDeletedProject(std::string_view normalizedName)
{
    return one<ProjectRow>(m_connection,
                           "SELECT " CM_PROJECT_COLUMNS " FROM projects p WHERE p.normalized_name = $1"
                           " AND p.deleted_at IS NOT NULL",
                           {normalizedName}, projectOf, "deleted project");
}

Result<std::vector<ProjectRow>> Reader::projectsWithSimilarityKey(std::string_view key)
{
    return all<ProjectRow>(m_connection,
                           "SELECT " CM_PROJECT_COLUMNS " FROM projects p WHERE p.similarity_key = $1 ORDER BY p.id",
                           {key}, projectOf);
}

Result<std::uint64_t> Reader::largestFileLimit()
{
    CM_TRY_ASSIGN(const std::int64_t largest,
                  number(m_connection, "SELECT coalesce(max(file_limit), 0) FROM projects WHERE file_limit IS NOT NULL"));
    return static_cast<std::uint64_t>(std::max<std::int64_t>(largest, 0));
}

Result<ProjectPage> Reader::listProjects(const ProjectQuery &query)
{
    const Filter filter = filterOf(query, m_connection.dialect());
    std::vector<sql::Param> params(filter.texts.begin(), filter.texts.end());
    ProjectPage page;
    if (query.search.empty()) {
        const std::string counter = query.status ? "projects." + *query.status : "projects";
        CM_TRY_ASSIGN(page.total, number(m_connection, "SELECT value FROM counters WHERE name = $1", {counter}));
    } else {
        CM_TRY_ASSIGN(page.total,
                      number(m_connection, "SELECT count(*) FROM projects p WHERE " + filter.sql, params));
    }
    if (query.limit <= 0 || query.offset < 0 || query.offset >= page.total)
        return page;
    // The window is found inside one index; only its own rows are then looked up.
    const std::string_view direction = query.descending ? "DESC" : "ASC";
    // Skipped rows are walked over: what lies in the second half is reached from the end.
    const std::int64_t limit = std::min(query.limit, page.total - query.offset);
    const bool fromEnd = query.offset > page.total / 2;
    const std::string_view walk = query.descending != fromEnd ? "DESC" : "ASC";
    const std::string_view column = sortColumn(query.sort);
    const std::string text = fmt::format(
        "WITH page AS (SELECT p.id FROM projects p WHERE {0} ORDER BY p.{1} {5}, p.id {5} LIMIT ${3} OFFSET ${4})"
        " SELECT " CM_PROJECT_COLUMNS " FROM page JOIN projects p ON p.id = page.id ORDER BY p.{1} {2}, p.id {2}",
        filter.sql, column, direction, params.size() + 1, params.size() + 2, walk);
    params.emplace_back(limit);
    params.emplace_back(fromEnd ? page.total - query.offset - limit : query.offset);
    CM_TRY_ASSIGN(page.projects, all<ProjectRow>(m_connection, text, params, projectOf));
    return page;
}

Result<std::vector<ProjectRow>> Reader::deletedProjects(std::int64_t offset, std::int64_t limit)
{
    return all<ProjectRow>(m_connection,
                           "SELECT " CM_PROJECT_COLUMNS " FROM projects p WHERE p.deleted_at IS NOT NULL"
                           " ORDER BY p.deleted_at DESC, p.id DESC LIMIT $1 OFFSET $2",
                           {limit, offset}, projectOf);
}

Result<void> Reader::forEachProject(const std::function<bool(const ProjectIndexEntry &)> &visitor)
{
    CM_TRY_ASSIGN(const auto rows,
                  m_connection.stream("SELECT p.normalized_name, p.name, p.last_serial, p.status FROM projects p"
                                      " WHERE p.deleted_at IS NULL ORDER BY p.normalized_name"));
    ProjectIndexEntry entry;
    for (;;) {
        CM_TRY_ASSIGN(const bool more, rows->next());
        if (!more)
            return {};
        entry.normalizedName = rows->text(0);
        entry.name = rows->text(1);
        entry.lastSerial = rows->integer(2);
        entry.status = rows->text(3);
        if (!visitor(entry))
            return {};
    }
}

Result<Counters> Reader::counters(Time uploadsSince)
{
    Counters counters;
    CM_TRY_ASSIGN(const auto rows, m_connection.query("SELECT name, value FROM counters"));
    for (;;) {
        CM_TRY_ASSIGN(const bool more, rows->next());
        if (!more)
            break;
        const std::string_view name = rows->text(0);
        const std::int64_t value = rows->integer(1);
        if (name == "projects")
            counters.projects = value;
        else if (name == "releases")
            counters.releases = value;
        else if (name == "files")
            counters.files = value;
        else if (name == "bytes")
            counters.bytes = value;
        else if (name == "users")
            counters.users = value;
        else if (name == "projects.quarantined")
            counters.quarantined = value;
    }
    CM_TRY_ASSIGN(counters.uploadsSince,
                  number(m_connection, "SELECT count(*) FROM files WHERE upload_time >= $1", {micros(uploadsSince)}));
    return counters;
}

}  // namespace cm::catalog
