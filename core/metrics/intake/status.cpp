// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/intake/status.h"

#include <boost/json.hpp>
#include <fmt/format.h>
#include <iterator>

namespace cm::metrics::intake {
namespace {

namespace json = boost::json;

json::value timeOr(const std::optional<Time> &time)
{
    return time ? json::value(formatRfc3339(*time)) : json::value(nullptr);
}

struct Sums {
    std::uint64_t connections = 0, received = 0, refused = 0, repeated = 0, lost = 0;
    double perSecond = 0;
    std::optional<Time> lastLine;
};

Sums sumsOf(const IntakeFigures &intake)
{
    Sums sums;
    for (const FeedFigures &feed : intake.feeds) {
        sums.connections += feed.connections;
        sums.received += feed.received;
        sums.refused += feed.tooLong + feed.cutOff;
        sums.repeated += feed.duplicates;
        sums.lost += feed.lost;
        sums.perSecond += feed.perSecond;
        if (feed.lastLine && (!sums.lastLine || *feed.lastLine > *sums.lastLine))
            sums.lastLine = feed.lastLine;
    }
    return sums;
}

json::object feedJson(const FeedFigures &feed)
{
    return {{"transport", feed.transport},
            {"address", feed.address},
            {"connections", feed.connections},
            {"accepted", feed.accepted},
            {"turned_away", feed.turnedAway},
            {"received", feed.received},
            {"bytes", feed.bytes},
            {"refused", {{"too_long", feed.tooLong}, {"cut_off", feed.cutOff}}},
            {"repeated", feed.duplicates},
            {"unanswered", feed.unanswered},
            {"lost", feed.lost},
            {"protocol_errors", feed.protocolErrors},
            {"timeouts", feed.timeouts},
            {"lines_per_second", feed.perSecond},
            {"last_line", timeOr(feed.lastLine)}};
}

json::object peerJson(const PeerFigures &peer)
{
    return {{"transport", peer.transport},
            {"address", peer.address},
            {"since", formatRfc3339(peer.since)},
            {"received", peer.received},
            {"unacknowledged", peer.unacknowledged},
            {"last_line", timeOr(peer.lastLine)}};
}

json::object spoolJson(const Status &status)
{
    return {{"bytes", status.counter.waitingBytes},
            {"limit", status.spool.limit},
            {"oldest", timeOr(status.counter.oldestWaiting)},
            {"on_disk", status.spool.bytes},
            {"durable", status.spool.durable},
            {"synchronisations", status.spool.groups},
            {"full", !status.spool.takes},
            {"damaged_bytes", status.counter.damagedBytes},
            {"cut_bytes", status.spool.cut}};
}

json::object storedJson(const CounterFigures &counter)
{
    return {{"through", counter.storedThrough},
            {"last_arrival", timeOr(counter.storedArrival)},
            {"lines", counter.counted},
            {"downloads", counter.sums.downloads},
            {"simple", counter.sums.simple},
            {"ignored", counter.sums.ignored},
            {"unprocessed", counter.sums.unprocessed},
            {"refused", counter.sums.refused},
            {"batches", counter.batches},
            {"retries", counter.retries}};
}

std::string problemOf(const Status &status)
{
    if (!status.spool.trouble.empty())
        return status.spool.trouble;
    return status.counter.problem.empty() ? status.intake->problem : status.counter.problem;
}

void describe(std::string &out, std::string_view name, std::string_view type, std::string_view help)
{
    fmt::format_to(std::back_inserter(out), "# HELP {0} {2}\n# TYPE {0} {1}\n", name, type, help);
}

void plain(std::string &out, std::string_view name, std::string_view type, std::string_view help, double value)
{
    describe(out, name, type, help);
    fmt::format_to(std::back_inserter(out), "{} {}\n", name, value);
}

template <class Value>
void perFeed(std::string &out, const IntakeFigures &intake, std::string_view name, std::string_view type, std::string_view help, Value value)
{
    describe(out, name, type, help);
    for (const FeedFigures &feed : intake.feeds)
        fmt::format_to(std::back_inserter(out), "{}{{transport=\"{}\",address=\"{}\"}} {}\n", name, feed.transport, feed.address, value(feed));
}

double secondsSince(Time now, const std::optional<Time> &time)
{
    return std::chrono::duration<double>(now - *time).count();
}

}  // namespace

std::string statusJson(const Status &status)
{
    const Sums sums = sumsOf(*status.intake);
    json::object told{{"now", formatRfc3339(status.now)},
                      {"started", formatRfc3339(status.started)},
                      {"connections", sums.connections},
                      {"received", sums.received},
                      {"refused", sums.refused},
                      {"repeated", sums.repeated},
                      {"lost", sums.lost},
                      {"held_bytes", status.intake->held},
                      {"lines_per_second", sums.perSecond},
                      {"last_line", timeOr(sums.lastLine)},
                      {"newest_line_time", timeOr(status.counter.newestLineTime)},
                      {"spool", spoolJson(status)},
                      {"stored", storedJson(status.counter)},
                      {"problem", problemOf(status)}};
    json::array feeds, peers;
    for (const FeedFigures &feed : status.intake->feeds)
        feeds.emplace_back(feedJson(feed));
    for (const PeerFigures &peer : status.intake->peers)
        peers.emplace_back(peerJson(peer));
    told["senders"] = {{"sent", status.counter.senders.sent}, {"came", status.counter.senders.told}};
    told["feeds"] = std::move(feeds);
    told["peers"] = std::move(peers);
    return json::serialize(told);
}

std::string metricsText(const Status &status)
{
    std::string out;
    const IntakeFigures &intake = *status.intake;
    perFeed(out, intake, "cheesemonger_ingest_connections", "gauge", "Open connections", [](const auto &feed) { return feed.connections; });
    perFeed(out, intake, "cheesemonger_ingest_received_lines_total", "counter", "Lines that arrived", [](const auto &feed) { return feed.received; });
    perFeed(out, intake, "cheesemonger_ingest_received_bytes_total", "counter", "Bytes off the wire", [](const auto &feed) { return feed.bytes; });
    perFeed(out, intake, "cheesemonger_ingest_repeated_lines_total", "counter", "Lines sent again and dropped",
            [](const auto &feed) { return feed.duplicates; });
    perFeed(out, intake, "cheesemonger_ingest_unanswered_lines_total", "counter", "Lines on the disk of which their sender was not told: they come again",
            [](const auto &feed) { return feed.unanswered; });
    perFeed(out, intake, "cheesemonger_ingest_lost_total", "counter", "Datagrams that the kernel dropped", [](const auto &feed) { return feed.lost; });
    perFeed(out, intake, "cheesemonger_ingest_turned_away_total", "counter", "Connections for which there was no room",
            [](const auto &feed) { return feed.turnedAway; });
    perFeed(out, intake, "cheesemonger_ingest_protocol_errors_total", "counter", "Connections ended for what they said",
            [](const auto &feed) { return feed.protocolErrors; });
    perFeed(out, intake, "cheesemonger_ingest_timeouts_total", "counter", "Connections ended for their silence",
            [](const auto &feed) { return feed.timeouts; });
    describe(out, "cheesemonger_ingest_refused_lines_total", "counter", "Lines that were not read");
    for (const FeedFigures &feed : intake.feeds) {
        for (const auto &[reason, lines] : {std::pair("too_long", feed.tooLong), std::pair("cut_off", feed.cutOff)})
            fmt::format_to(std::back_inserter(out), "cheesemonger_ingest_refused_lines_total{{transport=\"{}\",address=\"{}\",reason=\"{}\"}} {}\n",
                           feed.transport, feed.address, reason, lines);
    }
    describe(out, "cheesemonger_ingest_stored_lines_total", "counter", "Lines that are in the counts, by what became of them");
    const Tally &tally = status.counter.sums;
    for (const auto &[outcome, lines] : {std::pair("download", tally.downloads), std::pair("simple", tally.simple), std::pair("ignored", tally.ignored),
                                         std::pair("unprocessed", tally.unprocessed), std::pair("refused", tally.refused)})
        fmt::format_to(std::back_inserter(out), "cheesemonger_ingest_stored_lines_total{{outcome=\"{}\"}} {}\n", outcome, lines);
    describe(out, "cheesemonger_ingest_sender_lines_total", "counter", "Lines that senders say to have sent, and what came of these");
    for (const auto &[what, lines] : {std::pair("sent", status.counter.senders.sent), std::pair("came", status.counter.senders.told)})
        fmt::format_to(std::back_inserter(out), "cheesemonger_ingest_sender_lines_total{{what=\"{}\"}} {}\n", what, lines);
    plain(out, "cheesemonger_ingest_store_retries_total", "counter", "Tries to store that failed", static_cast<double>(status.counter.retries));
    plain(out, "cheesemonger_ingest_held_bytes", "gauge", "Bytes of lines of which it is not known yet whether they came before",
          static_cast<double>(intake.held));
    plain(out, "cheesemonger_ingest_waiting_bytes", "gauge", "Bytes of the spool that are not counted", static_cast<double>(status.counter.waitingBytes));
    plain(out, "cheesemonger_ingest_spool_bytes", "gauge", "Bytes of the spool on disk", static_cast<double>(status.spool.bytes));
    plain(out, "cheesemonger_ingest_spool_limit_bytes", "gauge", "How many of them there may be", static_cast<double>(status.spool.limit));
    plain(out, "cheesemonger_ingest_spool_full", "gauge", "1 while nobody reads for want of room", status.spool.takes ? 0 : 1);
    plain(out, "cheesemonger_ingest_spool_damaged_bytes_total", "counter", "Bytes of the spool that could not be read",
          static_cast<double>(status.counter.damagedBytes));
    plain(out, "cheesemonger_ingest_spool_cut_bytes", "gauge", "Bytes that the start took off the end of the spool", static_cast<double>(status.spool.cut));
    plain(out, "cheesemonger_ingest_waiting_seconds", "gauge", "Age of the oldest line that is not counted",
          status.counter.oldestWaiting ? secondsSince(status.now, status.counter.oldestWaiting) : 0);
    // Not known is no line at all.
    if (status.counter.newestLineTime)
        plain(out, "cheesemonger_ingest_newest_line_age_seconds", "gauge", "Age of the newest minute that a line named",
              secondsSince(status.now, status.counter.newestLineTime));
    return out;
}

http::Dispatch StatusApplication::dispatch(const http::RequestHead &head)
{
    if (head.method() != http::Method::Get && head.method() != http::Method::Head)
        return http::Response::text(405, "Only GET\n");
    if (head.path() == "/status")
        return http::Response::json(200, statusJson(m_look()));
    if (head.path() == "/metrics") {
        http::Response response = http::Response::text(200, metricsText(m_look()));
        response.set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
        return response;
    }
    return http::Response::text(404, "There are /status and /metrics\n");
}

}  // namespace cm::metrics::intake
