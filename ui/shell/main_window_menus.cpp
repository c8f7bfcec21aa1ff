// SPDX-License-Identifier: GPL-3.0-or-later
// The menus of the window: every action with its short cut.
#include "ui/client/connection.h"
#include "ui/client/profiles.h"
#include "ui/shell/main_window.h"
#include "ui/shell/navigation.h"
#include "ui/shell/page_stack.h"
#include "ui/shell/read_only_mode.h"
#include "ui/shell/top_bar.h"
#include "ui/theme/theme.h"

#include <QActionGroup>
#include <QApplication>
#include <QClipboard>
#include <QDialog>
#include <QDialogButtonBox>
#include <QFileDialog>
#include <QHeaderView>
#include <QMenuBar>
#include <QSettings>
#include <QTableWidget>
#include <QToolButton>
#include <QVBoxLayout>

namespace cm::ui {

namespace {
const QString schemeKey = QStringLiteral("theme/scheme");
}

QAction *MainWindow::add(QMenu *menu, const QString &text, const QKeySequence &keys, std::function<void()> handler)
{
    QAction *action = menu->addAction(text);
    action->setShortcut(keys);
    connect(action, &QAction::triggered, this, std::move(handler));
    return action;
}

void MainWindow::buildMenus()
{
    buildFileMenu();
    buildViewMenu();
    buildGoMenu();
    m_actionsMenu = m_menus->addMenu(tr("&Actions"));
    connect(m_actionsMenu, &QMenu::aboutToShow, this, &MainWindow::fillActionsMenu);
    buildHelpMenu();
    m_registryMenu = new QMenu(this);
    m_top->registryButton()->setMenu(m_registryMenu);
    connect(m_registryMenu, &QMenu::aboutToShow, this, &MainWindow::fillRegistryMenu);
    // Escape has no menu entry of its own: it means "one step back" wherever one is.
    auto *escape = new QAction(this);
    escape->setShortcut(Qt::Key_Escape);
    connect(escape, &QAction::triggered, m_pages, &PageStack::escape);
    addAction(escape);
    fillActionsMenu();
}

void MainWindow::buildFileMenu()
{
    QMenu *file = m_menus->addMenu(tr("&File"));
    if (m_parts.pages.takingFiles()) {
        add(file, tr("&Upload files…"), QKeySequence::Open, [this] {
            auto *dialog = new QFileDialog(this, tr("Files to upload"));
            dialog->setAttribute(Qt::WA_DeleteOnClose);
            dialog->setFileMode(QFileDialog::ExistingFiles);
            dialog->setNameFilters({tr("Packages (*.whl *.tar.gz *.zip)"), tr("All files (*)")});
            connect(dialog, &QFileDialog::urlsSelected, m_pages, &PageStack::dropFiles);
            dialog->open();
        });
        file->addSeparator();
    }
    add(file, tr("&Close window"), QKeySequence::Close, [this] { close(); });
    add(file, tr("&Quit"), QKeySequence(Qt::CTRL | Qt::Key_Q), [] { QApplication::closeAllWindows(); });
}

void MainWindow::buildViewMenu()
{
    QMenu *view = m_menus->addMenu(tr("&View"));
    add(view, tr("&Refresh"), QKeySequence(Qt::Key_F5), [this] {
        m_parts.connection.retryNow();
        if (m_parts.monitorConnection && m_parts.monitorConnection->isChosen())
            m_parts.monitorConnection->retryNow();
        if (Page *page = m_pages->current())
            page->refresh();
    });
    add(view, tr("&Find in page"), QKeySequence::Find, [this] {
        if (Page *page = m_pages->current())
            page->find();
    });
    add(view, tr("Open page in a &window of its own"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_N),
        [this] { openWindow(m_pages->route()); });
    add(view, tr("Full &screen"), QKeySequence(Qt::Key_F11), [this] { setWindowState(windowState() ^ Qt::WindowFullScreen); });
    view->addSeparator();
    auto *group = new QActionGroup(this);
    const auto addScheme = [&](const QString &text, Theme::Scheme scheme) {
        QAction *action = add(view, text, {}, [this, scheme] {
            m_parts.theme.apply(scheme);
            if (m_parts.settings)
                m_parts.settings->setValue(schemeKey, Theme::nameOf(scheme));
        });
        action->setCheckable(true);
        group->addAction(action);
        // One truth: the mark follows the theme whoever changed it.
        connect(view, &QMenu::aboutToShow, action, [this, action, scheme] { action->setChecked(m_parts.theme.scheme() == scheme); });
    };
    addScheme(tr("&Light"), Theme::Scheme::Light);
    addScheme(tr("&Dark"), Theme::Scheme::Dark);
    addScheme(tr("As the s&ystem"), Theme::Scheme::System);
}

void MainWindow::buildGoMenu()
{
    QMenu *goMenu = m_menus->addMenu(tr("&Go"));
    add(goMenu, tr("Go to &anything…"), QKeySequence(Qt::CTRL | Qt::Key_K), [this] { openPalette(); });
    m_back = add(goMenu, tr("&Back"), QKeySequence(Qt::ALT | Qt::Key_Left), [this] { m_pages->goBack(); });
    m_forward = add(goMenu, tr("&Forward"), QKeySequence(Qt::ALT | Qt::Key_Right), [this] { m_pages->goForward(); });
    m_back->setEnabled(false);
    m_forward->setEnabled(false);
    add(goMenu, tr("&Copy the address of this page"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_C),
        [this] { QApplication::clipboard()->setText(m_pages->route().text()); });
    goMenu->addSeparator();
    int number = 0;
    for (const QString &id : m_navigation ? m_navigation->order() : QStringList()) {
        ++number;
        const PageFactory *page = m_parts.pages.find({id, {}});
        const QKeySequence keys = number <= 9 ? QKeySequence(Qt::ALT | static_cast<Qt::Key>(Qt::Key_0 + number)) : QKeySequence();
        add(goMenu, QString(page->title).replace(QLatin1Char('&'), QLatin1String("&&")), keys, [this, id] { go({id, {}}); });
    }
}

void MainWindow::buildHelpMenu()
{
    QMenu *help = m_menus->addMenu(tr("&Help"));
    add(help, tr("&Keyboard shortcuts"), QKeySequence(Qt::Key_F1), [this] { showShortcuts(); });
}

void MainWindow::fillActionsMenu()
{
    m_actionsMenu->clear();
    const Page *page = m_pages->current();
    const QList<QAction *> actions = page ? page->pageActions() : QList<QAction *>();
    m_actionsMenu->addActions(actions);
    if (actions.isEmpty())
        m_actionsMenu->addAction(tr("This page has no actions"))->setEnabled(false);
    const QList<QAction *> ofRegistry = m_readOnly->menuActions();
    if (!ofRegistry.isEmpty())
        m_actionsMenu->addSeparator();
    m_actionsMenu->addActions(ofRegistry);
}

void MainWindow::fillRegistryMenu()
{
    m_registryMenu->clear();
    for (const Profile &profile : m_parts.profiles.all()) {
        QAction *action = m_registryMenu->addAction(profile.name);
        action->setCheckable(true);
        action->setChecked(profile.id == m_parts.connection.profile().id);
        connect(action, &QAction::triggered, this, [this, id = profile.id] {
            if (m_parts.switchRegistry)
                m_parts.switchRegistry(id);
        });
    }
    if (!m_parts.pages.find({QStringLiteral("settings"), {}}))
        return;
    m_registryMenu->addSeparator();
    add(m_registryMenu, tr("&Connections…"), {}, [this] { go({QStringLiteral("settings"), {}}); });
}

QList<QAction *> MainWindow::allActions() const
{
    QList<QAction *> actions;
    for (const QAction *menu : m_menus->actions()) {
        if (menu->menu())
            actions << menu->menu()->actions();
    }
    actions.removeIf([](const QAction *action) { return action->isSeparator(); });
    return actions;
}

void MainWindow::showShortcuts()
{
    QList<QAction *> actions = allActions();
    actions.removeIf([](const QAction *action) { return action->shortcut().isEmpty(); });
    auto *dialog = new QDialog(this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setWindowTitle(tr("Keyboard shortcuts"));
    auto *table = new QTableWidget(static_cast<int>(actions.size()), 2, dialog);
    table->setAccessibleName(tr("Keyboard shortcuts"));
    table->setHorizontalHeaderLabels({tr("Action"), tr("Keys")});
    table->horizontalHeader()->setSectionResizeMode(0, QHeaderView::Stretch);
    table->verticalHeader()->hide();
    table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    table->setTabKeyNavigation(false);
    table->setShowGrid(false);
    for (int row = 0; row < actions.size(); ++row) {
        table->setItem(row, 0, new QTableWidgetItem(QString(actions[row]->text()).remove(QLatin1Char('&'))));
        table->setItem(row, 1, new QTableWidgetItem(actions[row]->shortcut().toString(QKeySequence::NativeText)));
    }
    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Close, dialog);
    connect(buttons, &QDialogButtonBox::rejected, dialog, &QDialog::reject);
    auto *layout = new QVBoxLayout(dialog);
    layout->addWidget(table);
    layout->addWidget(buttons);
    dialog->resize(520, 460);
    dialog->open();
}

}  // namespace cm::ui
