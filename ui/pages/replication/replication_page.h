// SPDX-License-Identifier: GPL-3.0-or-later
// Replication: what is wrong in one sentence, lag over time, each standby from both ends, servers with
// their timelines, slots, what a promotion now would lose, and the acts on a server or a slot. Route "replication"; "replication/db2"
// brings that standby into sight. GUI thread.
#pragma once

#include "core/api/monitoring.h"
#include "ui/models/list_table_model.h"
#include "ui/shell/monitor_page.h"

#include <QElapsedTimer>
#include <QPointer>

class QBoxLayout;
class QLabel;
class QScrollArea;
class QVBoxLayout;

namespace cm::ui {

class ActionWatch;
class Card;
class ComparisonGrid;
class DataTable;
class LagCard;
class StateMark;
class TopologyActions;
class VerdictBanner;

PageFactory replicationPage();

class ReplicationPage : public MonitorPage {
    Q_OBJECT
public:
    explicit ReplicationPage(const PageContext &context, QWidget *parent = nullptr);

    void activate(const Route &route) override;
    [[nodiscard]] QList<QAction *> pageActions() const override;

protected:
    [[nodiscard]] EmptyWords withoutMonitor() const override;
    void poll() override;
    void readAll() override;
    void tick(Time now) override;
    void forget() override;
    void resizeEvent(QResizeEvent *event) override;

private:
    using Servers = ListTableModel<api::DatabaseServer>;
    using Slots = ListTableModel<api::ReplicationSlot>;
    struct StandbyView {
        Card *card;
        StateMark *mark;
        ComparisonGrid *grid;
    };

    QWidget *build();
    Card *buildPromotion();
    Card *buildServers();
    Card *buildSlots();
    void show();
    // Unknown outranks ok where nothing is about now.
    [[nodiscard]] api::Verdict nowOf(api::Verdict verdict) const;
    void showStandbys(Time now);
    void showPromotion(bool old);
    // What can be done to the chosen server and the chosen slot.
    void showActs();
    void placeColumns();
    void bringIntoSight();

    api::ReplicationView m_view;
    QString m_wanted;
    VerdictBanner *m_banner = nullptr;
    LagCard *m_lag = nullptr;
    QScrollArea *m_scroll = nullptr;
    QBoxLayout *m_upper = nullptr;
    QBoxLayout *m_lower = nullptr;
    QBoxLayout *m_standbyRow = nullptr;
    QList<StandbyView> m_standbys;
    Card *m_promotionCard = nullptr;
    QVBoxLayout *m_promotion = nullptr;
    Servers *m_servers = nullptr;
    DataTable *m_serverTable = nullptr;
    Slots *m_slots = nullptr;
    DataTable *m_slotTable = nullptr;
    QAction *m_openNode;
    TopologyActions *m_acts;
    ActionWatch *m_watch;
    OneCall m_viewCall;
    QElapsedTimer m_sinceSeries;
};

}  // namespace cm::ui
