// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/nodes/split_files.h"

#include "ui/format/format.h"
#include "ui/format/signals.h"
#include "ui/theme/fonts.h"
#include "ui/theme/metrics.h"
#include "ui/widgets/buttons.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/flow_layout.h"
#include "ui/widgets/labels.h"

#include <QAction>
#include <QLabel>
#include <QVBoxLayout>

#include <algorithm>

namespace cm::ui {

namespace {

constexpr int mostRowsHigh = 5;

// Its name without the folders of its digest.
QString nameOf(const api::Signal &fact)
{
    const QString path = text(splitFileOf(fact));
    return path.startsWith(QLatin1Char('/')) ? path.mid(path.lastIndexOf(QLatin1Char('/')) + 1) : path;
}

}  // namespace

SplitFiles::SplitFiles(QAction *one, QAction *all, QWidget *parent) : QWidget(parent)
{
    build(one, all);
}

void SplitFiles::build(QAction *one, QAction *all)
{
    using Row = api::Signal;
    m_files = new Files({column<Row>({QStringLiteral("file"), tr("File"), false, true, false, {}, 26, true}, nameOf, [](const Row &row) { return text(splitFileOf(row)); },
                                     [this](const Row &row) { return std::optional(row.stale || m_old ? std::max(row.verdict, api::Verdict::Unknown) : row.verdict); }),
                         column<Row>({QStringLiteral("told"), tr("Its copies"), false, false, false, {}, 30}, [](const Row &row) { return text(row.text); },
                                     [](const Row &row) { return text(row.text); })},
                        [](const Row &row) { return text(row.name); }, this);
    m_files->setStruck(1, [this](const Row &row) { return row.stale || m_old; });
    auto *title = new QLabel(tr("Files with two versions"));
    title->setFont(headingFont(font()));
    m_table = new DataTable(title->text());
    m_table->setTable(m_files);
    m_table->setEmptyText(tr("They are counted, and not named yet"));
    m_table->addActions({one, all});
    m_unlisted = wrappedLabel();
    m_unlisted->setForegroundRole(QPalette::PlaceholderText);
    // A path of any length gives way: the whole is in the tool tip.
    m_told = wrappedLabel();
    m_told->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    auto *bar = new QWidget;
    auto *buttons = new FlowLayout(bar);
    buttons->addWidget(actionButton(one));
    buttons->addWidget(actionButton(all));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, metrics::unit, 0, metrics::unit);
    layout->setSpacing(metrics::unit);
    for (QWidget *part : {static_cast<QWidget *>(title), static_cast<QWidget *>(m_table), static_cast<QWidget *>(m_unlisted), static_cast<QWidget *>(m_told), bar})
        layout->addWidget(part);
    hide();
    connect(m_table, &DataTable::opened, one, &QAction::trigger);
    connect(m_table, &DataTable::currentKeyChanged, this, [this] {
        showChosen();
        Q_EMIT chosenChanged();
    });
}

bool SplitFiles::isShown(const api::Signal &fact)
{
    return !splitFileOf(fact).empty() || fact.name == "split-unlisted";
}

void SplitFiles::setNode(const api::Node &node, bool old)
{
    m_old = old;
    QList<api::Signal> files;
    for (const api::Signal &fact : node.facts) {
        if (!splitFileOf(fact).empty())
            files << fact;
    }
    const api::Signal *unlisted = factOf(node, "split-unlisted");
    const double others = unlisted ? unlisted->value.value_or(0) : 0;
    setVisible(!files.isEmpty() || others > 0);
    m_unlisted->setVisible(others > 0 && !files.isEmpty());
    m_unlisted->setText(tr("Counted and not named here: %1. More of them are named as these are resolved.").arg(formatCount(static_cast<std::int64_t>(others))));
    m_files->setRows(files);
    m_table->setRowsHigh(static_cast<int>(std::clamp<qsizetype>(files.size(), 1, mostRowsHigh)));
    // Another server is another list, also where it has the same files.
    if ((m_node != node.name || !m_table->currentIndex().isValid()) && !files.isEmpty())
        m_table->selectRow(0);
    m_node = node.name;
    showChosen();
}

void SplitFiles::clear()
{
    m_node.clear();
    m_files->setRows({});
    hide();
}

const api::Signal *SplitFiles::current() const
{
    return isHidden() ? nullptr : m_files->rowAt(m_files->rowOf(m_table->currentKey()));
}

std::string SplitFiles::chosen() const
{
    const api::Signal *fact = current();
    return fact ? splitFileOf(*fact) : std::string();
}

QString SplitFiles::hindrance() const
{
    const api::Signal *fact = current();
    // Told by a server that nobody hears now, it may be otherwise: the plan looks.
    return fact && fact->verdict == api::Verdict::Critical && !fact->stale ? text(fact->text) : QString();
}

// What helps has to be read whole, and copied.
void SplitFiles::showChosen()
{
    const api::Signal *fact = current();
    const QString told = hindrance();
    m_told->setVisible(fact && !told.isEmpty());
    m_told->setText(fact && !told.isEmpty() ? tr("%1: %2", "a file, and why it cannot be resolved").arg(nameOf(*fact), told) : QString());
    m_told->setToolTip(fact ? text(splitFileOf(*fact)) : QString());
}

}  // namespace cm::ui
