// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/clickhouse/event_database.h"

#include <fmt/format.h>

namespace cm::metrics {
namespace {

// Ten digits are seconds since 1970; fewer could be taken for a year.
void appendTime(std::string &row, std::int64_t seconds)
{
    row += fmt::format("{:010}\t", seconds);
}

std::string rowsOf(const EventBatch &batch)
{
    std::string out;
    out.reserve(batch.events.size() * 200);
    for (const Event &event : batch.events) {
        appendTime(out, event.seconds);
        appendField(out, static_cast<std::int64_t>(event.request));
        appendField(out, static_cast<std::int64_t>(event.clientClass));
        for (const std::string *text : {&event.project, &event.version, &event.fileType, &event.filename, &event.country, &event.installer,
                                        &event.installerVersion, &event.python, &event.implementation, &event.system, &event.systemRelease,
                                        &event.distribution, &event.cpu, &event.tls})
            appendField(out, *text);
        appendField(out, batch.source, '\n');
    }
    return out;
}

std::string tallyRows(const EventBatch &batch)
{
    std::string out;
    for (const Tally &tally : batch.tallies) {
        appendTime(out, tally.minute * 60);
        for (const std::int64_t lines : {tally.received, tally.downloads, tally.simple, tally.ignored, tally.unprocessed, tally.refused})
            appendField(out, lines);
        appendField(out, batch.source, '\n');
    }
    return out;
}

std::string reasonRows(const EventBatch &batch)
{
    std::string out;
    for (const ReasonTally &reason : batch.reasons) {
        appendTime(out, reason.minute * 60);
        appendField(out, reason.reason);
        appendField(out, reason.lines);
        appendField(out, batch.source, '\n');
    }
    return out;
}

std::string senderRows(const EventBatch &batch)
{
    std::string out;
    for (const SenderTally &tally : batch.senders) {
        appendTime(out, tally.hour * 60);
        appendField(out, tally.sender);
        appendField(out, tally.lines);
        appendField(out, batch.source, '\n');
    }
    return out;
}

std::string reportRows(const EventBatch &batch)
{
    std::string out;
    for (const SenderReport &report : batch.reports) {
        appendTime(out, report.seconds);
        appendField(out, report.sender);
        appendField(out, report.sent);
        out += report.heard ? fmt::format("{}\t", *report.heard) : "\\N\t";
        appendField(out, batch.source, '\n');
    }
    return out;
}

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
    }
    return out;
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
    // Minutes in which nothing came follow each other at one place.
    if (batch.from == batch.until && !batch.tallies.empty())
        token += fmt::format(":{}", batch.tallies.front().minute);
    CM_TRY(note(batch, "begun"));
    if (!batch.events.empty())
        CM_TRY(m_clickHouse.insert("downloads",
                                   "time, request, class, project, version, file_type, filename, country, installer, installer_version, python,"
                                   " implementation, system, system_release, distribution, cpu, tls, source",
                                   rowsOf(batch), token));
    if (!batch.tallies.empty())
        CM_TRY(m_clickHouse.insert("download_lines", "minute, received, downloads, simple, ignored, unprocessed, refused, source", tallyRows(batch),
                                   token));
    if (!batch.reasons.empty())
        CM_TRY(m_clickHouse.insert("download_reasons", "minute, reason, lines, source", reasonRows(batch), token));
    if (!batch.senders.empty())
        CM_TRY(m_clickHouse.insert("download_senders", "hour, sender, lines, source", senderRows(batch), token));
    if (!batch.reports.empty())
        CM_TRY(m_clickHouse.insert("download_reports", "time, sender, sent, heard, source", reportRows(batch), token));
    return note(batch, "done");
}

}  // namespace cm::metrics
