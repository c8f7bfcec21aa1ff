// SPDX-License-Identifier: GPL-3.0-or-later
// What both ends say of one standby, line by line: the primary's account beside the standby's own.
// Neither is believed alone. Pure, GUI thread for its words.
#pragma once

#include "core/api/monitoring.h"
#include "ui/widgets/comparison_grid.h"

#include <QCoreApplication>

namespace cm::ui {

class StandbyWords {
    Q_DECLARE_TR_FUNCTIONS(cm::ui::StandbyWords)
public:
    static QStringList observers(const api::StandbyReplication &standby);
    // `old`: nothing of it is about now.
    static QList<ComparisonGrid::Line> lines(const api::StandbyReplication &standby, bool old, Time now);
    // "214 MB, 3 min 12 s"; a dash for what nobody can know.
    static QString loss(const api::StandbyReplication &standby);
};

}  // namespace cm::ui
