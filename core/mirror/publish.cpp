// SPDX-License-Identifier: GPL-3.0-or-later
// The order in which a batch becomes visible: what is on its way is noted, files and pages get their places, all that is on
// disk, then one link a project is turned, what was withdrawn goes out of service, and what is true now is noted.
#include "core/mirror/mirror.h"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <mutex>
#include <set>

namespace cm::mirror {
namespace {

std::int64_t servedIn(const std::vector<KnownFile> &files)
{
    return std::ranges::count_if(files, isOnPage);
}

}  // namespace

void Mirror::publish(Jobs jobs)
{
    if (jobs.empty())
        return;
    if (const auto published = publishAll(jobs); !published)
        setBack(jobs, published.error());
}

Result<void> Mirror::publishAll(Jobs &jobs)
{
    CM_TRY(refuseSharedPaths(jobs));
    std::vector<std::string> names;
    std::vector<KnownFile> arriving;
    for (const auto &job : jobs) {
        names.push_back(job->pending.name);
        for (const Download &download : job->downloads) {
            const PageFile &file = job->page.files[download.file];
            arriving.push_back({file.path, job->page.name, file.file.sha256, file.file.size, file.file.metadataSha256, FileState::Arriving, {}});
        }
    }
    const bool anything = std::ranges::any_of(jobs, [](const auto &job) { return job->outcome == Job::Outcome::Ready; });
    if (anything) {
        CM_TRY(withRoom([&] { return m_state.claim(names, arriving); }));
        CM_TRY(m_tree.sync(place(jobs)));
    }
    return turnAll(jobs);
}

// What fails of one project is its own: those that follow are turned to all the same.
Result<void> Mirror::turnAll(Jobs &jobs)
{
    std::vector<Settled> settled;
    Jobs failed;
    Facts facts = m_state.facts();
    facts.lastChanged = m_clock.now();
    facts.indexStale = true;
    for (auto &job : jobs) {
        auto turned = turn(*job);
        if (!turned) {
            job->error = turned.error();
            failed.push_back(std::move(job));
            continue;
        }
        facts.projects += (turned->published && turned->published->listed ? 1 : 0) - (job->known.listed ? 1 : 0);
        facts.files += servedIn(turned->files) - servedIn(job->known.files);
        turned->published ? ++m_report.published : ++m_report.removed;
        m_report.files += std::ranges::count_if(job->downloads, [](const Download &download) { return download.bytes.has_value(); });
        settled.push_back(std::move(*turned));
    }
    std::erase(jobs, nullptr);
    setBack(failed);
    CM_TRY(m_tree.syncTurns());
    for (std::size_t i = 0; i < jobs.size(); ++i)
        dropOlderPages(jobs[i]->known, settled[i]);
    CM_TRY(withRoom([&] { return m_state.settle(settled, facts); }));
    for (const auto &job : jobs) {
        m_progress.projectsLeft -= job->partial ? 0 : 1;
        this->settled(*job);
        over(*job);
    }
    return {};
}

// Not before the links that lead elsewhere are on disk. One older version stays for those who were just sent there.
void Mirror::dropOlderPages(const KnownProject &known, const Settled &settled)
{
    for (const std::string &page : {known.page, known.previous}) {
        if (!settled.published || (page != settled.published->page && page != settled.published->previous))
            m_tree.dropPages(settled.name, page);
    }
}

// Of two projects with a file at one address the second waits, and is told of. Addresses that differ in case alone are one to
// some disks.
Result<void> Mirror::refuseSharedPaths(Jobs &jobs)
{
    std::vector<std::string> paths;
    for (const auto &job : jobs) {
        for (const Download &download : job->downloads)
            paths.push_back(job->page.files[download.file].path);
    }
    CM_TRY_ASSIGN(auto owners, m_state.owners(paths));
    Jobs refused;
    for (auto &job : jobs) {
        const std::string name = job->pending.name;
        for (const Download &download : job->downloads) {
            const PageFile &file = job->page.files[download.file];
            const auto [owner, fresh] = owners.try_emplace(folded(file.path), name);
            if (fresh || owner->second == name)
                continue;
            job->error = Error{ErrorCode::Corrupt, fmt::format("{} has the address of a file of {}", file.file.filename, owner->second), {}, {}};
            refused.push_back(std::move(job));
            break;
        }
    }
    std::erase(jobs, nullptr);
    setBack(refused);
    return {};
}

// Folders and names for thousands of files, by all threads. Answers what has to be on disk; what cannot be placed is set back
// alone.
std::vector<std::filesystem::path> Mirror::place(Jobs &jobs)
{
    std::mutex mutex;
    std::vector<std::filesystem::path> placed;
    m_gatherer->forEach(jobs, [&](Job &job) {
        if (job.outcome != Job::Outcome::Ready)
            return;
        auto paths = placeOne(job);
        const std::lock_guard lock(mutex);
        if (paths) {
            std::ranges::move(*paths, std::back_inserter(placed));
        } else {
            job.outcome = Job::Outcome::Failed;
            job.error = paths.error();
        }
    });
    Jobs failed;
    for (auto &job : jobs) {
        if (job->outcome == Job::Outcome::Failed)
            failed.push_back(std::move(job));
    }
    std::erase(jobs, nullptr);
    setBack(failed);
    return placed;
}

Result<std::vector<std::filesystem::path>> Mirror::placeOne(Job &job)
{
    std::vector<std::filesystem::path> placed;
    for (Download &download : job.downloads) {
        if (!download.bytes)
            continue;
        const std::string &path = job.page.files[download.file].path;
        CM_TRY(m_tree.placeFile(*download.bytes, path, false));
        placed.push_back(m_tree.filePath(path));
        if (!download.metadata)
            continue;
        CM_TRY(m_tree.placeFile(*download.metadata, path, true));
        placed.emplace_back(m_tree.filePath(path).string() + ".metadata");
    }
    for (const std::size_t index : job.plan.bringBack) {
        const PageFile &file = job.page.files[index];
        if (!m_tree.bringBack(file.path, file.file.sha256, !file.file.metadataSha256.empty()))
            return fail(ErrorCode::NotFound, fmt::format("{} was set aside and cannot be brought back: it is fetched when that is tried again", file.path));
    }
    CM_TRY_ASSIGN(job.placedPages, m_tree.placePages(job.stagedPages, job.page.name, job.page.serial));
    job.stagedPages.clear();
    for (const char *form : pageForms)
        placed.push_back(m_tree.pagePath(job.placedPages) / form);
    return placed;
}

Result<Settled> Mirror::turn(Job &job)
{
    const std::string &name = job.pending.name;
    Settled settled{name, {}, {}, job.pending.required};
    const Time until = m_clock.now() + m_options.grace;
    if (job.outcome == Job::Outcome::Ready) {
        // Another one than is known when a run ended before it could note what it had turned.
        const std::string before = m_tree.servedPage(name);
        CM_TRY(m_tree.turnProject(name, job.placedPages));
        settled.published = KnownProject{job.pending.display, job.page.serial, pypi::offersFiles(job.page.status), job.placedPages,
                                         before, {}, job.digest};
        if (job.partial)
            settled.through.reset();
        else
            settled.through = std::max(job.pending.required, job.page.serial);
        settled.files = filesAfter(job.page, job.plan, until);
    } else {
        CM_TRY(m_tree.withdrawProject(name));
        job.plan.withdrawn.clear();
        for (KnownFile file : job.known.files) {
            job.plan.withdrawn.push_back(file);
            file.state = FileState::Aside;
            file.until = until;
            settled.files.push_back(std::move(file));
        }
    }
    for (const KnownFile &file : job.plan.withdrawn)
        CM_TRY(m_tree.setAside(file.path, file.sha256));
    // A run that was killed may have brought back what is not on the page again. And what had to be fetched though it was set aside
    // was damaged there.
    std::set<std::string_view> shown;
    for (const PageFile &file : job.page.files)
        shown.insert(file.path);
    for (const KnownFile &file : job.known.files) {
        if (file.state != FileState::Aside)
            continue;
        if (shown.contains(file.path))
            m_tree.dropAside(file.path, file.sha256);
        else if (m_tree.isHere(file.path, false))
            CM_TRY(m_tree.setAside(file.path, file.sha256));
    }
    return settled;
}

}  // namespace cm::mirror
