// SPDX-License-Identifier: GPL-3.0-or-later
// Nodes: what is watched, by role, with every signal of the chosen node; what the pgpools say side by
// side; what nobody watches and where monitors differ; availability and time to repair of the last 30
// days. The acts on the chosen node, and the one at work. Route "nodes"; "nodes/db2" chooses it,
// "nodes/tab/unwatched" and "nodes/tab/availability" open those lists. GUI thread.
#pragma once

#include "core/api/monitoring.h"
#include "ui/models/list_table_model.h"
#include "ui/shell/monitor_page.h"

#include <QElapsedTimer>

class QTabWidget;

namespace cm::ui {

class ActionWatch;
class DataTable;
class FlowLayout;
class NodeDetail;
class PoolsView;
class SearchField;
class StateMark;
class TopologyActions;
class UnwatchedView;

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
    void readPeers();
    void readSlow();
    void show();
    void showRoles(Time now);
    void showCurrent();
    void showResolve();
    void resolveFile();

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
    UnwatchedView *m_unwatched = nullptr;
    Availabilities *m_availability = nullptr;
    DataTable *m_availabilityTable = nullptr;
    QAction *m_openReplication;
    QAction *m_openAlerts;
    QAction *m_purge;
    QAction *m_resolveFile;
    TopologyActions *m_acts;
    ActionWatch *m_watch;
    OneCall m_stateCall;
    OneCall m_poolsCall;
    OneCall m_availabilityCall;
    OneCall m_peersCall;
    QElapsedTimer m_sinceSlow;
    QElapsedTimer m_sincePeers;
};

}  // namespace cm::ui
