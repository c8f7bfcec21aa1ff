// SPDX-License-Identifier: GPL-3.0-or-later
// What a purge of the CDN would ask of the web nodes, in sentences, from figures that somebody has really told. What
// nobody has told is called unknown: it is never counted as none. Pure; GUI thread for the words.
#pragma once

#include "core/api/monitoring.h"

#include <QStringList>

#include <optional>

namespace cm::ui {

enum class PurgeWhat { Project, SimplePages, Everything };

struct PurgeFigures {
    // Of all caches together; absent as soon as one of them does not tell its own.
    std::optional<std::int64_t> objects;
    std::optional<double> requests;  // of clients, a second
    std::optional<double> hitRatio;
    std::optional<std::int64_t> caches;    // how many are told
    std::optional<std::int64_t> projects;  // of the registry
    std::optional<std::int64_t> files;     // of the project
    std::optional<Time> sampled;           // the oldest of what the caches told
};

// Figures of the CDN as a monitor tells of it. What is stale counts as not told.
[[nodiscard]] PurgeFigures purgeFigures(const api::MonitorState &state);
[[nodiscard]] QStringList purgeEstimate(PurgeWhat what, bool soft, const PurgeFigures &figures);

// How many web nodes take work, by a monitor's verdicts; absent where it sees none or does not know.
struct ReadyNodes {
    std::int64_t ready = 0;
    std::int64_t unknown = 0;
    std::int64_t all = 0;
};
[[nodiscard]] ReadyNodes readyWebNodes(const api::MonitorState &state);

}  // namespace cm::ui
