// SPDX-License-Identifier: GPL-3.0-or-later
// A text in at most so many lines, broken between words; what does not fit is left out at the end of the last.
// Plain function, GUI thread.
#pragma once

#include <QFont>
#include <QStringList>

namespace cm::ui {

QStringList wrappedLines(const QString &text, const QFont &font, int width, int most);

}  // namespace cm::ui
