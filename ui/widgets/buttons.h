// SPDX-License-Identifier: GPL-3.0-or-later
// Buttons bound to actions, so that a button, a menu and a short cut are one thing.
#pragma once

#include <QPushButton>

class QAction;
class QToolButton;

namespace cm::ui {

// Follows text, tool tip, enabled and visible of the action, and triggers it.
QPushButton *actionButton(QAction *action, QWidget *parent = nullptr);
// The cross at the top of a detail beside its list; triggers `close`.
QToolButton *closeDetailButton(QAction *close);

}  // namespace cm::ui
