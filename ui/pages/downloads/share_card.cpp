// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/downloads/share_card.h"

#include "ui/format/download_words.h"
#include "ui/format/format.h"
#include "ui/shell/project_trends.h"
#include "ui/theme/metrics.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/download_chart.h"

#include <algorithm>

namespace cm::ui {

namespace {

// Of projects alone.
constexpr int trendPlace = 2;
// Of what is not compared.
constexpr int mirrorPlace = 4;

std::int64_t allOf(const api::ClassFigures &classes)
{
    return classes.interactive + classes.ci + classes.mirror + classes.browser + classes.tooling + classes.unknown;
}

}  // namespace

ShareCard::ShareCard(const PageContext &context, QWidget *parent) : Card(tr("Most downloaded"), parent), m_trends(new ProjectTrends(context, this))
{
    m_model = new Model(
        {column<Row>({QStringLiteral("name"), tr("Name"), false, true, false, {}, 14, true}, [](const Row &row) { return row.name; },
                     [](const Row &row) { return row.name; }),
         column<Row>({QStringLiteral("count"), tr("Downloads"), true, false, false, {}, 12}, [](const Row &row) { return formatCount(row.share.count); }),
         trendColumn<Row>({QStringLiteral("trend"), tr("30 days"), false, false, false, {}, 11}, [](const Row &row) { return row.project; }, *m_trends),
         column<Row>({QStringLiteral("part"), tr("Share"), true, false, false, {}, 8}, [](const Row &row) { return formatPercent(row.part); }),
         column<Row>({QStringLiteral("mirrors"), tr("Mirrors"), true, false, true, {}, 8},
                     [](const Row &row) {
                         const std::int64_t all = allOf(row.share.classes);
                         return all > 0 ? formatPercent(static_cast<double>(row.share.classes.mirror) / static_cast<double>(all)) : dash();
                     },
                     [](const Row &) { return tr("How much of all its downloads went to mirrors and proxies"); })},
        [](const Row &row) { return row.name; }, this);
    m_table = new DataTable(tr("Most downloaded"));
    m_table->setTable(m_model);
    m_table->setEmptyText(tr("Not known yet"));
    m_table->setMinimumHeight(6 * std::max(metrics::rowHeight, fontMetrics().height() + 10));
    m_trends->serve(*m_table, [this](int row) {
        const Row *found = m_model->rowAt(row);
        return found ? found->project : QString();
    });
    setContent(m_table);
    connect(m_table, &DataTable::opened, this, [this](const QModelIndex &index) {
        const Row *row = m_model->rowAt(index.row());
        if (row && row->share.kind == api::DownloadLineKind::Value)
            Q_EMIT opened(text(row->share.value));
    });
}

void ShareCard::setShares(api::DownloadSplit split, const api::DownloadShares &shares, Time from)
{
    m_table->setColumnHidden(trendPlace, split != api::DownloadSplit::Project);
    m_table->setColumnHidden(mirrorPlace, false);
    setTitle(split == api::DownloadSplit::Version ? tr("Versions") : tr("Most downloaded projects"));
    QStringList note;
    if (shares.values > static_cast<std::int64_t>(shares.items.size()))
        note << tr("%1 of %2").arg(formatCount(static_cast<std::int64_t>(shares.items.size())), formatCount(shares.values));
    if (shares.from != from)
        note << tr("since %1 UTC").arg(formatMinute(shares.from));
    setNote(note.join(QStringLiteral(" · ")));
    QList<Row> rows;
    for (const api::DownloadShare &share : shares.items) {
        const auto all = static_cast<double>(shares.count.value_or(0));
        const double part = all > 0 ? static_cast<double>(share.count) / all : 0;
        const bool project = split == api::DownloadSplit::Project && share.kind == api::DownloadLineKind::Value;
        rows << Row{project ? text(share.value) : QString(), valueName(split, share.kind, share.value), share, part};
    }
    m_table->setEmptyText(shares.known > 0 ? tr("Nothing was downloaded") : tr("Nothing is known of this time"));
    m_model->setRows(rows);
}

void ShareCard::setCompared(const api::DownloadSeries &series)
{
    m_table->setColumnHidden(trendPlace, false);
    m_table->setColumnHidden(mirrorPlace, true);
    setTitle(tr("Side by side"));
    setNote({});
    const std::optional<std::int64_t> sum = DownloadChart::totalOf(series);
    QList<Row> rows;
    m_table->setEmptyText(tr("Nothing is known of this time"));
    if (!sum) {
        m_model->setRows(rows);
        return;
    }
    for (const api::DownloadLine &line : series.lines) {
        api::DownloadShare share;
        share.value = line.project;
        share.count = line.total.value_or(0);
        rows << Row{text(line.project), text(line.project), share, *sum > 0 ? static_cast<double>(share.count) / static_cast<double>(*sum) : 0};
    }
    m_model->setRows(rows);
}

void ShareCard::forget()
{
    m_table->setEmptyText(tr("Not known: the registry did not answer"));
    m_model->setRows({});
    setNote({});
}

}  // namespace cm::ui
