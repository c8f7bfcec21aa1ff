// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/projects/downloads_tab.h"

#include "core/api/endpoints.h"
#include "ui/client/admin_client.h"
#include "ui/format/download_words.h"
#include "ui/format/format.h"
#include "ui/shell/finer_downloads.h"
#include "ui/shell/shell.h"
#include "ui/theme/metrics.h"
#include "ui/widgets/download_chart.h"
#include "ui/widgets/faces.h"
#include "ui/widgets/flow_layout.h"

#include <QComboBox>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

namespace cm::ui {

namespace {

constexpr std::int64_t namedLines = 5;

}  // namespace

DownloadsTab::DownloadsTab(const PageContext &context, QWidget *parent) : QWidget(parent), m_context(context), m_faces(new FacesStack(this))
{
    m_faces->setContent(build());
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 8, 0, 0);
    layout->addWidget(m_faces);
}

QWidget *DownloadsTab::build()
{
    const auto choice = [this](const QString &name) {
        auto *box = new QComboBox;
        box->setAccessibleName(name);
        connect(box, &QComboBox::currentIndexChanged, this, [this] {
            if (isVisible() && !m_project.isEmpty())
                read(true);
        });
        return box;
    };
    m_span = choice(tr("Window"));
    m_span->addItem(tr("Last 24 hours"), 1);
    m_span->addItem(tr("Last 7 days"), 7);
    m_span->addItem(tr("Last 30 days"), 30);
    m_span->addItem(tr("Last year"), 365);
    m_span->setCurrentIndex(2);
    m_split = choice(tr("Split by"));
    using enum api::DownloadSplit;
    for (const api::DownloadSplit one : {Class, Version, Installer, Python, System, Country, FileType})
        m_split->addItem(nameFor(one), static_cast<int>(one));
    m_classes = choice(tr("Client classes"));
    m_classes->addItem(tr("With mirrors"), QString());
    m_classes->addItem(tr("Without mirrors"), QStringLiteral("interactive,ci,browser,tooling,unknown"));
    m_total = new QLabel;
    m_total->setForegroundRole(QPalette::PlaceholderText);
    auto *more = new QPushButton(tr("Downloads &page"));
    more->setToolTip(tr("Versions, comparison, evidence and export"));
    connect(more, &QPushButton::clicked, this, [this] { m_context.shell.go({QStringLiteral("downloads"), m_project}); });

    auto *bar = new QWidget;
    auto *row = new FlowLayout(bar);
    for (QWidget *field : {static_cast<QWidget *>(m_span), static_cast<QWidget *>(m_split), static_cast<QWidget *>(m_classes)})
        row->addWidget(field);
    row->addWidget(m_total);
    row->push();
    row->addWidget(more);
    m_chart = new DownloadChart(tr("Downloads of the project over time"));
    m_finer = new FinerDownloads(*m_chart, [this](Time from, Time to) { return seriesOf(from, to); }, this);
    connect(m_finer, &FinerDownloads::wordsChanged, this, &DownloadsTab::tellTotal);
    auto *content = new QWidget;
    auto *layout = new QVBoxLayout(content);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(metrics::gap);
    layout->addWidget(bar);
    layout->addWidget(m_chart, 1);
    return content;
}

void DownloadsTab::setProject(const QString &project)
{
    m_project = project;
    if (isVisible())
        read(m_read != project);
    else
        m_read.clear();
}

void DownloadsTab::clear()
{
    m_project.clear();
    m_read.clear();
    m_call.drop();
    m_finer->drop();
}

void DownloadsTab::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    if (!m_project.isEmpty() && m_read != m_project)
        read(true);
}

void DownloadsTab::read(bool anew)
{
    m_read = m_project;
    m_faces->showLoading();
    m_finer->drop();
    m_call.start(this, seriesOf(m_context.clock.now() - std::chrono::days(m_span->currentData().toInt()), std::nullopt), [this, anew](const Result<api::DownloadSeries> &answer) {
        if (answer)
            show(*answer, anew);
        else
            m_faces->showError(answer.error(), [this] { read(true); });
    });
}

QFuture<Result<api::DownloadSeries>> DownloadsTab::seriesOf(Time from, std::optional<Time> to) const
{
    api::ProjectSeriesQuery query;
    query.project = m_project.toStdString();
    query.split = static_cast<api::DownloadSplit>(m_split->currentData().toInt());
    query.classes = m_classes->currentData().toString().toStdString();
    query.from = from;
    query.to = to;
    query.most = namedLines;
    return m_context.client.call(api::endpoints::projectDownloadSeries, query);
}

void DownloadsTab::show(const api::DownloadSeries &series, bool anew)
{
    if (!series.since) {
        m_faces->showEmpty(tr("No downloads were counted yet"), tr("They are when the log of the CDN in front is read by `cheesemongerd ingest`."));
        return;
    }
    m_chart->setSeries(static_cast<api::DownloadSplit>(m_split->currentData().toInt()), series, anew);
    m_finer->follow(series, anew);
    m_series = series;
    tellTotal();
    m_faces->showContent();
}

void DownloadsTab::tellTotal()
{
    const auto total = DownloadChart::totalOf(m_series);
    QStringList words{total ? tr("%1 downloads").arg(formatCount(*total)) : tr("Nothing is known of this window")};
    if (const QString finer = m_finer->words(); !finer.isEmpty())
        words << finer;
    m_total->setText(words.join(QStringLiteral(" · ")));
}

}  // namespace cm::ui
