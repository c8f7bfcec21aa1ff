// SPDX-License-Identifier: GPL-3.0-or-later
// The real desktop as its main makes it, and the one window that it opens. GUI thread.
#pragma once

#include "app/desktop/desktop.h"
#include "ui/shell/main_window.h"
#include "ui/shell/page_stack.h"

#include <QApplication>
#include <QPointer>
#include <QTest>

#include <memory>

namespace cm::ui {

// Shown, its first page made; null when no window came.
inline QPointer<MainWindow> openDesktop(std::unique_ptr<desktop::Desktop> &desktop, const desktop::Options &options)
{
    desktop = std::make_unique<desktop::Desktop>(*qApp, options);
    desktop->show();
    QPointer<MainWindow> found;
    for (QWidget *widget : QApplication::topLevelWidgets()) {
        if (auto *window = qobject_cast<MainWindow *>(widget))
            found = window;
    }
    // The frame is painted first.
    if (found) {
        [[maybe_unused]] const bool made = QTest::qWaitFor([&] { return found->pages().current() != nullptr; });
    }
    return found;
}

}  // namespace cm::ui
