// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/audit/json_difference.h"

#include "ui/format/format.h"

#include <boost/json/serialize.hpp>

#include <QMap>

namespace cm::ui {

namespace {

constexpr int deepest = 8;

QString valueText(const api::Json &value)
{
    if (const auto *string = value.if_string())
        return text(std::string(*string));
    return text(boost::json::serialize(value));
}

void flatten(const api::Json &value, const QString &path, int depth, QMap<QString, QString> &out)
{
    const auto *object = value.if_object();
    if (value.is_null() || (object && object->empty()))
        return;
    if (!object || depth >= deepest) {
        out.insert(path, valueText(value));
        return;
    }
    for (const auto &[key, member] : *object) {
        const QString name = text(std::string(key));
        flatten(member, path.isEmpty() ? name : path + QLatin1Char('.') + name, depth + 1, out);
    }
}

}  // namespace

QList<DifferenceRow> differenceOf(const api::Json &before, const api::Json &after)
{
    QMap<QString, QString> was;
    QMap<QString, QString> is;
    flatten(before, {}, 0, was);
    flatten(after, {}, 0, is);
    QList<DifferenceRow> changed;
    QList<DifferenceRow> same;
    QMap<QString, QString> all = was;
    all.insert(is);
    for (auto it = all.cbegin(); it != all.cend(); ++it) {
        DifferenceRow row{it.key(), was.value(it.key()), is.value(it.key()), DifferenceRow::Kind::Same};
        if (!was.contains(it.key()))
            row.kind = DifferenceRow::Kind::Added;
        else if (!is.contains(it.key()))
            row.kind = DifferenceRow::Kind::Removed;
        else if (row.before != row.after)
            row.kind = DifferenceRow::Kind::Changed;
        (row.kind == DifferenceRow::Kind::Same ? same : changed).append(row);
    }
    return changed + same;
}

}  // namespace cm::ui
