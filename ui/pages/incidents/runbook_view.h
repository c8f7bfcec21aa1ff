// SPDX-License-Identifier: GPL-3.0-or-later
// The runbook of one alert with its values filled in, each command to be copied, and the one next act with
// what its guards say now. Asks while it is in sight and told to; owned by its page. GUI thread.
#pragma once

#include "core/api/monitor_endpoints.h"
#include "ui/client/one_call.h"
#include "ui/pages/incidents/runbook.h"
#include "ui/shell/page_context.h"

#include <QElapsedTimer>
#include <QWidget>

class QLabel;
class QPushButton;
class QVBoxLayout;

namespace cm::ui {

class KeyValueList;

class RunbookView : public QWidget {
    Q_OBJECT
public:
    explicit RunbookView(const PageContext &context, QWidget *parent = nullptr);

    void setAlert(const api::Alert &alert);
    void clear();
    // Each second, while its page is in sight.
    void poll();

private:
    void build();
    void show();
    void showAct();
    void showGuards();
    void askPlan();
    [[nodiscard]] std::optional<api::ActionWish> act() const;

    PageContext m_context;
    std::optional<api::Alert> m_alert;
    api::Topology m_topology;
    api::ReplicationView m_replication;
    std::optional<Result<api::ActionPlan>> m_plan;
    QLabel *m_text = nullptr;
    QPushButton *m_button = nullptr;
    QVBoxLayout *m_guards = nullptr;
    KeyValueList *m_values = nullptr;
    QVBoxLayout *m_commands = nullptr;
    QStringList m_shownCommands;
    QString m_shownGuards;
    OneCall m_topologyCall;
    OneCall m_replicationCall;
    OneCall m_planCall;
    QElapsedTimer m_sinceFacts;
    QElapsedTimer m_sincePlan;
};

}  // namespace cm::ui
