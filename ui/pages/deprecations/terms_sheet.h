// SPDX-License-Identifier: GPL-3.0-or-later
// The terms of a record: what retires, who runs it, what replaces it, when. To propose one, or to change them; the kind
// and the subject stay once it is measured. Where `retirable` has choices of a kind, nothing else can be named. GUI thread.
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
    TermsSheet(const QString &owner, std::vector<api::Retirable> retirable, QWidget *parent = nullptr);
    // To change.
    TermsSheet(const api::DeprecationRecord &record, std::vector<api::Retirable> retirable, QWidget *parent = nullptr);

    [[nodiscard]] api::DeprecationTerms terms() const;

private:
    void build(const api::DeprecationTerms &terms, bool fixed);
    void check();
    void offerSubjects(const QString &subject);
    [[nodiscard]] QString subject() const;
    static QDateEdit *dateField(const std::optional<Time> &time);

    std::vector<api::Retirable> m_retirable;
    QLineEdit *m_title = nullptr;
    QComboBox *m_kind = nullptr;
    QComboBox *m_subject = nullptr;
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
