// SPDX-License-Identifier: GPL-3.0-or-later
// Says what would be here and offers the first step.
#pragma once

#include <QPointer>
#include <QWidget>

class QAction;
class QLabel;
class QPushButton;

namespace cm::ui {

class EmptyState : public QWidget {
    Q_OBJECT
public:
    explicit EmptyState(QWidget *parent = nullptr);
    void setWords(const QString &title, const QString &text, QAction *firstStep);

private:
    QLabel *m_title;
    QLabel *m_text;
    QPushButton *m_step;
    QPointer<QAction> m_action;
};

}  // namespace cm::ui
