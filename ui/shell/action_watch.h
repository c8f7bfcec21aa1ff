// SPDX-License-Identifier: GPL-3.0-or-later
// Follows the action that is at work on the topology, or the last one, and shows it in a panel of the
// page: every half a second while it runs, else by the monitor's events. Asks nothing while its page is
// out of sight. What a person has dismissed stays away, on every page. Member of the page, GUI thread.
#pragma once

#include "core/api/monitor_endpoints.h"
#include "ui/client/one_call.h"
#include "ui/shell/page_context.h"

#include <QTimer>

namespace cm::ui {

class ActionPanel;

class ActionWatch : public QObject {
    Q_OBJECT
public:
    // The panel is the page's, which places it.
    ActionWatch(const PageContext &context, QWidget *page);
    [[nodiscard]] ActionPanel *panel() const { return m_panel; }
    // The one that a page leads with: at work, or lately ended not well and not dismissed; null: none, or nobody has
    // told of it lately. Valid until the next changed().
    [[nodiscard]] const api::Action *leading() const;

Q_SIGNALS:
    void changed();

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void forget();
    void readList();
    void readOne();
    void take(const api::Action &action);
    void show();
    void cancel();
    void dismiss();
    [[nodiscard]] bool isRunning() const;
    [[nodiscard]] bool isOld() const;
    [[nodiscard]] bool isWorthShowing(const api::Action &action) const;
    [[nodiscard]] QString settingsKey() const;
    // In microseconds, by the beginning of the newest that was dismissed: ids begin anew with a new store.
    [[nodiscard]] std::int64_t dismissedUpTo() const;

    PageContext m_context;
    ActionPanel *m_panel;
    std::optional<api::Action> m_action;
    std::optional<Time> m_heard;
    std::int64_t m_dismissed = 0;
    bool m_cancelling = false;
    bool m_inSight = false;
    OneCall m_list;
    OneCall m_one;
    QTimer m_fast;
    QTimer m_slow;
};

}  // namespace cm::ui
