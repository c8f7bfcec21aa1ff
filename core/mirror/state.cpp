// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mirror/state.h"

#include "core/mirror/migrations.h"
#include "core/mirror/rows.h"

#include <charconv>

namespace cm::mirror {
namespace {

std::string number(std::int64_t value)
{
    return std::to_string(value);
}

std::int64_t numberOf(const std::string &text)
{
    std::int64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

std::map<std::string, std::string> textsOf(const Facts &facts)
{
    return {{"identity", facts.identity},
            {"upstream", facts.upstream},
            {"way", facts.way},
            {"mark", facts.mark},
            {"etag", facts.etag},
            {"filters", facts.filters},
            {"left_out", facts.leftOut},
            {"outcomes", facts.outcomes},
            {"serial", number(facts.serial)},
            {"upstream_serial", number(facts.upstreamSerial)},
            {"index_serial", number(facts.indexSerial)},
            {"index_identity", facts.indexIdentity},
            {"index_stale", facts.indexStale ? "1" : "0"},
            {"links_looked", facts.linksLooked ? "1" : "0"},
            {"index_written", number(micros(facts.indexWritten))},
            {"last_changed", number(micros(facts.lastChanged))},
            {"reconciled", number(micros(facts.reconciled))},
            {"scrubbed", number(micros(facts.scrubbed))},
            {"projects", number(facts.projects)},
            {"files", number(facts.files)}};
}

Facts factsOf(std::map<std::string, std::string> texts)
{
    const bool fresh = texts.empty();
    Facts facts;
    facts.identity = texts["identity"];
    facts.upstream = texts["upstream"];
    facts.way = texts["way"];
    facts.mark = texts["mark"];
    facts.etag = texts["etag"];
    facts.filters = texts["filters"];
    facts.leftOut = texts["left_out"];
    facts.outcomes = texts["outcomes"];
    facts.serial = numberOf(texts["serial"]);
    facts.upstreamSerial = numberOf(texts["upstream_serial"]);
    facts.indexSerial = numberOf(texts["index_serial"]);
    facts.indexIdentity = texts["index_identity"];
    facts.indexStale = texts["index_stale"] != "0";
    facts.linksLooked = fresh || texts["links_looked"] == "1";
    facts.indexWritten = timeOf(numberOf(texts["index_written"]));
    facts.lastChanged = timeOf(numberOf(texts["last_changed"]));
    facts.reconciled = timeOf(numberOf(texts["reconciled"]));
    facts.scrubbed = timeOf(numberOf(texts["scrubbed"]));
    facts.projects = numberOf(texts["projects"]);
    facts.files = numberOf(texts["files"]);
    return facts;
}

// A later serial is required now, for which it is tried anew; what an error said stays until then, and what was missing first.
Result<void> addPending(sql::Connection &connection, const Change &change, Time now)
{
    const std::int64_t missing = change.missing.value_or(change.required);
    CM_TRY(connection.execute("INSERT INTO pending (name, display, required, removed, since, missing, rank) VALUES ($1, $2, $3, $4, $5, $7, CASE"
                              " WHEN $6 THEN 0 WHEN EXISTS (SELECT 1 FROM projects WHERE name = $1)"
                              " OR EXISTS (SELECT 1 FROM files WHERE project = $1) THEN 1 ELSE 2 END)"
                              " ON CONFLICT (name) DO UPDATE SET display = excluded.display, removed = excluded.removed,"
                              " required = max(pending.required, excluded.required), rank = min(pending.rank, excluded.rank),"
                              " missing = CASE WHEN 0 IN (pending.missing, excluded.missing) THEN max(pending.missing, excluded.missing)"
                              " ELSE min(pending.missing, excluded.missing) END,"
                              " round = CASE WHEN excluded.required > pending.required THEN 0 ELSE pending.round END",
                              {change.name, change.display, change.required, change.removed, micros(now), change.named, missing}));
    return {};
}

// What is damaged: no change is missing for that.
Result<void> mend(sql::Connection &connection, const std::string &name, Time now)
{
    CM_TRY(connection.execute("INSERT INTO pending (name, display, required, removed, since, rank)"
                              " SELECT name, display, 0, FALSE, $2, 1 FROM projects WHERE name = $1"
                              " ON CONFLICT (name) DO NOTHING",
                              {name, micros(now)}));
    return {};
}

}  // namespace

Result<void> State::open(Time now)
{
    CM_TRY(m_database.writeAlone([now](sql::Connection &connection) -> Result<void> {
        CM_TRY(sql::migrate(connection, migrations(), micros(now)));
        return {};
    }));
    return reload();
}

Result<void> State::reload()
{
    return m_database.read([this](sql::Connection &connection) -> Result<void> {
        CM_TRY_ASSIGN(const auto rows, connection.query("SELECT name, value FROM facts"));
        for (;;) {
            CM_TRY_ASSIGN(const bool more, rows->next());
            if (!more)
                break;
            m_saved[rows->string(0)] = rows->string(1);
        }
        m_facts = factsOf(m_saved);
        return {};
    });
}

Result<void> State::saveFacts(sql::Connection &connection, const Facts &facts)
{
    for (const auto &[name, value] : textsOf(facts)) {
        const auto saved = m_saved.find(name);
        if (saved != m_saved.end() && saved->second == value)
            continue;
        CM_TRY(connection.execute("INSERT INTO facts (name, value) VALUES ($1, $2)"
                                  " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                                  {name, value}));
    }
    return {};
}

void State::remember(const Facts &facts)
{
    m_facts = facts;
    m_saved = textsOf(facts);
}

void State::recallIndex(const std::string &identity, std::int64_t serial)
{
    m_facts.indexIdentity = identity;
    m_facts.indexSerial = serial;
}

Result<void> State::setFacts(const Facts &facts)
{
    if (facts == m_facts && !m_saved.empty())
        return {};
    CM_TRY(m_database.write([&](sql::Connection &connection) { return saveFacts(connection, facts); }));
    remember(facts);
    return {};
}

Result<void> State::follow(const std::vector<Change> &changes, const Facts &facts, Time now)
{
    if (changes.empty())
        return setFacts(facts);
    CM_TRY(m_database.write([&](sql::Connection &connection) -> Result<void> {
        for (const Change &change : changes)
            CM_TRY(addPending(connection, change, now));
        return saveFacts(connection, facts);
    }));
    remember(facts);
    return {};
}

Result<std::int64_t> State::reconcile(const ProjectList &list, const std::function<bool(std::string_view)> &wanted, Look look,
                                      const Facts &facts, Time now)
{
    std::int64_t found = 0;
    const bool all = look != Look::Newer;
    // Of what is not pending all up to there is here: a later serial is of a later change. Where the copy begins, and where it is to
    // be another one, nothing is known to be here.
    const std::int64_t through = m_facts.serial;
    const auto missing = [&](std::int64_t listed, std::int64_t here) {
        return all ? 1 : std::min(listed, 1 + (listed > through ? std::max(through, here) : here));
    };
    CM_TRY(m_database.writeAlone([&](sql::Connection &connection) -> Result<void> {
        if (look == Look::Anew)
            CM_TRY(connection.execute("DELETE FROM pending"));
        CM_TRY_ASSIGN(const auto rows, connection.stream("SELECT name, serial, listed, display FROM projects ORDER BY name"));
        std::size_t at = 0;
        const auto come = [&](const ProjectList::Entry &entry, std::int64_t here) -> Result<void> {
            if (!wanted(entry.name))
                return {};
            ++found;
            // A list that is behind makes nothing older than it is.
            const std::int64_t required = look == Look::Anew ? entry.serial : std::max(entry.serial, here);
            return addPending(connection, {std::string(entry.name), std::string(entry.display), required, false, false, missing(entry.serial, here)}, now);
        };
        for (;;) {
            CM_TRY_ASSIGN(const bool more, rows->next());
            const std::string name = more ? rows->string(0) : std::string();
            for (; at < list.size() && (!more || list.at(at).name < name); ++at)
                CM_TRY(come(list.at(at), 0));
            if (!more)
                break;
            const bool there = at < list.size() && list.at(at).name == name;
            if (there && wanted(name)) {
                // A project that was hidden has to be listed again, whatever its serial says.
                if (all || list.at(at).serial > rows->integer(1) || !rows->boolean(2))
                    CM_TRY(come(list.at(at), rows->integer(1)));
            } else if (rows->boolean(2) || all || !wanted(name)) {
                ++found;
                // What a filter of ours takes out is nothing that is missing.
                const std::int64_t required = look == Look::Anew ? 1 : rows->integer(1);
                CM_TRY(addPending(connection, {name, rows->string(3), required, true, false, !wanted(name) ? 0 : all ? 1 : 1 + required}, now));
            }
            at += there ? 1 : 0;
        }
        return saveFacts(connection, facts);
    }));
    remember(facts);
    return found;
}

Result<void> State::claim(const std::vector<std::string> &names, const std::vector<KnownFile> &arriving)
{
    return m_database.write([&](sql::Connection &connection) -> Result<void> {
        for (const std::string &name : names)
            CM_TRY(connection.execute("UPDATE pending SET claimed = TRUE WHERE name = $1", {name}));
        // One that has a row already keeps its state: it is known where it lies.
        for (const KnownFile &file : arriving)
            CM_TRY(putNewFile(connection, file, FileState::Arriving));
        return {};
    });
}

Result<void> State::unlist(const std::vector<std::string> &names, const Facts &facts)
{
    CM_TRY(m_database.write([&](sql::Connection &connection) -> Result<void> {
        for (const std::string &name : names)
            CM_TRY(connection.execute("UPDATE projects SET listed = FALSE WHERE name = $1", {name}));
        return saveFacts(connection, facts);
    }));
    remember(facts);
    return {};
}

Result<void> State::settle(const std::vector<Settled> &batch, const Facts &facts)
{
    CM_TRY(m_database.write([&](sql::Connection &connection) -> Result<void> {
        for (const Settled &settled : batch) {
            // What changed meanwhile is still to be looked at.
            if (settled.through) {
                CM_TRY(connection.execute("DELETE FROM pending WHERE name = $1 AND required <= $2", {settled.name, *settled.through}));
                CM_TRY(connection.execute("UPDATE pending SET missing = max(missing, $2) WHERE name = $1", {settled.name, *settled.through + 1}));
            }
            CM_TRY(connection.execute("UPDATE pending SET claimed = FALSE WHERE name = $1 AND claimed", {settled.name}));
            if (!settled.published) {
                CM_TRY(connection.execute("DELETE FROM projects WHERE name = $1", {settled.name}));
            } else {
                const KnownProject &now = *settled.published;
                CM_TRY(connection.execute(
                    "INSERT INTO projects (name, display, serial, listed, page, previous, digest, checked) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
                    " ON CONFLICT (name) DO UPDATE SET display = excluded.display, serial = excluded.serial, listed = excluded.listed,"
                    " page = excluded.page, previous = excluded.previous, digest = excluded.digest, checked = excluded.checked",
                    {settled.name, now.display, now.serial, now.listed, now.page, now.previous, now.digest, micros(facts.lastChanged)}));
            }
            for (const KnownFile &file : settled.files)
                CM_TRY(putFile(connection, file, micros(facts.lastChanged)));
        }
        return saveFacts(connection, facts);
    }));
    remember(facts);
    return {};
}

Result<void> State::setBack(const std::vector<Failure> &failures, std::int64_t round)
{
    if (failures.empty())
        return {};
    return m_database.write([&](sql::Connection &connection) -> Result<void> {
        for (const Failure &failure : failures)
            CM_TRY(connection.execute("UPDATE pending SET tries = tries + 1, error = $2, round = $3 WHERE name = $1",
                                      {failure.name, failure.error, round}));
        return {};
    });
}

Result<void> State::settleLeftovers(const std::vector<std::string> &served)
{
    Facts now = facts();
    now.files += static_cast<std::int64_t>(served.size());
    CM_TRY(m_database.write([&](sql::Connection &connection) -> Result<void> {
        for (const std::string &path : served)
            CM_TRY(connection.execute("UPDATE files SET state = 1 WHERE path = $1 AND state = 0", {path}));
        CM_TRY(connection.execute("DELETE FROM files WHERE state = 0"));
        CM_TRY(connection.execute("UPDATE pending SET claimed = FALSE WHERE claimed"));
        return saveFacts(connection, now);
    }));
    remember(now);
    return {};
}

Result<void> State::forget(const std::vector<std::string> &paths)
{
    return m_database.write([&](sql::Connection &connection) -> Result<void> {
        for (const std::string &path : paths)
            CM_TRY(connection.execute("DELETE FROM files WHERE path = $1", {path}));
        return {};
    });
}

Result<void> State::noteChecked(const std::vector<std::string> &sound, const std::vector<KnownFile> &damaged, Time now)
{
    return m_database.write([&](sql::Connection &connection) -> Result<void> {
        for (const std::string &path : sound)
            CM_TRY(connection.execute("UPDATE files SET checked = $2 WHERE path = $1", {path, micros(now)}));
        for (const KnownFile &file : damaged) {
            CM_TRY(connection.execute("UPDATE files SET checked = $2, state = 4 WHERE path = $1", {file.path, micros(now)}));
            CM_TRY(mend(connection, file.project, now));
        }
        return {};
    });
}

Result<void> State::notePagesChecked(const std::vector<KnownPage> &sound, const std::vector<std::string> &damaged, Time now)
{
    return m_database.write([&](sql::Connection &connection) -> Result<void> {
        for (const KnownPage &page : sound)
            CM_TRY(connection.execute("UPDATE projects SET checked = $2, digest = $3 WHERE name = $1", {page.name, micros(now), page.digest}));
        for (const std::string &name : damaged) {
            CM_TRY(connection.execute("UPDATE projects SET checked = $2 WHERE name = $1", {name, micros(now)}));
            CM_TRY(mend(connection, name, now));
        }
        return {};
    });
}

Result<void> State::lookAgain(const std::string &name, Time now)
{
    return m_database.write([&](sql::Connection &connection) -> Result<void> {
        CM_TRY(mend(connection, name, now));
        return pendAnew(connection, name, name, now);
    });
}

}  // namespace cm::mirror
