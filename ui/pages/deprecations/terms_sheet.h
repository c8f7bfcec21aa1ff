// SPDX-License-Identifier: GPL-3.0-or-later
// The terms of a record: what retires, who runs it, what replaces it, when. To propose one, or to change them; the kind
// and the subject stay once it is measured. GUI thread.
#pragma once

#include "core/api/deprecations.h"
#include "ui/widgets/action_sheet.h"

class QCheckBox;
class QComboBox;
class QDateEdit;
class QLineEdit;
class QSpinBox;

namespace cm::ui {

class TermsSheet : public ActionSheet {
    Q_OBJECT
public:
    // To propose; `owner` is who asks.
    explicit TermsSheet(const QString &owner, QWidget *parent = nullptr);
    // To change.
    explicit TermsSheet(const api::DeprecationRecord &record, QWidget *parent = nullptr);

    [[nodiscard]] api::DeprecationTerms terms() const;

private:
    void build(const api::DeprecationTerms &terms, bool fixed);
    void check();
    static QDateEdit *dateField(const std::optional<Time> &time);

    QLineEdit *m_title = nullptr;
    QComboBox *m_kind = nullptr;
    QLineEdit *m_subject = nullptr;
    QLineEdit *m_owner = nullptr;
    QLineEdit *m_replacement = nullptr;
    QLineEdit *m_link = nullptr;
    QLineEdit *m_command = nullptr;
    QLineEdit *m_client = nullptr;
    QLineEdit *m_mentions = nullptr;
    QDateEdit *m_deprecated = nullptr;
    QDateEdit *m_sunset = nullptr;
    QDateEdit *m_removal = nullptr;
    QSpinBox *m_budget = nullptr;
    QSpinBox *m_quiet = nullptr;
    QCheckBox *m_second = nullptr;
};

}  // namespace cm::ui
