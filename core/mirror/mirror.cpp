// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mirror/mirror.h"

#include "core/mirror/disk.h"
#include "core/mirror/status.h"

#include <algorithm>
#include <random>
#include <set>

namespace cm::mirror {
namespace {

// What is published here and failed is tried again in every so many rounds of a run; what the journal says was withdrawn in each.
constexpr std::int64_t triedAgainAfter = 4;

}  // namespace

Mirror::Mirror(Options options, sql::Database &database, const Clock &clock, Log &log)
    : m_options(std::move(options)),
      m_state(database),
      m_tree(m_options.root),
      m_reserve(m_options.root),
      m_clock(clock),
      m_log(log),
      m_throttle(m_options.bandwidth),
      m_fetcher(m_options.fetch, m_throttle, m_progress.traffic, Fetcher::Left::Refused),
      m_upstream(m_options.upstream, m_fetcher),
      m_schedule(m_options.every, std::chrono::steady_clock::now(), std::random_device()())
{
    m_gatherer = std::make_unique<Gatherer>(GatherOptions{m_options.upstream, m_options.baseUrl, m_options.jobs, m_options.fetch}, m_options.filters, m_state,
                                            m_tree, m_throttle, m_progress.traffic, m_clock);
}

Result<void> Mirror::open()
{
    CM_TRY(m_tree.open());
    CM_TRY(m_state.open(m_clock.now()));
    // Also without its memory a mirror goes on behind the serial that its own mirrors were told.
    if (m_state.facts().indexIdentity.empty()) {
        const ToldIndex told = indexOf(m_tree.web() / "status.json");
        m_state.recallIndex(told.identity, told.serial);
    }
    CM_TRY_ASSIGN(const State::Leftovers left, m_state.leftovers());
    CM_TRY(mendPages({left.projects.begin(), left.projects.end()}));
    if (left.projects.empty() && left.files.empty())
        return {};
    // A run that ended after a link was turned and before that was noted has files that are served already.
    std::set<std::string> served;
    for (const std::string &name : left.projects) {
        CM_TRY_ASSIGN(const KnownProject known, m_state.known(name));
        m_tree.sweepPages(name, known.page);
        for (std::string &path : servedFiles(m_tree, name))
            served.insert(std::move(path));
    }
    std::vector<std::string> stay;
    for (const KnownFile &file : left.files) {
        if (served.contains(file.path))
            stay.push_back(file.path);
        else
            m_tree.dropFile(file.path);
    }
    m_log.info("mirror.swept", {{"projects", static_cast<std::int64_t>(left.projects.size())},
                                {"files", static_cast<std::int64_t>(left.files.size())}});
    // Known from now on: should the project be withdrawn before it is published again, its bytes have to go with it.
    return m_state.settleLeftovers(stay);
}

// What versions before this one have left without its pages is answered with 404: it pends until it has them. Once, for it takes a
// look at each folder; later ones are found by the scrub.
// `pending`: are that already.
Result<void> Mirror::mendPages(const std::set<std::string_view> &pending)
{
    if (m_state.facts().linksLooked)
        return {};
    const auto isThere = m_tree.pagesThere();
    std::vector<std::string> missing;
    CM_TRY(m_state.forEachPage([&](std::string_view name, std::string_view page) {
        if (!isThere(page) && !pending.contains(name))
            missing.emplace_back(name);
    }));
    for (const std::string &name : missing)
        m_log.warning("mirror.damaged", {{"page", std::string_view(name)}});
    if (!missing.empty())
        CM_TRY(m_state.notePagesChecked({}, missing, m_clock.now()));
    Facts facts = m_state.facts();
    facts.linksLooked = true;
    return m_state.setFacts(facts);
}

RunReport Mirror::run(const std::stop_token &stop)
{
    const auto begun = std::chrono::steady_clock::now();
    m_report = {};
    m_started = m_clock.now();
    m_full = m_held = m_abandoned = m_left = false;
    m_accepting = m_options.acceptUpstream && !m_accepted;
    m_failedBefore.reset();
    m_unasked.reset();
    m_progress.projectsDone = m_progress.projectsLeft = 0;
    m_progress.traffic.requests = m_progress.traffic.bytes = 0;
    m_fetcher.close();
    m_tight = !m_reserve.prepare();
    m_gatherer->takeNothingNew(m_tight);
    const auto opened = open();
    const auto held = paused();
    if (opened && held) {
        tellPause(*held);
        m_report.paused = true;
        return std::move(m_report);
    }
    if (opened) {
        openTelling();
        readHeld();
        begin(stop);
    } else {
        note(opened.error().detail);
    }
    m_report.requests = m_progress.traffic.requests;
    m_report.bytes = m_progress.traffic.bytes;
    m_report.stopped = stop.stop_requested();
    {
        const std::lock_guard lock(m_telling);
        m_stopped = m_report.stopped;
        m_schedule.ended(m_held || m_report.stopped ? std::nullopt : m_failedBefore, std::chrono::steady_clock::now(),
                         m_fetcher.leftUntil(m_options.upstream));
    }
    // Without its memory a run knows nothing to tell; that nothing is told makes the copy look as old as it is.
    if (opened)
        writeStatus();
    m_report.took = std::chrono::steady_clock::now() - begun;
    return std::move(m_report);
}

void Mirror::begin(const std::stop_token &stop)
{
    if (const auto taken = takeUp(stop); !taken) {
        if (taken.error().code != ErrorCode::Cancelled)
            note(taken.error().detail);
        return;
    }
    if (const auto followed = follow(stop); !followed) {
        if (followed.error().code != ErrorCode::Cancelled) {
            note(followed.error().detail);
            failedFor(followed.error(), m_unheard++);
            ranFull(followed.error());
        }
        return;
    }
    if (m_tight) {
        const Error tight{ErrorCode::GuardFailed, std::string(noRoom), {}, {}};
        note(tight.detail);
        failedFor(tight, 0);
    }
    takeAllowance();
    takeAgain();
    beginWork();
    tellFirst();
    workOff(stop);
    // At the end, so that nothing waits for it; what it finds is seen to by this run.
    const bool again = lookAgain(stop);
    const bool more = compare(stop) || again;
    if (wantsMore(stop) && ((!m_tight && scrub(stop)) || more))
        workOff(stop);
    endAllowance(wantsMore(stop));
    endAgain();
    noteHeld();
    expire();
    // Also what a run before has published and not told of.
    writeIndexWhenDue();
    if (m_unasked) {
        note(m_unasked->detail);
        failedFor(*m_unasked, m_unheard++);
    }
}

Result<void> Mirror::follow(const std::stop_token &stop)
{
    const Time now = m_clock.now();
    const std::string before = m_state.facts().leftOut;
    const FollowOptions options{m_options.upstream, m_options.acceptUpstream && !m_accepted, m_options.reconcileEvery};
    const auto pause = m_options.every.count() > 0 ? std::min(m_options.every, m_options.askEvery) : m_options.askEvery;
    const auto followed = Follower(m_upstream, m_state, m_options.filters, options, now).run(stop);
    m_askAgain = std::chrono::steady_clock::now() + pause;
    CM_TRY(followed);
    if (const std::string &leftOut = m_state.facts().leftOut; leftOut != before)
        m_log.warning("mirror.left_out", {{"detail", std::string_view(leftOut.empty() ? "nothing any more" : leftOut)}});
    m_unheard = 0;
    m_accepted = true;
    const std::lock_guard lock(m_telling);
    m_lastChecked = now;
    return {};
}

// The registry's list of all, when it is time for that, so that nothing that was missed stays missed.
bool Mirror::compare(const std::stop_token &stop)
{
    if (!wantsMore(stop) || m_tight)
        return false;
    const FollowOptions options{m_options.upstream, false, m_options.reconcileEvery};
    const auto compared = Follower(m_upstream, m_state, m_options.filters, options, m_started).compareWhenDue(stop);
    if (!compared && compared.error().code != ErrorCode::Cancelled) {
        note(compared.error().detail);
        failedFor(compared.error(), 0);
    }
    return compared && *compared;
}

// In a run that takes long: what changed since it began, and a word of how far it is.
void Mirror::followAgain(const std::stop_token &stop)
{
    if (std::chrono::steady_clock::now() < m_askAgain)
        return;
    if (const auto left = m_fetcher.leftUntil(m_options.upstream)) {
        m_askAgain = *left;
        return;
    }
    m_unasked.reset();
    if (const auto followed = follow(stop); !followed && followed.error().code != ErrorCode::Cancelled) {
        m_log.warning("mirror.unheard", {{"detail", std::string_view(followed.error().detail)}});
        m_unasked = followed.error();
        m_abandoned = m_abandoned || followed.error().code == ErrorCode::Conflict;
    }
    countLeft();
    ++m_rounds.now;
    m_rounds.published = std::max(m_rounds.fresh, m_rounds.now - triedAgainAfter + 1);
    m_again = true;
    m_lost = 0;
    feedStale();
    // Bytes whose time is over stay until nothing is under way: somebody may count on them.
    writeIndexWhenDue();
    tellMeanwhile();
}

void Mirror::writeIndexWhenDue()
{
    if (m_full || m_abandoned || !indexIsDue(m_state.facts(), false, m_clock.now(), m_options.indexEvery))
        return;
    if (const auto written = writeIndex(); !written)
        note(written.error().detail);
}

Result<void> Mirror::writeIndex()
{
    CM_TRY_ASSIGN(const auto pending, m_state.pending(1));
    Facts facts = m_state.facts();
    // Who mirrors the mirror stops where the serial of a registry falls, and takes a list without one for none. That something is to
    // be looked at anew here is no step back of it: each project tells its own.
    const std::int64_t told = facts.indexIdentity == facts.identity ? facts.indexSerial : 0;
    facts.indexSerial = std::max({pending.wholeThrough(facts.serial), told, std::int64_t(facts.projects > 0 ? 1 : 0)});
    facts.indexIdentity = facts.identity;
    facts.indexWritten = m_clock.now();
    facts.indexStale = false;
    CM_TRY(m_tree.writeIndex(facts.indexSerial, facts.projects, [this](const auto &line) { return m_state.forEachListed(line); }));
    return m_state.setFacts(facts);
}

}  // namespace cm::mirror
