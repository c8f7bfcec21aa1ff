// SPDX-License-Identifier: GPL-3.0-or-later
// The colours of the desktop, in one place: two tables (dark, light) and the QPalette made of them.
// A widget asks colorsOf(palette()), so that it follows a change of scheme with no wiring. Values.
#pragma once

#include <QBrush>
#include <QColor>
#include <QPalette>

#include <array>

namespace cm::ui {

struct Colors {
    QColor window, panel, raised, line, text, dim;
    QColor ok, warning, critical, unknown, accent;
    // For charts; never the colours of a state.
    std::array<QColor, 6> series;
};

const Colors &darkColors();
const Colors &lightColors();
QPalette paletteOf(const Colors &colors);

// The table that belongs to a palette. Where the palette is the system's own (high contrast), text,
// lines and surfaces are the palette's.
Colors colorsOf(const QPalette &palette);
bool isDark(const QPalette &palette);

// WCAG contrast, 1 to 21.
double contrastOf(const QColor &a, const QColor &b);
// The colour of a state or a link as one of text on `surface`: towards `text` as far as 4.5 : 1 asks for.
QColor readableOn(const QColor &surface, const QColor &color, const QColor &text);
// `over` laid on `under` with the given opacity.
QColor blend(const QColor &under, const QColor &over, double opacity);
// Of charts: what is not there, or not known.
QBrush missingBrush(const Colors &colors);

}  // namespace cm::ui
