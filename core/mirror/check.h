// SPDX-License-Identifier: GPL-3.0-or-later
// Looks at a whole mirror as its readers do, and at what they do not see: every page in its three forms, which have to say the
// same and to be as they were published, every file they lead to with its digest, the global index, what nobody names, what a
// dead run has left. Changes nothing. Blocks for as long as reading every byte takes. Runs may go on meanwhile: what they have
// turned to since is looked at once more before it is said to be wrong.
#pragma once

#include "core/base/result.h"
#include "core/mirror/page.h"
#include "core/mirror/state.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace cm::mirror {

struct Checked {
    std::int64_t projects = 0;
    std::int64_t files = 0;
    std::int64_t findings = 0;
};

// The pages of a project in its folder: what they tell, and what is wrong with them as pages. Their files are not looked at.
struct PagesSeen {
    std::int64_t serial = 0;
    bool offered = false;  // its status lets files be offered
    std::vector<PageFile> files;
    std::vector<std::string> findings;
};
// `digest` is theirs when they were published; empty: nobody knows.
[[nodiscard]] PagesSeen lookAtPages(const std::filesystem::path &folder, const std::string &name, const std::string &digest = {});

// `tell` is called with one sentence for each finding. `known` is what the mirror remembers, absent where that cannot be had:
// the tree is held against itself then. NotFound when there is no mirror.
Result<Checked> checkTree(const std::filesystem::path &root, State *known, const std::function<void(const std::string &)> &tell);
// What runs have left that were ended. The caller holds the lock of the mirror: of one that is on its way all this is its own.
std::int64_t checkLeftovers(const std::filesystem::path &root, const std::function<void(const std::string &)> &tell);

}  // namespace cm::mirror
