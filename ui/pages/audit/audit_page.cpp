// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/audit/audit_page.h"

#include "core/api/endpoints.h"
#include "ui/client/admin_client.h"
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
    : ListPage(context, parent), m_verify(new QAction(tr("Verify the chai&n"), this)), m_exportCsv(new QAction(tr("Export &CSV…"), this)),
      m_exportJson(new QAction(tr("Export &JSON…"), this))
{
    using Row = api::AuditEntry;
    m_model = new Model(
        {column<Row>({QStringLiteral("time"), tr("Time, UTC"), false, false, true, {}, 20},
                     [](const Row &row) { return formatMinute(row.time); }, [](const Row &row) { return timeTip(row.time); }),
         column<Row>({QStringLiteral("actor"), tr("Who"), false, false, false, {}, 12}, [](const Row &row) { return text(row.actor); },
                     [](const Row &row) { return text(row.role); }),
         column<Row>({QStringLiteral("action"), tr("Action"), false, false, false, {}, 22},
                     [](const Row &row) { return actionName(row.action); }, [](const Row &row) { return text(row.action); }),
         column<Row>({QStringLiteral("subject"), tr("Subject"), false, true, false, {}, 20, true},
                     [](const Row &row) { return text(row.subject); }, [](const Row &row) { return text(row.subject); }),
         column<Row>({QStringLiteral("reason"), tr("Reason"), false, false, true, {}, 20},
                     [](const Row &row) { return row.reason.empty() ? dash() : text(row.reason); },
                     [](const Row &row) { return text(row.reason); })},
        [](const Row &row) { return QString::number(row.id.value); }, this);
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
    layout->addWidget(splitter, 1);
    auto *foot = new QWidget;
    auto *bottom = new FlowLayout(foot);
    m_proof = new StateMark(Mark::None, tr("The chain was not checked in this window yet"));
    bottom->addWidget(actionButton(m_verify));
    bottom->addWidget(m_proof);
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
        whenDone(this, context().client.call(api::endpoints::listAudit, request(window.offset, window.limit)),
                 [this, window](Result<api::Page<api::AuditEntry>> answer) { m_model->deliver(window, std::move(answer)); });
    });
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

api::ListAudit AuditPage::request(qint64 offset, qint64 limit) const
{
    api::ListAudit request;
    request.actor = m_actor->text().trimmed().toStdString();
    request.subject = m_subject->text().trimmed().toStdString();
    request.action = m_kind->currentData().toString().toStdString();
    request.from = m_from;
    request.offset = offset;
    request.limit = limit;
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

void AuditPage::showCurrent()
{
    const auto *row = m_model->rowAt(m_model->rowOf(m_table->currentKey()));
    if (row)
        m_detail->setEntry(*row);
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
    m_verify->setEnabled(false);
    m_proof->setState(Mark::None, tr("Checking the chain"));
    m_verifying.start(this, context().client.call(api::endpoints::verifyAudit, {}), [this](const Result<api::AuditProof> &answer) {
        m_verify->setEnabled(true);
        if (!answer) {
            m_proof->setState(Mark::Unknown, tr("Not known: %1").arg(wordsFor(answer.error()).title));
            return;
        }
        const QString at = formatTime(context().clock.now());
        if (answer->intact)
            m_proof->setState(Mark::Ok, tr("The chain of %1 lines is whole, checked %2").arg(formatCount(answer->lines), at));
        else
            m_proof->setState(Mark::Critical, answer->firstBroken ? tr("The chain is broken at line %1, checked %2").arg(answer->firstBroken->value).arg(at)
                                                                  : tr("The chain is broken, checked %1").arg(at));
    });
}

void AuditPage::exportShown(bool json)
{
    auto *dialog = new QFileDialog(this, json ? tr("Export as JSON") : tr("Export as CSV"));
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(json ? QStringLiteral("json") : QStringLiteral("csv"));
    dialog->selectFile(json ? QStringLiteral("audit.json") : QStringLiteral("audit.csv"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QFileDialog::fileSelected, this, [this, json](const QString &path) { fetchExport(path, json, {}); });
    dialog->open();
}

void AuditPage::fetchExport(const QString &path, bool json, QList<api::AuditEntry> lines)
{
    const auto wanted = request(lines.size(), exportPortion);
    whenDone(this, context().client.call(api::endpoints::listAudit, wanted),
             [this, path, json, lines](const Result<api::Page<api::AuditEntry>> &answer) mutable {
                 if (!answer) {
                     context().shell.notify(Mark::Warning, tr("The audit log was not exported"), wordsFor(answer.error()).title);
                     return;
                 }
                 lines.append(QList<api::AuditEntry>(answer->items.begin(), answer->items.end()));
                 if (!answer->items.empty() && lines.size() < answer->total) {
                     fetchExport(path, json, std::move(lines));
                     return;
                 }
                 QSaveFile file(path);
                 const QByteArray bytes = json ? auditAsJson(lines) : auditAsCsv(lines);
                 if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size() || !file.commit())
                     context().shell.notify(Mark::Warning, tr("The audit log was not exported"), file.errorString());
                 else
                     context().shell.notify(Mark::Ok, tr("%n line(s) exported", nullptr, static_cast<int>(lines.size())), path);
             });
}

}  // namespace cm::ui
