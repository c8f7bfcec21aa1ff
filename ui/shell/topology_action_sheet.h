// SPDX-License-Identifier: GPL-3.0-or-later
// The sheet of an act on the topology: what the monitor would do, for whom, which guards hold and what
// would be lost. Asks again while it is open, so that a guard that stops holding shuts the button.
// Shown with Shell::showSheet(), which owns it. GUI thread.
#pragma once

#include "core/api/monitor_endpoints.h"
#include "ui/client/one_call.h"
#include "ui/shell/page_context.h"
#include "ui/widgets/action_sheet.h"

#include <QTimer>

class QCheckBox;
class QComboBox;
class QLineEdit;

namespace cm::ui {

class TopologyActionSheet : public ActionSheet {
    Q_OBJECT
public:
    TopologyActionSheet(const PageContext &context, api::ActionWish wish, QWidget *parent = nullptr);

    // Opens one at the side of the window.
    static void open(const PageContext &context, const api::ActionWish &wish);
    // Whether the person may do it at all, and why not.
    static bool isAllowed(const PageContext &context, QString *why = nullptr);

private:
    void addChoices();
    void choose();
    void forget();
    void ask();
    void onPlan(const Result<api::ActionPlan> &answer);
    void showPlan(const api::ActionPlan &plan);
    void showGuards(const std::vector<api::ActionGuard> &guards, const QString &also = {});
    void updateReady();
    void press();
    void onPressed(const Result<api::Action> &answer);
    [[nodiscard]] api::ActionWish wish() const;

    PageContext m_context;
    api::ActionWish m_wish;
    std::optional<api::ActionPlan> m_plan;
    // On what the first plan of this wish rested: what was read is about that.
    std::string m_firstBasis;
    QComboBox *m_span = nullptr;
    QCheckBox *m_copy = nullptr;
    QLineEdit *m_project = nullptr;
    QTimer m_typing;
    QCheckBox *m_readAgain = nullptr;
    OneCall m_call;
    QTimer m_again;
    bool m_pressing = false;
};

}  // namespace cm::ui
