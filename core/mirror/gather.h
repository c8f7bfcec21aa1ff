// SPDX-License-Identifier: GPL-3.0-or-later
// Fetches what a batch of pending projects needs, on several threads with connections of their own: pages, files and their
// metadata, each held to its digest before anybody could see it. What a project lacks it alone lacks: the others of the
// batch are made whole. Owned by the mirror, used by the thread that runs it.
#pragma once

#include "core/mirror/fetcher.h"
#include "core/mirror/filters.h"
#include "core/mirror/plan.h"
#include "core/mirror/tree.h"

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace cm::mirror {

struct Download {
    std::size_t file = 0;  // of the page
    std::optional<StagedFile> bytes;  // nothing: it is in place
    std::optional<StagedFile> metadata;
    std::string metadataText;
};

struct Job {
    enum class Outcome { Ready, Gone, Failed };

    explicit Job(Pending wish) : pending(std::move(wish)) {}

    Pending pending;
    Outcome outcome = Outcome::Failed;
    Error error;
    bool stale = false;  // the page was older than the change it has to show
    KnownProject known;
    ProjectPage page;  // as it will be published
    ProjectPlan plan;
    std::vector<Download> downloads;
    std::string stagedPages;

private:
    friend class Gatherer;
    std::mutex m_mutex;  // of what several threads write: error, left
    std::size_t m_left = 0;
};

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

    // Returns when each job has its outcome; soon after `stop`, with those that were not reached failed. `fresh`: past the
    // caches of the upstream.
    void gather(const std::vector<std::unique_ptr<Job>> &jobs, bool fresh, const std::stop_token &stop);

    // `work` for each, on the same threads; returns when all are done.
    void forEach(const std::vector<std::unique_ptr<Job>> &jobs, const std::function<void(Job &)> &work);

private:
    struct Worker;
    using Task = std::function<void(Worker &)>;

    void forEach(const std::vector<std::unique_ptr<Job>> &jobs, const std::function<void(Job &, Worker &)> &work);
    void serve(Worker &worker);
    void push(Task task);
    void lookAt(Job &job, Worker &worker);
    void download(Job &job, std::size_t index, Worker &worker);
    void finish(Job &job);
    void done(Job &job, Result<void> outcome);
    Result<void> plan(Job &job, ProjectPage whole);
    Result<void> fetchFile(Job &job, Download &download, Worker &worker);
    Result<void> fetchMetadata(const PageFile &file, Download &download, Worker &worker);
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
    std::condition_variable m_wake;
    std::condition_variable m_idle;
    std::deque<Task> m_tasks;
    std::size_t m_running = 0;
    bool m_ending = false;
    bool m_fresh = false;
    std::stop_token m_stop;
    std::vector<std::thread> m_threads;
};

}  // namespace cm::mirror
