// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/main_window.h"

#include "ui/client/connection.h"
#include "ui/shell/command_palette.h"
#include "ui/shell/monitor_badges.h"
#include "ui/shell/navigation.h"
#include "ui/shell/page_stack.h"
#include "ui/shell/read_only_mode.h"
#include "ui/shell/status_line.h"
#include "ui/shell/top_bar.h"
#include "ui/theme/metrics.h"

#include <QApplication>
#include <QDragEnterEvent>
#include <QHBoxLayout>
#include <QMenuBar>
#include <QMimeData>
#include <QSettings>
#include <QSystemTrayIcon>
#include <QVBoxLayout>

namespace cm::ui {

namespace {
const QString geometryKey = QStringLiteral("window/geometry");
const QString routeKey = QStringLiteral("window/route");
}  // namespace

MainWindow::MainWindow(const WindowParts &parts, Kind kind, QWidget *parent) : QMainWindow(parent), m_parts(parts), m_kind(kind)
{
    build();
    buildMenus();
    connectSignals();
    restoreState();
}

MainWindow::~MainWindow() = default;

void MainWindow::build()
{
    setAcceptDrops(true);
    resize(1280, 820);
    m_menus = new QMenuBar;
    auto *centre = new QWidget(this);
    m_top = new TopBar(m_parts.connection, m_menus, centre);
    m_pages = new PageStack(m_parts.contextFor(*this), m_parts.pages, centre);
    m_readOnly = new ReadOnlyBanner(m_parts.contextFor(*this), centre);
    m_status = new StatusLine(m_parts.connection, m_parts.monitorConnection, m_parts.clock, centre);
    auto *middle = new QHBoxLayout;
    middle->setSpacing(0);
    if (m_kind == Kind::Main) {
        m_navigation = new Navigation(m_parts.pages, centre);
        middle->addWidget(m_navigation);
        m_badges = new MonitorBadges(m_parts.contextFor(*this), this);
    }
    middle->addWidget(m_pages, 1);
    auto *column = new QVBoxLayout(centre);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(m_top);
    column->addWidget(m_readOnly);
    column->addLayout(middle, 1);
    column->addWidget(m_status);
    setCentralWidget(centre);
    setWindowTitle(QStringLiteral("Cheesemonger"));
    m_pages->setFocusPolicy(Qt::ClickFocus);
}

void MainWindow::showEvent(QShowEvent *event)
{
    QMainWindow::showEvent(event);
    focusContent();
}

void MainWindow::focusContent()
{
    // The keyboard goes on where the content is, not on the first button of the top bar.
    if (!focusWidget() || m_top->isAncestorOf(focusWidget()))
        m_pages->setFocus();
}

void MainWindow::connectSignals()
{
    connect(m_pages, &PageStack::routeChanged, this, &MainWindow::onRouteChanged);
    connect(m_top, &TopBar::paletteWanted, this, &MainWindow::openPalette);
    if (m_badges)
        connect(m_badges, &MonitorBadges::badge, m_navigation, &Navigation::setBadge);
    if (m_navigation)
        connect(m_navigation, &Navigation::chosen, this, [this](const QString &id) { go({id, {}}); });
}

void MainWindow::restoreState()
{
    if (!m_parts.settings || m_kind != Kind::Main)
        return;
    const QByteArray geometry = m_parts.settings->value(geometryKey).toByteArray();
    if (!geometry.isEmpty())
        restoreGeometry(geometry);
}

void MainWindow::closeEvent(QCloseEvent *event)
{
    if (m_parts.settings && m_kind == Kind::Main) {
        m_parts.settings->setValue(geometryKey, saveGeometry());
        m_parts.settings->setValue(routeKey, m_pages->route().text());
    }
    QMainWindow::closeEvent(event);
    // Further windows belong to this one.
    if (event->isAccepted() && m_kind == Kind::Main)
        QApplication::closeAllWindows();
}

void MainWindow::go(const Route &route)
{
    if (!m_pages->go(route))
        m_status->say(Mark::Warning, tr("There is no page %1").arg(route.text()));
    focusContent();
}

void MainWindow::openWindow(const Route &route)
{
    auto *window = new MainWindow(m_parts, Kind::SinglePage);
    window->setAttribute(Qt::WA_DeleteOnClose);
    window->go(route);
    window->resize(size() * 0.85);
    window->show();
}

void MainWindow::goBack()
{
    m_pages->goBack();
}

void MainWindow::offerUndo(const QString &text, std::function<void()> undo)
{
    m_pages->offerUndo(text, std::move(undo));
}

void MainWindow::showSheet(ActionSheet *sheet)
{
    m_pages->showSheet(sheet);
}

void MainWindow::notify(Mark mark, const QString &title, const QString &text)
{
    m_status->say(mark, text.isEmpty() ? title : tr("%1: %2").arg(title, text));
    if (isActiveWindow() || !QSystemTrayIcon::isSystemTrayAvailable())
        return;
    if (!m_tray) {
        m_tray = new QSystemTrayIcon(markIcon(mark, colorsOf(palette())), this);
        connect(m_tray, &QSystemTrayIcon::messageClicked, this, [this] {
            showNormal();
            activateWindow();
        });
        m_tray->show();
    }
    m_tray->setIcon(markIcon(mark, colorsOf(palette())));
    m_tray->showMessage(title, text, markIcon(mark, colorsOf(palette())));
}

void MainWindow::openPalette()
{
    if (!m_palette) {
        m_palette = new CommandPalette(m_parts.client, m_parts.pages, this);
        connect(m_palette, &CommandPalette::chosen, this, &MainWindow::go);
    }
    fillActionsMenu();
    m_palette->open(allActions());
}

void MainWindow::onRouteChanged()
{
    const Page *page = m_pages->current();
    const PageFactory *factory = m_parts.pages.find(m_pages->route());
    const QString title = page && !page->title().isEmpty() ? page->title() : factory ? factory->title : QString();
    setWindowTitle(title.isEmpty() ? QStringLiteral("Cheesemonger") : tr("%1 – Cheesemonger").arg(title));
    if (m_navigation && factory)
        m_navigation->setCurrent(factory->id);
    m_back->setEnabled(m_pages->canGoBack());
    m_forward->setEnabled(m_pages->canGoForward());
    fillActionsMenu();
}

void MainWindow::dragEnterEvent(QDragEnterEvent *event)
{
    if (event->mimeData()->hasUrls() && m_parts.pages.takingFiles())
        event->acceptProposedAction();
}

void MainWindow::dropEvent(QDropEvent *event)
{
    QList<QUrl> files;
    for (const QUrl &url : event->mimeData()->urls()) {
        if (url.isLocalFile())
            files << url;
    }
    if (files.isEmpty())
        return;
    event->acceptProposedAction();
    m_pages->dropFiles(files);
}

void MainWindow::changeEvent(QEvent *event)
{
    QMainWindow::changeEvent(event);
    if (event->type() == QEvent::PaletteChange && m_status)
        update();
}

}  // namespace cm::ui
