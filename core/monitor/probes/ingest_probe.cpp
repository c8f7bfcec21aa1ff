// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/probes/ingest_probe.h"

#include "core/base/clock_watch.h"
#include "core/monitor/probes/simple_page.h"

#include <boost/json.hpp>

namespace cm::monitor {
namespace {

namespace json = boost::json;

// Fewer lines than these are no share of anything.
constexpr std::int64_t fewestLines = 100;

const json::value *find(const json::object &object, std::string_view key)
{
    const json::value *value = object.if_contains(key);
    return value && !value->is_null() ? value : nullptr;
}

std::optional<double> figure(const json::object &object, std::string_view key)
{
    const json::value *value = find(object, key);
    boost::system::error_code error;
    const double number = value ? value->to_number<double>(error) : 0;
    return value && !error ? std::optional(number) : std::nullopt;
}

std::int64_t count(const json::object &object, std::string_view key)
{
    const json::value *value = find(object, key);
    return value && value->is_int64() ? value->get_int64() : 0;
}

std::optional<Time> timeIn(const json::object &object, std::string_view key)
{
    const json::value *value = find(object, key);
    if (!value || !value->is_string())
        return std::nullopt;
    const auto time = parseRfc3339(value->get_string());
    return time ? std::optional(*time) : std::nullopt;
}

std::optional<double> ageIn(const json::object &object, std::string_view key, Time now)
{
    const auto time = timeIn(object, key);
    return time ? std::optional(std::chrono::duration<double>(now - *time).count()) : std::nullopt;
}

}  // namespace

Result<IngestFacts> readIngestStatus(std::string_view text)
{
    boost::system::error_code error;
    const json::value root = json::parse({text.data(), text.size()}, error);
    if (error || !root.is_object())
        return fail(ErrorCode::Corrupt, "its status is none");
    const json::object &told = root.get_object();
    const auto now = timeIn(told, "now");
    const auto runsFor = now ? ageIn(told, "started", *now) : std::nullopt;
    if (!runsFor)
        return fail(ErrorCode::Corrupt, "its status does not say when it started");
    IngestFacts facts;
    facts.runsFor = *runsFor;
    facts.connections = count(told, "connections");
    facts.received = count(told, "received");
    facts.refused = count(told, "refused");
    facts.repeated = count(told, "repeated");
    facts.lost = count(told, "lost");
    if (const json::value *senders = find(told, "senders"); senders && senders->is_object()) {
        facts.sent = count(senders->get_object(), "sent");
        facts.came = count(senders->get_object(), "came");
    }
    facts.rate = figure(told, "lines_per_second");
    facts.silentSeconds = ageIn(told, "last_line", *now);
    facts.newestAge = ageIn(told, "newest_line_time", *now);
    if (const json::value *spool = find(told, "spool"); spool && spool->is_object()) {
        facts.waitingBytes = figure(spool->get_object(), "bytes").value_or(0);
        facts.spoolLimit = figure(spool->get_object(), "limit").value_or(0);
        facts.waitingSeconds = ageIn(spool->get_object(), "oldest", *now);
    }
    if (const json::value *problem = find(told, "problem"); problem && problem->is_string())
        facts.problem = problem->get_string();
    return facts;
}

Result<IngestFacts> IngestProbe::look(const ProbeTime &time)
{
    http::HttpClient client(quickOptions(m_target.host, m_target.port, time));
    CM_TRY(client.connect(time.stop));
    CM_TRY_ASSIGN(const http::ClientAnswer answer, client.send({"GET", "/status", {}, {}}, time.stop));
    if (answer.status != 200)
        return fail(ErrorCode::Internal, "it answers " + std::to_string(answer.status) + " for its status");
    CM_TRY_ASSIGN(IngestFacts facts, readIngestStatus(answer.body));
    const Time now = steadyNow();
    facts.arrivedShare = m_arrived.add(now, facts.received + facts.lost, facts.received);
    facts.sentShare = m_sent.add(now, facts.sent, facts.came);
    return facts;
}

std::optional<double> ShareOver::add(Time taken, std::int64_t all, std::int64_t part)
{
    // It began to count anew.
    if (!m_counters.empty() && (all < m_counters.back().all || part < m_counters.back().part))
        m_counters.clear();
    m_counters.push_back({taken, all, part});
    while (m_counters.size() > 2 && taken - m_counters[1].taken >= m_span)
        m_counters.pop_front();
    const std::int64_t risen = all - m_counters.front().all;
    return risen >= fewestLines ? std::optional(static_cast<double>(part - m_counters.front().part) / static_cast<double>(risen)) : std::nullopt;
}

}  // namespace cm::monitor
