// SPDX-License-Identifier: GPL-3.0-or-later
// The window: top bar, navigation, pages, status line, menus, palette. Any page can also stand in a
// further window, which is the same class without the navigation column. GUI thread.
#pragma once

#include "ui/shell/shell.h"
#include "ui/shell/window_parts.h"

#include <QMainWindow>

class QMenu;
class QSystemTrayIcon;

namespace cm::ui {

class CommandPalette;
class MonitorBadges;
class Navigation;
class PageStack;
class ReadOnlyBanner;
class StatusLine;
class TopBar;

class MainWindow : public QMainWindow, public Shell {
    Q_OBJECT
public:
    enum class Kind { Main, SinglePage };
    explicit MainWindow(const WindowParts &parts, Kind kind = Kind::Main, QWidget *parent = nullptr);
    ~MainWindow() override;

    void go(const Route &route) override;
    void openWindow(const Route &route) override;
    void goBack() override;
    void offerUndo(const QString &text, std::function<void()> undo) override;
    void showSheet(ActionSheet *sheet) override;
    void notify(Mark mark, const QString &title, const QString &text) override;

    [[nodiscard]] PageStack &pages() { return *m_pages; }
    void openPalette();
    // Every action with its menu, for the palette, tests and the list of short cuts.
    [[nodiscard]] QList<QAction *> allActions() const;

protected:
    void closeEvent(QCloseEvent *event) override;
    void showEvent(QShowEvent *event) override;
    void dragEnterEvent(QDragEnterEvent *event) override;
    void dropEvent(QDropEvent *event) override;
    void changeEvent(QEvent *event) override;

private:
    void build();
    void buildMenus();
    void buildFileMenu();
    void buildViewMenu();
    void buildGoMenu();
    void buildHelpMenu();
    void connectSignals();
    void restoreState();
    void onRouteChanged();
    void focusContent();
    void fillActionsMenu();
    void fillRegistryMenu();
    void showShortcuts();
    QAction *add(QMenu *menu, const QString &text, const QKeySequence &keys, std::function<void()> handler);

    WindowParts m_parts;
    Kind m_kind;
    QMenuBar *m_menus = nullptr;
    QMenu *m_actionsMenu = nullptr;
    QMenu *m_registryMenu = nullptr;
    QAction *m_back = nullptr;
    QAction *m_forward = nullptr;
    TopBar *m_top = nullptr;
    Navigation *m_navigation = nullptr;
    PageStack *m_pages = nullptr;
    ReadOnlyBanner *m_readOnly = nullptr;
    StatusLine *m_status = nullptr;
    CommandPalette *m_palette = nullptr;
    MonitorBadges *m_badges = nullptr;
    QSystemTrayIcon *m_tray = nullptr;
};

}  // namespace cm::ui
