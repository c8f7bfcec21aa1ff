// SPDX-License-Identifier: GPL-3.0-or-later
// Item data roles that our models answer and our delegates read.
#pragma once

#include <Qt>

namespace cm::ui {

enum ItemRole {
    KeyRole = Qt::UserRole + 1,  // QString: what a row is, whatever its position
    PlaceholderRole,             // bool: the row is still on its way
    VerdictRole,                 // int of api::Verdict: draw the mark of a state before the text
    StatusRole,                  // int of api::ProjectStatus: likewise
    IdentifierRole,              // bool: fixed font, left to right, elided in the middle
    DimRole,                     // bool: secondary text
    TrendRole,                   // Trend: a small chart in place of the text
    StruckRole,                  // bool: the last figure known, no longer about now
};

}  // namespace cm::ui
