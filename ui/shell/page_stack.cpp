// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/page_stack.h"

#include "ui/client/connection.h"
#include "ui/widgets/action_sheet.h"
#include "ui/widgets/undo_bar.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QStackedWidget>

namespace cm::ui {

namespace {
constexpr qsizetype longestWay = 100;
}

PageStack::PageStack(const PageContext &context, const PageRegistry &registry, QWidget *parent)
    : QWidget(parent), m_context(context), m_registry(registry), m_row(new QHBoxLayout(this)), m_stack(new QStackedWidget(this)),
      m_undo(new UndoBar(this))
{
    m_row->setContentsMargins(0, 0, 0, 0);
    m_row->setSpacing(0);
    m_row->addWidget(m_stack, 1);
    m_undo->installEventFilter(this);
    connect(&m_context.connection, &Connection::reset, this, &PageStack::onReset);
    if (m_context.monitorConnection) {
        connect(m_context.monitorConnection, &Connection::reset, this, &PageStack::onReset);
        connect(m_context.monitorConnection, &Connection::event, this, [this](const api::Event &event) {
            // Pages that live from the monitor read it again when they are shown.
            if (Page *page = current())
                page->onMonitorEvent(event);
        });
    }
    connect(&m_context.connection, &Connection::event, this, [this](const api::Event &event) {
        for (auto page = m_pages.cbegin(); page != m_pages.cend(); ++page) {
            // A page out of sight reads again when it is shown.
            if (*page == current())
                (*page)->onEvent(event);
            else
                m_outdated.insert(page.key());
        }
    });
}

Page *PageStack::current() const
{
    return qobject_cast<Page *>(m_stack->currentWidget());
}

bool PageStack::go(const Route &route)
{
    const PageFactory *factory = m_registry.find(route);
    if (!factory)
        return false;
    if (route == m_route)
        return true;
    if (!m_route.page.isEmpty()) {
        m_back.append(m_route);
        if (m_back.size() > longestWay)
            m_back.removeFirst();
    }
    m_forward.clear();
    change(route, *factory);
    return true;
}

void PageStack::goBack()
{
    if (m_back.isEmpty())
        return;
    m_forward.append(m_route);
    const Route route = m_back.takeLast();
    if (const PageFactory *factory = m_registry.find(route))
        change(route, *factory);
}

void PageStack::goForward()
{
    if (m_forward.isEmpty())
        return;
    m_back.append(m_route);
    const Route route = m_forward.takeLast();
    if (const PageFactory *factory = m_registry.find(route))
        change(route, *factory);
}

void PageStack::change(const Route &route, const PageFactory &factory)
{
    if (m_sheet)
        m_sheet->close();
    m_route = route;
    Page *page = m_pages.value(factory.id);
    const bool outdated = m_outdated.remove(factory.id);
    if (!page) {
        page = factory.create(m_context);
        m_pages.insert(factory.id, page);
        m_stack->addWidget(page);
        connect(page, &Page::titleChanged, this, [this, page] {
            if (page == current())
                Q_EMIT routeChanged();
        });
    }
    m_stack->setCurrentWidget(page);
    page->activate(route);
    if (outdated)
        page->refresh();
    Q_EMIT routeChanged();
}

void PageStack::onReset()
{
    for (auto page = m_pages.cbegin(); page != m_pages.cend(); ++page) {
        if (*page == current())
            (*page)->refresh();
        else
            m_outdated.insert(page.key());
    }
}

void PageStack::showSheet(ActionSheet *sheet)
{
    if (m_sheet)
        m_sheet->close();
    m_sheet = sheet;
    sheet->setParent(this);
    placeSheet();
    sheet->show();
    sheet->raise();
}

bool PageStack::isBeside(const QWidget &sheet) const
{
    return width() - sheet.minimumWidth() >= m_stack->minimumSizeHint().width();
}

void PageStack::placeSheet()
{
    if (!m_sheet)
        return;
    const bool isThere = m_row->indexOf(m_sheet) >= 0;
    const bool beside = isBeside(*m_sheet);
    if (beside && !isThere)
        m_row->addWidget(m_sheet);
    else if (!beside && isThere)
        m_row->removeWidget(m_sheet);
    // Where the page leaves no room beside it, the sheet lies over its end.
    if (!beside) {
        const int width = std::min(m_sheet->minimumWidth(), this->width());
        m_sheet->setGeometry(isRightToLeft() ? 0 : this->width() - width, 0, width, height());
    }
}

void PageStack::offerUndo(const QString &text, std::function<void()> undo)
{
    m_undo->offer(text, std::move(undo));
    placeUndoBar();
}

void PageStack::dropFiles(const QList<QUrl> &files)
{
    if (Page *page = current(); page && page->takeFiles(files))
        return;
    const PageFactory *factory = m_registry.takingFiles();
    if (!factory)
        return;
    go({factory->id, {}});
    if (Page *page = current())
        page->dropFiles(files);
}

void PageStack::escape()
{
    if (m_sheet && m_sheet->isVisible())
        m_sheet->close();
    else if (Page *page = current(); !page || !page->stepBack())
        goBack();
}

// A sheet does not make the window grow.
QSize PageStack::minimumSizeHint() const
{
    return m_stack->minimumSizeHint();
}

bool PageStack::event(QEvent *event)
{
    const bool handled = QWidget::event(event);
    // A page needs more room, or less, when it is told more.
    if (event->type() == QEvent::LayoutRequest)
        placeSheet();
    return handled;
}

void PageStack::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    placeSheet();
    placeUndoBar();
}

bool PageStack::eventFilter(QObject *watched, QEvent *event)
{
    if (watched == m_undo && event->type() == QEvent::LayoutRequest)
        placeUndoBar();
    return QWidget::eventFilter(watched, event);
}

void PageStack::placeUndoBar()
{
    m_undo->placeIn(size());
}

}  // namespace cm::ui
