// SPDX-License-Identifier: GPL-3.0-or-later
// The acts on one node as actions of a page: menu, palette, context menu and a button. They open the
// sheet; those that make no sense now say why. Member of the page, GUI thread.
#pragma once

#include "ui/shell/page_context.h"
#include "ui/shell/topology_acts.h"

#include <QObject>

class QAction;
class QPushButton;

namespace cm::ui {

class TopologyActions : public QObject {
    Q_OBJECT
public:
    TopologyActions(const PageContext &context, QObject *parent);

    // Stable; those of another role are out of sight.
    [[nodiscard]] QList<QAction *> all() const { return m_actions; }
    [[nodiscard]] QAction *of(api::ActionKind kind) const;
    void setChoices(const QList<ActChoice> &choices);
    // One button that opens them as a menu.
    [[nodiscard]] QPushButton *button(QWidget *parent = nullptr);

private:
    void show();

    PageContext m_context;
    QList<QAction *> m_actions;
    QList<ActChoice> m_choices;
    QList<QPushButton *> m_buttons;
};

}  // namespace cm::ui
