// SPDX-License-Identifier: GPL-3.0-or-later
// Before and after of an audit line as rows a person can read: one for each member that differs,
// by its path. Pure.
#pragma once

#include "core/api/types.h"

#include <QList>
#include <QString>

namespace cm::ui {

struct DifferenceRow {
    enum class Kind { Added, Removed, Changed, Same };
    QString path;
    // Empty where there was, or is, nothing.
    QString before;
    QString after;
    Kind kind = Kind::Same;
    friend bool operator==(const DifferenceRow &, const DifferenceRow &) = default;
};

// What differs comes first, then what stayed the same.
QList<DifferenceRow> differenceOf(const api::Json &before, const api::Json &after);

}  // namespace cm::ui
