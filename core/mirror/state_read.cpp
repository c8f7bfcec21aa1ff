// SPDX-License-Identifier: GPL-3.0-or-later
// The questions to what a mirror remembers.
#include "core/mirror/page.h"
#include "core/mirror/rows.h"
#include "core/mirror/state.h"

namespace cm::mirror {
namespace {

#define CM_MIRROR_PENDING_COLUMNS "name, display, required, removed, since, tries, error, rank"

Pending pendingIn(const sql::Cursor &row)
{
    return {row.string(0), row.string(1), row.integer(2), row.boolean(3), false, timeOf(row.integer(4)), row.integer(5), row.string(6),
            static_cast<Rank>(row.integer(7))};
}

std::string nameOf(const sql::Cursor &row)
{
    return row.string(0);
}

Result<KnownProject> knownOf(sql::Connection &connection, const std::string &name)
{
    KnownProject known;
    {
        CM_TRY_ASSIGN(const auto rows, connection.query("SELECT display, serial, listed, page, previous, digest FROM projects WHERE name = $1", {name}));
        CM_TRY_ASSIGN(const bool found, rows->next());
        if (found) {
            known.display = rows->string(0);
            known.serial = rows->integer(1);
            known.listed = rows->boolean(2);
            known.page = rows->string(3);
            known.previous = rows->string(4);
            known.digest = rows->string(5);
        }
    }
    CM_TRY_ASSIGN(known.files,
                  rowsOf<KnownFile>(connection, "SELECT " CM_MIRROR_FILE_COLUMNS " FROM files WHERE project = $1 AND state <> 0 ORDER BY path", {name}, fileOf));
    return known;
}

// Runs a question that answers a T.
template <class T, class Question>
Result<T> ask(sql::Database &database, Question question)
{
    Result<T> answer = fail(ErrorCode::Internal, "the question was not asked");
    CM_TRY(database.read([&](sql::Connection &connection) -> Result<void> {
        answer = question(connection);
        return answer ? Result<void>() : Result<void>(fail(answer.error()));
    }));
    return answer;
}

// Of an answer of any length.
template <class Visitor>
Result<void> forEachRow(sql::Database &database, std::string_view text, Visitor visitor)
{
    return database.read([&](sql::Connection &connection) -> Result<void> {
        CM_TRY_ASSIGN(const auto rows, connection.stream(text));
        for (;;) {
            CM_TRY_ASSIGN(const bool more, rows->next());
            if (!more)
                return {};
            visitor(*rows);
        }
    });
}

}  // namespace

Result<std::vector<Pending>> State::pendingAfter(const Place &place, const Rounds &rounds, std::int64_t limit)
{
    return ask<std::vector<Pending>>(m_database, [&](sql::Connection &connection) {
        return rowsOf<Pending>(connection,
                               "SELECT " CM_MIRROR_PENDING_COLUMNS " FROM pending WHERE (rank, name) > ($1, $2)"
                               " AND round NOT BETWEEN CASE rank WHEN 0 THEN $5 WHEN 1 THEN $4 ELSE $3 END AND $5 ORDER BY rank, name LIMIT $6",
                               {static_cast<std::int64_t>(place.rank), place.name, rounds.fresh, rounds.published, rounds.now, limit}, pendingIn);
    });
}

Result<State::PendingSummary> State::pending(std::int64_t shown)
{
    return ask<PendingSummary>(m_database, [&](sql::Connection &connection) -> Result<PendingSummary> {
        PendingSummary summary;
        CM_TRY_ASSIGN(const auto rows, connection.query("SELECT count(*), coalesce((SELECT min(missing) FROM pending WHERE missing > 0), 0) FROM pending"));
        CM_TRY_ASSIGN(const bool found, rows->next());
        if (found) {
            summary.count = rows->integer(0);
            summary.lowest = rows->integer(1);
        }
        if (summary.count > 0) {
            // Those that failed first: they are what somebody looks for.
            CM_TRY_ASSIGN(summary.first, rowsOf<Pending>(connection,
                                                         "SELECT " CM_MIRROR_PENDING_COLUMNS
                                                         " FROM pending ORDER BY tries DESC, required LIMIT $1",
                                                         {shown}, pendingIn));
        }
        return summary;
    });
}

Result<std::optional<Pending>> State::pendingOf(const std::string &name)
{
    return ask<std::optional<Pending>>(m_database, [&](sql::Connection &connection) -> Result<std::optional<Pending>> {
        CM_TRY_ASSIGN(const auto found, rowsOf<Pending>(connection, "SELECT " CM_MIRROR_PENDING_COLUMNS " FROM pending WHERE name = $1", {name}, pendingIn));
        return found.empty() ? std::nullopt : std::optional(found.front());
    });
}

Result<KnownProject> State::known(const std::string &name)
{
    return ask<KnownProject>(m_database, [&](sql::Connection &connection) { return knownOf(connection, name); });
}

Result<std::vector<KnownProject>> State::known(const std::vector<std::string> &names)
{
    return ask<std::vector<KnownProject>>(m_database, [&](sql::Connection &connection) -> Result<std::vector<KnownProject>> {
        std::vector<KnownProject> all;
        for (const std::string &name : names) {
            CM_TRY_ASSIGN(KnownProject one, knownOf(connection, name));
            all.push_back(std::move(one));
        }
        return all;
    });
}

Result<State::Leftovers> State::leftovers()
{
    return ask<Leftovers>(m_database, [&](sql::Connection &connection) -> Result<Leftovers> {
        Leftovers left;
        CM_TRY_ASSIGN(left.projects, rowsOf<std::string>(connection, "SELECT name FROM pending WHERE claimed", {}, nameOf));
        CM_TRY_ASSIGN(left.files,
                      rowsOf<KnownFile>(connection, "SELECT " CM_MIRROR_FILE_COLUMNS " FROM files WHERE state = 0", {}, fileOf));
        return left;
    });
}

Result<void> State::forEachPage(const std::function<void(std::string_view, std::string_view)> &visitor)
{
    return forEachRow(m_database, "SELECT name, page FROM projects", [&](const sql::Cursor &row) { visitor(row.text(0), row.text(1)); });
}

Result<void> State::forEachListed(const std::function<void(std::string_view, std::int64_t)> &visitor)
{
    return forEachRow(m_database, "SELECT display, serial FROM projects WHERE listed ORDER BY name",
                      [&](const sql::Cursor &row) { visitor(row.text(0), row.integer(1)); });
}

Result<std::vector<State::Fallen>> State::fallen(const ProjectList &list, std::size_t limit)
{
    return ask<std::vector<Fallen>>(m_database, [&](sql::Connection &connection) -> Result<std::vector<Fallen>> {
        std::vector<Fallen> found;
        CM_TRY_ASSIGN(const auto rows, connection.stream("SELECT name, serial FROM projects ORDER BY name"));
        for (std::size_t at = 0; found.size() < limit;) {
            CM_TRY_ASSIGN(const bool more, rows->next());
            if (!more)
                break;
            while (at < list.size() && list.at(at).name < rows->text(0))
                ++at;
            const std::int64_t serial = rows->integer(1);
            if (at < list.size() && list.at(at).name == rows->text(0) && list.at(at).serial < serial && serial <= list.serial)
                found.push_back({rows->string(0), serial, list.at(at).serial});
        }
        return found;
    });
}

Result<std::vector<KnownFile>> State::expired(Time now, std::int64_t limit)
{
    return ask<std::vector<KnownFile>>(m_database, [&](sql::Connection &connection) {
        return rowsOf<KnownFile>(connection,
                                 "SELECT " CM_MIRROR_FILE_COLUMNS " FROM files WHERE state IN (2, 3) AND until < $1 ORDER BY until LIMIT $2",
                                 {micros(now), limit}, fileOf);
    });
}

Result<std::vector<KnownFile>> State::longestUnchecked(Time since, std::int64_t limit)
{
    return ask<std::vector<KnownFile>>(m_database, [&](sql::Connection &connection) {
        return rowsOf<KnownFile>(connection,
                                 "SELECT " CM_MIRROR_FILE_COLUMNS " FROM files WHERE checked < $1 AND state IN (1, 2) ORDER BY checked LIMIT $2",
                                 {micros(since), limit}, fileOf);
    });
}

Result<std::vector<State::KnownPage>> State::pagesLongestUnchecked(Time since, std::int64_t limit)
{
    return ask<std::vector<KnownPage>>(m_database, [&](sql::Connection &connection) {
        return rowsOf<KnownPage>(connection, "SELECT name, digest FROM projects WHERE checked < $1 ORDER BY checked LIMIT $2",
                                 {micros(since), limit}, [](const sql::Cursor &row) { return KnownPage{row.string(0), row.string(1)}; });
    });
}

Result<std::map<std::string, std::string>> State::owners(const std::vector<std::string> &paths)
{
    return ask<std::map<std::string, std::string>>(m_database, [&](sql::Connection &connection) -> Result<std::map<std::string, std::string>> {
        std::map<std::string, std::string> found;
        for (const std::string &path : paths) {
            CM_TRY_ASSIGN(const auto rows, connection.query("SELECT project FROM files WHERE lower(path) = $1", {folded(path)}));
            CM_TRY_ASSIGN(const bool there, rows->next());
            if (there)
                found[folded(path)] = rows->string(0);
        }
        return found;
    });
}

}  // namespace cm::mirror
