// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/store/sender_rows.h"

#include "core/metrics/store/names.h"
#include "core/metrics/store/tiers.h"

#include <algorithm>
#include <map>
#include <set>

namespace cm::metrics {
namespace {

struct HourRow {
    std::int64_t received = 0;
    std::optional<SenderStretch> said;
};

Result<std::optional<SenderState>> stateOf(sql::Connection &connection, const std::string &sender)
{
    CM_TRY_ASSIGN(const auto rows, connection.query("SELECT seconds, sent, source FROM download_senders WHERE sender = $1", {sender}));
    CM_TRY_ASSIGN(const bool found, rows->next());
    return found ? std::optional(SenderState{rows->integer(0), rows->integer(1), rows->string(2)}) : std::nullopt;
}

Result<std::set<std::string>> namesOf(sql::Connection &connection, Minute hour)
{
    std::set<std::string> out;
    CM_TRY_ASSIGN(const auto rows, connection.query("SELECT sender FROM download_sender_hours WHERE bucket = $1 AND sender <> ''", {hour}));
    for (;;) {
        CM_TRY_ASSIGN(const bool more, rows->next());
        if (!more)
            return out;
        out.insert(rows->string(0));
    }
}

// The names under which rows of an hour may lie, those of all ingesters together. Lines of further ones are of a sender
// without a name, and what they say is not kept.
class NamesByHour {
public:
    explicit NamesByHour(sql::Connection &connection) : m_connection(connection) {}

    Result<bool> hasRoom(Minute hour, const std::string &sender)
    {
        auto known = m_names.find(hour);
        if (known == m_names.end()) {
            CM_TRY_ASSIGN(auto names, namesOf(m_connection, hour));
            known = m_names.emplace(hour, std::move(names)).first;
        }
        std::set<std::string> &names = known->second;
        if (sender.empty() || names.contains(sender))
            return true;
        if (names.size() >= mostSenderNames)
            return false;
        names.insert(sender);
        return true;
    }

private:
    sql::Connection &m_connection;
    std::map<Minute, std::set<std::string>> m_names;
};

// Lines that came here before another ingester was told of them, and are stored after it reckoned: it took them for lost.
Result<void> findAgain(sql::Connection &connection, const SenderTally &tally, const std::string &sender, const std::string &source)
{
    CM_TRY_ASSIGN(const auto state, stateOf(connection, sender));
    if (!state || state->source.empty() || state->source == source || tally.first <= 0 || tally.first > state->seconds)
        return {};
    std::int64_t lines = tally.lines;
    // The report may have come in the hour after theirs.
    for (const Minute hour : {tally.hour, tally.hour + minutesOfHour}) {
        std::int64_t found = 0;
        {
            CM_TRY_ASSIGN(const auto rows, connection.query("SELECT sent - told FROM download_sender_hours WHERE bucket = $1 AND sender = $2 AND sent > told",
                                                            {hour, sender}));
            CM_TRY_ASSIGN(const bool missing, rows->next());
            found = missing ? std::min(lines, rows->integer(0)) : 0;
        }
        if (found > 0)
            CM_TRY(connection.execute("UPDATE download_sender_hours SET told = told + $3 WHERE bucket = $1 AND sender = $2", {hour, sender, found}));
        lines -= found;
    }
    return {};
}

}  // namespace

Result<void> writeSenders(sql::Connection &connection, const Batch &batch)
{
    std::map<std::pair<Minute, std::string>, HourRow> rows;
    NamesByHour names(connection);
    std::set<std::string> heard;
    for (const SenderTally &tally : batch.senders) {
        std::string sender = storedText(tally.sender);
        CM_TRY_ASSIGN(const bool named, names.hasRoom(tally.hour, sender));
        if (!named)
            sender.clear();
        rows[{tally.hour, sender}].received += tally.lines;
        if (tally.lines > 0 && !sender.empty()) {
            CM_TRY(findAgain(connection, tally, sender, batch.source));
            heard.insert(sender);
        }
    }
    // Who last heard of the sender does not know of these lines, and takes them for lost when it comes back.
    for (const std::string &sender : heard)
        CM_TRY(connection.execute("UPDATE download_senders SET source = '' WHERE sender = $1 AND source <> $2", {sender, batch.source}));
    std::map<std::string, std::optional<SenderState>> states;
    for (const SenderReport &report : batch.reports) {
        const std::string sender = storedText(report.sender);
        const Minute hour = floorTo(Tier::Hour, report.seconds / 60);
        CM_TRY_ASSIGN(const bool named, names.hasRoom(hour, sender));
        if (!named)
            continue;
        auto known = states.find(sender);
        if (known == states.end()) {
            CM_TRY_ASSIGN(const auto state, stateOf(connection, sender));
            known = states.emplace(sender, state).first;
        }
        if (const auto stretch = reckon(known->second, report, batch.source)) {
            auto &said = rows[{hour, sender}].said;
            said = SenderStretch{said.value_or(SenderStretch{}).sent + stretch->sent, said.value_or(SenderStretch{}).told + stretch->told};
        }
    }
    for (const auto &[sender, state] : states) {
        CM_TRY(connection.execute("INSERT INTO download_senders (sender, seconds, sent, source) VALUES ($1, $2, $3, $4)"
                                  " ON CONFLICT (sender) DO UPDATE SET seconds = excluded.seconds, sent = excluded.sent, source = excluded.source",
                                  {sender, state->seconds, state->sent, state->source}));
    }
    for (const auto &[key, row] : rows) {
        CM_TRY(connection.execute("INSERT INTO download_sender_hours (bucket, sender, received) VALUES ($1, $2, $3)"
                                  " ON CONFLICT (bucket, sender) DO UPDATE SET received = download_sender_hours.received + excluded.received",
                                  {key.first, key.second, row.received}));
        if (row.said) {
            CM_TRY(connection.execute("UPDATE download_sender_hours SET sent = coalesce(sent, 0) + $3, told = coalesce(told, 0) + $4"
                                      " WHERE bucket = $1 AND sender = $2",
                                      {key.first, key.second, row.said->sent, row.said->told}));
        }
    }
    return {};
}

}  // namespace cm::metrics
