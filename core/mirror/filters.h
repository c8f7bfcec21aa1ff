// SPDX-License-Identifier: GPL-3.0-or-later
// What of a registry is mirrored: which projects, which of their releases, which files of those. Values, pure, any
// thread.
#pragma once

#include "core/mirror/page.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace cm::mirror {

struct Filters {
    // Patterns of shells over normalised names. An empty list of what is allowed allows all; what is denied wins.
    std::vector<std::string> allow;
    std::vector<std::string> deny;
    bool prereleases = true;
    std::size_t latest = 0;              // so many of the newest releases, by rankOf() first; 0: all
    std::vector<std::string> platforms;  // patterns over wheels' platform tags; "any" always passes; empty: all binaries
    bool sdists = true;

    [[nodiscard]] bool wantsProject(std::string_view normalizedName) const;
    // Takes away the files that are not wanted, and the versions that then have none.
    void apply(ProjectPage &page) const;
    // Differs when the filters do, or what they mean.
    [[nodiscard]] std::string fingerprint() const;
};

}  // namespace cm::mirror
