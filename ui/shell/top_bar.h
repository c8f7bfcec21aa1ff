// SPDX-License-Identifier: GPL-3.0-or-later
// The 44 px at the top: name, menus, which registry, as whom, its serial, and the field that opens
// the palette. Owned by its window.
#pragma once

#include <QWidget>

class QMenuBar;
class QToolButton;

namespace cm::ui {

class Connection;

class TopBar : public QWidget {
    Q_OBJECT
public:
    TopBar(const Connection &connection, QMenuBar *menus, QWidget *parent = nullptr);
    [[nodiscard]] QToolButton *registryButton() const { return m_registry; }
    void follow();

Q_SIGNALS:
    void paletteWanted();

protected:
    void paintEvent(QPaintEvent *event) override;
    void showEvent(QShowEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;

private:
    // The short cut alone where the words have no room.
    void fitSearch();
    const Connection &m_connection;
    QMenuBar *m_menus;
    int m_searchWidth = 0;
    QToolButton *m_registry;
    QToolButton *m_person;
    QToolButton *m_serial;
    QToolButton *m_search;
};

}  // namespace cm::ui
