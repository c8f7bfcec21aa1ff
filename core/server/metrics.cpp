// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/server/metrics.h"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <thread>

namespace cm::server {
namespace {

void describe(std::string &out, std::string_view name, std::string_view type, std::string_view help)
{
    fmt::format_to(std::back_inserter(out), "# HELP {0} {2}\n# TYPE {0} {1}\n", name, type, help);
}

}  // namespace

std::string_view routeClassName(RouteClass route) noexcept
{
    switch (route) {
    case RouteClass::Index:
        return "index";
    case RouteClass::Project:
        return "project";
    case RouteClass::Json:
        return "json";
    case RouteClass::File:
        return "file";
    case RouteClass::Upload:
        return "upload";
    case RouteClass::Admin:
        return "admin";
    case RouteClass::Other:
        return "other";
    }
    return "other";
}

RouteClass classifyPath(std::string_view path) noexcept
{
    if (path.starts_with("/simple/"))
        return path.size() > 8 ? RouteClass::Project : RouteClass::Index;
    if (path.starts_with("/packages/"))
        return RouteClass::File;
    if (path.starts_with("/pypi/"))
        return RouteClass::Json;
    if (path.starts_with("/legacy"))
        return RouteClass::Upload;
    if (path.starts_with("/admin/"))
        return RouteClass::Admin;
    return path == "/simple" ? RouteClass::Index : RouteClass::Other;
}

Metrics::Route &Metrics::own(RouteClass route)
{
    return m_slots[std::hash<std::thread::id>()(std::this_thread::get_id()) % slotCount].routes[static_cast<std::size_t>(route)];
}

void Metrics::begin(RouteClass route)
{
    own(route).begun.fetch_add(1, std::memory_order_relaxed);
}

std::int64_t Metrics::underWay(RouteClass route) const
{
    // What has ended is counted first: one that begins and ends in between is none.
    std::int64_t ended = 0;
    for (std::size_t status = 0; status < 6; ++status)
        ended += answered(route, status);
    const auto begun = static_cast<std::int64_t>(sum(static_cast<std::size_t>(route), [](const Route &r) -> const auto & { return r.begun; }));
    return std::max<std::int64_t>(begun - ended, 0);
}

void Metrics::count(RouteClass route, const http::Exchange &exchange)
{
    constexpr auto relaxed = std::memory_order_relaxed;
    Route &counters = own(route);
    counters.byClass[static_cast<std::size_t>(std::clamp(exchange.status / 100, 0, 5))].fetch_add(1, relaxed);
    const auto elapsed = std::chrono::duration_cast<std::chrono::microseconds>(exchange.elapsed).count();
    const auto micros = static_cast<std::uint64_t>(std::max<std::int64_t>(elapsed, 0));
    const auto bucket = std::lower_bound(bounds.begin(), bounds.end(), micros) - bounds.begin();
    counters.buckets[static_cast<std::size_t>(bucket)].fetch_add(1, relaxed);
    counters.microseconds.fetch_add(micros, relaxed);
    counters.bytesSent.fetch_add(exchange.bytesSent, relaxed);
    if (exchange.bytesReceived > 0)
        counters.bytesReceived.fetch_add(exchange.bytesReceived, relaxed);
    if (!exchange.complete)
        counters.broken.fetch_add(1, relaxed);
}

std::int64_t Metrics::answered(RouteClass route, std::size_t statusClass) const
{
    return static_cast<std::int64_t>(sum(
        static_cast<std::size_t>(route), [&](const Route &r) -> const auto & { return r.byClass[statusClass]; }));
}

void Metrics::append(std::string &out) const
{
    const auto eachRoute = [&](std::string_view metric, auto get) {
        for (std::size_t route = 0; route < routeClassCount; ++route)
            fmt::format_to(std::back_inserter(out), "{}{{route=\"{}\"}} {}\n", metric,
                           routeClassName(static_cast<RouteClass>(route)), sum(route, get));
    };
    describe(out, "cheesemonger_requests_total", "counter",
             "Answered requests by kind of address and class of status.");
    for (std::size_t route = 0; route < routeClassCount; ++route) {
        for (std::size_t status = 1; status < 6; ++status)
            fmt::format_to(std::back_inserter(out), "cheesemonger_requests_total{{route=\"{}\",status=\"{}xx\"}} {}\n",
                           routeClassName(static_cast<RouteClass>(route)), status,
                           sum(
                               route, [&](const Route &r) -> const auto & { return r.byClass[status]; }));
    }
    describe(out, "cheesemonger_requests_under_way", "gauge", "Requests that have begun and whose answer has not left.");
    for (std::size_t route = 0; route < routeClassCount; ++route) {
        fmt::format_to(std::back_inserter(out), "cheesemonger_requests_under_way{{route=\"{}\"}} {}\n", routeClassName(static_cast<RouteClass>(route)),
                       underWay(static_cast<RouteClass>(route)));
    }
    describe(out, "cheesemonger_request_seconds", "histogram",
             "From the first byte of a request to the last of its answer.");
    for (std::size_t route = 0; route < routeClassCount; ++route) {
        const std::string_view name = routeClassName(static_cast<RouteClass>(route));
        std::uint64_t cumulated = 0;
        for (std::size_t bucket = 0; bucket <= bounds.size(); ++bucket) {
            cumulated += sum(
                route, [&](const Route &r) -> const auto & { return r.buckets[bucket]; });
            const std::string bound =
                bucket < bounds.size() ? fmt::format("{}", static_cast<double>(bounds[bucket]) / 1e6) : "+Inf";
            fmt::format_to(std::back_inserter(out),
                           "cheesemonger_request_seconds_bucket{{route=\"{}\",le=\"{}\"}} {}\n", name, bound,
                           cumulated);
        }
        const std::uint64_t micros = sum(
            route, [](const Route &r) -> const auto & { return r.microseconds; });
        fmt::format_to(std::back_inserter(out),
                       "cheesemonger_request_seconds_sum{{route=\"{0}\"}} {1}\n"
                       "cheesemonger_request_seconds_count{{route=\"{0}\"}} {2}\n",
                       name, static_cast<double>(micros) / 1e6, cumulated);
    }
    describe(out, "cheesemonger_sent_bytes_total", "counter", "Bytes of answers, heads included.");
    eachRoute(
        "cheesemonger_sent_bytes_total", [](const Route &r) -> const auto & { return r.bytesSent; });
    describe(out, "cheesemonger_received_bytes_total", "counter", "Bytes of request bodies.");
    eachRoute(
        "cheesemonger_received_bytes_total", [](const Route &r) -> const auto & { return r.bytesReceived; });
    describe(out, "cheesemonger_broken_answers_total", "counter", "Answers that the client did not take to the end.");
    eachRoute(
        "cheesemonger_broken_answers_total", [](const Route &r) -> const auto & { return r.broken; });
}

void appendMetric(std::string &out, std::string_view name, std::string_view type, std::string_view help, double value)
{
    describe(out, name, type, help);
    fmt::format_to(std::back_inserter(out), "{} {}\n", name, value);
}

}  // namespace cm::server
