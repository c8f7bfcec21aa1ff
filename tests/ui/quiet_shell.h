// SPDX-License-Identifier: GPL-3.0-or-later
// A window for what needs one and shows nothing in it. GUI thread.
#pragma once

#include "ui/shell/shell.h"
#include "ui/widgets/action_sheet.h"

namespace cm::ui {

class QuietShell : public Shell {
public:
    void go(const Route &) override {}
    void openWindow(const Route &) override {}
    void goBack() override {}
    void offerUndo(const QString &, std::function<void()>) override {}
    void showSheet(ActionSheet *sheet) override { delete sheet; }
    void notify(Mark, const QString &, const QString &) override {}
};

}  // namespace cm::ui
