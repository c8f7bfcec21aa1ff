// SPDX-License-Identifier: GPL-3.0-or-later
// A small chart in a cell: a figure a day, and the same in words. Values.
#pragma once

#include <QList>
#include <QMetaType>
#include <QString>

namespace cm::ui {

struct Trend {
    // Oldest first; NaN: not known, a gap. Empty: nothing is known at all.
    QList<double> days;
    QString words;
};

}  // namespace cm::ui

Q_DECLARE_METATYPE(cm::ui::Trend)
