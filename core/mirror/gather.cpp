// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mirror/gather.h"

#include "core/archive/archive.h"
#include "core/base/hash.h"
#include "core/mirror/disk.h"
#include "core/mirror/upstream.h"
#include "core/pypi/filenames.h"

#include <algorithm>
#include <fmt/format.h>
#include <fstream>
#include <iterator>

namespace cm::mirror {
namespace {

constexpr std::uint64_t mostMetadata = 16U << 20;

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
    m_wake.notify_all();
    for (std::thread &thread : m_threads)
        thread.join();
}

void Gatherer::gather(const std::vector<std::unique_ptr<Job>> &jobs, bool fresh, const std::stop_token &stop)
{
    std::vector<std::string> names;
    for (const auto &job : jobs)
        names.push_back(job->pending.name);
    auto known = m_state.known(names);
    for (std::size_t i = 0; i < jobs.size(); ++i) {
        if (!known)
            done(*jobs[i], fail(known.error()));
        else
            jobs[i]->known = std::move((*known)[i]);
    }
    if (!known)
        return;
    m_stop = stop;
    m_fresh = fresh;
    forEach(jobs, [this](Job &job, Worker &worker) { lookAt(job, worker); });
}

void Gatherer::forEach(const std::vector<std::unique_ptr<Job>> &jobs, const std::function<void(Job &)> &work)
{
    forEach(jobs, [&work](Job &job, Worker &) { work(job); });
}

void Gatherer::forEach(const std::vector<std::unique_ptr<Job>> &jobs, const std::function<void(Job &, Worker &)> &work)
{
    std::unique_lock lock(m_mutex);
    for (const auto &job : jobs)
        m_tasks.push_back([&work, one = job.get()](Worker &worker) { work(*one, worker); });
    for (std::size_t wanted = std::min(m_options.jobs, jobs.size()); m_threads.size() < wanted;) {
        m_threads.emplace_back([this] {
            Worker worker(m_options, m_throttle, m_traffic);
            serve(worker);
        });
    }
    m_wake.notify_all();
    m_idle.wait(lock, [this] { return m_tasks.empty() && m_running == 0; });
}

void Gatherer::serve(Worker &worker)
{
    std::unique_lock lock(m_mutex);
    for (;;) {
        m_wake.wait(lock, [this] { return m_ending || !m_tasks.empty(); });
        if (m_ending)
            return;
        const Task task = std::move(m_tasks.front());
        m_tasks.pop_front();
        ++m_running;
        lock.unlock();
        task(worker);
        lock.lock();
        --m_running;
        if (m_tasks.empty() && m_running == 0)
            m_idle.notify_all();
    }
}

// Files go before pages: a project that was begun is finished soon.
void Gatherer::push(Task task)
{
    {
        const std::lock_guard lock(m_mutex);
        m_tasks.push_front(std::move(task));
    }
    m_wake.notify_one();
}

void Gatherer::lookAt(Job &job, Worker &worker)
{
    job.stale = false;
    if (m_stop.stop_requested())
        return done(job, fail(ErrorCode::Cancelled, "stopped before it was reached"));
    if (!m_filters.wantsProject(job.pending.name)) {
        job.outcome = Job::Outcome::Gone;
        return;
    }
    auto whole = worker.upstream.project(job.pending.name, m_fresh, m_stop);
    if (!whole && whole.error().code == ErrorCode::NotFound) {
        // Without a word of the upstream that it is gone this may be a cache that does not know it yet.
        if (!job.pending.removed) {
            job.stale = true;
            return done(job, fail(ErrorCode::NotFound, "the upstream says that it changed and has no page of it"));
        }
        job.outcome = Job::Outcome::Gone;
        return;
    }
    if (!whole)
        return done(job, fail(whole.error()));
    if (whole->serial < job.pending.required) {
        job.stale = true;
        return done(job, fail(ErrorCode::Unavailable,
                              fmt::format("the upstream's page is of serial {} and has to be of {}: a cache in front of it is behind",
                                          whole->serial, job.pending.required)));
    }
    if (auto planned = plan(job, std::move(*whole)); !planned)
        return done(job, std::move(planned));
    if (job.downloads.empty())
        return finish(job);
    // Set before the first of them can end.
    job.m_left = job.downloads.size();
    for (std::size_t i = 0; i < job.downloads.size(); ++i)
        push([this, &job, i](Worker &other) { download(job, i, other); });
}

Result<void> Gatherer::plan(Job &job, ProjectPage whole)
{
    job.page = whole;
    m_filters.apply(job.page);
    if (!pypi::offersFiles(whole.status))
        job.page.files = whole.files = {};
    CM_TRY_ASSIGN(job.plan, planProject(whole, job.page, job.known));
    for (PageFile &file : job.page.files) {
        const auto here = std::ranges::find(job.known.files, file.path, &KnownFile::path);
        if (here != job.known.files.end())
            file.file.size = here->size;
    }
    // What was set aside and is not there any more is fetched like everything else.
    std::erase_if(job.plan.bringBack, [&](std::size_t index) {
        if (m_tree.isAside(job.page.files[index].file.sha256))
            return false;
        job.plan.fetch.push_back(index);
        return true;
    });
    for (const std::size_t index : job.plan.fetch)
        job.downloads.push_back({index, {}, {}, {}});
    return {};
}

void Gatherer::download(Job &job, std::size_t index, Worker &worker)
{
    Result<void> outcome;
    if (m_stop.stop_requested())
        outcome = fail(ErrorCode::Cancelled, "stopped");
    else
        outcome = fetchFile(job, job.downloads[index], worker);
    bool last = false;
    {
        const std::lock_guard lock(job.m_mutex);
        if (!outcome && job.error.detail.empty())
            job.error = outcome.error();
        last = --job.m_left == 0;
    }
    if (!last)
        return;
    if (job.error.detail.empty())
        finish(job);
    else
        done(job, fail(job.error));
}

Result<void> Gatherer::fetchFile(Job &job, Download &download, Worker &worker)
{
    PageFile &file = job.page.files[download.file];
    // Placed by a run that ended before it could note that.
    if (const auto placed = sizeWhenWhole(m_tree.filePath(file.path), file.file.sha256, file.file.metadataSha256)) {
        file.file.size = *placed;
        return {};
    }
    CM_TRY_ASSIGN(StagedFile staged, m_tree.stage());
    Hasher hasher(HashKind::Sha256);
    std::uint64_t size = 0;
    const auto take = [&](std::string_view piece) -> Result<void> {
        size += piece.size();
        if (file.size && size > *file.size)
            return fail(ErrorCode::Corrupt, fmt::format("{} is longer than the {} bytes that its page tells", file.file.filename, *file.size));
        hasher.update(piece);
        return staged.write(piece);
    };
    CM_TRY_ASSIGN(const auto answer, worker.fetcher.download(file.source, {{"Accept-Encoding", "identity"}}, take, m_stop));
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
    return file.file.metadataSha256.empty() ? Result<void>() : fetchMetadata(file, download, worker);
}

// From the wheel that was just verified; asked for only where that is not what the page promises.
Result<void> Gatherer::fetchMetadata(const PageFile &file, Download &download, Worker &worker)
{
    if (const std::string member = metadataMember(file.file.filename); !member.empty()) {
        auto inside = archive::readMember(download.bytes->path(), member, mostMetadata);
        if (inside && hashHex(HashKind::Sha256, *inside) == file.file.metadataSha256)
            download.metadataText = std::move(*inside);
    }
    if (download.metadataText.empty()) {
        CM_TRY_ASSIGN(auto answer, worker.fetcher.get(file.source + ".metadata", {{"Accept-Encoding", "identity"}}, m_stop));
        if (answer.status != 200)
            return fail(answer.status >= 500 ? ErrorCode::Unavailable : ErrorCode::BadAnswer,
                        fmt::format("{}.metadata answered {}", file.source, answer.status));
        if (hashHex(HashKind::Sha256, answer.body) != file.file.metadataSha256)
            return fail(ErrorCode::Corrupt, fmt::format("{}.metadata has not the sha256 that its page says", file.file.filename));
        download.metadataText = std::move(answer.body);
    }
    CM_TRY_ASSIGN(StagedFile staged, m_tree.stage());
    CM_TRY(staged.write(download.metadataText));
    CM_TRY(staged.close(file.file.uploadTime));
    download.metadata.emplace(std::move(staged));
    return {};
}

pypi::Metadata Gatherer::infoOf(const Job &job) const
{
    const std::string version = newestVersion(job.page);
    for (std::size_t i = 0; i < job.page.files.size(); ++i) {
        const PageFile &file = job.page.files[i];
        if (file.version != version || file.file.metadataSha256.empty())
            continue;
        const auto fresh = std::ranges::find(job.downloads, i, &Download::file);
        std::string text;
        if (fresh != job.downloads.end() && fresh->bytes) {
            text = fresh->metadataText;
        } else {
            std::ifstream stored(m_tree.filePath(file.path).string() + ".metadata", std::ios::binary);
            text.assign(std::istreambuf_iterator<char>(stored), {});
        }
        if (auto metadata = pypi::parseMetadata(text))
            return std::move(*metadata);
    }
    return {};
}

Result<void> Gatherer::render(Job &job)
{
    // Web servers make validators of the second and the size: no two versions of a page may share them.
    // The first one has what the disk gives it.
    Time stamp{};
    if (const Time served = m_tree.servedStamp(job.page.name); served != Time{})
        stamp = std::max<Time>(std::chrono::floor<std::chrono::seconds>(m_clock.now()), served + std::chrono::seconds(1));
    CM_TRY_ASSIGN(job.stagedPages, m_tree.stagePages(renderProject(job.page, job.pending.display, infoOf(job), m_options.baseUrl), stamp));
    return {};
}

void Gatherer::finish(Job &job)
{
    auto rendered = render(job);
    if (!rendered)
        return done(job, std::move(rendered));
    job.outcome = Job::Outcome::Ready;
}

void Gatherer::done(Job &job, Result<void> outcome)
{
    job.outcome = Job::Outcome::Failed;
    job.error = outcome.error();
    // What was fetched for nothing does not wait for the end of the batch.
    job.downloads.clear();
}

}  // namespace cm::mirror
