// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/flow_layout.h"

#include <QHBoxLayout>
#include <QStyle>
#include <QWidget>

#include <algorithm>

namespace cm::ui {

FlowLayout::FlowLayout(QWidget *parent) : QLayout(parent)
{
    setContentsMargins(0, 0, 0, 0);
    setSpacing(8);
}

FlowLayout::~FlowLayout()
{
    qDeleteAll(m_items);
}

void FlowLayout::addPair(QWidget *label, QWidget *field)
{
    auto *pair = new QWidget;
    auto *row = new QHBoxLayout(pair);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(spacing());
    row->addWidget(label);
    row->addWidget(field);
    pair->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    addWidget(pair);
}

void FlowLayout::push()
{
    m_pushed = count();
}

void FlowLayout::addItem(QLayoutItem *item)
{
    m_items.append(item);
}

int FlowLayout::count() const
{
    return static_cast<int>(m_items.size());
}

QLayoutItem *FlowLayout::itemAt(int index) const
{
    return m_items.value(index);
}

QLayoutItem *FlowLayout::takeAt(int index)
{
    return index >= 0 && index < count() ? m_items.takeAt(index) : nullptr;
}

int FlowLayout::heightForWidth(int width) const
{
    return arrange(QRect(0, 0, width, 0), false);
}

QSize FlowLayout::minimumSize() const
{
    QSize size;
    for (const QLayoutItem *item : m_items)
        size = size.expandedTo(item->minimumSize());
    return size;
}

QSize FlowLayout::sizeHint() const
{
    // Not QSize(), which is one less than nothing.
    QSize size(0, 0);
    for (const QLayoutItem *item : m_items) {
        if (!item->isEmpty())
            size = QSize(size.width() + item->sizeHint().width() + spacing(), std::max(size.height(), item->sizeHint().height()));
    }
    return {std::max(0, size.width() - spacing()), size.height()};
}

void FlowLayout::setGeometry(const QRect &rect)
{
    QLayout::setGeometry(rect);
    static_cast<void>(arrange(rect, true));
}

int FlowLayout::arrange(const QRect &rect, bool really) const
{
    QList<int> line;
    int across = 0;
    int down = 0;
    int y = rect.top();
    const auto end = [&] {
        if (really)
            placeLine(line, QRect(rect.left(), y, rect.width(), down));
        y += down + spacing();
        line.clear();
        across = 0;
        down = 0;
    };
    for (int i = 0; i < count(); ++i) {
        const QLayoutItem *item = m_items.at(i);
        if (item->isEmpty())
            continue;
        // What can shrink needs its least only.
        const int width = item->expandingDirections().testFlag(Qt::Horizontal) ? item->minimumSize().width() : item->sizeHint().width();
        if (!line.isEmpty() && across + spacing() + width > rect.width())
            end();
        across += (line.isEmpty() ? 0 : spacing()) + width;
        down = std::max(down, item->sizeHint().height());
        line.append(i);
    }
    if (!line.isEmpty())
        end();
    return std::max(0, y - spacing() - rect.top());
}

void FlowLayout::placeLine(const QList<int> &line, const QRect &place) const
{
    QList<int> widths;
    QList<qsizetype> growing;
    int left = place.width() - spacing() * static_cast<int>(line.size() - 1);
    for (const int i : line) {
        const QLayoutItem *item = m_items.at(i);
        const bool grows = item->expandingDirections().testFlag(Qt::Horizontal);
        if (grows)
            growing.append(widths.size());
        widths.append(grows ? item->minimumSize().width() : std::min(item->sizeHint().width(), place.width()));
        left -= widths.last();
    }
    for (qsizetype n = 0; n < growing.size() && left > 0; ++n) {
        const int share = left / static_cast<int>(growing.size() - n);
        const int most = m_items.at(line.at(growing.at(n)))->maximumSize().width();
        const int more = std::min(share, std::max(0, most - widths.at(growing.at(n))));
        widths[growing.at(n)] += more;
        left -= more;
    }
    const Qt::LayoutDirection direction = parentWidget() ? parentWidget()->layoutDirection() : Qt::LeftToRight;
    int x = place.left();
    for (qsizetype n = 0; n < line.size(); ++n) {
        QLayoutItem *item = m_items.at(line.at(n));
        if (m_pushed >= 0 && line.at(n) >= m_pushed && left > 0) {
            x += left;
            left = 0;
        }
        const int height = std::min(place.height(), item->sizeHint().height());
        const QRect rect(x, place.top() + (place.height() - height) / 2, widths.at(n), height);
        item->setGeometry(QStyle::visualRect(direction, place, rect));
        x += widths.at(n) + spacing();
    }
}

}  // namespace cm::ui
