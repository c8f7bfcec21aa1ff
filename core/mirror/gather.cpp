// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mirror/gather.h"

#include "core/archive/archive.h"
#include "core/base/hash.h"
#include "core/host/disk.h"
#include "core/mirror/disk.h"
#include "core/mirror/upstream.h"
#include "core/pypi/filenames.h"

#include <algorithm>
#include <fmt/format.h>
#include <set>

namespace cm::mirror {
namespace {

constexpr std::uint64_t mostMetadata = 16U << 20;
constexpr std::uint64_t mostWithoutSize = std::uint64_t(4) << 30;
// So many are worth waking somebody for.
constexpr std::size_t manyDone = 200;

// Where a wheel keeps its METADATA, as nearly all do.
std::string metadataMember(const std::string &filename)
{
    const auto wheel = pypi::parseWheelName(filename);
    return wheel ? fmt::format("{}-{}.dist-info/METADATA", wheel->name, wheel->version) : std::string();
}

}  // namespace

struct Gatherer::Worker {
    Worker(const GatherOptions &options, Throttle &throttle, Traffic &traffic)
        : fetcher(options.fetch, throttle, traffic), upstream(options.base, fetcher)
    {}
    Fetcher fetcher;
    Upstream upstream;
};

Gatherer::Gatherer(GatherOptions options, const Filters &filters, State &state, Tree &tree, Throttle &throttle, Traffic &traffic,
                   const Clock &clock)
    : m_options(std::move(options)),
      m_filters(filters),
      m_state(state),
      m_tree(tree),
      m_throttle(throttle),
      m_traffic(traffic),
      m_clock(clock)
{}

Gatherer::~Gatherer()
{
    {
        const std::lock_guard lock(m_mutex);
        m_ending = true;
    }
    cancel();
    m_wake.notify_all();
    for (std::thread &thread : m_threads)
        thread.join();
    if (m_reserve.joinable())
        m_reserve.join();
}

void Gatherer::begin(Jobs jobs, bool fresh)
{
    std::vector<std::string> names;
    for (const auto &job : jobs)
        names.push_back(job->pending.name);
    auto known = m_state.known(names);
    const std::lock_guard lock(m_mutex);
    for (std::size_t i = 0; i < jobs.size(); ++i) {
        Job &job = *jobs[i];
        job.fresh = fresh;
        job.m_stop = std::stop_source();
        ++m_load.projects;
        if (!known) {
            job.outcome = Job::Outcome::Failed;
            job.error = known.error();
            m_done.push_back(std::move(jobs[i]));
            continue;
        }
        job.known = std::move((*known)[i]);
        m_underWay[names[i]] = std::move(jobs[i]);
        ++m_load.queued;
        job.m_losable = job.pending.rank != Rank::New;
        m_load.losable += job.m_losable ? 1 : 0;
        (job.m_losable ? m_soon : m_tasks).emplace_back([this, &job](Worker &worker) { look(job, worker); });
    }
    grow();
}

Jobs Gatherer::take(std::chrono::steady_clock::time_point until, std::size_t low, const std::stop_token &stop)
{
    std::unique_lock lock(m_mutex);
    m_low = low;
    m_some.wait_until(lock, stop, until, [this] { return m_underWay.empty() || m_urgent || m_done.size() >= manyDone || m_load.queued < m_low; });
    m_urgent = false;
    m_load.projects -= m_done.size();
    for (const auto &job : m_done)
        m_load.losable -= std::exchange(job->m_losable, false) ? 1 : 0;
    return std::exchange(m_done, {});
}

void Gatherer::cancel()
{
    const std::lock_guard lock(m_mutex);
    for (const auto &[name, job] : m_underWay)
        job->m_stop.request_stop();
}

void Gatherer::supersede(const std::string &name, std::int64_t required)
{
    const std::lock_guard lock(m_mutex);
    const auto found = m_underWay.find(name);
    if (found != m_underWay.end() && found->second->pending.required < required)
        found->second->m_stop.request_stop();
}

Gatherer::Load Gatherer::load()
{
    const std::lock_guard lock(m_mutex);
    return m_load;
}

void Gatherer::forEach(const Jobs &jobs, const std::function<void(Job &)> &work)
{
    struct Shared {
        std::atomic<std::size_t> next{0}, left{0};
    };
    const auto shared = std::make_shared<Shared>();
    shared->left = jobs.size();
    // Whoever comes late finds nothing to do, and touches nothing but what is shared.
    const auto help = [shared, &jobs, &work, count = jobs.size()] {
        for (std::size_t i = shared->next++; i < count; i = shared->next++) {
            work(*jobs[i]);
            if (--shared->left == 0)
                shared->left.notify_all();
        }
    };
    {
        const std::lock_guard lock(m_mutex);
        for (std::size_t i = 1; i < std::min(m_threads.size(), jobs.size()); ++i)
            m_tasks.push_front([help](Worker &) { help(); });
    }
    m_wake.notify_all();
    help();
    for (std::size_t left = shared->left; left != 0; left = shared->left)
        shared->left.wait(left);
}

// As many threads as there is work for. With the lock held.
void Gatherer::grow()
{
    const std::size_t work = m_soon.size() + m_tasks.size() + m_running;
    while (!m_ending && m_threads.size() < std::min(m_options.jobs, work)) {
        m_threads.emplace_back([this] {
            Worker worker(m_options, m_throttle, m_traffic);
            serve(worker, false);
        });
    }
    if (!m_ending && !m_soon.empty() && m_threads.size() >= m_options.jobs && !m_reserve.joinable()) {
        m_reserve = std::thread([this] {
            Worker worker(m_options, m_throttle, m_traffic);
            serve(worker, true);
        });
    }
    m_wake.notify_all();
}

bool Gatherer::next(Task &task, bool reserved)
{
    std::deque<Task> &queue = m_soon.empty() ? m_tasks : m_soon;
    if (queue.empty() || (reserved && (m_soon.empty() || m_running < m_threads.size())))
        return false;
    task = std::move(queue.front());
    queue.pop_front();
    return true;
}

void Gatherer::serve(Worker &worker, bool reserved)
{
    std::unique_lock lock(m_mutex);
    for (;;) {
        Task task;
        m_wake.wait(lock, [&] { return m_ending || next(task, reserved); });
        if (!task)
            return;
        m_running += reserved ? 0 : 1;
        // The last one that was free leaves the rest to the one that is kept for it.
        const bool busy = !m_soon.empty() && m_running >= m_threads.size();
        lock.unlock();
        if (busy)
            m_wake.notify_all();
        task(worker);
        task = nullptr;
        lock.lock();
        m_running -= reserved ? 0 : 1;
    }
}

void Gatherer::look(Job &job, Worker &worker)
{
    auto ended = lookAt(job, worker);
    {
        const std::lock_guard lock(m_mutex);
        --m_load.queued;
        // What loses something waits for no file; the others are known when they are taken.
        if (!job.downloads.empty())
            m_load.losable -= std::exchange(job.m_losable, false) ? 1 : 0;
        m_load.weight += job.weight();
        if (m_load.queued < m_low)
            m_some.notify_all();
    }
    if (!ended)
        done(job, fail(ended.error()));
    else if (*ended)
        done(job, {});
    else if (job.downloads.empty())
        finish(job);
    else
        spread(job);
}

// Whether that was all there is to do for it.
Result<bool> Gatherer::lookAt(Job &job, Worker &worker)
{
    job.stale = job.partial = false;
    if (job.m_stop.stop_requested())
        return fail(ErrorCode::Cancelled, "stopped before it was reached");
    bool gone = !m_filters.wantsProject(job.pending.name);
    if (!gone) {
        auto whole = pageOf(job, worker);
        // What a cache does not know yet is asked for past it at once when somebody must not have it any more.
        if (job.stale && job.pending.rank == Rank::Named && !std::exchange(job.fresh, true))
            whole = pageOf(job, worker);
        gone = !whole && whole.error().code == ErrorCode::NotFound && !job.stale;
        if (!whole && !gone)
            return fail(whole.error());
        if (whole)
            CM_TRY(plan(job, std::move(*whole)));
    }
    if (gone)
        job.outcome = Job::Outcome::Gone;
    return gone;
}

// As new as it has to be, else stale. NotFound, and not stale, when the upstream says that it is gone.
Result<ProjectPage> Gatherer::pageOf(Job &job, Worker &worker)
{
    job.stale = false;
    auto whole = worker.upstream.project(job.pending.name, job.fresh, job.m_stop.get_token());
    if (!whole && whole.error().code == ErrorCode::NotFound) {
        // Without a word of the upstream that it is gone this may be a cache that does not know it yet.
        job.stale = !job.pending.removed;
        return fail(ErrorCode::NotFound, "the upstream says that it changed and has no page of it");
    }
    // What is mended must not become older by that.
    const std::int64_t required = job.pending.required > 0 ? job.pending.required : job.known.serial;
    if (whole && whole->serial < required) {
        job.stale = true;
        return fail(ErrorCode::Unavailable,
                    fmt::format("the upstream's page is of serial {} and has to be of {}: a cache in front of it is behind",
                                whole->serial, required));
    }
    return whole;
}

Result<void> Gatherer::plan(Job &job, ProjectPage whole)
{
    giveAddresses(whole, job.known, job.meant);
    job.page = whole;
    m_filters.apply(job.page);
    if (!pypi::offersFiles(whole.status))
        job.page.files = whole.files = {};
    CM_TRY(planFiles(job, whole));
    if (!job.plan.fetch.empty() && (job.plan.loses || tellsOtherwise(job, whole))) {
        leaveOut(job, whole);
        CM_TRY(planFiles(job, whole));
    }
    const auto known = byPath(job.known);
    for (PageFile &file : job.page.files) {
        if (const auto here = known.find(file.path); here != known.end())
            file.file.size = here->second->size;
    }
    for (const std::size_t index : job.plan.fetch)
        job.downloads.push_back({index, {}, {}});
    return {};
}

// What was set aside and is not there any more, or not as it was, is fetched like everything else. What is known counts for less
// than where a file lies: a run may have been killed between moving it and noting that.
Result<void> Gatherer::planFiles(Job &job, const ProjectPage &whole) const
{
    CM_TRY_ASSIGN(job.plan, planProject(whole, job.page, job.known));
    std::set<std::size_t> planned(job.plan.fetch.begin(), job.plan.fetch.end());
    planned.insert(job.plan.bringBack.begin(), job.plan.bringBack.end());
    for (std::size_t i = 0; i < job.page.files.size(); ++i) {
        const PageFile &file = job.page.files[i];
        if (!planned.contains(i) && !m_tree.isHere(file.path, !file.file.metadataSha256.empty()))
            job.plan.bringBack.push_back(i);
    }
    std::erase_if(job.plan.bringBack, [&](std::size_t index) {
        const PageFile &file = job.page.files[index];
        if (m_tree.isWholeAside(file.path, file.file.sha256, file.file.metadataSha256))
            return false;
        job.plan.fetch.push_back(index);
        return true;
    });
    return {};
}

// Half of the threads at most: others are not to wait for a project with many files, or with slow ones.
void Gatherer::spread(Job &job)
{
    const std::lock_guard lock(m_mutex);
    job.m_next = 0;
    job.m_failed = false;
    job.m_lanes = std::min(job.downloads.size(), std::max<std::size_t>(m_options.jobs / 2, 1));
    // Files go before pages: a project that was begun is finished soon.
    for (std::size_t i = 0; i < job.m_lanes; ++i)
        m_tasks.push_front([this, &job](Worker &worker) { lane(job, worker); });
    grow();
}

bool Gatherer::nextOf(Job &job, std::size_t &index)
{
    const std::lock_guard lock(job.m_mutex);
    if (job.m_failed || job.m_next == job.downloads.size())
        return false;
    index = job.m_next++;
    return true;
}

void Gatherer::lane(Job &job, Worker &worker)
{
    for (std::size_t index = 0; nextOf(job, index);) {
        auto fetched = job.m_stop.stop_requested() ? Result<void>(fail(ErrorCode::Cancelled, "stopped"))
                                                   : fetchFile(job, job.downloads[index], worker);
        if (fetched)
            continue;
        const std::lock_guard lock(job.m_mutex);
        if (!std::exchange(job.m_failed, true))
            job.error = fetched.error();
        job.m_stop.request_stop();  // without one of its files the others are of no use now
    }
    bool last = false;
    {
        const std::lock_guard lock(job.m_mutex);
        last = --job.m_lanes == 0;
    }
    if (last && job.m_failed)
        done(job, fail(job.error));
    else if (last)
        finish(job);
}

// What comes without an end, in all threads at once, leaves half of the disk to what is whole.
std::uint64_t Gatherer::mostUnsized() const
{
    const auto disk = host::diskAt(m_tree.root().string());
    const std::size_t parts = 2 * std::max<std::size_t>(m_options.jobs, 1);
    return disk ? std::min(mostWithoutSize, static_cast<std::uint64_t>(disk->available) / parts) : mostWithoutSize;
}

Result<void> Gatherer::fetchFile(Job &job, Download &download, Worker &worker)
{
    PageFile &file = job.page.files[download.file];
    // Placed by a run that ended before it could note that.
    if (const auto placed = sizeWhenWhole(m_tree.filePath(file.path), file.file.sha256, file.file.metadataSha256)) {
        file.file.size = *placed;
        return {};
    }
    if (takeMoved(job, file, download))
        return {};
    if (m_nothingNew)
        return fail(ErrorCode::GuardFailed, fmt::format("{} waits for room on the disk", file.file.filename));
    CM_TRY_ASSIGN(StagedFile staged, m_tree.stage());
    Hasher hasher(HashKind::Sha256);
    std::uint64_t size = 0;
    const std::uint64_t most = file.size ? *file.size : mostUnsized();
    const auto take = [&](std::string_view piece) -> Result<void> {
        size += piece.size();
        if (!file.size && size > most)
            return fail(ErrorCode::TooLarge, fmt::format("the page tells no size of {}, and it is longer than the {} bytes that such a file may have on this disk now",
                                                         file.file.filename, most));
        if (size > most)
            return fail(ErrorCode::Corrupt, fmt::format("{} is longer than the {} bytes that its page tells", file.file.filename, *file.size));
        hasher.update(piece);
        return staged.write(piece);
    };
    CM_TRY_ASSIGN(const auto answer, worker.fetcher.download(file.source, {{"Accept-Encoding", "identity"}}, take, job.m_stop.get_token()));
    if (answer.status != 200)
        return fail(answer.status >= 500 ? ErrorCode::Unavailable : ErrorCode::BadAnswer,
                    fmt::format("{} answered {}", file.source, answer.status));
    const std::string sha256 = hasher.finishHex();
    if (file.size && size != *file.size)
        return fail(ErrorCode::Corrupt, fmt::format("{} came with {} bytes of {}", file.file.filename, size, *file.size));
    if (sha256 != file.file.sha256)
        return fail(ErrorCode::Corrupt, fmt::format("{} has the sha256 {} and not {}, as its page says", file.file.filename, sha256,
                                                    file.file.sha256));
    file.file.size = size;
    CM_TRY(staged.close(file.file.uploadTime));
    download.bytes.emplace(std::move(staged));
    return file.file.metadataSha256.empty() ? Result<void>() : fetchMetadata(job, file, download, worker);
}

// From the wheel that was just verified; asked for only where that is not what the page promises.
Result<void> Gatherer::fetchMetadata(Job &job, const PageFile &file, Download &download, Worker &worker)
{
    std::string text;
    bool found = false;
    if (const std::string member = metadataMember(file.file.filename); !member.empty()) {
        auto inside = archive::readMember(download.bytes->path(), member, mostMetadata);
        found = inside && hashHex(HashKind::Sha256, *inside) == file.file.metadataSha256;
        if (found)
            text = std::move(*inside);
    }
    if (!found) {
        CM_TRY_ASSIGN(auto answer, worker.fetcher.get(file.source + ".metadata", {{"Accept-Encoding", "identity"}}, job.m_stop.get_token()));
        if (answer.status != 200)
            return fail(answer.status >= 500 ? ErrorCode::Unavailable : ErrorCode::BadAnswer,
                        fmt::format("{}.metadata answered {}", file.source, answer.status));
        if (hashHex(HashKind::Sha256, answer.body) != file.file.metadataSha256)
            return fail(ErrorCode::Corrupt, fmt::format("{}.metadata has not the sha256 that its page says", file.file.filename));
        text = std::move(answer.body);
    }
    CM_TRY_ASSIGN(StagedFile staged, m_tree.stage());
    CM_TRY(staged.write(text));
    CM_TRY(staged.close(file.file.uploadTime));
    download.metadata.emplace(std::move(staged));
    return {};
}

void Gatherer::finish(Job &job)
{
    job.outcome = Job::Outcome::Ready;
    done(job, render(job));
}

// The last that is done to it here.
void Gatherer::done(Job &job, Result<void> outcome)
{
    const std::size_t weight = job.weight();
    if (!outcome) {
        job.outcome = Job::Outcome::Failed;
        job.error = outcome.error();
        // What was fetched for nothing does not wait for the others.
        job.downloads.clear();
        job.page.files = {};
        job.known.files = {};
    }
    const std::lock_guard lock(m_mutex);
    m_load.weight -= weight;
    m_urgent = m_urgent || job.pending.rank == Rank::Named;
    auto found = m_underWay.find(job.pending.name);
    m_done.push_back(std::move(found->second));
    m_underWay.erase(found);
    if (m_underWay.empty() || m_urgent || m_done.size() >= manyDone)
        m_some.notify_all();
}

}  // namespace cm::mirror
