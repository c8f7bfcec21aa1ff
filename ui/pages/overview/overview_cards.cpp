// SPDX-License-Identifier: GPL-3.0-or-later
// The cards of OverviewPage that tell of the registry itself.
#include "ui/format/format.h"
#include "ui/pages/overview/overview_page.h"
#include "ui/theme/fonts.h"
#include "ui/widgets/card.h"
#include "ui/widgets/data_table.h"

#include <QAction>
#include <QGridLayout>
#include <QLabel>

namespace cm::ui {

Card *OverviewPage::buildCounters()
{
    m_countersCard = new Card(tr("What it holds"));
    auto *inner = new QWidget;
    auto *grid = new QGridLayout(inner);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setHorizontalSpacing(16);
    grid->setVerticalSpacing(2);
    const QStringList names{tr("projects"), tr("releases"), tr("files"), tr("stored"), tr("in quarantine"), tr("uploads today")};
    for (int i = 0; i < names.size(); ++i) {
        auto *figure = new QLabel(dash());
        figure->setFont(titleFont(font()));
        figure->setAccessibleName(names.at(i));
        auto *name = new QLabel(names.at(i));
        name->setForegroundRole(QPalette::PlaceholderText);
        const int row = (i / 3) * 3;
        grid->addWidget(figure, row, i % 3);
        grid->addWidget(name, row + 1, i % 3);
        grid->setColumnStretch(i % 3, 1);
        m_figures.append(figure);
    }
    grid->setRowMinimumHeight(2, 8);
    m_countersCard->setContent(inner);
    return m_countersCard;
}

Card *OverviewPage::buildJournal()
{
    using Row = api::JournalEntry;
    m_journal = new Journal(
        {column<Row>({QStringLiteral("time"), tr("Time, UTC"), false, false, true, {}, 20}, [](const Row &row) { return formatMinute(row.time); },
                     [](const Row &row) { return timeTip(row.time); }),
         column<Row>({QStringLiteral("project"), tr("Project"), false, true, false, {}, 14},
                     [](const Row &row) { return text(row.project); }, [](const Row &row) { return text(row.project); }),
         column<Row>({QStringLiteral("action"), tr("Change"), false, false, false, {}, 16, true},
                     [](const Row &row) { return row.version.empty() ? text(row.action) : text(row.version + " · " + row.action); },
                     [](const Row &row) { return text(row.action); }),
         column<Row>({QStringLiteral("actor"), tr("By"), false, false, true, {}, 9}, [](const Row &row) { return row.actor.empty() ? dash() : text(row.actor); })},
        [](const Row &row) { return QString::number(row.serial); }, this);
    m_journalTable = new DataTable(tr("Timeline"));
    m_journalTable->setTable(m_journal);
    m_journalTable->setEmptyText(tr("Nothing has happened yet"));
    m_journalTable->addAction(m_openProject);
    m_journalCard = new Card(tr("Timeline"));
    m_journalCard->setNote(tr("public journal"));
    m_journalCard->setContent(m_journalTable);
    return m_journalCard;
}

Card *OverviewPage::buildRecent()
{
    using Row = api::ProjectSummary;
    m_recent = new Projects(
        {column<Row>({QStringLiteral("name"), tr("Project"), false, true, false, {}, 20, true}, [](const Row &row) { return text(row.name); },
                     [](const Row &row) { return text(row.summary); }),
         column<Row>({QStringLiteral("latest"), tr("Latest"), false, true, false, {}, 12},
                     [](const Row &row) { return row.latestVersion.empty() ? dash() : text(row.latestVersion); }),
         column<Row>({QStringLiteral("files"), tr("Files"), true, false, false, {}, 8}, [](const Row &row) { return formatCount(row.files); }),
         column<Row>({QStringLiteral("size"), tr("Size"), true, false, false, {}, 10}, [](const Row &row) { return formatBytes(row.totalSize); }),
         column<Row>({QStringLiteral("activity"), tr("Last activity, UTC"), false, false, true, {}, 20},
                     [](const Row &row) { return formatMinute(row.lastActivity); }, [](const Row &row) { return timeTip(row.lastActivity); })},
        [](const Row &row) { return text(row.normalizedName); }, this);
    m_recentTable = new DataTable(tr("Recent projects"));
    m_recentTable->setTable(m_recent);
    m_recentTable->setEmptyText(tr("Nothing was uploaded yet"));
    m_recentTable->addAction(m_openProject);
    m_recentCard = new Card(tr("Recent uploads and changes"));
    m_recentCard->setNote(tr("by last activity"));
    m_recentCard->setContent(m_recentTable);
    return m_recentCard;
}

}  // namespace cm::ui
