// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/deprecations/messages_tab.h"

#include "core/api/endpoints.h"
#include "ui/client/connection.h"
#include "ui/format/error_words.h"
#include "ui/format/format.h"
#include "ui/format/mail_file.h"
#include "ui/shell/shell.h"
#include "ui/theme/metrics.h"
#include "ui/widgets/action_sheet.h"
#include "ui/widgets/buttons.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/faces.h"
#include "ui/widgets/flow_layout.h"
#include "ui/widgets/labels.h"

#include <QAction>
#include <QDir>
#include <QFileDialog>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPointer>
#include <QProgressBar>
#include <QSaveFile>
#include <QSplitter>
#include <QVBoxLayout>

#include <algorithm>

namespace cm::ui {

namespace ep = api::endpoints;

namespace {

// Few enough that the progress is one, and an answer comes soon.
constexpr std::size_t atOnce = 5;

using Written = std::vector<api::DeprecationMessage>;

// Each message with what became of its file.
Written writeFiles(const QString &folder, Written messages, Time time)
{
    for (api::DeprecationMessage &message : messages) {
        QSaveFile file(QDir(folder).filePath(mailFileName(message)));
        const QByteArray bytes = mailFile(message, time);
        const bool written = file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size() && file.commit();
        message.outcome = written ? "saved" : "failed";
        message.problem = written ? std::string() : file.errorString().toStdString();
    }
    return messages;
}

}  // namespace

MessagesTab::MessagesTab(const PageContext &context, QWidget *parent)
    : QWidget(parent), m_context(context), m_table(new DataTable(tr("Messages"))), m_faces(new FacesStack), m_subject(new QLineEdit), m_text(new QPlainTextEdit),
      m_progress(new QProgressBar), m_note(wrappedLabel()), m_draft(new QAction(tr("&Redraft the messages"), this)), m_send(new QAction(tr("Send b&y mail…"), this)),
      m_save(new QAction(tr("Save as fi&les…"), this)), m_stop(new QAction(tr("Stop sending"), this))
{
    using Row = api::DeprecationMessage;
    m_model = new Model({column<Row>({QStringLiteral("person"), tr("Person"), false, true, false, {}, 12, true}, [](const Row &row) { return text(row.user); }),
                         column<Row>({QStringLiteral("email"), tr("E-mail"), false, true, false, {}, 22}, [](const Row &row) { return row.email.empty() ? dash() : text(row.email); }),
                         column<Row>({QStringLiteral("outcome"), tr("State"), false, false, false, {}, 12},
                                     [](const Row &row) {
                                         return row.outcome.empty() ? tr("draft") : row.outcome == "sent" ? tr("sent") : row.outcome == "saved" ? tr("saved") : tr("failed");
                                     },
                                     [](const Row &row) { return text(row.problem); },
                                     [](const Row &row) {
                                         return row.outcome.empty() ? std::nullopt : std::optional(row.outcome == "failed" ? api::Verdict::Critical : api::Verdict::Ok);
                                     })},
                        [](const Row &row) { return text(row.user); }, this);
    m_table->setTable(m_model);
    m_table->setEmptyText(tr("Nobody to write to"));
    m_table->addActions(actions());
    m_faces->setContent(build());
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 2 * metrics::unit, 0, 0);
    layout->addWidget(m_faces);
    connect(m_table, &DataTable::currentKeyChanged, this, &MessagesTab::showCurrent);
    connect(m_subject, &QLineEdit::textEdited, this, &MessagesTab::keepTyped);
    connect(m_text, &QPlainTextEdit::textChanged, this, &MessagesTab::keepTyped);
    connect(m_draft, &QAction::triggered, this, [this] {
        m_messages.clear();
        draft();
    });
    connect(m_send, &QAction::triggered, this, &MessagesTab::askSend);
    connect(m_save, &QAction::triggered, this, &MessagesTab::askSave);
    connect(m_stop, &QAction::triggered, this, [this] {
        m_stopping = true;
        m_stop->setEnabled(false);
    });
    m_stop->setVisible(false);
    m_progress->hide();
    updateActions();
}

QWidget *MessagesTab::build()
{
    auto *editor = new QWidget;
    auto *fields = new QVBoxLayout(editor);
    fields->setContentsMargins(0, 0, 0, 0);
    fields->setSpacing(metrics::unit);
    m_subject->setAccessibleName(tr("Subject of the message"));
    m_subject->setPlaceholderText(tr("Subject"));
    m_text->setAccessibleName(tr("Text of the message"));
    m_text->setTabChangesFocus(true);
    fields->addWidget(m_subject);
    fields->addWidget(m_text, 1);
    auto *splitter = new QSplitter(Qt::Horizontal);
    splitter->setChildrenCollapsible(false);
    splitter->setHandleWidth(metrics::gap);
    splitter->addWidget(m_table);
    splitter->addWidget(editor);
    splitter->setStretchFactor(0, 1);
    splitter->setStretchFactor(1, 1);
    m_progress->setAccessibleName(tr("Messages that are done"));
    m_note->setForegroundRole(QPalette::PlaceholderText);
    auto *foot = new QWidget;
    auto *row = new FlowLayout(foot);
    for (QAction *action : {m_stop, m_send, m_save, m_draft})
        row->addWidget(actionButton(action));
    auto *content = new QWidget;
    auto *layout = new QVBoxLayout(content);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(2 * metrics::unit);
    layout->addWidget(splitter, 1);
    layout->addWidget(m_progress);
    layout->addWidget(m_note);
    layout->addWidget(foot);
    return content;
}

void MessagesTab::setRecord(const api::DeprecationRecord &record)
{
    const bool another = !m_record || m_record->id.value != record.id.value;
    m_record = record;
    if (another) {
        m_call.drop();
        m_messages.clear();
        m_model->setRows({});
        m_shown.clear();
        if (isVisible())
            draft();
    }
    updateActions();
}

void MessagesTab::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    draft();
}

void MessagesTab::draft()
{
    if (!m_record || !m_messages.empty() || m_atWork)
        return;
    if (!m_context.connection.allows(ep::draftDeprecationMessages)) {
        m_table->setEmptyText(tr("Messages are an admin's to write"));
        m_faces->showContent();
        return;
    }
    m_faces->showLoading();
    m_call.start(this, m_context.client.call(ep::draftDeprecationMessages, {m_record->id}), [this](const Result<api::DeprecationMessages> &answer) {
        if (answer)
            showDrafts(*answer);
        else
            m_faces->showError(answer.error(), [this] { draft(); });
    });
}

void MessagesTab::showDrafts(const api::DeprecationMessages &drafts)
{
    m_messages = drafts.items;
    m_canSend = drafts.canSend;
    m_shown.clear();
    m_model->setRows(QList<api::DeprecationMessage>(m_messages.begin(), m_messages.end()));
    m_note->setText(m_canSend ? QString() : tr("This registry has no SMTP server to send by; messages can be saved as files."));
    m_note->setVisible(!m_canSend);
    m_faces->showContent();
    if (m_table->currentKey().isEmpty() && m_model->rowCount() > 0)
        m_table->selectRow(0);
    showCurrent();
    updateActions();
}

void MessagesTab::showCurrent()
{
    // As changed by hand, which the table does not show.
    const auto found = std::find_if(m_messages.begin(), m_messages.end(), [this](const auto &one) { return text(one.user) == m_table->currentKey(); });
    const api::DeprecationMessage *row = found == m_messages.end() ? nullptr : &*found;
    m_subject->setEnabled(row && !m_atWork);
    m_text->setEnabled(row && !m_atWork);
    if (!row) {
        m_shown.clear();
        m_subject->clear();
        m_text->clear();
        return;
    }
    if (m_shown == text(row->user))
        return;
    m_shown.clear();
    m_subject->setText(text(row->subject));
    m_subject->setCursorPosition(0);
    m_text->setPlainText(text(row->text));
    m_shown = text(row->user);
}

void MessagesTab::keepTyped()
{
    if (m_shown.isEmpty())
        return;
    const auto found = std::find_if(m_messages.begin(), m_messages.end(), [this](const auto &one) { return text(one.user) == m_shown; });
    if (found == m_messages.end())
        return;
    found->subject = m_subject->text().toStdString();
    found->text = m_text->toPlainText().toStdString();
    if (found->outcome.empty())
        return;
    // Changed since: it is a draft again.
    found->outcome.clear();
    m_model->setRows(QList<api::DeprecationMessage>(m_messages.begin(), m_messages.end()));
}

void MessagesTab::updateActions()
{
    const bool may = m_record && !m_atWork && m_context.connection.allows(ep::writeDeprecationMessages);
    const bool some = std::any_of(m_messages.begin(), m_messages.end(), [](const auto &one) { return !one.email.empty(); });
    m_draft->setEnabled(may);
    m_send->setEnabled(may && m_canSend && some);
    m_send->setToolTip(m_canSend ? QString() : tr("This registry has no SMTP server to send by"));
    m_save->setEnabled(may && !m_messages.empty());
}

void MessagesTab::askSend()
{
    const auto reachable = std::count_if(m_messages.begin(), m_messages.end(), [](const auto &one) { return !one.email.empty(); });
    const auto silent = static_cast<std::ptrdiff_t>(m_messages.size()) - reachable;
    auto *sheet = new ActionSheet(tr("Send messages"), tr("&Send %n message(s)", nullptr, static_cast<int>(reachable)));
    QStringList plan{tr("Each person gets the text that is drafted here, with their own projects."), tr("What became of each mail stands beside the person.")};
    if (silent > 0)
        plan << tr("%n person(s) without an address get none.", nullptr, static_cast<int>(silent));
    sheet->setPlan(plan);
    sheet->setUndoText(tr("A mail that is sent cannot be taken back."));
    sheet->askReason(true);
    connect(sheet, &ActionSheet::confirmed, this, [this, sheet] {
        const std::string reason = sheet->reason().toStdString();
        sheet->close();
        m_atWork = true;
        m_progress->setRange(0, static_cast<int>(m_messages.size()));
        m_progress->setValue(0);
        m_progress->show();
        m_stopping = false;
        m_stop->setVisible(true);
        m_stop->setEnabled(true);
        updateActions();
        showCurrent();
        sendFrom(0, reason);
    });
    m_context.shell.showSheet(sheet);
}

void MessagesTab::sendFrom(std::size_t first, const std::string &reason)
{
    api::WriteDeprecationMessages request{m_record->id, {}, api::MessageDelivery::Send, reason};
    std::size_t next = first;
    for (; next < m_messages.size() && request.messages.size() < atOnce; ++next) {
        if (!m_messages[next].email.empty() && m_messages[next].outcome != "sent")
            request.messages.push_back(m_messages[next]);
    }
    const auto finish = [this](const QString &problem) {
        m_atWork = false;
        m_stop->setVisible(false);
        m_progress->hide();
        showCurrent();
        updateActions();
        const auto sent = std::count_if(m_messages.begin(), m_messages.end(), [](const auto &one) { return one.outcome == "sent"; });
        if (problem.isEmpty())
            m_context.shell.notify(Mark::Ok, tr("%n message(s) sent", nullptr, static_cast<int>(sent)), text(m_record->terms.title));
        else
            m_context.shell.notify(Mark::Warning, tr("Sending stopped after %n message(s)", nullptr, static_cast<int>(sent)), problem);
        Q_EMIT changed();
    };
    if (request.messages.empty() || m_stopping) {
        finish(request.messages.empty() ? QString() : tr("It was stopped here; the rest are drafts still."));
        return;
    }
    whenDone(this, m_context.client.call(ep::writeDeprecationMessages, request), [this, next, reason, finish](const Result<api::DeprecationMessages> &answer) {
        if (!answer) {
            finish(wordsFor(answer.error()).title);
            return;
        }
        note(answer->items);
        m_progress->setValue(static_cast<int>(next));
        sendFrom(next, reason);
    });
}

void MessagesTab::note(const std::vector<api::DeprecationMessage> &outcomes)
{
    for (const api::DeprecationMessage &one : outcomes) {
        const auto found = std::find_if(m_messages.begin(), m_messages.end(), [&](const auto &mine) { return mine.user == one.user; });
        if (found != m_messages.end()) {
            found->outcome = one.outcome;
            found->problem = one.problem;
        }
    }
    m_model->setRows(QList<api::DeprecationMessage>(m_messages.begin(), m_messages.end()));
}

void MessagesTab::askSave()
{
    auto *sheet = new ActionSheet(tr("Save messages as files"), tr("Cho&ose a folder for %n file(s)", nullptr, static_cast<int>(m_messages.size())));
    sheet->setPlan({tr("One file a person, which any mail program opens and sends."), tr("It is noted that they were kept as files, not that they were sent.")});
    sheet->setUndoText(tr("Files can be deleted; the note stays."));
    sheet->askReason(true);
    connect(sheet, &ActionSheet::confirmed, this, [this, sheet] {
        const std::string reason = sheet->reason().toStdString();
        sheet->close();
        auto *dialog = new QFileDialog(this, tr("Folder for the messages"));
        dialog->setFileMode(QFileDialog::Directory);
        dialog->setOption(QFileDialog::ShowDirsOnly);
        dialog->setAttribute(Qt::WA_DeleteOnClose);
        connect(dialog, &QFileDialog::fileSelected, this, [this, reason](const QString &folder) { saveInto(folder, reason); });
        dialog->open();
    });
    m_context.shell.showSheet(sheet);
}

void MessagesTab::saveInto(const QString &folder, const std::string &reason)
{
    m_atWork = true;
    updateActions();
    showCurrent();
    // A disk may be slow: the window does not wait for it.
    m_progress->setRange(0, 0);
    m_progress->show();
    const auto written = onWorker<Written>([folder, messages = m_messages, time = m_context.clock.now()] { return writeFiles(folder, messages, time); });
    whenDone(this, written, [this, folder, reason](const Result<Written> &written) {
        m_atWork = false;
        m_progress->hide();
        updateActions();
        showCurrent();
        if (!written)
            return;
        note(*written);
        api::WriteDeprecationMessages request{m_record->id, {}, api::MessageDelivery::Saved, reason};
        std::copy_if(written->begin(), written->end(), std::back_inserter(request.messages), [](const auto &one) { return one.outcome == "saved"; });
        if (request.messages.size() < written->size()) {
            m_context.shell.notify(Mark::Warning, tr("%n file(s) could not be written", nullptr, static_cast<int>(written->size() - request.messages.size())), folder);
        }
        if (request.messages.empty())
            return;
        whenDone(this, m_context.client.call(ep::writeDeprecationMessages, request),
                 [this, folder, count = static_cast<int>(request.messages.size())](const Result<api::DeprecationMessages> &answer) {
                     if (answer)
                         m_context.shell.notify(Mark::Ok, tr("%n message(s) saved", nullptr, count), folder);
                     else
                         m_context.shell.notify(Mark::Warning, tr("The messages are saved, but the registry did not note it"), wordsFor(answer.error()).title);
                     Q_EMIT changed();
                 });
    });
}

}  // namespace cm::ui
