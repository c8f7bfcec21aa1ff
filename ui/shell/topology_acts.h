// SPDX-License-Identifier: GPL-3.0-or-later
// Which acts make sense on a node, judged by what the monitor tells of it; the plan has the last word, as
// it looks at everything anew. Pure but for its words, GUI thread.
#pragma once

#include "core/api/actions.h"
#include "core/api/monitoring.h"

#include <QCoreApplication>

namespace cm::ui {

struct ActChoice {
    api::ActionWish wish;
    bool sensible = true;
    // Why it is not, in a sentence.
    QString why;
};

class TopologyActs {
    Q_DECLARE_TR_FUNCTIONS(cm::ui::TopologyActs)
public:
    // In the order of menus; empty for a node on which nothing can be done from here.
    static QList<ActChoice> on(const api::Node &node);
    // What it takes part in: absent while nobody can tell.
    static std::optional<bool> isStandby(const api::Node &node);
    static ActChoice dropOf(const api::ReplicationSlot &slot);
    // The one next act after a finding; none where there is none, or more than one that could be meant.
    static std::optional<api::ActionWish> next(const std::string &finding, const std::string &node, const api::Topology &topology);
    // The same of a finding as the monitor tells it, which may name an act itself. One that is told of another node is
    // offered there.
    static std::optional<api::ActionWish> next(const api::NodeFinding &finding, const std::string &node, const api::Topology &topology);

private:
    static QList<ActChoice> onWeb(const api::Node &node);
    static QList<ActChoice> onDatabase(const api::Node &node);
    static QList<ActChoice> onMirror(const api::Node &node);
    static QList<ActChoice> onFiles(const api::Node &node);
};

}  // namespace cm::ui
