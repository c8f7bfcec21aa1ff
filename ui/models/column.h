// SPDX-License-Identifier: GPL-3.0-or-later
// A column of a table as data: what its header and its cells show, how it is sorted. Values.
#pragma once

#include "core/api/types.h"
#include "ui/models/trend.h"

#include <QString>
#include <QVariant>

#include <functional>
#include <optional>

namespace cm::ui {

struct ColumnInfo {
    // Stable name, for remembered layouts.
    QString key;
    QString header;
    // Figures go right.
    bool figure = false;
    bool identifier = false;
    bool dim = false;
    // What the owner is asked to sort by; empty: cannot be sorted.
    QString sortKey;
    // In average characters.
    int width = 16;
    // Takes what is left.
    bool stretch = false;
};

template <class Row>
struct Column : ColumnInfo {
    std::function<QString(const Row &)> text;
    std::function<QString(const Row &)> tip;
    // At most one of these: the mark before the text.
    std::function<std::optional<api::Verdict>(const Row &)> verdict;
    std::function<api::ProjectStatus(const Row &)> status;
    // Whether the figure is the last one known and no longer about now: struck through.
    std::function<bool(const Row &)> struck;
    // Drawn instead of the text, which says the same; absent: on its way.
    std::function<std::optional<Trend>(const Row &)> trend;
};

// A column with the text alone: column<Row>({"name", tr("Name")}, [](const Row &row) {…}).
template <class Row>
Column<Row> column(ColumnInfo info, std::function<QString(const Row &)> text,
                   std::function<QString(const Row &)> tip = {},
                   std::function<std::optional<api::Verdict>(const Row &)> verdict = {})
{
    return Column<Row>{std::move(info), std::move(text), std::move(tip), std::move(verdict), {}, {}, {}};
}

// A column of a project's status, with its mark.
template <class Row>
Column<Row> statusColumn(ColumnInfo info, std::function<QString(const Row &)> text,
                         std::function<api::ProjectStatus(const Row &)> status)
{
    return Column<Row>{std::move(info), std::move(text), {}, {}, std::move(status), {}, {}};
}

}  // namespace cm::ui
