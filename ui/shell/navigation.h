// SPDX-License-Identifier: GPL-3.0-or-later
// The column at the left: sections and pages, with badges. One list for the keyboard (up, down,
// Enter). Owned by its window.
#pragma once

#include "ui/shell/page_registry.h"
#include "ui/theme/marks.h"

#include <QAbstractButton>
#include <QHash>
#include <QList>
#include <QStringList>
#include <QWidget>

class QVBoxLayout;

namespace cm::ui {

class NavigationButton : public QAbstractButton {
    Q_OBJECT
public:
    NavigationButton(const QString &text, QWidget *parent);
    void setBadge(const QString &text, Mark mark);
    [[nodiscard]] QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent *event) override;
    void enterEvent(QEnterEvent *event) override;
    void leaveEvent(QEvent *event) override;

private:
    QString m_badge;
    Mark m_mark = Mark::None;
};

class Navigation : public QWidget {
    Q_OBJECT
public:
    explicit Navigation(const PageRegistry &registry, QWidget *parent = nullptr);

    void setCurrent(const QString &pageId);
    void setBadge(const QString &pageId, const QString &text, Mark mark);
    // Ids in the order on the screen, for Alt+1..9.
    [[nodiscard]] const QStringList &order() const { return m_order; }

Q_SIGNALS:
    void chosen(const QString &pageId);

protected:
    void paintEvent(QPaintEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;

private:
    void addSection(QVBoxLayout *layout, Section section, const PageRegistry &registry);

    QHash<QString, NavigationButton *> m_buttons;
    QStringList m_order;
};

}  // namespace cm::ui
