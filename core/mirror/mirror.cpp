// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mirror/mirror.h"

#include "core/host/whole_file.h"
#include "core/mirror/disk.h"
#include "core/mirror/status.h"
#include "core/mirror/upstream.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <random>
#include <set>

namespace cm::mirror {
namespace {

constexpr std::int64_t batchSize = 1000;
constexpr std::int64_t expiredAtOnce = 10'000;
constexpr std::int64_t scrubbedAtOnce = 1000;

}  // namespace

Mirror::Mirror(Options options, sql::Database &database, const Clock &clock, Log &log)
    : m_options(std::move(options)),
      m_state(database),
      m_tree(m_options.root),
      m_clock(clock),
      m_log(log),
      m_throttle(m_options.bandwidth),
      m_schedule(m_options.every, std::chrono::steady_clock::now(), std::random_device()())
{
    m_gatherer = std::make_unique<Gatherer>(GatherOptions{m_options.upstream, m_options.baseUrl, m_options.jobs, m_options.fetch}, m_options.filters, m_state,
                                            m_tree, m_throttle, m_progress.traffic, m_clock);
}

Result<void> Mirror::open()
{
    CM_TRY(m_tree.open());
    CM_TRY(m_state.open(m_clock.now()));
    CM_TRY_ASSIGN(const State::Leftovers left, m_state.leftovers());
    if (left.projects.empty() && left.files.empty())
        return {};
    // A run that ended after a link was turned and before that was noted has files that are served already.
    std::set<std::string> served;
    for (const std::string &name : left.projects) {
        CM_TRY_ASSIGN(const KnownProject known, m_state.known(name));
        m_tree.sweepPages(name, m_tree.servedPage(name), known.page);
        for (std::string &path : servedFiles(m_tree, name))
            served.insert(std::move(path));
    }
    for (const KnownFile &file : left.files) {
        if (!served.contains(file.path))
            m_tree.dropFile(file.path);
    }
    m_log.info("mirror.swept", {{"projects", static_cast<std::int64_t>(left.projects.size())},
                                {"files", static_cast<std::int64_t>(left.files.size())}});
    return m_state.forgetLeftovers();
}

RunReport Mirror::run(const std::stop_token &stop)
{
    const auto begun = std::chrono::steady_clock::now();
    m_report = {};
    m_started = m_clock.now();
    m_full = m_held = false;
    m_failedBefore.reset();
    m_losing.clear();
    m_stale.clear();
    m_progress.projectsDone = m_progress.projectsLeft = 0;
    m_progress.traffic.requests = m_progress.traffic.bytes = 0;
    const auto opened = open();
    const auto held = paused();
    if (opened && held) {
        tellPause(*held);
        m_report.paused = true;
        return std::move(m_report);
    }
    if (opened) {
        openTelling();
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
        m_schedule.ended(m_held || m_report.stopped ? std::nullopt : m_failedBefore, std::chrono::steady_clock::now());
    }
    // Without its memory a run knows nothing to tell; that nothing is told makes the copy look as old as it is.
    if (opened)
        writeStatus();
    m_report.took = std::chrono::steady_clock::now() - begun;
    return std::move(m_report);
}

void Mirror::begin(const std::stop_token &stop)
{
    Fetcher fetcher(m_options.fetch, m_throttle, m_progress.traffic);
    Upstream upstream(m_options.upstream, fetcher);
    const FollowOptions options{m_options.upstream, m_options.acceptUpstream && !m_accepted, m_options.reconcileEvery};
    Follower follower(upstream, m_state, m_options.filters, options, m_started);
    if (const auto followed = follower.run(stop); !followed) {
        if (followed.error().code != ErrorCode::Cancelled) {
            note(followed.error().detail);
            failedFor(followed.error(), m_unheard++);
        }
        return;
    }
    m_unheard = 0;
    m_accepted = true;
    {
        const std::lock_guard lock(m_telling);
        m_lastChecked = m_started;
    }
    scrub(stop);
    workOff(stop);
    publishLosing();
    expire();
    // Also what a run before has published and not told of.
    if (indexIsDue(m_state.facts(), false, m_clock.now(), m_options.indexEvery) && !m_full) {
        if (const auto written = writeIndex(); !written)
            note(written.error().detail);
    }
}

void Mirror::workOff(const std::stop_token &stop)
{
    std::string after;
    while (!stop.stop_requested() && !m_full) {
        auto wishes = m_state.pendingAfter(after, batchSize);
        if (!wishes)
            return note(wishes.error().detail);
        if (wishes->empty())
            break;
        after = wishes->back().name;
        Jobs jobs;
        for (Pending &wish : *wishes)
            jobs.push_back(std::make_unique<Job>(std::move(wish)));
        workOffBatch(std::move(jobs), false, stop);
    }
    // By now a cache that was behind may have caught up.
    if (!m_stale.empty() && !stop.stop_requested() && !m_full)
        workOffBatch(std::exchange(m_stale, {}), true, stop);
}

void Mirror::workOffBatch(Jobs jobs, bool again, const std::stop_token &stop)
{
    m_progress.projectsLeft += static_cast<std::int64_t>(jobs.size());
    m_gatherer->gather(jobs, again, stop);
    const auto count = static_cast<std::int64_t>(jobs.size());
    Jobs ready;
    sort(std::move(jobs), again, ready);
    if (!ready.empty()) {
        if (const auto published = publish(ready); !published)
            setBack(ready, published.error());
    }
    m_progress.projectsDone += count;
    m_progress.projectsLeft -= count;
}

// What can be published at once, what has to wait for the end of the run, what failed.
void Mirror::sort(Jobs jobs, bool again, Jobs &ready)
{
    std::vector<State::Failure> failures;
    for (auto &job : jobs) {
        const bool gone = job->outcome == Job::Outcome::Gone;
        if (job->outcome == Job::Outcome::Failed) {
            m_full = m_full || isFull(job->error);
            if (job->stale && !again && m_stale.size() < static_cast<std::size_t>(batchSize)) {
                m_stale.push_back(std::move(job));
                continue;
            }
            if (job->error.code == ErrorCode::Cancelled)
                continue;
            ++m_report.failed;
            note(job->pending.name + ": " + job->error.detail);
            failedFor(job->error, job->pending.tries);
            failures.push_back({job->pending.name, job->error.detail});
        } else if (!gone && !job->plan.loses) {
            ready.push_back(std::move(job));
        } else if (gone && job->known.page.empty() && job->known.files.empty()) {
            ready.push_back(std::move(job));  // nothing is lost of what never was here
        } else {
            m_losing.push_back(std::move(job));
        }
    }
    if (const auto set = m_state.setBack(failures); !set)
        note(set.error().detail);
}

void Mirror::setBack(Jobs &jobs, const Error &error)
{
    m_full = m_full || isFull(error);
    std::vector<State::Failure> failures;
    for (const auto &job : jobs) {
        failures.push_back({job->pending.name, error.detail});
        failedFor(error, job->pending.tries);
    }
    m_report.failed += static_cast<std::int64_t>(failures.size());
    note(error.detail);
    if (const auto set = m_state.setBack(failures); !set)
        note(set.error().detail);
}

void Mirror::publishLosing()
{
    if (m_losing.empty())
        return;
    Jobs losing = std::exchange(m_losing, {});
    const auto count = static_cast<std::int64_t>(losing.size());
    if (brakeHolds(m_options.brake, count, m_state.facts().projects)) {
        return setBack(losing, Error{ErrorCode::GuardFailed,
                                     fmt::format("{} of {} projects would lose files or go in this one run: held back, and served as they"
                                                 " were. If the upstream means it, run `cheesemongerd mirror --once --allow-deletions` once",
                                                 count, m_state.facts().projects),
                                     {},
                                     {}});
    }
    // First out of the list, then the pages, then the files.
    std::vector<std::string> names;
    for (const auto &job : losing) {
        if (job->known.listed && (job->outcome == Job::Outcome::Gone || !pypi::offersFiles(job->page.status)))
            names.push_back(job->pending.name);
    }
    if (!names.empty()) {
        Facts facts = m_state.facts();
        facts.projects -= static_cast<std::int64_t>(names.size());
        facts.indexStale = true;
        auto unlisted = m_state.unlist(names, facts);
        if (unlisted)
            unlisted = writeIndex();
        if (!unlisted)
            return setBack(losing, unlisted.error());
        for (const auto &job : losing)
            job->known.listed = job->known.listed && std::ranges::find(names, job->pending.name) == names.end();
    }
    if (const auto published = publish(losing); !published)
        setBack(losing, published.error());
}

Result<void> Mirror::writeIndex()
{
    CM_TRY_ASSIGN(const auto pending, m_state.pending(1));
    Facts facts = m_state.facts();
    facts.indexSerial = pending.count > 0 ? std::min(pending.lowest - 1, facts.serial) : facts.serial;
    facts.indexSerial = std::max<std::int64_t>(facts.indexSerial, 0);
    facts.indexWritten = m_clock.now();
    facts.indexStale = false;
    CM_TRY(m_tree.writeIndex(facts.indexSerial, facts.projects, [this](const auto &line) { return m_state.forEachListed(line); }));
    return m_state.setFacts(facts);
}

void Mirror::expire()
{
    const auto expired = m_state.expired(m_clock.now(), expiredAtOnce);
    if (!expired)
        return note(expired.error().detail);
    if (expired->empty())
        return;
    std::vector<std::string> paths;
    for (const KnownFile &file : *expired) {
        if (file.state == FileState::Aside)
            m_tree.dropAside(file.sha256);
        else
            m_tree.dropFile(file.path);
        paths.push_back(file.path);
    }
    if (const auto forgotten = m_state.forget(paths); !forgotten)
        note(forgotten.error().detail);
}

// A share of the files that follows from the time since the last one; what is damaged is fetched again by this run.
void Mirror::scrub(const std::stop_token &stop)
{
    if (m_options.scrubPercent <= 0)
        return;
    Facts facts = m_state.facts();
    const double days = std::clamp(std::chrono::duration<double>(m_started - facts.scrubbed).count() / 86400.0, 0.0, 1.0);
    auto quota = static_cast<std::int64_t>(std::floor(static_cast<double>(facts.files) * m_options.scrubPercent / 100.0 * days));
    if (quota == 0)
        return;
    while (quota > 0 && !stop.stop_requested()) {
        const auto files = m_state.longestUnchecked(std::min(quota, scrubbedAtOnce));
        if (!files)
            return note(files.error().detail);
        if (files->empty())
            break;
        std::vector<std::string> sound;
        std::vector<KnownFile> damaged;
        for (const KnownFile &file : *files) {
            if (stop.stop_requested())
                break;
            if (sizeWhenWhole(m_tree.filePath(file.path), file.sha256, file.metadata) == file.size)
                sound.push_back(file.path);
            else
                damaged.push_back(file);
        }
        for (const KnownFile &file : damaged)
            m_log.warning("mirror.damaged", {{"file", std::string_view(file.path)}, {"project", std::string_view(file.project)}});
        m_report.checked += static_cast<std::int64_t>(sound.size() + damaged.size());
        m_report.damaged += static_cast<std::int64_t>(damaged.size());
        if (const auto noted = m_state.noteChecked(sound, damaged, m_started); !noted)
            return note(noted.error().detail);
        quota -= static_cast<std::int64_t>(files->size());
    }
    facts.scrubbed = m_started;
    if (const auto saved = m_state.setFacts(facts); !saved)
        note(saved.error().detail);
}

}  // namespace cm::mirror
