// SPDX-License-Identifier: GPL-3.0-or-later
// Deprecations: everything on its way out, and of the one that is chosen the stages, the evidence, the people and the
// next step with its guards. Routes "deprecations" and "deprecations/NUMBER". GUI thread.
#pragma once

#include "core/api/deprecation_evidence.h"
#include "core/api/deprecations.h"
#include "ui/client/when_done.h"
#include "ui/models/list_table_model.h"
#include "ui/shell/page.h"
#include "ui/shell/page_registry.h"

#include <QTimer>

class QLabel;
class QScrollArea;
class QTabWidget;

namespace cm::ui {

class AnswersTab;
class CalendarTab;
class Card;
class DataTable;
class DeprecationActions;
class IndirectCard;
class MentionsTab;
class MessagesTab;
class NextStepCard;
class PeopleCard;
class ReportTab;
class StageTrack;
class UseCard;

PageFactory deprecationsPage();

class DeprecationsPage : public Page {
    Q_OBJECT
public:
    explicit DeprecationsPage(const PageContext &context, QWidget *parent = nullptr);

    void activate(const Route &route) override;
    void refresh() override;
    void onEvent(const api::Event &event) override;
    [[nodiscard]] QList<QAction *> pageActions() const override;
    void find() override;

private:
    using Model = ListTableModel<api::DeprecationSummary>;

    QList<Column<api::DeprecationSummary>> columns() const;
    QWidget *build();
    QWidget *buildDetail();
    void connectSignals();
    void read();
    void showList(const api::DeprecationList &list);
    void choose(std::int64_t id);
    void readRecord();
    void showRecord(const api::DeprecationRecord &record);
    void showEvidence(const api::DeprecationEvidence &evidence);
    void showStages();

    std::optional<std::int64_t> m_wanted;
    std::optional<std::int64_t> m_chosen;
    std::optional<api::DeprecationRecord> m_record;
    std::optional<api::DeprecationEvidence> m_evidence;
    bool m_asked = false;
    LatestCall m_listCall;
    LatestCall m_recordCall;
    LatestCall m_evidenceCall;
    QTimer m_soon;
    QTimer m_running;
    DeprecationActions *m_actions;
    Model *m_model = nullptr;
    DataTable *m_list = nullptr;
    FacesStack *m_detail = nullptr;
    QScrollArea *m_scroll = nullptr;
    Card *m_stageCard = nullptr;
    StageTrack *m_track = nullptr;
    QLabel *m_about = nullptr;
    UseCard *m_use = nullptr;
    IndirectCard *m_indirect = nullptr;
    NextStepCard *m_next = nullptr;
    QTabWidget *m_tabs = nullptr;
    PeopleCard *m_people = nullptr;
    MessagesTab *m_messages = nullptr;
    AnswersTab *m_answers = nullptr;
    MentionsTab *m_mentions = nullptr;
    ReportTab *m_report = nullptr;
    CalendarTab *m_calendar = nullptr;
};

}  // namespace cm::ui
