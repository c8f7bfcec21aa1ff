// SPDX-License-Identifier: GPL-3.0-or-later
// Ctrl+K: one field that finds pages, actions and projects. Arrows choose, Enter goes, Esc leaves.
// Owned by its window, GUI thread.
#pragma once

#include "ui/client/when_done.h"
#include "ui/shell/page_registry.h"

#include <QFrame>
#include <QPointer>
#include <QTimer>

class QAction;
class QLineEdit;
class QListWidget;

namespace cm::ui {

class AdminClient;

class CommandPalette : public QFrame {
    Q_OBJECT
public:
    CommandPalette(AdminClient &client, const PageRegistry &registry, QWidget *parent);

    // `actions` are offered while they are enabled.
    void open(const QList<QAction *> &actions);

Q_SIGNALS:
    void chosen(const cm::ui::Route &route);

protected:
    void paintEvent(QPaintEvent *event) override;
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void fill();
    void addEntry(const QString &text, const QString &kind, const QVariant &target, bool identifier = false);
    void searchProjects();
    void take();
    void leave();

    AdminClient &m_client;
    const PageRegistry &m_registry;
    QLineEdit *m_field;
    QListWidget *m_list;
    QList<QAction *> m_actions;
    QStringList m_projects;
    QTimer m_searchSoon;
    LatestCall m_search;
    QPointer<QWidget> m_before;
};

}  // namespace cm::ui
