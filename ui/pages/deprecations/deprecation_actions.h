// SPDX-License-Identifier: GPL-3.0-or-later
// What can be done to a record: its steps, the second person's word, brown-outs ended, people exempted, answers kept,
// terms proposed and changed. Each opens a sheet; what the registry refuses is looked at anew there. GUI thread.
#pragma once

#include "core/api/deprecations.h"
#include "ui/shell/page_context.h"

#include <QHash>
#include <QList>
#include <QObject>

class QAction;

namespace cm::ui {

class DeprecationActions : public QObject {
    Q_OBJECT
public:
    explicit DeprecationActions(const PageContext &context, QObject *parent = nullptr);

    // Absent: none, and all but proposing are disabled.
    void setRecord(const std::optional<api::DeprecationRecord> &record);
    // What a new record may be of; empty: the registry does not tell.
    void setRetirable(const std::vector<api::Retirable> &retirable) { m_retirable = retirable; }
    // Whether it is of something that is read, mostly by nobody who is known.
    [[nodiscard]] bool isOfReads(const api::DeprecationTerms &terms) const;
    [[nodiscard]] const std::optional<api::DeprecationRecord> &record() const { return m_record; }
    // One for each stage that there is; those that are possible are visible, and first: the ordinary next one before all.
    [[nodiscard]] const QList<QAction *> &steps() const { return m_steps; }
    [[nodiscard]] QAction *propose() const { return m_propose; }
    [[nodiscard]] QAction *edit() const { return m_edit; }
    [[nodiscard]] QAction *confirm() const { return m_confirm; }
    [[nodiscard]] QAction *answer() const { return m_answer; }
    [[nodiscard]] QAction *forgetNode() const { return m_forget; }
    [[nodiscard]] QList<QAction *> all() const;

    void askEnd(const api::BrownOut &brownOut);
    void askExempt(const QString &user, const std::optional<Time> &until);

Q_SIGNALS:
    void changed();

private:
    void askStep(api::DeprecationState to);
    void askConfirm(api::DeprecationState to);
    void askPropose();
    void askEdit();
    void askAnswer();
    void askForget();

    PageContext m_context;
    std::optional<api::DeprecationRecord> m_record;
    std::vector<api::Retirable> m_retirable;
    QList<QAction *> m_steps;
    QHash<int, QAction *> m_byState;
    QAction *m_propose;
    QAction *m_edit;
    QAction *m_confirm;
    QAction *m_answer;
    QAction *m_forget;
};

}  // namespace cm::ui
