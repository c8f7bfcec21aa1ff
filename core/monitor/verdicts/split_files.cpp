// SPDX-License-Identifier: GPL-3.0-or-later
// Which bytes of a file with two versions are right, and what helps where no digest tells.
// Source: GlusterFS 10, "Heal info and split-brain resolution" of its administrator's guide.
#include "core/monitor/verdicts/files.h"

#include <fmt/format.h>
#include <map>

namespace cm::monitor {
namespace {

struct Copy {
    const VolumeView *view = nullptr;
    const api::AgentCopy *copy = nullptr;
};

constexpr std::string_view numbered = "<gfid:";
constexpr std::size_t gfidLength = 36;

std::string whyUnnamed(const std::string &file, const api::AgentVolume &volume)
{
    const std::string what = "GlusterFS does not know its name";
    const std::size_t end = file.find('>');
    if (!file.starts_with(numbered) || end != numbered.size() + gfidLength || volume.bricks.empty())
        return what;
    // Every brick keeps each of its files a second time by its number.
    const std::string gfid = file.substr(numbered.size(), gfidLength), brick = volume.bricks.front().path;
    return fmt::format("{}: on a server \"find {} -samefile {}/.glusterfs/{}/{}/{}\" tells it", what, brick, brick, gfid.substr(0, 2), gfid.substr(2, 2), gfid);
}

std::string byHand(const std::string &file, const api::AgentVolume &volume)
{
    return fmt::format("who knows which server has the right one takes that by \"gluster volume heal {} split-brain source-brick SERVER:BRICK {}\"", volume.name, file);
}

std::string whyNone(const std::string &file, const std::vector<Copy> &copies, const api::AgentVolume &volume)
{
    if (file.front() != '/')
        return whyUnnamed(file, volume);
    if (copies.empty())
        return "no server tells what it has of it";
    for (const auto &[view, copy] : copies) {
        if (copy->problem.empty())
            continue;
        // One that was not read for want of a digest that could be right: a folder.
        const bool unread = copy->wanted.empty() && copy->digest.empty();
        return unread ? fmt::format("{}, which no digest names; {}", copy->problem, byHand(file, volume)) : fmt::format("on {} {}", view->server, copy->problem);
    }
    if (copies.front().copy->wanted.empty())
        return fmt::format("its name says nothing of its bytes: it is no package; {}", byHand(file, volume));
    if (file.ends_with(".metadata"))
        return "no server has what its wheel has as METADATA: take it from the mirror or a backup";
    return "no server has the bytes of its digest: take them from the mirror or a backup";
}

}  // namespace

std::vector<SplitFile> splitFilesOf(const std::vector<VolumeView> &views)
{
    std::map<std::string, const api::AgentVolume *> files;
    std::map<std::string, std::vector<Copy>> copies;
    for (const VolumeView &view : views) {
        for (const std::string &file : view.volume->splitFiles) {
            if (!file.empty())
                files.emplace(file, view.volume);
        }
        for (const api::AgentCopy &copy : view.volume->copies)
            copies[copy.path].push_back({&view, &copy});
    }
    std::vector<SplitFile> out;
    for (const auto &[path, volume] : files) {
        SplitFile &file = out.emplace_back();
        file.path = path;
        const std::vector<Copy> &known = copies[path];
        for (const Copy &copy : known) {
            if (file.source.empty() && copy.copy->isRight())
                file.source = copy.view->server;
        }
        if (file.source.empty())
            file.why = whyNone(path, known, *volume);
    }
    return out;
}

}  // namespace cm::monitor
