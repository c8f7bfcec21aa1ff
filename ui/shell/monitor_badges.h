// SPDX-License-Identifier: GPL-3.0-or-later
// What the navigation column says of the monitor's pages whichever of them is in sight: how many
// alerts fire, which nodes and standbys are not well. Tells too what began while the person looked
// elsewhere. Owned by its window, GUI thread.
#pragma once

#include "core/api/monitor_endpoints.h"
#include "ui/client/one_call.h"
#include "ui/shell/page_context.h"
#include "ui/theme/marks.h"

#include <QObject>
#include <QSet>
#include <QTimer>

namespace cm::ui {

class MonitorBadges : public QObject {
    Q_OBJECT
public:
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

    PageContext m_context;
    OneCall m_state;
    OneCall m_alerts;
    QTimer m_soon;
    QTimer m_again;
    QSet<qint64> m_told;
    bool m_first = true;
    bool m_away = false;
};

}  // namespace cm::ui
