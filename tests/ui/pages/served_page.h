// SPDX-License-Identifier: GPL-3.0-or-later
// A page of a list as a server answers it: from a time on, from a place on, at most so many, with how many there are.
#pragma once

#include "core/api/codec.h"
#include "core/base/result.h"

#include <QByteArray>
#include <QUrlQuery>

#include <optional>
#include <vector>

namespace cm::ui {

// `target` is path and query; `answered` is told how many lines the page has.
template <class T>
QByteArray servedPage(const std::vector<T> &all, const QByteArray &target, qint64 *answered = nullptr)
{
    const QUrlQuery query(QString::fromUtf8(target.mid(target.indexOf('?') + 1)));
    const QString text = query.queryItemValue(QStringLiteral("from"), QUrl::FullyDecoded);
    const std::optional<Time> from = text.isEmpty() ? std::nullopt : std::optional(*parseRfc3339(text.toStdString()));
    const auto offset = query.queryItemValue(QStringLiteral("offset")).toLongLong();
    const auto limit = query.hasQueryItem(QStringLiteral("limit")) ? query.queryItemValue(QStringLiteral("limit")).toLongLong() : 100;
    api::Page<T> page;
    page.offset = offset;
    for (const T &one : all) {
        if (from && one.time < *from)
            continue;
        if (page.total >= offset && static_cast<qint64>(page.items.size()) < limit)
            page.items.push_back(one);
        ++page.total;
    }
    if (answered)
        *answered += static_cast<qint64>(page.items.size());
    return QByteArray::fromStdString(api::printJson(api::toJson(page)));
}

}  // namespace cm::ui
