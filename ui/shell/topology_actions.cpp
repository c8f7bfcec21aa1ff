// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/topology_actions.h"

#include "ui/client/connection.h"
#include "ui/format/acts.h"
#include "ui/format/format.h"
#include "ui/shell/topology_action_sheet.h"

#include <QAction>
#include <QMenu>
#include <QPushButton>

#include <algorithm>

namespace cm::ui {

TopologyActions::TopologyActions(const PageContext &context, QObject *parent) : QObject(parent), m_context(context)
{
    for (const auto &[kind, name] : api::EnumNames<api::ActionKind>::values) {
        auto *action = new QAction(actEntry(kind), this);
        connect(action, &QAction::triggered, this, [this, kind = kind] {
            for (const ActChoice &choice : std::as_const(m_choices)) {
                if (choice.wish.action == kind)
                    TopologyActionSheet::open(m_context, choice.wish);
            }
        });
        m_actions << action;
    }
    if (m_context.monitorConnection) {
        connect(m_context.monitorConnection, &Connection::whoChanged, this, &TopologyActions::show);
        connect(m_context.monitorConnection, &Connection::stateChanged, this, &TopologyActions::show);
    }
    show();
}

QAction *TopologyActions::of(api::ActionKind kind) const
{
    return m_actions.at(static_cast<qsizetype>(kind));
}

void TopologyActions::setChoices(const QList<ActChoice> &choices)
{
    m_choices = choices;
    show();
}

void TopologyActions::show()
{
    QString forbidden;
    const bool may = TopologyActionSheet::isAllowed(m_context, &forbidden);
    for (qsizetype i = 0; i < m_actions.size(); ++i) {
        QAction *action = m_actions.at(i);
        const api::ActionKind kind = api::EnumNames<api::ActionKind>::values.at(static_cast<std::size_t>(i)).first;
        const auto choice = std::find_if(m_choices.cbegin(), m_choices.cend(), [kind](const ActChoice &one) { return one.wish.action == kind; });
        action->setVisible(choice != m_choices.cend());
        if (choice == m_choices.cend())
            continue;
        action->setEnabled(may && choice->sensible);
        action->setToolTip(!may ? forbidden : choice->sensible ? QString(actVerb(choice->wish)).remove(QLatin1Char('&')) : choice->why);
    }
    for (QPushButton *button : std::as_const(m_buttons)) {
        button->setVisible(!m_choices.isEmpty());
        button->setEnabled(may && !m_choices.isEmpty());
        button->setToolTip(forbidden);
        const QString node = m_choices.isEmpty() ? QString() : text(m_choices.first().wish.target);
        button->setText(tr("Ac&t on %1").arg(node));
        button->setAccessibleName(tr("Act on %1").arg(node));
    }
}

QPushButton *TopologyActions::button(QWidget *parent)
{
    auto *button = new QPushButton(parent);
    button->setAutoDefault(false);
    auto *menu = new QMenu(button);
    menu->setToolTipsVisible(true);
    menu->addActions(m_actions);
    button->setMenu(menu);
    connect(button, &QObject::destroyed, this, [this, button] { m_buttons.removeAll(button); });
    m_buttons << button;
    // Shown without a parent it would be a window of its own for a moment.
    button->setVisible(false);
    return button;
}

}  // namespace cm::ui
