// SPDX-License-Identifier: GPL-3.0-or-later
// What a page may ask of the window that it stands in. Implemented by MainWindow.
#pragma once

#include "ui/shell/route.h"
#include "ui/theme/marks.h"

#include <functional>

namespace cm::ui {

class ActionSheet;

class Shell {
public:
    virtual ~Shell() = default;

    virtual void go(const Route &route) = 0;
    virtual void openWindow(const Route &route) = 0;
    virtual void goBack() = 0;
    // Says what was done, for ten seconds, with an Undo button where `undo` is given.
    virtual void offerUndo(const QString &text, std::function<void()> undo) = 0;
    // Shows the sheet at the side, in place of the one that was there, and owns it.
    virtual void showSheet(ActionSheet *sheet) = 0;
    // For what happened while the person looked elsewhere: a line in the window and, when the window
    // is not active, the system's notification.
    virtual void notify(Mark mark, const QString &title, const QString &text) = 0;
};

}  // namespace cm::ui
