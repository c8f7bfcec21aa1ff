// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/deprecations/mentions_tab.h"

#include "core/api/endpoints.h"
#include "ui/client/admin_client.h"
#include "ui/format/error_words.h"
#include "ui/format/format.h"
#include "ui/shell/shell.h"
#include "ui/theme/fonts.h"
#include "ui/theme/metrics.h"
#include "ui/widgets/buttons.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/faces.h"
#include "ui/widgets/flow_layout.h"
#include "ui/widgets/labels.h"

#include <QAction>
#include <QFileDialog>
#include <QLabel>
#include <QPlainTextEdit>
#include <QSaveFile>
#include <QVBoxLayout>

namespace cm::ui {

namespace ep = api::endpoints;

MentionsTab::MentionsTab(const PageContext &context, QWidget *parent)
    : QWidget(parent), m_context(context), m_table(new DataTable(tr("Mentions"))), m_note(wrappedLabel()), m_scan(new QAction(tr("Sea&rch the texts now"), this))
{
    using Row = api::DeprecationMention;
    m_model = new ListTableModel<Row>(
        {column<Row>({QStringLiteral("where"), tr("Where"), false, false, false, {}, 28}, [](const Row &row) { return text(row.where); }, [](const Row &row) { return text(row.where); }),
         column<Row>({QStringLiteral("word"), tr("Word"), false, true, false, {}, 14}, [](const Row &row) { return text(row.word); }),
         column<Row>({QStringLiteral("text"), tr("Sentence"), false, false, false, {}, 40, true}, [](const Row &row) { return text(row.text).simplified(); },
                     [](const Row &row) { return text(row.text); })},
        [](const Row &row) { return text(row.where + '\n' + row.word + '\n' + row.text); }, this);
    m_table->setTable(m_model);
    m_table->setEmptyText(dash());
    m_table->addAction(m_scan);
    m_note->setForegroundRole(QPalette::PlaceholderText);
    auto *foot = new QWidget;
    auto *row = new FlowLayout(foot);
    row->addWidget(actionButton(m_scan));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 2 * metrics::unit, 0, 0);
    layout->setSpacing(2 * metrics::unit);
    layout->addWidget(m_table, 1);
    layout->addWidget(m_note);
    layout->addWidget(foot);
    connect(m_scan, &QAction::triggered, this, &MentionsTab::scan);
    m_scan->setEnabled(false);
}

void MentionsTab::setRecord(const api::DeprecationRecord &record)
{
    const bool another = !m_record || m_record->id.value != record.id.value;
    m_record = record;
    m_scan->setEnabled(!record.terms.mentions.empty());
    if (!another)
        return;
    m_call.drop();
    m_model->setRows({});
    m_table->setEmptyText(dash());
    m_note->setText(record.terms.mentions.empty() ? tr("The terms name no words to look for.")
                                                  : tr("Not searched in this window yet. Words: %1").arg(text(record.terms.mentions)));
}

void MentionsTab::scan()
{
    m_scan->setEnabled(false);
    m_note->setText(tr("Searching"));
    m_call.start(this, m_context.client.call(ep::deprecationMentions, {m_record->id}), [this](const Result<api::DeprecationMentions> &answer) {
        m_scan->setEnabled(true);
        if (!answer) {
            m_note->setText(tr("Not known: %1").arg(wordsFor(answer.error()).title));
            m_table->setEmptyText(dash());
            m_model->setRows({});
            return;
        }
        m_table->setEmptyText(tr("No text mentions it"));
        m_model->setRows(QList<api::DeprecationMention>(answer->items.begin(), answer->items.end()));
        m_note->setText(tr("%1 mentions in %2 texts, searched %3")
                            .arg(formatCount(static_cast<std::int64_t>(answer->items.size())), formatCount(answer->texts), formatTime(m_context.clock.now())));
    });
}

ReportTab::ReportTab(const PageContext &context, QWidget *parent)
    : QWidget(parent), m_context(context), m_faces(new FacesStack), m_text(new QPlainTextEdit), m_save(new QAction(tr("Save the repo&rt…"), this))
{
    m_text->setReadOnly(true);
    m_text->setFont(fixedFont(font()));
    m_text->setAccessibleName(tr("Written record"));
    m_faces->setContent(m_text);
    auto *foot = new QWidget;
    auto *row = new FlowLayout(foot);
    row->addWidget(actionButton(m_save));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 2 * metrics::unit, 0, 0);
    layout->setSpacing(2 * metrics::unit);
    layout->addWidget(m_faces, 1);
    layout->addWidget(foot);
    connect(m_save, &QAction::triggered, this, &ReportTab::save);
    m_save->setEnabled(false);
}

void ReportTab::setRecord(const api::DeprecationRecord &record)
{
    const bool another = !m_record || m_record->id.value != record.id.value;
    m_record = record;
    if (another) {
        m_call.drop();
        m_text->clear();
        m_shown.reset();
    }
    m_save->setEnabled(true);
    if (isVisible())
        read();
}

void ReportTab::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    read();
}

void ReportTab::read()
{
    if (!m_record || m_shown == std::pair(m_record->id.value, m_record->revision))
        return;
    if (!m_shown)
        m_faces->showLoading();
    m_call.start(this, m_context.client.call(ep::deprecationReport, {m_record->id}),
                 [this, of = std::pair(m_record->id.value, m_record->revision)](const Result<api::DeprecationReport> &answer) {
                     if (!answer) {
                         m_faces->showError(answer.error(), [this] { read(); });
                         return;
                     }
                     m_shown = of;
                     m_text->setPlainText(text(answer->text));
                     m_faces->showContent();
                 });
}

void ReportTab::save()
{
    auto *dialog = new QFileDialog(this, tr("Save the report"));
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(QStringLiteral("md"));
    dialog->selectFile(QStringLiteral("deprecation-%1.md").arg(m_record->id.value));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString &path) {
        // Asked for anew, so that what is saved is what the registry says now.
        whenDone(this, m_context.client.call(ep::deprecationReport, {m_record->id}), [this, path](const Result<api::DeprecationReport> &answer) {
            if (!answer) {
                m_context.shell.notify(Mark::Warning, tr("The report was not saved"), wordsFor(answer.error()).title);
                return;
            }
            QSaveFile file(path);
            const QByteArray bytes = QByteArray::fromStdString(answer->text);
            if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size() || !file.commit())
                m_context.shell.notify(Mark::Warning, tr("The report was not saved"), file.errorString());
            else
                m_context.shell.notify(Mark::Ok, tr("The report is saved"), path);
        });
    });
    dialog->open();
}

}  // namespace cm::ui
