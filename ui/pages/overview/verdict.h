// SPDX-License-Identifier: GPL-3.0-or-later
// The one sentence on top of Overview, made from what the nodes say and how old it is. A sample
// that is too old counts as unknown, and unknown outranks ok. Pure.
#pragma once

#include "core/api/monitoring.h"

#include <QCoreApplication>
#include <QString>

#include <chrono>

namespace cm::ui {

class DirectProbe;

struct OverviewVerdict {
    api::Verdict verdict = api::Verdict::Unknown;
    QString sentence;
    QString detail;
};

class VerdictWords {
    Q_DECLARE_TR_FUNCTIONS(cm::ui::VerdictWords)
public:
    // Older than this, a sample says nothing about now.
    static constexpr std::chrono::seconds freshFor{90};

    // `live`: the connection to the registry stands.
    static OverviewVerdict of(const api::NodeList &nodes, bool live, Time now);
    // What a monitor concludes. `since`: when it last told something new; `fresh`: that is about now.
    static OverviewVerdict of(const api::MonitorState &state, std::optional<Time> since, bool fresh, bool registryLive, Time now);
    // While the monitor is silent, `since` it told last, and this desktop looks itself. `told`: what is said of the monitor alone.
    static OverviewVerdict of(const DirectProbe &direct, const api::MonitorState &state, std::optional<Time> since, OverviewVerdict told, Time now);
    // Of one node, its age counted.
    static api::Verdict of(const api::Node &node, Time now);
    // The time of the oldest fact of a node; absent where it has none.
    static std::optional<Time> oldestSample(const api::Node &node);
};

}  // namespace cm::ui
