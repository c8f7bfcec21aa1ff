// SPDX-License-Identifier: GPL-3.0-or-later
// The next step: its guards as they are now with their age, whom it would have refused in 30 days, the buttons of every
// step that is possible, and brown-outs planned and past; above them the one that runs. GUI thread.
#pragma once

#include "core/api/deprecations.h"
#include "ui/client/when_done.h"
#include "ui/models/list_table_model.h"
#include "ui/shell/page_context.h"
#include "ui/widgets/card.h"

#include <QHash>
#include <QTimer>

class QAction;
class QLabel;
class QVBoxLayout;

namespace cm::ui {

class DataTable;
class DeprecationActions;
class LiveBrownOut;

class NextStepCard : public QWidget {
    Q_OBJECT
public:
    NextStepCard(const PageContext &context, DeprecationActions &actions, QWidget *parent = nullptr);

    void show(const api::DeprecationRecord &record);
    [[nodiscard]] QList<QAction *> actions() const;

Q_SIGNALS:
    // A brown-out came to its end: read again.
    void readWanted();

private:
    QWidget *buildPlan();
    QWidget *buildBrownOuts();
    void plan();
    void showPlan(const api::DeprecationPlan &plan);
    void showGuards(const std::vector<api::DeprecationGuard> &guards);
    void tellAge();
    void updateActions();
    void orderButtons();
    void watch(const api::BrownOut &running);
    [[nodiscard]] const api::BrownOut *chosen() const;

    PageContext m_context;
    DeprecationActions &m_actions;
    std::optional<api::DeprecationRecord> m_record;
    LatestCall m_call;
    LatestCall m_watchCall;
    std::optional<Time> m_looked;
    QTimer m_again;
    LiveBrownOut *m_live;
    Card *m_card;
    QVBoxLayout *m_guards = nullptr;
    QLabel *m_confirmed = nullptr;
    QLabel *m_dryHeading = nullptr;
    QLabel *m_dryNote = nullptr;
    QWidget *m_buttons = nullptr;
    QHash<const QAction *, QWidget *> m_buttonOf;
    QLabel *m_brownOutHeading = nullptr;
    ListTableModel<api::RefusedPerson> *m_refused = nullptr;
    ListTableModel<api::BrownOut> *m_brownOuts = nullptr;
    DataTable *m_refusedTable = nullptr;
    DataTable *m_brownOutTable = nullptr;
    QAction *m_end;
};

}  // namespace cm::ui
