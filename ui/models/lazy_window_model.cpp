// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/lazy_window_model.h"

#include "ui/models/roles.h"

#include <algorithm>
#include <limits>

namespace cm::ui {

LazyWindowModel::LazyWindowModel(QObject *parent) : TableModel(parent)
{
    // Windows that a view only passes while scrolling are not worth a request.
    m_askSoon.setSingleShot(true);
    m_askSoon.setInterval(10);
    connect(&m_askSoon, &QTimer::timeout, this, &LazyWindowModel::ask);
}

void LazyWindowModel::reload()
{
    ++m_generation;
    m_onTheWay.clear();
    m_outdated.clear();
    m_wanted.clear();
    m_recent.clear();
    m_firstVisible = 0;
    m_lastVisible = 0;
    m_error.reset();
    m_loaded = false;
    if (m_total > 0) {
        beginResetModel();
        m_total = 0;
        forgetAll();
        endResetModel();
    } else {
        forgetAll();
    }
    request(0);
}

void LazyWindowModel::refresh()
{
    if (!m_loaded) {
        reload();
        return;
    }
    // Answers under way may be older than what caused this refresh.
    ++m_generation;
    m_onTheWay.clear();
    m_error.reset();
    for (const int window : std::as_const(m_recent))
        m_outdated.insert(window);
    const int first = m_firstVisible / windowSize;
    const int last = std::max(first, m_lastVisible / windowSize);
    for (int window = first; window <= last; ++window)
        want(window);
    ask();
}

void LazyWindowModel::setVisibleRows(int first, int last)
{
    m_firstVisible = std::max(0, first);
    m_lastVisible = std::max(m_firstVisible, last);
    if (m_total == 0)
        return;
    for (int window = m_firstVisible / windowSize; window <= m_lastVisible / windowSize; ++window) {
        if (m_outdated.contains(window) || !holds(window))
            want(window);
    }
}

int LazyWindowModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_total);
}

QVariant LazyWindowModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const int window = index.row() / windowSize;
    if (holds(window)) {
        if (role == PlaceholderRole)
            return false;
        if (role == Qt::DisplayRole)
            touch(window);
        return rowData(index.row(), index.column(), role);
    }
    if (role == PlaceholderRole)
        return true;
    if (role == Qt::DisplayRole)
        want(window);
    return role == Qt::TextAlignmentRole ? commonCell(columnInfo(index.column()), role) : QVariant();
}

void LazyWindowModel::want(int window) const
{
    m_wanted.removeOne(window);
    m_wanted.prepend(window);
    if (m_wanted.size() > parallelRequests)
        m_wanted.removeLast();
    if (!m_askSoon.isActive())
        m_askSoon.start();
}

void LazyWindowModel::ask()
{
    const QList<int> wanted = std::exchange(m_wanted, {});
    for (const int window : wanted) {
        const bool needed = !holds(window) || m_outdated.contains(window);
        if (!needed || m_onTheWay.contains(window))
            continue;
        if (m_onTheWay.size() >= parallelRequests)
            m_wanted.append(window);
        else
            request(window);
    }
}

void LazyWindowModel::request(int window)
{
    if (!m_fetch)
        return;
    m_onTheWay.insert(window);
    m_fetch({qint64(window) * windowSize, windowSize, sortKey(), sortOrder() == Qt::DescendingOrder, m_generation});
}

bool LazyWindowModel::accepts(const WindowRequest &request) const
{
    return request.generation == m_generation;
}

void LazyWindowModel::windowFailed(const WindowRequest &request, Error error)
{
    m_onTheWay.remove(static_cast<int>(request.offset / windowSize));
    m_error = std::move(error);
    Q_EMIT failed(*m_error);
}

void LazyWindowModel::beginDelivery(const WindowRequest &request)
{
    const int window = static_cast<int>(request.offset / windowSize);
    m_onTheWay.remove(window);
    m_outdated.remove(window);
    m_error.reset();
    Q_EMIT aboutToRefresh();
}

void LazyWindowModel::endDelivery(const WindowRequest &request, qint64 total, bool changed)
{
    const int window = static_cast<int>(request.offset / windowSize);
    touch(window);
    trim();
    setTotal(total);
    const int first = window * windowSize;
    const int last = std::min<int>(first + windowSize, static_cast<int>(m_total)) - 1;
    if (changed && last >= first)
        Q_EMIT dataChanged(index(first, 0), index(last, columnCount() - 1));
    const bool firstAnswer = !std::exchange(m_loaded, true);
    Q_EMIT refreshed();
    if (firstAnswer || window == m_firstVisible / windowSize)
        Q_EMIT loaded();
    if (!m_wanted.isEmpty())
        ask();
}

void LazyWindowModel::setTotal(qint64 total)
{
    total = std::clamp<qint64>(total, 0, std::numeric_limits<int>::max() - windowSize);
    if (total == m_total)
        return;
    // Rows come and go at the end: what moved in between is told by dataChanged and by the keys.
    if (total > m_total) {
        beginInsertRows({}, static_cast<int>(m_total), static_cast<int>(total) - 1);
        m_total = total;
        endInsertRows();
    } else {
        beginRemoveRows({}, static_cast<int>(total), static_cast<int>(m_total) - 1);
        m_total = total;
        endRemoveRows();
    }
    Q_EMIT totalChanged(m_total);
}

void LazyWindowModel::touch(int window) const
{
    if (!m_recent.isEmpty() && m_recent.last() == window)
        return;
    m_recent.removeOne(window);
    m_recent.append(window);
}

bool LazyWindowModel::isComplete() const
{
    for (int window = 0; qint64(window) * windowSize < m_total; ++window) {
        if (!holds(window) || m_outdated.contains(window))
            return false;
    }
    return m_loaded;
}

void LazyWindowModel::trim()
{
    while (m_recent.size() > keptWindows) {
        const int oldest = m_recent.takeFirst();
        m_outdated.remove(oldest);
        forget(oldest);
    }
}

}  // namespace cm::ui
