// SPDX-License-Identifier: GPL-3.0-or-later
// Pages without the files that are still to come: what was withdrawn or yanked meanwhile does not wait for those.
#include "core/mirror/gather.h"
#include "core/mirror/status.h"

#include <algorithm>
#include <map>
#include <set>

namespace cm::mirror {

// Whether the page that is served says of the project, or of a file that stays, what the upstream does not say any more.
bool Gatherer::tellsOtherwise(const Job &job, const ProjectPage &whole) const
{
    const auto served = job.known.page.empty() ? std::nullopt : servedProject(m_tree, whole.name);
    if (!served)
        return false;
    std::map<std::string_view, const pypi::SimpleFile *> offered;
    for (const PageFile &file : whole.files)
        offered[file.file.filename] = &file.file;
    return served->status != whole.status || served->statusReason != whole.statusReason || std::ranges::any_of(served->files, [&](const PageFile &file) {
        const auto now = offered.find(file.file.filename);
        return now != offered.end() && (now->second->yanked != file.file.yanked || now->second->yankedReason != file.file.yankedReason);
    });
}

// Files that are not here yet are left out of the page: it stays pending for them, and has the serial that it had. What a filter takes
// out now stays as long, for what comes in its place is not here.
void Gatherer::leaveOut(Job &job, const ProjectPage &whole) const
{
    std::set<std::string_view> wanted, missing;
    for (const PageFile &file : job.page.files)
        wanted.insert(file.path);
    for (const std::size_t index : job.plan.fetch)
        missing.insert(job.page.files[index].path);
    const auto known = byPath(job.known);
    std::vector<PageFile> kept;
    for (PageFile file : whole.files) {
        const auto found = known.find(file.path);
        const KnownFile *here = found == known.end() ? nullptr : found->second;
        const bool sound = here && isServed(*here);
        const KnownFile *moved = sound ? nullptr : movedFrom(job, file);
        const bool comes = missing.contains(file.path);
        if (!(wanted.contains(file.path) ? sound || moved || !comes : sound && here->state == FileState::Served))
            continue;
        if (sound) {
            file.file.metadataSha256 = here->metadata;
        } else if (comes) {
            file.path = moved->path;
            file.file.metadataSha256 = moved->metadata;
        }
        kept.push_back(std::move(file));
    }
    std::set<std::string_view> versions(job.page.versions.begin(), job.page.versions.end());
    for (const PageFile &file : kept)
        versions.insert(file.version);
    std::vector<std::string> told;
    std::ranges::copy_if(whole.versions, std::back_inserter(told), [&](const std::string &version) { return versions.contains(version); });
    job.page.files = std::move(kept);
    job.page.versions = std::move(told);
    job.page.serial = job.known.serial;
    job.partial = true;
}

}  // namespace cm::mirror
