// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/buttons.h"

#include <QAction>
#include <QCoreApplication>
#include <QToolButton>

namespace cm::ui {

QPushButton *actionButton(QAction *action, QWidget *parent)
{
    auto *button = new QPushButton(parent);
    const auto follow = [button, action] {
        button->setText(action->text());
        button->setToolTip(action->toolTip() == action->iconText() ? QString() : action->toolTip());
        button->setEnabled(action->isEnabled());
        // Shown without a parent it would be a window of its own for a moment, and take the focus.
        if (button->parentWidget() || !action->isVisible())
            button->setVisible(action->isVisible());
        else
            button->setAttribute(Qt::WA_WState_ExplicitShowHide, false);
        button->setAccessibleName(action->iconText());
    };
    follow();
    button->setAutoDefault(false);
    QObject::connect(action, &QAction::changed, button, follow);
    QObject::connect(button, &QPushButton::clicked, action, &QAction::trigger);
    return button;
}

QToolButton *closeDetailButton(QAction *close)
{
    auto *button = new QToolButton;
    button->setAutoRaise(true);
    button->setText(QStringLiteral("\u00d7"));
    button->setAccessibleName(QCoreApplication::translate("detail", "Close detail"));
    button->setToolTip(QCoreApplication::translate("detail", "Close detail (Esc)"));
    QObject::connect(button, &QToolButton::clicked, close, &QAction::trigger);
    return button;
}

}  // namespace cm::ui
