// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/list_page.h"

#include "ui/models/lazy_window_model.h"

#include <utility>

namespace cm::ui {

ListPage::ListPage(const PageContext &context, QWidget *parent) : Page(context, parent)
{
    m_soon.setSingleShot(true);
    m_soon.setInterval(50);
    connect(&m_soon, &QTimer::timeout, this, &ListPage::readAgain);
}

void ListPage::follow(LazyWindowModel *list)
{
    m_list = list;
    connect(list, &LazyWindowModel::loaded, this, [this] { onLoaded(); });
    connect(list, &LazyWindowModel::failed, this, [this](const Error &error) { faces()->showError(error, [this] { m_list->reload(); }); });
}

void ListPage::point(const Route &) {}

void ListPage::readBeside() {}

bool ListPage::concerns(const api::Event &) const
{
    return true;
}

void ListPage::activate(const Route &route)
{
    point(route);
    if (std::exchange(m_asked, true))
        return;
    faces()->showLoading();
    m_list->reload();
    readBeside();
}

void ListPage::readAgain()
{
    // What is read now is what was wished for in a moment, too.
    m_soon.stop();
    if (m_list->isLoaded())
        m_list->refresh();
    else
        m_list->reload();
    readBeside();
}

void ListPage::refresh()
{
    if (m_asked)
        readAgain();
}

void ListPage::readSoon()
{
    if (m_asked && !m_soon.isActive())
        m_soon.start();
}

void ListPage::onEvent(const api::Event &event)
{
    if (concerns(event))
        readSoon();
}

}  // namespace cm::ui
