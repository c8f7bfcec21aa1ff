// SPDX-License-Identifier: GPL-3.0-or-later
// The one sentence on top of Overview, made from what the nodes say and how old it is. A sample
// that is too old counts as unknown, and unknown outranks ok. Pure.
#pragma once

#include "core/api/actions.h"
#include "core/api/monitoring.h"
#include "ui/widgets/verdict_banner.h"

#include <QCoreApplication>
#include <QString>

#include <chrono>

namespace cm::ui {

class DirectProbe;

struct OverviewVerdict {
    api::Verdict verdict = api::Verdict::Unknown;
    QString sentence;
    QString detail;
    QList<VerdictFact> facts = {};
    // The one act that "Next" names, where it is one that can be planned.
    std::optional<api::ActionWish> act = std::nullopt;
    // The node that "Next" begins with while no act can be planned.
    QString look = {};
};

// Beside what is stored, for a registry that tells of itself.
struct StoredBytes {
    double packages = 0;
};

class VerdictWords {
    Q_DECLARE_TR_FUNCTIONS(cm::ui::VerdictWords)
public:
    // Older than this, a sample says nothing about now.
    static constexpr std::chrono::seconds freshFor{90};

    // `live`: the connection to the registry stands.
    static OverviewVerdict of(const api::NodeList &nodes, bool live, Time now, std::optional<StoredBytes> stored = std::nullopt);
    // What a monitor concludes. `since`: when it last told something new; `fresh`: that is about now.
    static OverviewVerdict of(const api::MonitorState &state, std::optional<Time> since, bool fresh, bool registryLive, Time now);
    // What changed shortly before the trouble that the line names, at its node or at another of its role: a new version, an
    // operator's action. Empty: nothing that is known.
    static QString changedBefore(const api::MonitorState &state, const std::vector<api::TimelineEvent> &events);
    // An action that is at work or did not end well leads: what is done, and what the monitor concludes meanwhile.
    static OverviewVerdict of(const api::Action &action, const api::MonitorState &state, const OverviewVerdict &told);
    // While the monitor is silent, `since` it told last, and this desktop looks itself. `told`: what is said of the monitor alone.
    static OverviewVerdict of(const DirectProbe &direct, const api::MonitorState &state, std::optional<Time> since, OverviewVerdict told, Time now);
    // Of one node, its age counted.
    static api::Verdict of(const api::Node &node, Time now);
    // The time of the oldest fact of a node; absent where it has none.
    static std::optional<Time> oldestSample(const api::Node &node);

private:
    // "step 1 of 2, db1 finishes …", or what has still to come true.
    static QString progressOf(const api::Action &action);
    // Who is hit, the next act, what not to do.
    static QList<VerdictFact> factsOf(const api::MonitorState &state);
    // The next act and what not to do, of an action; of a takeover that stopped half-way by what is so now.
    static void addNext(OverviewVerdict &out, const api::Action &action, const api::MonitorState &state);
    static void addHalfWay(OverviewVerdict &out, const api::Action &action, const api::MonitorState &state);
    // As factsOf, of a node of a registry that tells of itself.
    static QList<VerdictFact> factsOf(const api::Node &node, std::optional<StoredBytes> stored);
    // What does not answer, in the order in which one thing needs the other, with what to do about each; `first`: the node
    // to begin with.
    static QString orderOf(const DirectProbe &direct, const api::MonitorState &state, QString *first);
};

}  // namespace cm::ui
