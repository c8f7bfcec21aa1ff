// SPDX-License-Identifier: GPL-3.0-or-later
// The marks of a state, told apart by form and not by colour alone, drawn the same in tables, cards,
// navigation and tray.
#pragma once

#include "ui/theme/colors.h"

#include <QIcon>
#include <QRectF>

class QPainter;

namespace cm::ui {

enum class Mark {
    None,
    Ok,          // filled circle
    Warning,     // triangle
    Unknown,     // square with a question mark
    Critical,    // octagon
    Deprecated,  // hollow diamond: no state at all
};

QColor markColor(Mark mark, const Colors &colors);
void drawMark(QPainter &painter, const QRectF &rect, Mark mark, const Colors &colors);
// No state yet: half a disc in a ring, in the accent.
void drawAtWork(QPainter &painter, const QRectF &rect, const Colors &colors);
QIcon markIcon(Mark mark, const Colors &colors);

}  // namespace cm::ui
