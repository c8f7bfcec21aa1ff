// SPDX-License-Identifier: GPL-3.0-or-later
// Words as cards show them: plain text that breaks and can be copied, and a line of it behind the mark of a state.
// Plain functions, GUI thread; owned by the parent or whoever lays them out.
#pragma once

#include "ui/theme/marks.h"

class QLabel;
class QString;
class QWidget;

namespace cm::ui {

QLabel *wrappedLabel(QWidget *parent = nullptr);
QWidget *markedLine(Mark mark, const QString &words);

}  // namespace cm::ui
