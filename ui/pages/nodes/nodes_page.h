// SPDX-License-Identifier: GPL-3.0-or-later
// Nodes: what is watched, by role, with every signal of the chosen node; what the pgpools say side by
// side; availability and time to repair of the last 30 days. Route "nodes"; "nodes/db2" chooses it.
// GUI thread.
#pragma once

#include "core/api/monitoring.h"
#include "ui/models/list_table_model.h"
#include "ui/shell/monitor_page.h"

#include <QElapsedTimer>

class QTabWidget;

namespace cm::ui {

class DataTable;
class FlowLayout;
class NodeDetail;
class PoolsView;
class SearchField;
class StateMark;

PageFactory nodesPage();

class NodesPage : public MonitorPage {
    Q_OBJECT
public:
    explicit NodesPage(const PageContext &context, QWidget *parent = nullptr);

    void activate(const Route &route) override;
    [[nodiscard]] QList<QAction *> pageActions() const override;
    void find() override;

protected:
    [[nodiscard]] EmptyWords withoutMonitor() const override;
    void poll() override;
    void readAll() override;
    void tick(Time now) override;
    void forget() override;

private:
    using Nodes = ListTableModel<api::Node>;
    using Availabilities = ListTableModel<api::Availability>;

    void build();
    void buildNodes();
    void buildAvailability();
    void connectSignals();
    void readSlow();
    void show();
    void showRoles(Time now);
    void showCurrent();

    api::MonitorState m_state;
    QString m_wanted;
    FlowLayout *m_roleRow = nullptr;
    QList<StateMark *> m_roles;
    QTabWidget *m_tabs = nullptr;
    SearchField *m_filter = nullptr;
    Nodes *m_nodes = nullptr;
    DataTable *m_table = nullptr;
    NodeDetail *m_detail = nullptr;
    PoolsView *m_pools = nullptr;
    Availabilities *m_availability = nullptr;
    DataTable *m_availabilityTable = nullptr;
    QAction *m_openReplication;
    QAction *m_openAlerts;
    OneCall m_stateCall;
    OneCall m_poolsCall;
    OneCall m_availabilityCall;
    QElapsedTimer m_sinceSlow;
};

}  // namespace cm::ui
