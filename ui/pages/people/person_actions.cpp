// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/people/person_actions.h"

#include "core/api/endpoints.h"
#include "ui/client/connection.h"
#include "ui/format/format.h"
#include "ui/format/names.h"
#include "ui/shell/changes.h"
#include "ui/shell/shell.h"

#include <QAction>
#include <QComboBox>
#include <QLineEdit>

namespace cm::ui {

namespace ep = api::endpoints;

namespace {

QComboBox *roleBox()
{
    auto *box = new QComboBox;
    for (const auto role : {api::Role::User, api::Role::Observer, api::Role::Moderator, api::Role::Operator, api::Role::Admin})
        box->addItem(nameFor(role), static_cast<int>(role));
    return box;
}

api::Role roleIn(const QComboBox *box)
{
    return static_cast<api::Role>(box->currentData().toInt());
}

}  // namespace

PersonActions::PersonActions(const PageContext &context, QObject *parent)
    : QObject(parent), m_context(context), m_role(new QAction(tr("Change &role…"), this)), m_email(new QAction(tr("Change e-&mail…"), this)),
      m_freeze(new QAction(tr("Free&ze…"), this)), m_unfreeze(new QAction(tr("Unfree&ze"), this))
{
    connect(m_role, &QAction::triggered, this, &PersonActions::askRole);
    connect(m_email, &QAction::triggered, this, &PersonActions::askEmail);
    connect(m_freeze, &QAction::triggered, this, &PersonActions::askFreeze);
    connect(m_unfreeze, &QAction::triggered, this, [this] { putActive(m_person->name, true, {}, nullptr, true); });
    setPerson(std::nullopt);
}

void PersonActions::setPerson(const std::optional<api::User> &person)
{
    m_person = person;
    m_role->setEnabled(person && m_context.connection.allows(ep::setUserRole));
    m_email->setEnabled(person && m_context.connection.allows(ep::setUserEmail));
    const bool may = person && m_context.connection.allows(ep::setUserActive);
    m_freeze->setVisible(!person || person->active);
    m_freeze->setEnabled(may && person->active);
    m_unfreeze->setVisible(person && !person->active);
    m_unfreeze->setEnabled(may && !person->active);
}

void PersonActions::askAdd()
{
    auto *sheet = new ActionSheet(tr("Add person"), tr("A&dd person"));
    auto *name = new QLineEdit;
    auto *email = new QLineEdit;
    auto *password = new QLineEdit;
    password->setEchoMode(QLineEdit::Password);
    password->setPlaceholderText(tr("none: tokens only"));
    QComboBox *role = roleBox();
    sheet->setPlan({tr("The person can be given roles on projects, and comes in with the password or with tokens.")});
    sheet->addField(tr("&Name"), name);
    sheet->addField(tr("E-&mail (optional)"), email);
    sheet->addField(tr("&Role in the registry"), role);
    sheet->addField(tr("&Password (optional)"), password);
    sheet->setUndoText(tr("A person stays; freezing takes everything they may do away."));
    sheet->setReady(false);
    connect(name, &QLineEdit::textChanged, sheet, [sheet](const QString &typed) { sheet->setReady(!typed.trimmed().isEmpty()); });
    connect(sheet, &ActionSheet::confirmed, this, [this, sheet, name, email, password, role] {
        const api::CreateUser request{name->text().trimmed().toStdString(), email->text().trimmed().toStdString(), roleIn(role),
                                      password->text().toStdString()};
        runChange(this, m_context, ep::createUser, request, {tr("%1 is added").arg(ltr(text(request.name))), {}},
                  {sheet, {}, [this] { Q_EMIT changed(); }});
    });
    m_context.shell.showSheet(sheet);
}

void PersonActions::guardAdmins(QPointer<ActionSheet> sheet, const api::User &person)
{
    const auto &who = m_context.connection.who();
    const bool oneself = who && who->name == person.name;
    QList<ActionSheet::Guard> guards{{oneself ? Mark::Critical : Mark::Ok, oneself ? tr("This is you; somebody else has to do it") : tr("It is somebody else than you")}};
    if (person.role != api::Role::Admin) {
        sheet->setGuards(guards);
        return;
    }
    sheet->setGuards(guards + QList<ActionSheet::Guard>{{Mark::Unknown, tr("Looking whether another admin is left")}});
    api::ListUsers others;
    others.role = api::Role::Admin;
    others.active = true;
    m_admins.start(this, m_context.client.call(ep::listUsers, others), [sheet, guards, name = person.name](const Result<api::Page<api::User>> &answer) {
        if (!sheet)
            return;
        ActionSheet::Guard guard{Mark::Unknown, tr("Whether another admin is left is not known")};
        if (answer) {
            qsizetype left = 0;
            for (const api::User &admin : answer->items)
                left += admin.active && admin.role == api::Role::Admin && admin.name != name ? 1 : 0;
            guard = left > 0 ? ActionSheet::Guard{Mark::Ok, tr("%n other admin(s) can act", nullptr, static_cast<int>(left))}
                             : ActionSheet::Guard{Mark::Critical, tr("This is the last admin; somebody else has to be one first")};
        }
        sheet->setGuards(guards + QList<ActionSheet::Guard>{guard});
    });
}

void PersonActions::askRole()
{
    const api::User person = *m_person;
    auto *sheet = new ActionSheet(tr("Change role"), tr("Cha&nge the role of %1").arg(text(person.name)));
    QComboBox *role = roleBox();
    role->setCurrentIndex(role->findData(static_cast<int>(person.role)));
    sheet->setPlan({tr("%1 is %2 now.").arg(ltr(text(person.name)), nameFor(person.role)),
                    tr("What is under way with the old role ends; tokens go on with the new one."), tr("Roles on projects stay as they are.")});
    sheet->addField(tr("R&ole in the registry"), role);
    sheet->setUndoText(tr("Undo gives back the role %1.").arg(nameFor(person.role)));
    sheet->askReason(true);
    sheet->setReady(false);
    if (person.role == api::Role::Admin)
        guardAdmins(sheet, person);
    connect(role, &QComboBox::currentIndexChanged, sheet, [sheet, role, person] { sheet->setReady(roleIn(role) != person.role); });
    connect(sheet, &ActionSheet::confirmed, this,
            [this, sheet, role, person] { putRole(person.name, roleIn(role), sheet->reason().toStdString(), sheet, person.role); });
    m_context.shell.showSheet(sheet);
}

void PersonActions::putRole(const std::string &person, api::Role role, const std::string &reason, QPointer<ActionSheet> sheet,
                            std::optional<api::Role> back)
{
    QPointer<PersonActions> self(this);
    std::function<void()> undo;
    if (back) {
        undo = [self, person, back] {
            if (self)
                self->putRole(person, *back, "undone", nullptr, std::nullopt);
        };
    }
    const QString name = ltr(text(person));
    runChange(this, m_context, ep::setUserRole, {person, role, reason},
              {tr("%1 is %2 now").arg(name, nameFor(role)), tr("The role of %1 was not changed").arg(name)},
              {std::move(sheet), std::move(undo), [this] { Q_EMIT changed(); }});
}

void PersonActions::askEmail()
{
    const api::User person = *m_person;
    auto *sheet = new ActionSheet(tr("Change e-mail"), tr("Cha&nge the e-mail of %1").arg(text(person.name)));
    auto *email = new QLineEdit(text(person.email));
    email->setLayoutDirection(Qt::LeftToRight);
    sheet->setPlan({person.email.empty() ? tr("There is no address yet; nobody can write to this person.") : tr("Now: %1").arg(ltr(text(person.email))),
                    tr("Messages about projects, tokens and what is on its way out go to the new address.")});
    sheet->addField(tr("&E-mail; empty for none"), email);
    sheet->setUndoText(tr("Undo sets the address that is there now."));
    sheet->askReason(true);
    sheet->setReady(false);
    connect(email, &QLineEdit::textChanged, sheet, [sheet, person](const QString &typed) {
        const QString address = typed.trimmed();
        sheet->setReady(address != text(person.email) && (address.isEmpty() || address.contains(QLatin1Char('@'))));
    });
    connect(sheet, &ActionSheet::confirmed, this, [this, sheet, email, person] {
        putEmail(person.name, email->text().trimmed().toStdString(), sheet->reason().toStdString(), sheet, person.email);
    });
    m_context.shell.showSheet(sheet);
}

void PersonActions::putEmail(const std::string &person, const std::string &email, const std::string &reason, QPointer<ActionSheet> sheet,
                             std::optional<std::string> back)
{
    QPointer<PersonActions> self(this);
    std::function<void()> undo;
    if (back) {
        undo = [self, person, back] {
            if (self)
                self->putEmail(person, *back, "undone", nullptr, std::nullopt);
        };
    }
    const QString name = ltr(text(person));
    runChange(this, m_context, ep::setUserEmail, {person, email, reason},
              {email.empty() ? tr("%1 has no e-mail now").arg(name) : tr("%1 is written to at %2 now").arg(name, ltr(text(email))),
               tr("The e-mail of %1 was not changed").arg(name)},
              {std::move(sheet), std::move(undo), [this] { Q_EMIT changed(); }});
}

void PersonActions::askFreeze()
{
    const api::User person = *m_person;
    const QString name = text(person.name);
    auto *sheet = new ActionSheet(tr("Freeze"), tr("Free&ze %1").arg(name));
    sheet->setDangerous(true);
    sheet->setPlan({tr("Sessions end at once; nobody signs in as %1.").arg(ltr(name)), tr("Tokens and keys for ssh are refused, uploads under way too."),
                    tr("Nothing is removed: %n project(s), roles, tokens and keys stay.", nullptr, static_cast<int>(person.projects))});
    guardAdmins(sheet, person);
    sheet->setUndoText(tr("Undo unfreezes: tokens, keys and the password work again."));
    sheet->askReason(true);
    connect(sheet, &ActionSheet::confirmed, this,
            [this, sheet, person] { putActive(person.name, false, sheet->reason().toStdString(), sheet, true); });
    m_context.shell.showSheet(sheet);
}

void PersonActions::putActive(const std::string &person, bool active, const std::string &reason, QPointer<ActionSheet> sheet, bool withUndo)
{
    QPointer<PersonActions> self(this);
    std::function<void()> undo;
    if (withUndo) {
        undo = [self, person, active] {
            if (self)
                self->putActive(person, !active, "undone", nullptr, false);
        };
    }
    const QString name = ltr(text(person));
    runChange(this, m_context, ep::setUserActive, {person, active, reason},
              active ? ChangeWords{tr("%1 may act again").arg(name), tr("%1 was not unfrozen").arg(name)}
                     : ChangeWords{tr("%1 is frozen").arg(name), tr("%1 was not frozen").arg(name)},
              {std::move(sheet), std::move(undo), [this] { Q_EMIT changed(); }});
}

}  // namespace cm::ui
