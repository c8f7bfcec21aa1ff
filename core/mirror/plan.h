// SPDX-License-Identifier: GPL-3.0-or-later
// What has to be done for one project, from its page, what is known of it and the clock; and when a run loses so much
// that somebody has to say yes first. Pure, any thread.
#pragma once

#include "core/mirror/page.h"
#include "core/mirror/state.h"

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace cm::mirror {

struct ProjectPlan {
    std::vector<std::size_t> fetch;      // files of the page that are not here
    std::vector<std::size_t> bringBack;  // that were set aside
    std::vector<KnownFile> withdrawn;    // here, and not offered upstream any more: out of service with the page
    // Here, and taken out by a filter of ours or under another address now: served to the end of their time.
    std::vector<KnownFile> fading;
    bool loses = false;                  // something that was served upstream's way is gone
};

// What is known of a project's files, by where they lie.
[[nodiscard]] std::map<std::string_view, const KnownFile *> byPath(const KnownProject &known);
// Of one name and the same bytes, wherever they lie.
[[nodiscard]] bool isSameFile(const KnownFile &known, const PageFile &file);
// Nothing changes under an address: other bytes than are known there get one that is made of their digest, when those before were
// withdrawn, or when somebody says that the upstream means it (`meant`).
void giveAddresses(ProjectPage &whole, const KnownProject &known, bool meant);
// `whole` is the page as upstream has it, `page` what the filters leave of it. Corrupt when bytes at a path changed.
[[nodiscard]] Result<ProjectPlan> planProject(const ProjectPage &whole, const ProjectPage &page, const KnownProject &known);
// The files that the project has once the plan is carried out.
[[nodiscard]] std::vector<KnownFile> filesAfter(const ProjectPage &page, const ProjectPlan &plan, Time until);

struct Brake {
    double percent = 5;     // of all projects
    std::int64_t count = 10;  // up to so many are always taken for meant
    bool released = false;
};
// Whether so many projects that lose something in one run are too many: an upstream that shows nothing, or half of it, must
// not empty a mirror. All of several is always too many.
[[nodiscard]] bool brakeHolds(const Brake &brake, std::int64_t losing, std::int64_t projects);

// When the global index has to be written: at once when it lists what is gone or is short, else after `every`.
[[nodiscard]] bool indexIsDue(const Facts &facts, bool namesGone, Time now, std::chrono::seconds every);

}  // namespace cm::mirror
