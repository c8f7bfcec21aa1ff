// SPDX-License-Identifier: GPL-3.0-or-later
// The work of a run: what is pending goes to the gatherer, the withdrawals first, and what comes back is published as it comes.
// Nothing waits for a project that is slow; what was withdrawn waits for nothing.
#include "core/mirror/mirror.h"

#include <algorithm>
#include <fmt/format.h>
#include <set>

namespace cm::mirror {
namespace {

constexpr std::int64_t fedAtOnce = 64;
// Fewer than these waiting to be looked at are filled up.
constexpr std::size_t lowQueue = 32;
// What is held in memory at a time: projects, and files that their pages name.
constexpr std::size_t mostProjects = 1000;
constexpr std::size_t mostWeight = 20'000;
// What is ready is published together with what follows within this time.
constexpr auto readyFor = std::chrono::seconds(5);
constexpr auto awaitedFor = std::chrono::seconds(30);
constexpr std::size_t mostStale = 1000;
constexpr std::size_t mostAllowed = 200;

}  // namespace

void Mirror::beginWork()
{
    // No two runs have the same rounds, whatever the clock does in one of them.
    m_rounds.now = std::max(m_started.time_since_epoch().count(), m_rounds.now + 1);
    m_rounds.fresh = m_rounds.published = m_rounds.now;
    m_lost = m_named = 0;
    m_passed.clear();
    countLeft();
}

void Mirror::countLeft()
{
    if (const auto pending = m_state.pending(0))
        m_progress.projectsLeft = pending->count;
}

bool Mirror::wantsMore(const std::stop_token &stop) const
{
    return !stop.stop_requested() && !m_full && !m_abandoned && !m_left;
}

// For a short time all wait where they are; for a longer one the run ends, and the next one begins behind it.
void Mirror::noteLeft()
{
    const auto left = m_fetcher.leftUntil(m_options.upstream);
    const auto now = std::chrono::steady_clock::now();
    if (m_left || !left || *left < now + awaitedFor)
        return;
    m_left = true;
    const Time until = m_clock.now() + std::chrono::duration_cast<std::chrono::microseconds>(*left - now);
    const Error tooMuch{ErrorCode::RateLimited,
                        fmt::format("{} says that too much is asked of it (429): nothing more is until {}", m_options.upstream, formatRfc3339(until)), {}, {}};
    note(tooMuch.detail);
    failedFor(tooMuch, 0);
}

bool Mirror::hasRoom(const Gatherer::Load &load) const
{
    return m_more && load.weight + m_readyWeight < mostWeight && m_taken.size() < mostProjects;
}

void Mirror::workOff(const std::stop_token &stop)
{
    m_again = true;
    bool last = false;  // all was looked for once more
    while (wantsMore(stop)) {
        feed();
        const Gatherer::Load load = m_gatherer->load();
        if (last && load.projects == 0 && m_taken.empty())
            break;
        const auto until = std::min(m_askAgain, std::chrono::steady_clock::now() + readyFor);
        sort(m_gatherer->take(until, hasRoom(load) ? lowQueue : 0, stop));
        noteLeft();
        const bool idle = m_gatherer->load().projects == 0;
        publishDue(idle && !m_more);
        followAgain(stop);
        last = idle && !m_more && m_stale.empty();
        if (!idle || (m_more && hasRoom(m_gatherer->load())))
            continue;
        // By now a cache that was behind may have caught up.
        feedStale();
        m_again = m_again || !m_more;
    }
    drop();
}

// Takes what is pending to the gatherer, as far as there is room for it.
void Mirror::feed()
{
    if (std::exchange(m_again, false)) {
        m_place = {};
        m_more = true;
    }
    for (auto load = m_gatherer->load(); !m_abandoned && hasRoom(load) && load.queued < lowQueue; load = m_gatherer->load()) {
        auto wishes = m_state.pendingAfter(m_place, m_rounds, fedAtOnce);
        if (!wishes) {
            m_abandoned = true;
            return note(wishes.error().detail);
        }
        if (m_tight)
            std::erase_if(*wishes, [](const Pending &wish) { return wish.rank == Rank::New; });
        m_more = wishes->size() == static_cast<std::size_t>(fedAtOnce);
        if (!wishes->empty())
            m_place = {wishes->back().rank, wishes->back().name};
        Jobs jobs, ordered;
        for (Pending &wish : *wishes) {
            if (!take(wish))
                continue;
            auto job = std::make_unique<Job>(std::move(wish));
            const bool isOrdered = m_ordered.contains(job->pending.name);
            job->meant = isOrdered || m_accepting;
            (isOrdered ? ordered : jobs).push_back(std::move(job));
        }
        if (!jobs.empty())
            m_gatherer->begin(std::move(jobs), false);
        // Somebody doubts what is here: what a cache has of it is no answer.
        if (!ordered.empty())
            m_gatherer->begin(std::move(ordered), true);
    }
}

// False for what is taken already. What was withdrawn meanwhile does not wait for the files of an older page.
bool Mirror::take(const Pending &wish)
{
    if (const auto spilled = m_spilled.find(wish.name); spilled != m_spilled.end()) {
        if (spilled->second.required >= wish.required)
            return false;
        m_spilled.erase(spilled);
    }
    const auto [taken, fresh] = m_taken.try_emplace(wish.name, Taken{wish.required, false});
    if (fresh || taken->second.required >= wish.required)
        return fresh;
    taken->second.changed = true;
    if (wish.rank == Rank::Named)
        m_gatherer->supersede(wish.name, wish.required);
    return false;
}

void Mirror::feedStale()
{
    if (!m_stale.empty())
        m_gatherer->begin(std::exchange(m_stale, {}), true);
}

// What can be published at once, what loses something, what failed.
void Mirror::sort(Jobs jobs)
{
    Jobs failed;
    for (auto &job : jobs)
        sortOne(std::move(job), failed);
    setBack(failed);
}

void Mirror::sortOne(std::unique_ptr<Job> job, Jobs &failed)
{
    const bool gone = job->outcome == Job::Outcome::Gone;
    if (job->outcome == Job::Outcome::Failed) {
        if (job->stale && !std::exchange(job->again, true) && m_stale.size() < mostStale)
            m_stale.push_back(std::move(job));
        else if (job->error.code == ErrorCode::Cancelled)
            over(*job);
        else
            failed.push_back(std::move(job));
        return;
    }
    const bool loses = gone ? !job->known.page.empty() || !job->known.files.empty() : job->plan.loses;
    if (!loses) {
        m_heldBack.erase(job->pending.name);
        if (m_ready.empty())
            m_readySince = std::chrono::steady_clock::now();
        m_readyWeight += job->weight();
        m_ready.push_back(std::move(job));
        return;
    }
    // The registry says so of this very project: no list that was cut off does. Its page does for a quarantine, whatever else
    // is held. Its journal does for as many as the brake lets through; what it held once waits for a word.
    const bool withdrawn = !gone && !pypi::offersFiles(job->page.status);
    const bool named = !withdrawn && job->pending.rank == Rank::Named && job->pending.tries == 0 &&
                       !brakeHolds(m_options.brake, m_named + 1, m_state.facts().projects + m_named);
    if (named)
        ++m_named;
    if (withdrawn || named)
        m_losing.push_back(std::move(job));
    else
        doubt(std::move(job));
}

// `last`: nothing is under way.
void Mirror::publishDue(bool last)
{
    publishLosing(std::exchange(m_losing, {}));
    publishDoubtful(last);
    // Each time the list is written anew: many go together.
    if (last || m_allowed.size() >= mostAllowed)
        publishLosing(std::exchange(m_allowed, {}));
    const bool due = last || m_ready.size() >= mostProjects / 2 || m_readyWeight >= mostWeight / 2 ||
                     std::chrono::steady_clock::now() >= m_readySince + readyFor;
    if (m_ready.empty() || !due)
        return;
    m_readyWeight = 0;
    publish(std::exchange(m_ready, {}));
}

void Mirror::publishLosing(Jobs losing)
{
    if (losing.empty())
        return;
    // First out of the list, then the pages, then the files.
    std::set<std::string> names;
    for (const auto &job : losing) {
        if (job->known.listed && (job->outcome == Job::Outcome::Gone || !pypi::offersFiles(job->page.status)))
            names.insert(job->pending.name);
    }
    if (!names.empty()) {
        Facts facts = m_state.facts();
        facts.projects -= static_cast<std::int64_t>(names.size());
        facts.indexStale = true;
        const auto unlisted = withRoom([&] { return m_state.unlist({names.begin(), names.end()}, facts); });
        if (!unlisted)
            return setBack(losing, unlisted.error());
        // A list is long. On a full disk it goes on naming what is gone, until there is room for another.
        if (const auto written = writeIndex(); !written && isFull(written.error())) {
            ranFull(written.error());
            note(written.error().detail);
        } else if (!written) {
            return setBack(losing, written.error());
        }
        for (const auto &job : losing)
            job->known.listed = job->known.listed && !names.contains(job->pending.name);
    }
    publish(std::move(losing));
}

// The run ends before its work: what is whole is published, all else goes on with the next run.
void Mirror::drop()
{
    m_gatherer->cancel();
    while (m_gatherer->load().projects > 0)
        sort(m_gatherer->take(Moment::max(), 0, {}));
    // How much would have to go is not known.
    for (const auto &job : std::exchange(m_doubtful, {}))
        over(*job);
    m_spilled.clear();
    // Of a registry that must not be followed nothing more is believed.
    if (!m_abandoned)
        publishDue(true);
    for (Jobs *left : {&m_ready, &m_losing, &m_allowed, &m_stale}) {
        for (const auto &job : std::exchange(*left, {}))
            over(*job);
    }
    m_readyWeight = 0;
    m_taken.clear();
}

// Nothing is held of it any more, and what changed of it meanwhile may begin.
void Mirror::over(const Job &job)
{
    m_tree.dropStaged(job.stagedPages);
    const auto taken = m_taken.find(job.pending.name);
    if (taken == m_taken.end())
        return;
    m_again = m_again || taken->second.changed || job.partial;
    m_taken.erase(taken);
    ++m_progress.projectsDone;
}

// What holds for all of them is said once.
void Mirror::setBack(const Jobs &jobs, const Error &error)
{
    if (jobs.empty())
        return;
    note(error.detail);
    for (const auto &job : jobs)
        job->error = error;
    noteSetBack(jobs);
}

void Mirror::setBack(const Jobs &jobs)
{
    for (const auto &job : jobs)
        note(job->pending.name + ": " + job->error.detail);
    noteSetBack(jobs);
}

// Where there is room for what goes alone, one that needs more of it stops no other. Whether there is some now.
bool Mirror::ranFull(const Error &error)
{
    if (!isFull(error))
        return false;
    m_full = m_full || !m_tight;
    return m_reserve.release();
}

// Files that are on their way may have filled the disk.
Result<void> Mirror::withRoom(const std::function<Result<void>()> &write)
{
    auto written = write();
    return written || !ranFull(written.error()) ? written : write();
}

void Mirror::noteSetBack(const Jobs &jobs)
{
    std::vector<State::Failure> failures;
    for (const auto &job : jobs) {
        ranFull(job->error);
        failures.push_back({job->pending.name, job->error.detail});
        failedFor(job->error, job->pending.tries);
        over(*job);
    }
    m_report.failed += static_cast<std::int64_t>(failures.size());
    if (const auto set = m_state.setBack(failures, m_rounds.now); !set) {
        m_abandoned = true;
        note(set.error().detail);
    }
}

}  // namespace cm::mirror
