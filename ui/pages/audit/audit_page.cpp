// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/audit/audit_page.h"

#include "core/api/monitor_endpoints.h"
#include "ui/client/admin_client.h"
#include "ui/client/connection.h"
#include "ui/format/error_words.h"
#include "ui/format/format.h"
#include "ui/format/names.h"
#include "ui/pages/audit/audit_detail.h"
#include "ui/pages/audit/audit_export.h"
#include "ui/shell/shell.h"
#include "ui/theme/metrics.h"
#include "ui/widgets/buttons.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/flow_layout.h"
#include "ui/widgets/search_field.h"
#include "ui/widgets/state_mark.h"

#include <QAction>
#include <QComboBox>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QLabel>
#include <QSaveFile>
#include <QSplitter>
#include <QVBoxLayout>

#include <algorithm>

namespace cm::ui {

namespace {

constexpr qint64 exportPortion = 500;

}  // namespace

PageFactory auditPage()
{
    return {QStringLiteral("audit"), AuditPage::tr("Audit"), Section::Change, {}, true, false,
            [](const PageContext &context) { return new AuditPage(context); }};
}

AuditPage::AuditPage(const PageContext &context, QWidget *parent)
    : ListPage(context, parent), m_sources(new AuditSources(context, this)), m_verify(new QAction(tr("Verify the chai&n"), this)), m_exportCsv(new QAction(tr("Export &CSV…"), this)),
      m_exportJson(new QAction(tr("Export &JSON…"), this))
{
    using Row = AuditLine;
    m_model = new Model(
        {column<Row>({QStringLiteral("time"), tr("Time, UTC"), false, false, true, {}, 20},
                     [](const Row &row) { return formatMinute(row.entry.time); }, [](const Row &row) { return timeTip(row.entry.time); }),
         column<Row>({QStringLiteral("source"), tr("Source"), false, false, false, {}, 10},
                     [](const Row &row) { return row.source == AuditSource::Registry ? tr("registry") : tr("monitor"); }),
         column<Row>({QStringLiteral("actor"), tr("Who"), false, false, false, {}, 12}, [](const Row &row) { return text(row.entry.actor); },
                     [](const Row &row) { return text(row.entry.role); }),
         column<Row>({QStringLiteral("action"), tr("Action"), false, false, false, {}, 22},
                     [](const Row &row) { return actionName(row.entry.action); }, [](const Row &row) { return text(row.entry.action); }),
         column<Row>({QStringLiteral("subject"), tr("Subject"), false, true, false, {}, 20, true},
                     [](const Row &row) { return text(row.entry.subject); }, [](const Row &row) { return text(row.entry.subject); }),
         column<Row>({QStringLiteral("reason"), tr("Reason"), false, false, true, {}, 20},
                     [](const Row &row) { return row.entry.reason.empty() ? dash() : text(row.entry.reason); },
                     [](const Row &row) { return text(row.entry.reason); })},
        [](const Row &row) { return QStringLiteral("%1%2").arg(row.source == AuditSource::Registry ? QLatin1Char('r') : QLatin1Char('m')).arg(row.entry.id.value); },
        this);
    m_verify->setToolTip(tr("Checks that no line was changed or taken out since it was written"));
    setTitle(tr("Audit"));
    setContent(build());
    connectSignals();
}

QWidget *AuditPage::build()
{
    m_table = new DataTable(tr("Audit lines"));
    m_table->setTable(m_model);
    m_table->rememberLayout(context().settings, QStringLiteral("audit/list"));
    m_table->setEmptyText(tr("No line matches"));
    m_table->addActions(pageActions());
    m_detail = new AuditDetail;
    auto *left = new QWidget;
    auto *column = new QVBoxLayout(left);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(metrics::gap);
    column->addWidget(m_table, 1);
    auto *splitter = new QSplitter(Qt::Horizontal);
    splitter->setChildrenCollapsible(false);
    splitter->setHandleWidth(metrics::gap);
    splitter->addWidget(left);
    splitter->addWidget(m_detail);
    splitter->setStretchFactor(0, 1);
    splitter->setSizes({780, 420});

    auto *content = new QWidget;
    auto *layout = new QVBoxLayout(content);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(metrics::gap);
    layout->addWidget(buildBar());
    m_missing = new StateMark;
    m_missing->setObjectName(QStringLiteral("missing"));
    m_missing->hide();
    layout->addWidget(m_missing);
    layout->addWidget(splitter, 1);
    auto *foot = new QWidget;
    auto *bottom = new FlowLayout(foot);
    m_proof = new StateMark(Mark::None, tr("The chain was not checked in this window yet"));
    bottom->addWidget(actionButton(m_verify));
    bottom->addWidget(m_proof);
    m_monitorProof = new StateMark;
    m_monitorProof->hide();
    bottom->addWidget(m_monitorProof);
    bottom->push();
    bottom->addWidget(actionButton(m_exportCsv));
    bottom->addWidget(actionButton(m_exportJson));
    layout->addWidget(foot);
    return content;
}

QWidget *AuditPage::buildBar()
{
    auto *bar = new QWidget;
    auto *row = new FlowLayout(bar);
    m_subject = new SearchField(tr("Filter by subject"));
    m_actor = new SearchField(tr("Exactly this person"));
    m_kind = new QComboBox;
    m_kind->addItem(tr("Any action"), QString());
    m_kind->addItem(tr("Projects"), QStringLiteral("project."));
    m_kind->addItem(tr("Releases"), QStringLiteral("release."));
    m_kind->addItem(tr("Files"), QStringLiteral("file."));
    m_kind->addItem(tr("Documentation"), QStringLiteral("documentation."));
    m_kind->addItem(tr("Roles"), QStringLiteral("role."));
    m_kind->addItem(tr("People"), QStringLiteral("user."));
    m_kind->addItem(tr("Tokens"), QStringLiteral("token."));
    m_kind->addItem(tr("Keys for ssh"), QStringLiteral("ssh_key."));
    m_kind->addItem(tr("Deprecations"), QStringLiteral("deprecation."));
    m_kind->addItem(tr("Registry"), QStringLiteral("registry."));
    m_kind->addItem(tr("Actions on nodes"), QStringLiteral("action."));
    m_kind->addItem(tr("Alerts"), QStringLiteral("alert."));
    m_kind->addItem(tr("Silences"), QStringLiteral("silence."));
    m_kind->setAccessibleName(tr("Action filter"));
    m_period = new QComboBox;
    m_period->addItem(tr("All time"), 0);
    m_period->addItem(tr("Last hour"), 1);
    m_period->addItem(tr("Last 24 hours"), 24);
    m_period->addItem(tr("Last 7 days"), 24 * 7);
    m_period->addItem(tr("Last 30 days"), 24 * 30);
    m_period->setAccessibleName(tr("Time filter"));
    m_count = new QLabel;
    m_count->setForegroundRole(QPalette::PlaceholderText);
    auto *kindLabel = new QLabel(tr("Ac&tion"));
    kindLabel->setBuddy(m_kind);
    auto *periodLabel = new QLabel(tr("Ti&me"));
    periodLabel->setBuddy(m_period);
    row->addWidget(m_subject);
    row->addWidget(m_actor);
    row->addPair(kindLabel, m_kind);
    row->addPair(periodLabel, m_period);
    row->addWidget(m_count);
    return bar;
}

void AuditPage::connectSignals()
{
    m_model->setFetch([this](const WindowRequest &window) {
        // With nobody to ask, what is on the screen stays.
        if (m_model->isLoaded() && !context().connection.isLive() && !context().hearsMonitor())
            return;
        // One answer of the whole list holds for all windows of it.
        if (std::exchange(m_generation, window.generation) != window.generation)
            m_sources->begin(filter(), std::exchange(m_monitorChanged, false));
        m_sources->read(window.offset, window.limit, [this, window](Result<api::Page<AuditLine>> answer) {
            showMissing();
            m_model->deliver(window, std::move(answer));
        });
    });
    for (Connection *connection : std::initializer_list<Connection *>{&context().connection, context().monitorConnection}) {
        if (!connection)
            continue;
        connect(connection, &Connection::stateChanged, this, [this, connection] {
            // Out of sight it waits until it is shown.
            if (connection->isLive() && isVisible())
                readMonitorToo();
        });
        connect(connection, &Connection::chosenChanged, this, &AuditPage::readMonitorToo);
    }
    const auto reload = [this] {
        // The window of time is fixed when it is chosen, so that pages of one list belong together.
        const int hours = m_period->currentData().toInt();
        m_from = hours > 0 ? std::optional<Time>(context().clock.now() - std::chrono::hours(hours)) : std::nullopt;
        m_model->reload();
    };
    connect(m_subject, &SearchField::searched, this, reload);
    connect(m_actor, &SearchField::searched, this, reload);
    connect(m_kind, &QComboBox::currentIndexChanged, this, reload);
    connect(m_period, &QComboBox::currentIndexChanged, this, reload);
    for (auto *field : {m_subject, m_actor}) {
        connect(field, &SearchField::leaveDown, this, [this] {
            m_table->setFocus();
            if (!m_table->currentIndex().isValid() && m_model->rowCount() > 0)
                m_table->selectRow(0);
        });
    }
    follow(m_model);
    connect(m_model, &LazyWindowModel::totalChanged, this, [this](qint64 total) { m_count->setText(tr("%1 lines").arg(formatCount(total))); });
    connect(m_table, &DataTable::currentKeyChanged, this, &AuditPage::showCurrent);
    connect(m_verify, &QAction::triggered, this, &AuditPage::verify);
    connect(m_exportCsv, &QAction::triggered, this, [this] { exportShown(false); });
    connect(m_exportJson, &QAction::triggered, this, [this] { exportShown(true); });
}

api::ListAudit AuditPage::filter() const
{
    api::ListAudit request;
    request.actor = m_actor->text().trimmed().toStdString();
    request.subject = m_subject->text().trimmed().toStdString();
    request.action = m_kind->currentData().toString().toStdString();
    request.from = m_from;
    return request;
}

bool AuditPage::isFiltered() const
{
    return !m_actor->text().trimmed().isEmpty() || !m_subject->text().trimmed().isEmpty() || m_kind->currentIndex() > 0 || m_from;
}

void AuditPage::onLoaded()
{
    if (m_model->total() == 0 && !isFiltered()) {
        faces()->showEmpty(tr("Nobody has done anything yet"), tr("Every upload and every action of an admin leaves a line here."));
        return;
    }
    faces()->showContent();
    if (!m_table->currentIndex().isValid() && m_model->total() > 0)
        m_table->selectRow(0);
}

void AuditPage::refresh()
{
    m_monitorChanged = true;
    ListPage::refresh();
}

void AuditPage::onMonitorEvent(const api::Event &event)
{
    // Verdicts come and go by themselves; what people do is what has a line.
    if (!event.kind.starts_with("verdict."))
        readMonitorToo();
}

void AuditPage::readMonitorToo()
{
    m_monitorChanged = true;
    readSoon();
}

void AuditPage::showEvent(QShowEvent *event)
{
    ListPage::showEvent(event);
    // Out of sight it hears nothing of the monitor.
    readMonitorToo();
}

const Connection &AuditPage::followed() const
{
    const bool monitorAlone = m_sources->missing(AuditSource::Registry) && context().hearsMonitor();
    return monitorAlone ? *context().monitorConnection : context().connection;
}

void AuditPage::showMissing()
{
    QString words;
    if (const auto &problem = m_sources->missing(AuditSource::Registry))
        words = tr("Only the monitor's lines are here. The registry's are missing: %1").arg(wordsFor(*problem).title);
    else if (const auto &silent = m_sources->missing(AuditSource::Monitor))
        words = (silent->code == ErrorCode::Unavailable || silent->code == ErrorCode::Timeout) && trustWords(*silent).isEmpty()
            ? tr("Only the registry's lines are here. The monitor's are missing: it does not answer")
            : tr("Only the registry's lines are here. The monitor's are missing: %1").arg(wordsFor(*silent).title);
    m_missing->setState(Mark::Unknown, words);
    m_missing->setVisible(!words.isEmpty());
    followConnection();
}

void AuditPage::showCurrent()
{
    const auto *row = m_model->rowAt(m_model->rowOf(m_table->currentKey()));
    if (row)
        m_detail->setEntry(row->entry);
    else
        m_detail->clear();
}

void AuditPage::point(const Route &route)
{
    if (!route.subject.isEmpty() && m_subject->text() != route.subject)
        m_subject->setText(route.subject);
}

QList<QAction *> AuditPage::pageActions() const
{
    return {m_verify, m_exportCsv, m_exportJson};
}

void AuditPage::find()
{
    m_subject->setFocus();
    m_subject->selectAll();
}

void AuditPage::verify()
{
    const bool both = context().hasMonitor();
    m_verify->setEnabled(false);
    m_proof->setState(Mark::None, tr("Checking the chain"));
    m_verifying.start(this, context().client.call(api::endpoints::verifyAudit, {}), [this](const Result<api::AuditProof> &answer) {
        m_verify->setEnabled(true);
        showProof(AuditSource::Registry, answer);
    });
    m_verifyingMonitor.drop();
    m_monitorProof->setVisible(both);
    if (!both)
        return;
    m_monitorProof->setState(Mark::None, tr("Monitor: %1").arg(tr("Checking the chain")));
    m_verifyingMonitor.start(this, context().monitor->call(api::endpoints::verifyAudit, {}),
                             [this](const Result<api::AuditProof> &answer) { showProof(AuditSource::Monitor, answer); });
}

// A chain each: what is true of one says nothing of the other.
void AuditPage::showProof(AuditSource source, const Result<api::AuditProof> &answer)
{
    const QString at = formatTime(context().clock.now());
    const QString words = !answer             ? tr("Not known: %1").arg(wordsFor(answer.error()).title)
                          : answer->intact    ? tr("The chain of %1 lines is whole, checked %2").arg(formatCount(answer->lines), at)
                          : answer->firstBroken ? tr("The chain is broken at line %1, checked %2").arg(answer->firstBroken->value).arg(at)
                                                : tr("The chain is broken, checked %1").arg(at);
    const Mark mark = !answer ? Mark::Unknown : answer->intact ? Mark::Ok : Mark::Critical;
    if (source == AuditSource::Monitor)
        m_monitorProof->setState(mark, tr("Monitor: %1").arg(words));
    else
        m_proof->setState(mark, m_monitorProof->isHidden() ? words : tr("Registry: %1").arg(words));
}

void AuditPage::exportShown(bool json)
{
    auto *dialog = new QFileDialog(this, json ? tr("Export as JSON") : tr("Export as CSV"));
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(json ? QStringLiteral("json") : QStringLiteral("csv"));
    dialog->selectFile(json ? QStringLiteral("audit.json") : QStringLiteral("audit.csv"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QFileDialog::fileSelected, this, [this, json](const QString &path) {
        // Its own, so that what happens meanwhile on the page does not end it.
        auto *sources = new AuditSources(context(), this);
        sources->begin(filter(), true);
        fetchExport(sources, path, json, {});
    });
    dialog->open();
}

void AuditPage::fetchExport(AuditSources *sources, const QString &path, bool json, QList<AuditLine> lines)
{
    sources->read(lines.size(), exportPortion, [this, sources, path, json, lines](const Result<api::Page<AuditLine>> &answer) mutable {
        const bool had = std::any_of(lines.cbegin(), lines.cend(), [](const AuditLine &line) { return line.source == AuditSource::Registry; });
        const auto &registry = sources->missing(AuditSource::Registry);
        // A part of it would look like the whole.
        if (!answer || (registry && had)) {
            sources->deleteLater();
            context().shell.notify(Mark::Warning, tr("The audit log was not exported"), wordsFor(answer ? *registry : answer.error()).title);
            return;
        }
        lines.append(QList<AuditLine>(answer->items.begin(), answer->items.end()));
        if (!answer->items.empty() && lines.size() < answer->total) {
            fetchExport(sources, path, json, std::move(lines));
            return;
        }
        sources->deleteLater();
        QSaveFile file(path);
        const QByteArray bytes = json ? auditAsJson(lines) : auditAsCsv(lines);
        const QString done = tr("%n line(s) exported", nullptr, static_cast<int>(lines.size()));
        if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size() || !file.commit())
            context().shell.notify(Mark::Warning, tr("The audit log was not exported"), file.errorString());
        else if (registry)
            context().shell.notify(Mark::Warning, tr("%1, without the registry's").arg(done), path);
        else if (sources->missing(AuditSource::Monitor))
            context().shell.notify(Mark::Warning, tr("%1, without the monitor's").arg(done), path);
        else
            context().shell.notify(Mark::Ok, done, path);
    });
}

}  // namespace cm::ui
