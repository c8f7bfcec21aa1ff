// SPDX-License-Identifier: GPL-3.0-or-later
// What Overview shows where a monitor watches the registry: topology; how far CDN and mirror have come; lag,
// traffic and answer times over time; open alerts, the latest of the timeline; and the sentence for the line
// on top. Owned by the page, which tells it when to read. GUI thread.
#pragma once

#include "core/api/actions.h"
#include "core/api/alerting.h"
#include "ui/client/freshness.h"
#include "ui/client/one_call.h"
#include "ui/models/list_table_model.h"
#include "ui/pages/overview/verdict.h"
#include "ui/shell/page_context.h"
#include "ui/shell/route.h"
#include "ui/widgets/chart_data.h"

#include <QElapsedTimer>
#include <QWidget>

class QBoxLayout;
class QLabel;
class QPushButton;
class QVBoxLayout;

namespace cm::ui {

class Card;
class CopiesStrip;
class DataTable;
class TimeChart;
class TopologyView;
class UnseenCard;

// The page that helps with what leads, and what its button says; no page: no button.
struct HelpfulPage {
    Route route;
    QString text;
};

class MonitorBoard : public QWidget {
    Q_OBJECT
public:
    explicit MonitorBoard(const PageContext &context, QWidget *parent = nullptr);

    // Each second: the states; every few seconds what was over time.
    void poll();
    void readAll();
    void forget();
    void tick(Time now);
    void placeColumns(int width);
    // The monitor is silent and this desktop looks itself.
    [[nodiscard]] bool isDirect() const;
    // What shows that.
    [[nodiscard]] QList<QWidget *> directParts() const;

    [[nodiscard]] OverviewVerdict verdict(Time now) const;
    [[nodiscard]] const api::MonitorState &state() const { return m_state; }
    // Nothing of it is about now.
    [[nodiscard]] bool isOld(Time now) const;
    // The node to look at first; empty while all is well.
    [[nodiscard]] QString cause() const;
    [[nodiscard]] HelpfulPage helpfulPage() const;
    // The first alert that nobody owns; empty where there is none.
    [[nodiscard]] QString firstAlert() const;
    // How many nobody owns.
    [[nodiscard]] qsizetype firing() const;
    // The one next act on a node, where there is exactly one.
    [[nodiscard]] std::optional<api::ActionWish> nextAct(const QString &node) const;

Q_SIGNALS:
    // The state was answered, or not.
    void answered(const std::optional<cm::Error> &error);
    // Alerts came or went.
    void alertsChanged();

protected:
    void hideEvent(QHideEvent *event) override;

private:
    using Timeline = ListTableModel<api::TimelineEvent>;

    void build();
    QWidget *buildCharts();
    Card *buildAlerts();
    Card *buildTimeline();
    void readOverTime();
    void readSeries(TimeChart *chart, const QList<api::SeriesInfo> &infos);
    void onSeriesList(const api::SeriesList &list);
    void showTraffic(bool counted);
    void showTopology();
    void showAlerts(Time now);
    void showUnwatched();
    [[nodiscard]] QList<VerdictFact> otherwise() const;
    void openMenu(const QString &node, const QString &alert, const QPoint &at);

    PageContext m_context;
    api::MonitorState m_state;
    api::Topology m_topology;
    std::vector<api::Alert> m_alerts;
    api::MonitorComparison m_peers;
    std::vector<api::TimelineEvent> m_events;  // the newest
    bool m_alertsKnown = false;
    Freshness m_freshness;
    QBoxLayout *m_columns = nullptr;
    QBoxLayout *m_chartRow = nullptr;
    int m_width = 0;
    TopologyView *m_map = nullptr;
    Card *m_mapCard = nullptr;
    CopiesStrip *m_copies = nullptr;
    QWidget *m_unwatched = nullptr;
    QLabel *m_key = nullptr;
    QList<QPushButton *> m_unwatchedLines;
    TimeChart *m_lag = nullptr;
    TimeChart *m_answers = nullptr;
    TimeChart *m_traffic = nullptr;
    Card *m_trafficCard = nullptr;
    UnseenCard *m_unseen = nullptr;
    Card *m_alertCard = nullptr;
    QVBoxLayout *m_alertRows = nullptr;
    QString m_alertsShown;
    Timeline *m_timeline = nullptr;
    DataTable *m_timelineTable = nullptr;
    QHash<TimeChart *, QHash<QString, ChartSeries>> m_series;
    OneCall m_stateCall;
    OneCall m_topologyCall;
    OneCall m_alertsCall;
    OneCall m_timelineCall;
    OneCall m_listCall;
    OneCall m_peersCall;
    QElapsedTimer m_sinceOverTime;
};

}  // namespace cm::ui
