// SPDX-License-Identifier: GPL-3.0-or-later
// Fetches what pending projects need, on several threads with connections of their own: pages, files and their metadata, each
// held to its digest before anybody could see it. Each project comes back when it is whole or has failed, whatever the others do:
// the files of one take half of the threads at most, and the pages of what may have to go find a thread of their own when all
// others are busy. Owned by the mirror, used by the thread that runs it.
#pragma once

#include "core/mirror/fetcher.h"
#include "core/mirror/filters.h"
#include "core/mirror/plan.h"
#include "core/mirror/tree.h"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace cm::mirror {

struct Download {
    std::size_t file = 0;  // of the page
    std::optional<StagedFile> bytes;  // nothing: it is in place
    std::optional<StagedFile> metadata;
};

struct Job {
    enum class Outcome { Ready, Gone, Failed };

    explicit Job(Pending wish) : pending(std::move(wish)) {}
    // In files; rough, for a bound on what is held in memory.
    [[nodiscard]] std::size_t weight() const { return 1 + page.files.size() + known.files.size(); }

    Pending pending;
    Outcome outcome = Outcome::Failed;
    Error error;
    bool stale = false;    // the page was older than the change it has to show
    bool fresh = false;    // it was asked for past the caches of the upstream
    bool again = false;    // it was stale once in this run
    bool meant = false;    // by the upstream, as somebody says who was asked
    bool partial = false;  // without the files that are still to come, so that what is withdrawn does not wait for them
    KnownProject known;
    ProjectPage page;  // as it will be published
    ProjectPlan plan;
    std::vector<Download> downloads;
    std::string stagedPages;
    std::string placedPages;  // then, as Tree::placePages() answers
    std::string digest;  // of the pages

private:
    friend class Gatherer;
    std::stop_source m_stop;
    bool m_losable = false;  // counted as such
    std::mutex m_mutex;  // of what several threads write: error and all below
    bool m_failed = false;
    std::size_t m_next = 0;   // of the downloads, which nobody has begun
    std::size_t m_lanes = 0;  // threads that are at them
};
using Jobs = std::vector<std::unique_ptr<Job>>;

struct GatherOptions {
    std::string base;     // of the upstream
    std::string baseUrl;  // of the mirror, without a slash at the end; empty: not known
    std::size_t jobs = 8;
    FetchOptions fetch;
};

class Gatherer {
public:
    Gatherer(GatherOptions options, const Filters &filters, State &state, Tree &tree, Throttle &throttle, Traffic &traffic, const Clock &clock);
    ~Gatherer();
    Gatherer(const Gatherer &) = delete;
    Gatherer &operator=(const Gatherer &) = delete;

    // Each of these comes back once by take(). `fresh`: past the caches of the upstream.
    void begin(Jobs jobs, bool fresh);
    // What has its outcome. Waits for some until `until` or `stop`, no longer than something is under way and not when fewer
    // than `low` wait to be looked at.
    Jobs take(std::chrono::steady_clock::time_point until, std::size_t low, const std::stop_token &stop);
    // All that is under way fails soon, with Cancelled.
    void cancel();
    // The same for a project that is under way for less than that serial.
    void supersede(const std::string &name, std::int64_t required);

    // Pages alone, and what is here already; files fail with GuardFailed.
    void takeNothingNew(bool nothing) { m_nothingNew = nothing; }

    struct Load {
        std::size_t projects = 0;  // under way, or done and not taken
        std::size_t queued = 0;    // not looked at yet
        std::size_t losable = 0;   // of which nobody outside knows yet whether they lose something
        std::size_t weight = 0;    // of those that were looked at
    };
    [[nodiscard]] Load load();

    // `work` for each, with the help of the threads that have nothing to do; returns when all are done.
    void forEach(const Jobs &jobs, const std::function<void(Job &)> &work);

private:
    struct Worker;
    using Task = std::function<void(Worker &)>;

    void serve(Worker &worker, bool reserved);
    bool next(Task &task, bool reserved);
    void grow();
    void look(Job &job, Worker &worker);
    Result<bool> lookAt(Job &job, Worker &worker);
    Result<ProjectPage> pageOf(Job &job, Worker &worker);
    void spread(Job &job);
    void lane(Job &job, Worker &worker);
    bool nextOf(Job &job, std::size_t &index);
    void finish(Job &job);
    void done(Job &job, Result<void> outcome);
    Result<void> plan(Job &job, ProjectPage whole);
    Result<void> planFiles(Job &job, const ProjectPage &whole) const;
    // gather_partial.cpp
    [[nodiscard]] bool tellsOtherwise(const Job &job, const ProjectPage &whole) const;
    void leaveOut(Job &job, const ProjectPage &whole) const;
    [[nodiscard]] std::uint64_t mostUnsized() const;
    Result<void> fetchFile(Job &job, Download &download, Worker &worker);
    [[nodiscard]] bool isServed(const KnownFile &known) const;
    [[nodiscard]] const KnownFile *movedFrom(const Job &job, const PageFile &file) const;
    bool takeMoved(const Job &job, PageFile &file, Download &download);
    Result<void> fetchMetadata(Job &job, const PageFile &file, Download &download, Worker &worker);
    Result<void> render(Job &job);
    [[nodiscard]] pypi::Metadata infoOf(const Job &job) const;

    const GatherOptions m_options;
    const Filters &m_filters;
    State &m_state;
    Tree &m_tree;
    Throttle &m_throttle;
    Traffic &m_traffic;
    const Clock &m_clock;

    std::mutex m_mutex;
    std::condition_variable_any m_wake;  // of the threads
    std::condition_variable_any m_some;  // of take()
    std::deque<Task> m_soon;             // pages of what may have to go
    std::deque<Task> m_tasks;
    std::map<std::string, std::unique_ptr<Job>> m_underWay;
    Jobs m_done;
    Load m_load;
    std::atomic<bool> m_nothingNew{false};
    std::size_t m_low = 0;
    bool m_urgent = false;  // among what is done is a withdrawal
    std::size_t m_running = 0;
    bool m_ending = false;
    std::vector<std::thread> m_threads;
    std::thread m_reserve;  // for m_soon, when all others are busy
};

}  // namespace cm::mirror
