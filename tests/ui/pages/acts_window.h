// SPDX-License-Identifier: GPL-3.0-or-later
// What the tests of acts on the topology have in common: recorded plans and actions, the sheet opened from
// Nodes, the panel of the page.
#pragma once

#include "tests/ui/pages/page_window.h"
#include "ui/widgets/action_panel.h"
#include "ui/widgets/action_sheet.h"

#include <QAction>
#include <QPushButton>

#include <algorithm>

namespace cm::ui {

inline QAction *actionOf(PageWindow &w, const QString &text)
{
    for (QAction *action : w.window.pages().current()->pageActions()) {
        if (action->text().remove(QLatin1Char('&')) == text)
            return action;
    }
    return nullptr;
}

inline QByteArray bytesOf(const auto &value)
{
    return QByteArray::fromStdString(api::printJson(api::toJson(value)));
}

inline api::ActionPlan recordedPlan(const PageWindow &w, const char *record)
{
    return *api::fromJsonText<api::ActionPlan>(w.record(record).toStdString());
}

inline api::Action recordedAction(const PageWindow &w, const char *scene)
{
    return *api::fromJsonText<api::Action>(w.record((QByteArray("monitor-scenes/") + scene + "/get-action.json").constData()).toStdString());
}

inline void tell(PageWindow &w, const api::Action &action)
{
    api::Page<api::Action> page;
    page.items = {action};
    page.total = 1;
    w.answer(QStringLiteral("monitor/get-action"), bytesOf(action));
    w.answer(QStringLiteral("monitor/list-actions"), bytesOf(page));
}

// The sheet of an act on a node, opened from Nodes.
inline ActionSheet *opened(PageWindow &w, const QString &node, const QString &act)
{
    w.window.go(Route::parse(QStringLiteral("nodes/") + node));
    if (!QTest::qWaitFor([&] { return actionOf(w, act) && actionOf(w, act)->isEnabled(); }))
        return nullptr;
    actionOf(w, act)->trigger();
    return w.window.findChild<ActionSheet *>();
}

inline QPushButton *buttonOf(const QWidget *parent, const QString &name)
{
    for (auto *button : parent->findChildren<QPushButton *>()) {
        if (button->accessibleName() == name)
            return button;
    }
    return nullptr;
}

inline qsizetype times(const PageWindow &w, const QByteArray &endpoint)
{
    return std::count_if(w.monitor.sent().begin(), w.monitor.sent().end(), [&endpoint](const auto &sent) { return sent.endpoint == endpoint; });
}

inline ActionPanel *panelOf(PageWindow &w)
{
    return w.window.pages().current()->findChild<ActionPanel *>();
}

inline void become(PageWindow &w, const char *role)
{
    w.answer(QStringLiteral("monitor/who-am-i"), QByteArray(R"({"name": "olga", "role": ")") + role + R"(", "projects": 0, "local": false})");
    w.setMonitorState(Connection::State::Live);
}

}  // namespace cm::ui
