// SPDX-License-Identifier: GPL-3.0-or-later
// What an admin does to a person: add, change the role, the address, freeze and let go on; each with a plan, a reason
// and its way back. GUI thread.
#pragma once

#include "core/api/people.h"
#include "core/api/ssh_keys.h"
#include "ui/client/when_done.h"
#include "ui/shell/page_context.h"

#include <QList>
#include <QObject>
#include <QPointer>

class QAction;

namespace cm::ui {

class ActionSheet;

class PersonActions : public QObject {
    Q_OBJECT
public:
    explicit PersonActions(const PageContext &context, QObject *parent = nullptr);

    // Absent: nobody, all are disabled.
    void setPerson(const std::optional<api::User> &person);
    [[nodiscard]] QList<QAction *> all() const { return {m_role, m_email, m_freeze, m_unfreeze}; }
    void askAdd();

Q_SIGNALS:
    void changed();

private:
    void askRole();
    void askEmail();
    void askFreeze();
    void putRole(const std::string &person, api::Role role, const std::string &reason, QPointer<ActionSheet> sheet, std::optional<api::Role> back);
    void putEmail(const std::string &person, const std::string &email, const std::string &reason, QPointer<ActionSheet> sheet,
                  std::optional<std::string> back);
    void putActive(const std::string &person, bool active, const std::string &reason, QPointer<ActionSheet> sheet, bool withUndo);
    // Live: looks whether another admin who may act is left, and says so in the sheet.
    void guardAdmins(QPointer<ActionSheet> sheet, const api::User &person);

    PageContext m_context;
    std::optional<api::User> m_person;
    LatestCall m_admins;
    QAction *m_role;
    QAction *m_email;
    QAction *m_freeze;
    QAction *m_unfreeze;
};

}  // namespace cm::ui
