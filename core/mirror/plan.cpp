// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mirror/plan.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <set>
#include <utility>

namespace cm::mirror {
namespace {

// A list of so many names is written within a moment.
constexpr std::int64_t shortIndex = 20'000;

std::string_view filenameIn(std::string_view path)
{
    return path.substr(path.rfind('/') + 1);
}

}  // namespace

std::map<std::string_view, const KnownFile *> byPath(const KnownProject &known)
{
    std::map<std::string_view, const KnownFile *> files;
    for (const KnownFile &file : known.files)
        files[file.path] = &file;
    return files;
}

bool isSameFile(const KnownFile &known, const PageFile &file)
{
    return known.sha256 == file.file.sha256 && filenameIn(known.path) == file.file.filename;
}

void giveAddresses(ProjectPage &whole, const KnownProject &known, bool meant)
{
    const auto here = byPath(known);
    for (PageFile &file : whole.files) {
        const auto found = here.find(file.path);
        if (found == here.end() || found->second->sha256 == file.file.sha256 || (!meant && found->second->state != FileState::Aside))
            continue;
        file.replaces = std::exchange(file.path, pathByDigest(file.file.sha256, file.file.filename));
    }
}

Result<ProjectPlan> planProject(const ProjectPage &whole, const ProjectPage &page, const KnownProject &known)
{
    const auto here = byPath(known);
    ProjectPlan plan;
    std::set<std::string_view> wanted, offered, replaced;
    std::set<std::pair<std::string_view, std::string_view>> offeredSomewhere;
    for (const PageFile &file : whole.files) {
        offered.insert(file.path);
        replaced.insert(file.replaces);
        offeredSomewhere.emplace(file.file.filename, file.file.sha256);
    }
    for (std::size_t i = 0; i < page.files.size(); ++i) {
        const PageFile &file = page.files[i];
        wanted.insert(file.path);
        const auto found = here.find(file.path);
        if (found == here.end()) {
            plan.fetch.push_back(i);
            continue;
        }
        if (found->second->sha256 != file.file.sha256)
            return fail(ErrorCode::Corrupt,
                        fmt::format("{} has other bytes than before under the same address (sha256 {}, and was {}). If the upstream means it, sync this"
                                    " project again in the desktop, or run `cheesemongerd mirror --once --accept-upstream` once",
                                    file.file.filename, file.file.sha256, found->second->sha256));
        if (found->second->state == FileState::Damaged || found->second->metadata != file.file.metadataSha256)
            plan.fetch.push_back(i);
        else if (found->second->state == FileState::Aside)
            plan.bringBack.push_back(i);
    }
    for (const KnownFile &file : known.files) {
        if (file.state == FileState::Aside || wanted.contains(file.path))
            continue;
        // Under another address it is the same file: nothing is lost, and who has read an older page finds it for a while. What is
        // damaged is not served to the end of its time, and is no loss.
        const bool gone = !offered.contains(file.path) && !offeredSomewhere.contains({filenameIn(file.path), file.sha256});
        if (gone || file.state == FileState::Damaged)
            plan.withdrawn.push_back(file);
        else if (file.state != FileState::Fading)
            plan.fading.push_back(file);
        // In the place of what is replaced something comes: it stays until that is here.
        plan.loses = plan.loses || (gone && !replaced.contains(file.path));
    }
    return plan;
}

std::vector<KnownFile> filesAfter(const ProjectPage &page, const ProjectPlan &plan, Time until)
{
    std::vector<KnownFile> files;
    for (const PageFile &file : page.files)
        files.push_back({file.path, page.name, file.file.sha256, file.file.size, file.file.metadataSha256, FileState::Served, {}});
    for (KnownFile file : plan.withdrawn) {
        file.state = FileState::Aside;
        file.until = until;
        files.push_back(std::move(file));
    }
    for (KnownFile file : plan.fading) {
        file.state = FileState::Fading;
        file.until = until;
        files.push_back(std::move(file));
    }
    return files;
}

bool brakeHolds(const Brake &brake, std::int64_t losing, std::int64_t projects)
{
    if (brake.released || losing == 0)
        return false;
    constexpr std::int64_t several = 3;
    if (losing >= several && losing >= projects)
        return true;
    return losing > brake.count && static_cast<double>(losing) * 100.0 > brake.percent * static_cast<double>(projects);
}

bool indexIsDue(const Facts &facts, bool namesGone, Time now, std::chrono::seconds every)
{
    if (!facts.indexStale && !namesGone)
        return false;
    return namesGone || facts.projects <= shortIndex || now - facts.indexWritten >= every || now < facts.indexWritten;
}

}  // namespace cm::mirror
