// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/verdicts/edges.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <iterator>

namespace cm::monitor {
namespace {

namespace code = api::finding;

// What came from the mirror may have been under way while the first web node came back.
constexpr auto benefit = std::chrono::seconds(5);
constexpr auto drillEvery = std::chrono::hours(24 * 31);
constexpr double hitDrop = 0.03;
// Seconds since the oldest change of which a cache was not told; it takes one, tries again included a few.
constexpr double purgesWarn = 30, purgesCritical = 300;
constexpr double errorsWarn = 0.005, errorsCritical = 0.05;
// A node may give a list of a million projects for some 20 s that took long to make, and a cache keeps it for 10 s more.
constexpr EdgeLimits late{30, 60, 300};
// Fewer than these are no share of anything.
constexpr std::int64_t fewestFailed = 5;

bool isMirror(const std::vector<MirrorInput> &mirrors, const std::string &name)
{
    return std::any_of(mirrors.begin(), mirrors.end(), [&](const MirrorInput &mirror) { return mirror.name == name; });
}

// For how long a node has told the caches nothing of a change, in seconds; 0: nothing waits.
double purgesWaitAt(const WebInput &web)
{
    const auto &purges = web.watched.answers() ? web.watched.facts->purges : std::nullopt;
    return purges && purges->waiting > 0 ? purges->oldest.value_or(0) : 0;
}

// The node whose purges wait for longest, where that is long; empty: none.
std::string purgesHeldUpAt(const std::vector<WebInput> &webs)
{
    const auto longest = std::max_element(webs.begin(), webs.end(), [](const WebInput &a, const WebInput &b) { return purgesWaitAt(a) < purgesWaitAt(b); });
    return longest == webs.end() || purgesWaitAt(*longest) < purgesWarn ? std::string() : longest->name;
}

class Edges {
public:
    Edges(const Behind &behind, Time stillFresh, Time now) : m_behind(behind), m_stillFresh(stillFresh), m_now(now) {}

    void judge(const EdgeInput &edge)
    {
        RawFindings unanswered = judgeAnswer(edge.name, edge.watched);
        m_out.insert(m_out.end(), unanswered.begin(), unanswered.end());
        m_edge = &edge;
        if (edge.watched.answers() && edge.watched.taken >= m_stillFresh)
            judgeReads(*edge.watched.facts);
        if (edge.compared.answers() && edge.compared.taken >= m_stillFresh)
            judgeLag(*edge.compared.facts, edge.compared.taken);
        if (edge.rates.answers()) {
            judgeViews(*edge.rates.facts);
            judgeFigures(*edge.rates.facts);
            RawFindings pops = judgePops(edge.name, edge.rates.facts->pops, edge.rates.facts->taken);
            m_out.insert(m_out.end(), std::make_move_iterator(pops.begin()), std::make_move_iterator(pops.end()));
        }
        if (!m_behind.mirrors.empty())
            judgeDrill();
    }

    RawFindings take() { return std::move(m_out); }

private:
    void add(Verdict verdict, std::string_view found, std::string statement, Time taken, std::string subject = {}, int raiseAfter = 2)
    {
        m_out.push_back({m_edge->name, std::string(found), verdict, std::move(statement), taken, raiseAfter, 2, {}, std::move(subject)});
    }

    // One of the two ways of what is installed.
    struct Way {
        const std::optional<EdgeAnswer> &answer;
        const char *name;
        std::string_view channel;
        const std::optional<Time> &ready;  // a web node
    };
    std::array<Way, 2> waysOf(const EdgeFacts &facts) const
    {
        return {Way{facts.page, "page", pagesOf, m_behind.pagesReady}, Way{facts.file, "file", filesOf, m_behind.filesReady}};
    }
    bool isPartly(const Way &way) const { return !way.ready && (m_behind.pagesReady || m_behind.filesReady); }

    // One that would serve this.
    const MirrorInput *readyMirror(const Way &way) const
    {
        const auto serves = [&](const MirrorInput &mirror) {
            if (!isReady(mirror, m_stillFresh))
                return false;
            const MirrorFacts &facts = *mirror.watched.facts;
            return way.channel == pagesOf ? !facts.page || facts.page->answer.works() : !facts.file || facts.file->works();
        };
        const auto found = std::find_if(m_behind.mirrors.begin(), m_behind.mirrors.end(), serves);
        return found == m_behind.mirrors.end() ? nullptr : &*found;
    }

    void judgeReads(const EdgeFacts &facts)
    {
        const Time taken = m_edge->watched.taken;
        const Way *broken = nullptr;
        const auto ways = waysOf(facts);
        for (const Way &way : ways) {
            if (!way.answer || (way.answer->answer.status > 0 && way.answer->answer.status < 400))
                continue;
            broken = broken ? broken : &way;
            // A 404 is an answer of somebody: no fallback would fire on it.
            const bool failed = way.answer->answer.status == 0 || way.answer->answer.status >= 500;
            const MirrorInput *mirror = failed && !way.ready ? readyMirror(way) : nullptr;
            if (!mirror)
                continue;
            add(Verdict::Critical, code::fallbackNotFiring,
                isPartly(way) ? fmt::format("{} answers with {} for {}s, which no web node serves, although {} is ready: nobody can install", m_edge->name,
                                            way.answer->answer.text(), way.name, mirror->name)
                              : fmt::format("{} answers clients with {} while no web node works, although {} is ready: nobody can install", m_edge->name,
                                            way.answer->answer.text(), mirror->name),
                taken);
            broken = nullptr;
            break;
        }
        if (broken)
            add(Verdict::Critical, code::channelBroken, fmt::format("{} does not serve the {} of the canary: {}", m_edge->name, broken->name, broken->answer->answer.text()),
                taken, broken->name);
        judgeSource(facts, taken);
    }

    // From whom the answers come. One that the cache has kept from a time when the mirror was needed is no fault.
    void judgeSource(const EdgeFacts &facts, Time taken)
    {
        for (const Way &way : waysOf(facts)) {
            if (!way.answer || !way.answer->answer.works() || !isMirror(m_behind.mirrors, way.answer->servedBy))
                continue;
            const std::string &from = way.answer->servedBy;
            const auto fetched = taken - std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::duration<double>(way.answer->age.value_or(0)));
            if (!way.ready) {
                add(Verdict::Warning, code::fallbackInUse,
                    isPartly(way) ? fmt::format("{} serves {}s from {}, for no web node serves them: installs go on from the copy", m_edge->name, way.name, from)
                                  : fmt::format("{} serves from {}, for no web node works: installs get the copy, uploads fail for now", m_edge->name, from),
                    taken, {}, 1);
                return;
            }
            if (fetched > *way.ready + benefit) {
                add(Verdict::Warning, code::fallbackUnneeded,
                    fmt::format("{} serves from {} although a web node is ready: who installs gets an older copy than there is", m_edge->name, from), taken);
                return;
            }
        }
    }

    // What clients get is old. While no web node serves it cannot be otherwise, and what the mirror gives is told of above.
    void judgeLag(const EdgeCompared &facts, Time taken)
    {
        if (!m_behind.pagesReady)
            return;
        const double ready = std::chrono::duration<double>(taken - *m_behind.pagesReady).count();
        const EdgeLag &lag = facts.lag;
        const double pages = isMirror(m_behind.mirrors, lag.servedBy) ? 0 : std::min(lag.pages.value_or(0), ready);
        const bool listed = facts.list && facts.list->serial && facts.originSerial && !isMirror(m_behind.mirrors, facts.list->servedBy);
        const double list = listed ? std::min(lag.list.value_or(0), ready) : 0;
        if (pages <= late.pages && list <= late.list)
            return;
        add(std::max(pages, list) > late.critical ? Verdict::Critical : Verdict::Warning, code::cdnStale,
            pages > late.pages ? fmt::format("{} gives clients the page of {} without what changed {} ago: what was withdrawn may still be installed", m_edge->name,
                                             lag.project, secondsText(pages))
                               : fmt::format("{} gives clients a list of projects that has been {} serials behind for {}", m_edge->name,
                                             *facts.originSerial - *facts.list->serial, secondsText(list)),
            taken);
        m_out.back().cause = purgesHeldUpAt(m_behind.webs);
    }

    // The edge's probes and ours look at the same nodes.
    void judgeViews(const EdgeRates &rates)
    {
        const auto compare = [&](const std::string &name, bool ready) {
            const auto backend = std::find_if(rates.backends.begin(), rates.backends.end(), [&](const api::AgentEdgeBackend &one) { return one.name == name; });
            if (backend == rates.backends.end() || !backend->healthy || *backend->healthy == ready)
                return;
            add(Verdict::Warning, code::edgeDiffers,
                ready ? fmt::format("{} holds {} to be sick and sends it nothing; the monitor finds it ready", m_edge->name, name)
                      : fmt::format("{} holds {} to be healthy and sends it requests; the monitor finds it not ready", m_edge->name, name),
                rates.taken, name);
        };
        // Older than the edge's own word, ours proves nothing.
        for (const WebInput &web : m_behind.webs) {
            if (web.watched.wasTried() && web.watched.tried >= m_stillFresh)
                compare(web.name, isHeadReady(web, pagesOf, m_stillFresh));
        }
        for (const MirrorInput &mirror : m_behind.mirrors) {
            if (mirror.watched.wasTried() && mirror.watched.tried >= m_stillFresh)
                compare(mirror.name, isReady(mirror, m_stillFresh));
        }
    }

    void judgeFigures(const EdgeRates &rates)
    {
        if (rates.hitRatio && rates.hitRatioBefore && *rates.hitRatioBefore - *rates.hitRatio > hitDrop)
            add(Verdict::Warning, code::hitRatioDrop,
                fmt::format("{} answers {:.1f} % from its cache, {:.1f} % in the hour before: the web nodes get {:.1f} times the requests", m_edge->name,
                            100 * *rates.hitRatio, 100 * *rates.hitRatioBefore, (1 - *rates.hitRatio) / std::max(1 - *rates.hitRatioBefore, 0.001)),
                rates.taken);
        if (!rates.answers || rates.answers->failed < fewestFailed)
            return;
        const double share = static_cast<double>(rates.answers->failed) / static_cast<double>(rates.answers->all);
        if (share > errorsWarn)
            add(share > errorsCritical ? Verdict::Critical : Verdict::Warning, code::edgeErrors,
                fmt::format("{} has answered {:.1f} % of {} requests with 5xx in the last {} s", m_edge->name, 100 * share, rates.answers->all, rates.answers->seconds),
                rates.answers->taken, {}, 1);
    }

    void judgeDrill()
    {
        const auto &drill = m_edge->drill;
        if (drill && !drill->passed)
            add(Verdict::Warning, code::drillFailed, fmt::format("The last fallback drill through {} failed: {}", m_edge->name, drill->statement), drill->ended, {}, 1);
        else if (!drill)
            add(Verdict::Warning, code::drillDue, fmt::format("The fallback of {} has never been rehearsed: nobody knows that it works", m_edge->name), m_now, {}, 1);
        else if (m_now - drill->ended > drillEvery)
            add(Verdict::Warning, code::drillDue,
                fmt::format("The fallback of {} was last rehearsed on {}: more than 31 days ago", m_edge->name, formatRfc3339(drill->ended).substr(0, 10)), m_now, {}, 1);
    }

    const Behind &m_behind;
    const Time m_stillFresh, m_now;
    const EdgeInput *m_edge = nullptr;
    RawFindings m_out;
};

// Each node tells the caches by itself of what has changed. It is the cache's trouble when that is silent, and one trouble
// when it is that of several nodes: of the one that waits longest.
void judgePurges(const std::vector<EdgeInput> &edges, const std::vector<WebInput> &webs, RawFindings &out)
{
    const bool silent = std::none_of(edges.begin(), edges.end(), [](const EdgeInput &edge) { return edge.watched.answers(); });
    const std::string longest = purgesHeldUpAt(webs);
    for (const WebInput &web : webs) {
        const double oldest = purgesWaitAt(web);
        if (oldest < purgesWarn)
            continue;
        const PurgeFacts &purges = *web.watched.facts->purges;
        const std::string cause = silent && !edges.empty() ? edges.front().name : web.name != longest ? longest : std::string();
        out.push_back({web.name, std::string(code::purgesWait), oldest < purgesCritical ? Verdict::Warning : Verdict::Critical,
                       fmt::format("{} has told the CDN nothing of {} for {}: what was withdrawn may still be served{}", web.name,
                                   countText(purges.waiting, "change"), secondsText(oldest), purges.problem.empty() ? "" : ": " + purges.problem),
                       web.watched.taken, 2, 2, cause, {}});
    }
}

}  // namespace

RawFindings judgeEdges(const std::vector<EdgeInput> &edges, const Behind &behind, Time stillFresh, Time now)
{
    Edges judge(behind, stillFresh, now);
    for (const EdgeInput &edge : edges)
        judge.judge(edge);
    RawFindings found = judge.take();
    judgePurges(edges, behind.webs, found);
    return found;
}

bool isHeadReady(const WebInput &web, std::string_view channel, Time stillFresh)
{
    if (!web.watched.answers() || web.watched.taken < stillFresh || !web.watched.facts->health.works())
        return false;
    const auto asked = web.watched.facts->channels.find(std::string(channel));
    return asked == web.watched.facts->channels.end() || asked->second.works();
}

EdgeLimits edgeLimits()
{
    return late;
}

std::string servingNow(const EdgeInput &edge, const std::vector<MirrorInput> &mirrors)
{
    if (!edge.watched.answers() || !edge.watched.facts->page)
        return {};
    const EdgeAnswer &page = *edge.watched.facts->page;
    if (!page.answer.works())
        return "nobody";
    if (page.servedBy.empty())
        return {};
    const std::string who = isMirror(mirrors, page.servedBy) ? page.servedBy + ", the mirror" : page.servedBy;
    return page.cache == "HIT" ? who + ", from the cache" : who;
}

}  // namespace cm::monitor
