// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/server/metrics.h"

#include <doctest/doctest.h>

#include <thread>

using namespace cm;
using namespace cm::server;

TEST_CASE("addresses fall into their classes")
{
    CHECK(classifyPath("/simple/") == RouteClass::Index);
    CHECK(classifyPath("/simple") == RouteClass::Index);
    CHECK(classifyPath("/simple/demo/") == RouteClass::Project);
    CHECK(classifyPath("/packages/ab/cd/x.whl") == RouteClass::File);
    CHECK(classifyPath("/pypi/demo/json") == RouteClass::Json);
    CHECK(classifyPath("/legacy/") == RouteClass::Upload);
    CHECK(classifyPath("/admin/v1/me") == RouteClass::Admin);
    CHECK(classifyPath("/") == RouteClass::Other);
}

TEST_CASE("what has begun is under way until its answer has left, on whichever thread")
{
    Metrics metrics;
    http::Exchange exchange;
    metrics.begin(RouteClass::Upload);
    metrics.begin(RouteClass::Upload);
    metrics.begin(RouteClass::File);
    CHECK(metrics.underWay(RouteClass::Upload) == 2);
    exchange.status = 200;
    std::thread([&] { metrics.count(RouteClass::Upload, exchange); }).join();
    CHECK(metrics.underWay(RouteClass::Upload) == 1);
    // The client has gone before there was a status.
    exchange.status = 0;
    exchange.complete = false;
    metrics.count(RouteClass::Upload, exchange);
    CHECK(metrics.underWay(RouteClass::Upload) == 0);
    CHECK(metrics.underWay(RouteClass::File) == 1);
    std::string text;
    metrics.append(text);
    CHECK(text.find("cheesemonger_requests_under_way{route=\"file\"} 1\n") != std::string::npos);
}

TEST_CASE("requests are counted by class of status and their times cumulate")
{
    Metrics metrics;
    http::Exchange exchange;
    exchange.status = 200;
    exchange.bytesSent = 1'000;
    exchange.elapsed = std::chrono::microseconds(300);
    metrics.count(RouteClass::Project, exchange);
    exchange.status = 404;
    exchange.elapsed = std::chrono::seconds(60);
    exchange.complete = false;
    metrics.count(RouteClass::Project, exchange);
    std::string text;
    metrics.append(text);
    const auto has = [&](std::string_view line) { return text.find(std::string(line) + "\n") != std::string::npos; };
    CHECK(has(R"(cheesemonger_requests_total{route="project",status="2xx"} 1)"));
    CHECK(has(R"(cheesemonger_requests_total{route="project",status="4xx"} 1)"));
    CHECK(has(R"(cheesemonger_requests_total{route="index",status="2xx"} 0)"));
    CHECK(has(R"(cheesemonger_request_seconds_bucket{route="project",le="0.0001"} 0)"));
    CHECK(has(R"(cheesemonger_request_seconds_bucket{route="project",le="0.0005"} 1)"));
    CHECK(has(R"(cheesemonger_request_seconds_bucket{route="project",le="30"} 1)"));
    CHECK(has(R"(cheesemonger_request_seconds_bucket{route="project",le="+Inf"} 2)"));
    CHECK(has(R"(cheesemonger_request_seconds_count{route="project"} 2)"));
    CHECK(has(R"(cheesemonger_sent_bytes_total{route="project"} 2000)"));
    CHECK(has(R"(cheesemonger_broken_answers_total{route="project"} 1)"));
}
