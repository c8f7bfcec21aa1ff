// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/clickhouse/event_database.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <limits>

namespace cm::metrics {
namespace {

// Ten digits are seconds since 1970; fewer could be taken for a year.
void appendTime(std::string &row, std::int64_t seconds)
{
    row += fmt::format("{:010}\t", seconds);
}

// Whose bytes a row is of, and where the batch ends.
void appendBatch(std::string &row, const EventBatch &batch)
{
    appendField(row, batch.source);
    appendField(row, batch.until, '\n');
}

// Rows of a table, and between which times they lie.
struct Rows {
    std::string text;
    std::int64_t first = std::numeric_limits<std::int64_t>::max();
    std::int64_t last = 0;

    void begin(std::int64_t seconds)
    {
        appendTime(text, seconds);
        first = std::min(first, seconds);
        last = std::max(last, seconds);
    }
};

Rows rowsOf(const EventBatch &batch)
{
    Rows out;
    out.text.reserve(batch.events.size() * 200);
    for (const Event &event : batch.events) {
        out.begin(event.seconds);
        appendField(out.text, static_cast<std::int64_t>(event.request));
        appendField(out.text, static_cast<std::int64_t>(event.clientClass));
        for (const std::string Event::*text : eventTexts)
            appendField(out.text, event.*text);
        appendBatch(out.text, batch);
    }
    return out;
}

Rows tallyRows(const EventBatch &batch)
{
    Rows out;
    for (const Tally &tally : batch.tallies) {
        out.begin(tally.minute * 60);
        for (const std::int64_t lines : {tally.received, tally.downloads, tally.simple, tally.ignored, tally.unprocessed, tally.refused})
            appendField(out.text, lines);
        appendBatch(out.text, batch);
    }
    return out;
}

Rows reasonRows(const EventBatch &batch)
{
    Rows out;
    for (const ReasonTally &reason : batch.reasons) {
        out.begin(reason.minute * 60);
        appendField(out.text, reason.reason);
        appendField(out.text, reason.lines);
        appendBatch(out.text, batch);
    }
    return out;
}

Rows senderRows(const EventBatch &batch)
{
    Rows out;
    for (const SenderTally &tally : batch.senders) {
        out.begin(tally.hour * 60);
        appendField(out.text, tally.sender);
        appendField(out.text, tally.lines);
        appendTime(out.text, tally.first);
        appendTime(out.text, tally.last);
        appendBatch(out.text, batch);
    }
    return out;
}

Rows reportRows(const EventBatch &batch)
{
    Rows out;
    for (const SenderReport &report : batch.reports) {
        out.begin(report.seconds);
        appendField(out.text, report.sender);
        appendField(out.text, report.sent);
        out.text += report.heard ? fmt::format("{}\t", *report.heard) : "\\N\t";
        appendTime(out.text, report.arrived);
        appendBatch(out.text, batch);
    }
    return out;
}

struct Table {
    std::string_view name;
    std::string_view time;  // the first column
    std::string_view columns;  // the others, but for source and batch
    Rows (*rows)(const EventBatch &);
};

constexpr std::array tables{
    Table{"downloads", "time",
          "request, class, project, version, file_type, filename, country, installer, installer_version, python, implementation, system, system_release,"
          " distribution, cpu, tls",
          rowsOf},
    Table{"download_lines", "minute", "received, downloads, simple, ignored, unprocessed, refused", tallyRows},
    Table{"download_reasons", "minute", "reason, lines", reasonRows},
    Table{"download_senders", "hour", "sender, lines, first_at, last_at", senderRows},
    Table{"download_reports", "time", "sender, sent, heard, arrived", reportRows}};

Result<std::int64_t> numberIn(const boost::json::array &row, std::size_t column)
{
    if (column >= row.size() || !row[column].is_int64())
        return fail(ErrorCode::Internal, "ClickHouse answers with another kind of column");
    return row[column].get_int64();
}

}  // namespace

Result<Resume> EventDatabase::resume(const std::string &source)
{
    CM_TRY_ASSIGN(const auto rows, m_clickHouse.rows("SELECT toInt8(step), argMax(beginning, until), max(until) FROM download_batches"
                                                     " WHERE source = {source:String} GROUP BY step ORDER BY step",
                                                     {{"source", source}}));
    std::int64_t begun = 0, begunUntil = 0;
    Resume out;
    for (const boost::json::array &row : rows) {
        CM_TRY_ASSIGN(const std::int64_t step, numberIn(row, 0));
        CM_TRY_ASSIGN(const std::int64_t beginning, numberIn(row, 1));
        CM_TRY_ASSIGN(const std::int64_t until, numberIn(row, 2));
        if (step == 0) {
            begun = beginning;
            begunUntil = until;
        } else {
            out.offset = until;
        }
    }
    if (begunUntil > out.offset) {
        if (begun != out.offset)
            return fail(ErrorCode::Internal, fmt::format("{} has a batch from {} in ClickHouse, and is there until {}", source, begun, out.offset));
        out.until = begunUntil;
        const std::lock_guard lock(m_mutex);
        m_begun[source] = begunUntil;
    }
    return out;
}

Result<void> EventDatabase::readIn(Mode mode, Time now)
{
    CM_TRY_ASSIGN(const auto rows, m_clickHouse.rows("SELECT until FROM download_batches WHERE startsWith(source, {mode:String})"
                                                     " ORDER BY beginning DESC, until DESC LIMIT 1",
                                                     {{"mode", std::string(modeSource)}}));
    const auto wanted = static_cast<std::int64_t>(mode);
    if (!rows.empty()) {
        CM_TRY_ASSIGN(const std::int64_t before, numberIn(rows.front(), 0));
        if (before == wanted)
            return {};
    }
    // One a change, that all of them are known: of one source the table keeps the last alone.
    EventBatch change;
    change.from = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
    change.until = wanted;
    change.source = fmt::format("{} since {}", modeSource, change.from);
    return note(change, "done");
}

Result<void> EventDatabase::note(const EventBatch &batch, std::string_view step)
{
    std::string row;
    appendField(row, batch.source);
    appendField(row, step);
    appendField(row, batch.from);
    appendField(row, batch.until, '\n');
    return m_clickHouse.insert("download_batches", "source, step, beginning, until", row, {});
}

Result<void> EventDatabase::add(const EventBatch &batch)
{
    std::string token = fmt::format("{}:{}:{}", batch.source, batch.from, batch.until);
    // Minutes in which nothing came follow each other at one place, and add nothing.
    const bool isQuiet = batch.from == batch.until;
    if (isQuiet && !batch.tallies.empty())
        token += fmt::format(":{}", batch.tallies.front().minute);
    const std::lock_guard lock(m_mutex);
    const auto begun = m_begun.find(batch.source);
    const bool again = !isQuiet && begun != m_begun.end() && begun->second == batch.until;
    CM_TRY(note(batch, "begun"));
    m_begun[batch.source] = batch.until;
    for (const Table &table : tables) {
        Rows rows = table.rows(batch);
        if (rows.text.empty())
            continue;
        if (again) {
            CM_TRY_ASSIGN(const auto there, m_clickHouse.rows(fmt::format("SELECT 1 FROM {0} WHERE source = {{source:String}} AND batch = {{batch:Int64}}"
                                                                          " AND {1} >= toDateTime({{first:UInt32}}, 'UTC')"
                                                                          " AND {1} <= toDateTime({{last:UInt32}}, 'UTC') LIMIT 1",
                                                                          table.name, table.time),
                                                              {{"source", batch.source},
                                                               {"batch", std::to_string(batch.until)},
                                                               {"first", std::to_string(rows.first)},
                                                               {"last", std::to_string(rows.last)}}));
            if (!there.empty())
                continue;
        }
        CM_TRY(m_clickHouse.insert(table.name, fmt::format("{}, {}, source, batch", table.time, table.columns), std::move(rows.text), token));
    }
    CM_TRY(note(batch, "done"));
    m_begun.erase(batch.source);
    return {};
}

}  // namespace cm::metrics
