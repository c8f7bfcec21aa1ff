// SPDX-License-Identifier: GPL-3.0-or-later
// Incidents: alerts with their owners, what is held back until when, one timeline of everything, and
// the hand-over as one file. Route "incidents"; "incidents/41" chooses that alert,
// "incidents/acknowledge/41" opens its sheet, "incidents/acknowledge-all" the one for all. GUI thread.
#pragma once

#include "core/api/alerting.h"
#include "ui/models/list_table_model.h"
#include "ui/shell/changes.h"
#include "ui/shell/monitor_page.h"

class QCheckBox;
class QTabWidget;

namespace cm::ui {

class AlertDetail;
class Card;
class DataTable;
class TimelineTab;

PageFactory incidentsPage();

class IncidentsPage : public MonitorPage {
    Q_OBJECT
public:
    explicit IncidentsPage(const PageContext &context, QWidget *parent = nullptr);

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
    using Alerts = ListTableModel<api::Alert>;
    using Silences = ListTableModel<api::Silence>;
    using Receivers = ListTableModel<api::Receiver>;

    void build();
    Card *buildAlerts();
    void buildSilences();
    void buildReceivers();
    void connectSignals();
    void readAlerts();
    void readSilences();
    void onAlerts(const api::Page<api::Alert> &alerts);
    void showCurrent();
    void updateActions();
    void takeRoute();
    [[nodiscard]] const api::Alert *current() const;

    void acknowledge();
    void acknowledgeAll();
    void release();
    void silence();
    void endSilence();
    void exportIncident();
    void fetchIncident(const QString &path);
    [[nodiscard]] ChangeSteps steps(ActionSheet *sheet, std::function<void()> undo = {});

    QString m_wanted;
    bool m_wantsSheet = false;
    bool m_wantsAll = false;
    Alerts *m_alerts = nullptr;
    DataTable *m_alertTable = nullptr;
    Card *m_alertCard = nullptr;
    QCheckBox *m_history = nullptr;
    AlertDetail *m_detail = nullptr;
    QTabWidget *m_tabs = nullptr;
    TimelineTab *m_timeline = nullptr;
    Silences *m_silences = nullptr;
    DataTable *m_silenceTable = nullptr;
    Receivers *m_receivers = nullptr;
    DataTable *m_receiverTable = nullptr;
    QAction *m_acknowledge;
    QAction *m_acknowledgeAll;
    QAction *m_release;
    QAction *m_silence;
    QAction *m_endSilence;
    QAction *m_openNode;
    QAction *m_export;
    OneCall m_alertsCall;
    OneCall m_silencesCall;
    OneCall m_receiversCall;
    int m_polls = 0;
};

}  // namespace cm::ui
