// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/token_columns.h"

#include "ui/format/format.h"

#include <QCoreApplication>

namespace cm::ui {

namespace {

QString tr(const char *source)
{
    return QCoreApplication::translate("tokens", source);
}

}  // namespace

QList<Column<api::Token>> tokenColumns(const QString &everything)
{
    using Row = api::Token;
    return {column<Row>({QStringLiteral("description"), tr(QT_TRANSLATE_NOOP("tokens", "Name")), false, false, false, {}, 16, true},
                        [](const Row &row) {
                            return row.description.empty() ? tr(QT_TRANSLATE_NOOP("tokens", "without a name")) : text(row.description);
                        }),
            column<Row>({QStringLiteral("scope"), tr(QT_TRANSLATE_NOOP("tokens", "Covers")), false, false, false, {}, 16},
                        [everything](const Row &row) {
                            QStringList names;
                            for (const auto &project : row.projects)
                                names << text(project);
                            return names.isEmpty() ? everything : names.join(QStringLiteral(", "));
                        }),
            column<Row>({QStringLiteral("used"), tr(QT_TRANSLATE_NOOP("tokens", "Last used, UTC")), false, false, true, {}, 20},
                        [](const Row &row) { return row.lastUsed ? formatMinute(*row.lastUsed) : tr(QT_TRANSLATE_NOOP("tokens", "never")); },
                        [](const Row &row) { return row.lastUsed ? timeTip(*row.lastUsed) : QString(); }),
            column<Row>({QStringLiteral("expires"), tr(QT_TRANSLATE_NOOP("tokens", "Expires")), false, false, true, {}, 14},
                        [](const Row &row) { return row.expires ? formatDate(*row.expires) : tr(QT_TRANSLATE_NOOP("tokens", "does not")); },
                        [](const Row &row) { return row.expires ? timeTip(*row.expires) : QString(); })};
}

}  // namespace cm::ui
