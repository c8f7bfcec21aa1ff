// SPDX-License-Identifier: GPL-3.0-or-later
// What the navigation column says of the monitor's pages whichever of them is in sight: how many
// alerts fire, which nodes and standbys are not well. Tells too what began to fire while the person looked
// elsewhere, or fires again: with its sentence, its age and what helps. Owned by its window, GUI thread.
#pragma once

#include "core/api/monitor_endpoints.h"
#include "ui/client/one_call.h"
#include "ui/shell/page_context.h"
#include "ui/theme/marks.h"

#include <QHash>
#include <QObject>
#include <QTimer>

#include <chrono>

namespace cm::ui {

class MonitorBadges : public QObject {
    Q_OBJECT
public:
    // From an event to the question, so that a storm of events is one question; and from one question to the
    // next where events get lost. Both together stay below the five seconds within which people are told.
    static constexpr std::chrono::milliseconds soon{100}, again{4000};

    MonitorBadges(const PageContext &context, QObject *parent);

Q_SIGNALS:
    // An empty text: no badge.
    void badge(const QString &pageId, const QString &text, cm::ui::Mark mark);

private:
    void read();
    void forget();
    void onDirect();
    void onState(const api::MonitorState &state);
    void onAlerts(const api::Page<api::Alert> &alerts);
    void tell(const api::Alert &alert);

    PageContext m_context;
    OneCall m_state;
    OneCall m_alerts;
    QTimer m_soon;
    QTimer m_again;
    // What fires, as it was last seen: whatever leaves it is news when it fires again.
    struct Firing {
        api::Verdict verdict;
        std::string finding;
    };
    QHash<qint64, Firing> m_firing;
    bool m_first = true;
    bool m_away = false;
};

}  // namespace cm::ui
