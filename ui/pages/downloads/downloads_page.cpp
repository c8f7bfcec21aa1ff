// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/downloads/downloads_page.h"

#include "core/api/endpoints.h"
#include "ui/client/admin_client.h"
#include "ui/client/connection.h"
#include "ui/format/download_words.h"
#include "ui/format/error_words.h"
#include "ui/format/format.h"
#include "ui/pages/downloads/annotation_sheets.h"
#include "ui/pages/downloads/completeness_card.h"
#include "ui/pages/downloads/download_bar.h"
#include "ui/pages/downloads/evidence_card.h"
#include "ui/pages/downloads/share_card.h"
#include "ui/shell/finer_downloads.h"
#include "ui/shell/shell.h"
#include "ui/theme/metrics.h"
#include "ui/widgets/buttons.h"
#include "ui/widgets/card.h"
#include "ui/widgets/time_chart.h"

#include <QAction>
#include <QEvent>
#include <QFileDialog>
#include <QSaveFile>
#include <QScrollArea>
#include <QVBoxLayout>

namespace cm::ui {

namespace {

namespace ep = api::endpoints;

// As many as there are colours, the rest being without one.
constexpr std::int64_t namedLines = 5;
constexpr std::int64_t shownShares = 50;
constexpr std::chrono::seconds readAgainAfter{30};

// What a store says of itself stays.
std::vector<api::DownloadAnnotation> removable(const api::DownloadSeries &series)
{
    std::vector<api::DownloadAnnotation> out = series.annotations;
    std::erase_if(out, [](const api::DownloadAnnotation &one) { return one.id.value == 0; });
    return out;
}

std::optional<Time> startOf(const std::optional<std::chrono::minutes> &span, Time now)
{
    return span ? std::optional<Time>(now - *span) : std::nullopt;
}

}  // namespace

PageFactory downloadsPage()
{
    return {QStringLiteral("downloads"), DownloadsPage::tr("Downloads"), Section::Operate, {}, true, false,
            [](const PageContext &context) { return new DownloadsPage(context); }};
}

DownloadsPage::DownloadsPage(const PageContext &context, QWidget *parent)
    : Page(context, parent), m_table(new QAction(tr("Figures as a &table"), this)), m_csv(new QAction(tr("Export &CSV…"), this)),
      m_png(new QAction(tr("Export p&icture…"), this)), m_annotate(new QAction(tr("A&nnotate…"), this)),
      m_removeAnnotation(new QAction(tr("Remove an ann&otation…"), this))
{
    m_table->setCheckable(true);
    m_again.setInterval(readAgainAfter);
    setTitle(tr("Downloads"));
    setContent(build());
    connectSignals();
}

QWidget *DownloadsPage::build()
{
    m_bar = new DownloadBar(context().client);
    m_chart = new DownloadChart(tr("Downloads over time"));
    m_chart->setMinimumHeight(fontMetrics().height() * 14);
    m_chartCard = new Card(tr("Downloads"));
    m_chartCard->setContent(m_chart);
    m_completeness = new CompletenessCard;
    m_shares = new ShareCard(context());
    m_evidence = new EvidenceCard(context().client);

    auto *left = new QVBoxLayout;
    left->setSpacing(metrics::gap);
    left->addWidget(m_chartCard, 1);
    left->addWidget(m_completeness);
    auto *right = new QVBoxLayout;
    right->setSpacing(metrics::gap);
    right->addWidget(m_shares, 1);
    right->addWidget(m_evidence);
    m_columns = new QBoxLayout(QBoxLayout::LeftToRight);
    m_columns->setSpacing(metrics::gap);
    m_columns->addLayout(left, 5);
    m_columns->addLayout(right, 3);

    auto *content = new QWidget;
    auto *layout = new QVBoxLayout(content);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(metrics::gap);
    layout->addWidget(m_bar);
    layout->addLayout(m_columns, 1);
    m_scroll = new QScrollArea;
    m_scroll->setWidgetResizable(true);
    m_scroll->setFrameShape(QFrame::NoFrame);
    m_scroll->setFocusPolicy(Qt::NoFocus);
    m_scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_scroll->setWidget(content);
    m_scroll->viewport()->setAutoFillBackground(false);
    content->setAutoFillBackground(false);
    content->installEventFilter(this);
    return m_scroll;
}

void DownloadsPage::connectSignals()
{
    m_finer = new FinerDownloads(*m_chart, [this](Time from, Time to) { return seriesOf(from, to); }, this);
    connect(m_finer, &FinerDownloads::wordsChanged, this, &DownloadsPage::tellTotal);
    connect(m_bar, &DownloadBar::changed, this, [this] { ask(true); });
    connect(m_bar, &DownloadBar::lookChanged, this, [this] { m_chart->setLook(m_bar->look()); });
    connect(m_shares, &ShareCard::opened, this, [this](const QString &value) {
        const QStringList projects = m_bar->projects();
        context().shell.go({QStringLiteral("downloads"), projects.size() == 1 ? projects.first() + QLatin1Char('/') + value : value});
    });
    connect(m_table, &QAction::toggled, this, [this](bool table) { m_chart->chart()->showTable(table); });
    connect(m_chart->chart(), &TimeChart::tableShown, m_table, &QAction::setChecked);
    connect(m_csv, &QAction::triggered, this, [this] { saveAs(QStringLiteral("csv"), tr("Export as CSV")); });
    connect(m_png, &QAction::triggered, this, [this] { saveAs(QStringLiteral("png"), tr("Export as a picture")); });
    connect(m_annotate, &QAction::triggered, this, &DownloadsPage::annotate);
    connect(m_removeAnnotation, &QAction::triggered, this, &DownloadsPage::removeAnnotation);
    connect(&context().connection, &Connection::stateChanged, this, [this] {
        if (isVisible() && context().connection.isLive() && m_series.buckets.empty())
            ask(true);
    });
    connect(&m_again, &QTimer::timeout, this, [this] {
        if (isVisible() && context().connection.isLive())
            ask(false);
    });
    m_again.start();
}

bool DownloadsPage::isStaff() const
{
    return context().connection.allows(ep::downloadSeries);
}

void DownloadsPage::activate(const Route &route)
{
    const QString project = route.subject.section(QLatin1Char('/'), 0, 0);
    const QString version = route.subject.section(QLatin1Char('/'), 1);
    // Back to the page by its name alone: what was looked at stays.
    if (!route.subject.isEmpty() && (m_bar->projects() != QStringList{project} || m_bar->version() != version))
        m_bar->setSubject({project}, version);
    ask(!route.subject.isEmpty() || m_series.buckets.empty());
}

void DownloadsPage::refresh()
{
    ask(false);
}

void DownloadsPage::onEvent(const api::Event &event)
{
    if (isVisible() && event.kind.starts_with("annotation."))
        ask(false);
}

QString DownloadsPage::subjectName() const
{
    const QStringList projects = m_bar->projects();
    if (projects.isEmpty())
        return tr("the whole registry");
    return m_bar->version().isEmpty() ? projects.join(QStringLiteral(", ")) : QStringLiteral("%1 %2").arg(projects.first(), m_bar->version());
}

void DownloadsPage::ask(bool anew)
{
    if (anew)
        m_finer->drop();
    // Opened before the registry has said who we are: asked when it has.
    if (!context().connection.who() && m_series.buckets.empty()) {
        faces()->showLoading();
        return;
    }
    if (!isStaff() && m_bar->projects().size() != 1) {
        faces()->showEmpty(tr("The whole registry is for its staff"), tr("Open one of your projects: its downloads are a tab beside its releases."));
        return;
    }
    m_anew = m_anew || anew;
    if (m_series.buckets.empty())
        faces()->showLoading();
    m_completeness->setVisible(isStaff());
    m_evidence->setVisible(isStaff() && m_bar->projects().size() <= 1);
    askSeries();
    m_annotate->setEnabled(context().connection.allows(ep::addAnnotation));
}

void DownloadsPage::askSeries()
{
    const api::DownloadSplit split = m_bar->split();
    const auto handler = [this, split](const Result<api::DownloadSeries> &answer) {
        if (!answer) {
            faces()->showError(answer.error(), [this] { ask(true); });
            return;
        }
        m_shownSplit = split;
        showSeries(*answer);
    };
    m_seriesCall.start(this, seriesOf(startOf(m_bar->span(), context().clock.now()), std::nullopt), handler);
}

QFuture<Result<api::DownloadSeries>> DownloadsPage::seriesOf(std::optional<Time> from, std::optional<Time> to) const
{
    const QStringList projects = m_bar->projects();
    if (projects.size() == 1) {
        const api::ProjectSeriesQuery query{projects.first().toStdString(), m_bar->version().toStdString(), api::DownloadRequest::Download,
                                            m_bar->split(), m_bar->classes(), api::DownloadStep::Auto, from, to, namedLines};
        return context().client.call(ep::projectDownloadSeries, query);
    }
    api::DownloadSeriesQuery query;
    query.projects = projects.join(QLatin1Char(',')).toStdString();
    query.split = m_bar->split();
    query.classes = m_bar->classes();
    query.from = from;
    query.to = to;
    query.most = namedLines;
    return context().client.call(ep::downloadSeries, query);
}

void DownloadsPage::tellTotal()
{
    const auto total = DownloadChart::totalOf(m_series);
    QStringList note{total ? tr("%1 counted").arg(formatCount(*total)) : tr("Nothing is known of this window")};
    note << byStep(m_chart->finerStep().value_or(m_series.step));
    if (const QString finer = m_finer->words(); !finer.isEmpty() && !note.contains(finer))
        note << finer;
    m_chartCard->setNote(note.join(QStringLiteral(" · ")));
}

void DownloadsPage::showSeries(const api::DownloadSeries &series)
{
    m_series = series;
    m_removeAnnotation->setEnabled(context().connection.allows(ep::removeAnnotation) && !removable(series).empty());
    if (!series.since) {
        faces()->showEmpty(tr("No downloads were counted yet"),
                           tr("Counts come from the log of the CDN in front. Let it send its log to `cheesemongerd ingest`, or give that"
                              " command the files of a log."));
        m_series.buckets.clear();
        return;
    }
    m_chart->setLook(m_bar->look());
    const bool anew = std::exchange(m_anew, false);
    if (anew) {
        m_lines.reset();
        m_chart->setDuplicates(m_lines);
    }
    m_chart->setSeries(m_shownSplit, series, anew);
    m_finer->follow(series, anew);
    if (m_bar->projects().size() > 1)
        m_shares->setCompared(series);
    m_chartCard->setTitle(tr("Downloads of %1").arg(subjectName()));
    tellTotal();
    faces()->showContent();
    // The others are asked for the chart's own window, so that their figures are of the same minutes.
    askShares();
    if (!isStaff())
        return;
    askCompleteness();
    if (m_bar->projects().size() <= 1)
        m_evidence->ask(m_bar->projects().value(0), m_bar->version(), series.from, series.to);
}

void DownloadsPage::askShares()
{
    const QStringList projects = m_bar->projects();
    // Of projects side by side the chart's own answer tells as much.
    if (projects.size() > 1) {
        m_sharesCall.drop();
        return;
    }
    const api::DownloadSplit split = projects.isEmpty() ? api::DownloadSplit::Project : api::DownloadSplit::Version;
    const auto handler = [this, split](const Result<api::DownloadShares> &answer) {
        // The chart says what is wrong.
        if (!answer) {
            m_shares->forget();
            return;
        }
        m_shares->setShares(split, *answer, m_series.from);
        if (split != api::DownloadSplit::Version)
            return;
        QStringList versions;
        for (const api::DownloadShare &share : answer->items) {
            if (share.kind == api::DownloadLineKind::Value)
                versions << text(share.value);
        }
        m_bar->setVersions(versions);
    };
    if (projects.isEmpty()) {
        api::DownloadShareQuery query;
        query.split = split;
        query.classes = m_bar->classes();
        query.from = m_series.from;
        query.to = m_series.to;
        query.limit = shownShares;
        m_sharesCall.start(this, context().client.call(ep::downloadShares, query), handler);
        return;
    }
    api::ProjectShareQuery query;
    query.project = projects.first().toStdString();
    query.classes = m_bar->classes();
    query.from = m_series.from;
    query.to = m_series.to;
    query.limit = shownShares;
    m_sharesCall.start(this, context().client.call(ep::projectDownloadShares, query), handler);
}

void DownloadsPage::askCompleteness()
{
    api::CompletenessQuery query;
    query.step = m_series.step;
    query.from = m_series.from;
    query.to = m_series.to;
    m_completenessCall.start(this, context().client.call(ep::downloadCompleteness, query), [this](const Result<api::DownloadCompleteness> &answer) {
        m_lines = answer ? std::optional(*answer) : std::nullopt;
        m_chart->setDuplicates(m_lines);
        if (answer)
            m_completeness->setCompleteness(*answer);
        else
            m_completeness->setUnknown(wordsFor(answer.error()).title);
    });
}

void DownloadsPage::saveAs(const QString &suffix, const QString &title)
{
    auto *dialog = new QFileDialog(this, title);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(suffix);
    dialog->selectFile(QStringLiteral("downloads.") + suffix);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QFileDialog::fileSelected, this, [this, suffix](const QString &path) { save(path, suffix == QLatin1String("png")); });
    dialog->open();
}

void DownloadsPage::save(const QString &path, bool picture)
{
    QSaveFile file(path);
    bool done = file.open(QIODevice::WriteOnly);
    if (done && picture) {
        done = m_chartCard->grab().save(&file, "PNG");
    } else if (done) {
        const QByteArray bytes = downloadsAsCsv(m_shownSplit, m_series, m_lines ? &*m_lines : nullptr);
        done = file.write(bytes) == bytes.size();
    }
    if (done && file.commit())
        context().shell.notify(Mark::Ok, tr("The downloads were exported"), path);
    else
        context().shell.notify(Mark::Warning, tr("The downloads were not exported"), file.errorString());
}

void DownloadsPage::annotate()
{
    const ChartRange shown = m_chart->chart()->shown();
    auto *sheet = new AnnotationSheet(m_bar->projects().size() == 1 ? m_bar->projects().first() : QString(), timeOf(shown.from), timeOf(shown.to),
                                      shown.to - shown.from < secondsOf(m_series.to) - secondsOf(m_series.from));
    connect(sheet, &ActionSheet::confirmed, this, [this, sheet] {
        sheet->setBusy(true);
        whenDone(sheet, context().client.call(ep::addAnnotation, sheet->annotation()), [this, sheet](const Result<api::Change> &answer) {
            sheet->setBusy(false);
            if (!answer) {
                sheet->showError(answer.error());
                return;
            }
            sheet->close();
            ask(false);
        });
    });
    context().shell.showSheet(sheet);
}

void DownloadsPage::removeAnnotation()
{
    const std::vector<api::DownloadAnnotation> annotations = removable(m_series);
    if (annotations.empty())
        return;
    auto *sheet = new RemoveAnnotationSheet(annotations);
    connect(sheet, &ActionSheet::confirmed, this, [this, sheet] {
        sheet->setBusy(true);
        const api::DownloadAnnotation gone = sheet->chosen();
        whenDone(sheet, context().client.call(ep::removeAnnotation, sheet->removal()), [this, sheet, gone](const Result<api::Change> &answer) {
            sheet->setBusy(false);
            if (!answer) {
                sheet->showError(answer.error());
                return;
            }
            const std::string reason = sheet->reason().toStdString();
            sheet->close();
            ask(false);
            context().shell.offerUndo(tr("Removed the annotation %1").arg(text(gone.text)), [this, gone, reason] {
                whenDone(this, context().client.call(ep::addAnnotation, {gone.kind, gone.project, gone.from, gone.to, gone.text, reason}),
                         [this](const Result<api::Change> &) { ask(false); });
            });
        });
    });
    context().shell.showSheet(sheet);
}

QList<QAction *> DownloadsPage::pageActions() const
{
    return {m_table, m_csv, m_png, m_annotate, m_removeAnnotation};
}

void DownloadsPage::find()
{
    m_bar->takeFocus();
}

// A page that scrolls up and down alone needs the width of what is in it: a sheet beside it is laid over it before
// anything is cut.
bool DownloadsPage::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() == QEvent::LayoutRequest && watched == m_scroll->widget())
        m_scroll->setMinimumWidth(m_scroll->widget()->minimumSizeHint().width());
    return Page::eventFilter(watched, event);
}

void DownloadsPage::placeColumns()
{
    const bool beside = width() > fontMetrics().averageCharWidth() * 130;
    m_columns->setDirection(beside ? QBoxLayout::LeftToRight : QBoxLayout::TopToBottom);
}

void DownloadsPage::resizeEvent(QResizeEvent *event)
{
    Page::resizeEvent(event);
    placeColumns();
}

}  // namespace cm::ui
