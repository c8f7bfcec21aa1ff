// SPDX-License-Identifier: GPL-3.0-or-later
// Overview: one verdict line, the nodes with their signals, what the registry holds, and what has
// happened lately; with a monitor what the monitor says in place of the nodes. Nothing here is older than it says. Route "overview". GUI thread.
#pragma once

#include "core/api/actions.h"
#include "core/api/operations.h"
#include "core/api/people.h"
#include "core/api/projects.h"
#include "ui/client/when_done.h"
#include "ui/models/list_table_model.h"
#include "ui/shell/page.h"
#include "ui/shell/page_registry.h"

#include <QTimer>

class QBoxLayout;
class QGridLayout;
class QLabel;

namespace cm::ui {

class ActionWatch;
class Card;
class DataTable;
class MonitorBoard;
struct HelpfulPage;
struct OverviewVerdict;
class NodeTile;
class VerdictBanner;

PageFactory overviewPage();

class OverviewPage : public Page {
    Q_OBJECT
public:
    explicit OverviewPage(const PageContext &context, QWidget *parent = nullptr);

    void activate(const Route &route) override;
    void refresh() override;
    void onEvent(const api::Event &event) override;
    void onMonitorEvent(const api::Event &event) override;
    [[nodiscard]] QList<QAction *> pageActions() const override;

protected:
    [[nodiscard]] const Connection &followed() const override;
    void showEvent(QShowEvent *event) override;
    void hideEvent(QHideEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;

private:
    using Journal = ListTableModel<api::JournalEntry>;
    using Projects = ListTableModel<api::ProjectSummary>;

    QWidget *build();
    Card *buildCounters();
    Card *buildJournal();
    Card *buildRecent();
    void connectMonitor();
    void showMonitor();
    void showNextAct(const std::optional<api::ActionWish> &act);
    [[nodiscard]] HelpfulPage helpfulPage(const OverviewVerdict &verdict) const;
    // The one next act, as the line on top names it.
    [[nodiscard]] std::optional<api::ActionWish> actOf(const OverviewVerdict &verdict) const;
    [[nodiscard]] OverviewVerdict ownVerdict() const;
    void readNodes();
    void readJournal();
    void readRecent();
    void showNodes();
    // As many tiles beside each other, and columns, as the font leaves room for.
    void placeTiles();
    void showCounters();
    void tick();

    VerdictBanner *m_banner = nullptr;
    ActionWatch *m_watch;
    MonitorBoard *m_board = nullptr;
    QWidget *m_own = nullptr;
    QGridLayout *m_tiles = nullptr;
    QBoxLayout *m_columns = nullptr;
    int m_across = 0;
    QList<NodeTile *> m_nodeTiles;
    QList<QLabel *> m_figures;
    Card *m_countersCard = nullptr;
    Card *m_nodesCard = nullptr;
    Journal *m_journal = nullptr;
    DataTable *m_journalTable = nullptr;
    Projects *m_recent = nullptr;
    DataTable *m_recentTable = nullptr;
    Card *m_journalCard = nullptr;
    Card *m_recentCard = nullptr;
    QAction *m_openProject;
    QAction *m_upload;
    QAction *m_acknowledge;
    QAction *m_acknowledgeAll;
    QAction *m_nextAct;
    QAction *m_showCause;
    std::optional<api::ActionWish> m_wish;
    Route m_help;
    api::NodeList m_nodes;
    LatestCall m_nodesCall;
    LatestCall m_journalCall;
    LatestCall m_recentCall;
    QTimer m_tick;
    QTimer m_nodesAgain;
    QTimer m_soon;
    bool m_asked = false;
    bool m_known = false;
    bool m_boardKnown = false;
    bool m_mayNodes = true;
};

}  // namespace cm::ui
