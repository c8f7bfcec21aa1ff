// SPDX-License-Identifier: GPL-3.0-or-later
// What is asked before a record goes to another stage: the plan, the guards as they are now, the override where one
// stands in for them, and of a brown-out when, how long and who is on call. Asks anew whenever a field changes. The same
// for the second person's word, which binds each of these. GUI thread.
#pragma once

#include "core/api/deprecations.h"
#include "ui/client/when_done.h"
#include "ui/shell/page_context.h"
#include "ui/widgets/action_sheet.h"

#include <QTimer>

class QCheckBox;
class QComboBox;
class QDateTimeEdit;
class QLineEdit;
class QSpinBox;

namespace cm::ui {

// The mark of a guard; `overridden`: somebody answers for it.
Mark markOf(const api::DeprecationGuard &guard, bool overridden = false);

class StepSheet : public ActionSheet {
    Q_OBJECT
public:
    enum class Purpose { Take, Confirm };
    StepSheet(const PageContext &context, const api::DeprecationRecord &record, api::DeprecationState to, Purpose purpose = Purpose::Take,
              QWidget *parent = nullptr);

    [[nodiscard]] api::TakeDeprecationStep request() const;
    [[nodiscard]] api::ConfirmDeprecationStep word() const;
    // Looks at everything again, after a press that was refused.
    void look();

Q_SIGNALS:
    // The second person means another step.
    void otherStepWanted(cm::api::DeprecationState to);

private:
    void buildChoice();
    void fillIn(const api::AgreedStep &agreed);
    [[nodiscard]] bool mayOverride(const api::DeprecationPlan &plan) const;
    void buildBrownOut();
    void buildOverride();
    void show(const api::DeprecationPlan &plan);
    [[nodiscard]] std::optional<Time> starts() const;

    PageContext m_context;
    api::DeprecationRecord m_record;
    api::DeprecationState m_to;
    bool m_back;
    Purpose m_purpose;
    std::optional<api::DeprecationPlan> m_planned;
    LatestCall m_call;
    QTimer m_soon;
    QDateTimeEdit *m_start = nullptr;
    QComboBox *m_length = nullptr;
    QLineEdit *m_onCall = nullptr;
    QSpinBox *m_abortAt = nullptr;
    QCheckBox *m_override = nullptr;
};

}  // namespace cm::ui
