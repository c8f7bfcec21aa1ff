// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/probes/edge_probe.h"

#include "core/base/clock_watch.h"

#include <algorithm>
#include <charconv>

namespace cm::monitor {
namespace {

constexpr auto shortly = std::chrono::seconds(60), longer = std::chrono::seconds(3660);
// Fewer requests than these are no share of anything.
constexpr std::int64_t fewestNow = 100, fewestBefore = 1000;

std::optional<double> ratio(const EdgeCounters &from, const EdgeCounters &to, std::int64_t fewest)
{
    const std::int64_t hits = to.hits - from.hits, all = hits + to.misses - from.misses;
    return all >= fewest ? std::optional(static_cast<double>(hits) / static_cast<double>(all)) : std::nullopt;
}

http::ClientOptions optionsFor(const EdgeTarget &target, const ProbeTime &time)
{
    http::ClientOptions options = quickOptions(target.host, target.port, time);
    options.serverName = target.serverName;
    return options;
}

// As installers ask, without a body.
http::ClientRequest headRequest(const std::string &target)
{
    http::ClientRequest request = pageRequest(target);
    request.method = "HEAD";
    return request;
}

PageHead headOf(const Result<http::ClientAnswer> &answer)
{
    return answer ? PageHead{answer->status, serialIn(*answer), std::string(answer->header("X-Served-By"))} : PageHead{};
}

}  // namespace

EdgeAnswer edgeAnswerOf(const Result<http::ClientAnswer> &answer)
{
    EdgeAnswer out;
    out.answer = httpFactsOf(answer);
    if (!answer)
        return out;
    out.servedBy = answer->header("X-Served-By");
    out.cache = answer->header("X-Cache");
    out.serial = serialIn(*answer);
    const std::string_view age = answer->header("Age");
    double seconds = 0;
    if (const auto [end, error] = std::from_chars(age.data(), age.data() + age.size(), seconds); error == std::errc() && end == age.data() + age.size() && !age.empty())
        out.age = seconds;
    return out;
}

Result<EdgeFacts> EdgeProbe::look(const ProbeTime &time)
{
    http::HttpClient client(optionsFor(m_target, time));
    CM_TRY(client.connect(time.stop));
    EdgeFacts facts;
    if (!m_target.canaryProject.empty()) {
        // What the cache has kept would hide for minutes that nobody behind it answers; the file is asked for as clients do.
        http::ClientRequest request = pageRequest("/simple/" + m_target.canaryProject + "/");
        request.headers.push_back({"X-Cheesemonger-Backend", "fresh"});
        const auto page = client.send(request, time.stop);
        if (!page && page.error().code == ErrorCode::Cancelled)
            return fail(page.error());
        facts.page = edgeAnswerOf(page);
    }
    if (!m_target.canaryFile.empty())
        facts.file = edgeAnswerOf(client.send({"HEAD", m_target.canaryFile, {}, {}}, time.stop));
    return facts;
}

Result<EdgeCompared> EdgeCompareProbe::look(const ProbeTime &time)
{
    http::HttpClient client(optionsFor(m_target, time));
    CM_TRY(client.connect(time.stop));
    EdgeCompared facts;
    const auto told = askOrigin(m_heads, {"GET", m_follower.question(), {}, {}}, time);
    const auto news = !told                 ? Result<JournalNews>(fail(told.error()))
                      : told->status != 200 ? Result<JournalNews>(fail(ErrorCode::Unavailable, "a web node answers " + std::to_string(told->status) + " for its journal"))
                                            : readJournal(told->body);
    if (news) {
        facts.originSerial = news->serial;
        m_follower.take(*news, steadyNow());
        comparePages(client, time);
    } else {
        facts.originProblem = news.error().detail;
    }
    // Last: a cache that has no list at hand may take longer for one than a look has.
    if (const auto list = client.send(headRequest("/simple/"), time.stop); list && list->status == 200)
        facts.list = edgeAnswerOf(list);
    if (news)
        facts.lag = m_follower.lag(facts.list ? facts.list->serial : std::nullopt, steadyNow());
    return facts;
}

void EdgeCompareProbe::comparePages(http::HttpClient &client, const ProbeTime &time)
{
    for (const EdgeFollower::Page &page : m_follower.due()) {
        const std::string target = "/simple/" + page.project + "/";
        const PageHead got = headOf(client.send(headRequest(target), time.stop));
        std::optional<PageHead> given;
        if (!EdgeFollower::isNew(page, got))
            given = headOf(askOrigin(m_heads, headRequest(target), time));
        m_follower.compare(page.project, got, given);
    }
}

EdgeRates EdgeRateMeter::take(const api::AgentEdge &edge)
{
    EdgeRates rates;
    rates.taken = edge.taken.value_or(Time{});
    rates.objects = edge.objects;
    rates.backends = edge.backends;
    rates.answers = edge.answers;
    rates.problem = edge.problem;
    if (!edge.taken || !edge.uptime || !edge.requests || !edge.hits || !edge.misses)
        return rates;
    EdgeCounters now{*edge.taken, *edge.uptime, *edge.requests, *edge.hits, *edge.misses};
    for (const api::AgentEdgeBackend &backend : edge.backends) {
        if (backend.requests)
            now.sent[backend.name] = *backend.requests;
    }
    // Started anew it counts anew.
    if (!m_points.empty() && (now.uptime < m_points.back().uptime || now.requests < m_points.back().requests))
        m_points.clear();
    if (m_points.empty() || now.taken > m_points.back().taken)
        m_points.push_back(now);
    while (m_points.size() > 2 && now.taken - m_points[1].taken > longer)
        m_points.pop_front();
    // The newest one that is a minute old, else the oldest.
    const auto minute = std::find_if(m_points.rbegin(), m_points.rend(), [&](const EdgeCounters &one) { return now.taken - one.taken >= shortly; });
    const EdgeCounters &before = minute == m_points.rend() ? m_points.front() : *minute;
    if (now.taken > before.taken) {
        const double seconds = std::chrono::duration<double>(now.taken - before.taken).count();
        rates.requests = static_cast<double>(now.requests - before.requests) / seconds;
        for (const auto &[name, sent] : now.sent) {
            // A backend that was loaded anew counts anew, while the edge goes on.
            const auto then = before.sent.find(name);
            if (then != before.sent.end() && then->second <= sent)
                rates.sent[name] = static_cast<double>(sent - then->second) / seconds;
        }
    }
    rates.hitRatio = ratio(before, now, fewestNow);
    if (minute != m_points.rend())
        rates.hitRatioBefore = ratio(m_points.front(), before, fewestBefore);
    return rates;
}

Result<EdgeRates> EdgeRateProbe::look(const ProbeTime &)
{
    CM_TRY_ASSIGN(const api::AgentEdge edge, m_agent->edge());
    return m_meter.take(edge);
}

}  // namespace cm::monitor
