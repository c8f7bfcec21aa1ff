// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/upload/upload_card.h"

#include "ui/client/connection.h"
#include "ui/format/error_words.h"
#include "ui/format/format.h"
#include "ui/shell/shell.h"
#include "ui/theme/colors.h"
#include "ui/widgets/elided_label.h"
#include "ui/widgets/progress_row.h"
#include "ui/widgets/state_mark.h"

#include <QApplication>
#include <QClipboard>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

namespace cm::ui {

UploadCard::UploadCard(const PageContext &context, UploadJob *job, QWidget *parent)
    : Card({}, parent), m_context(context), m_job(job)
{
    setAccessibleName(job->filename());
    build();
    connect(job, &UploadJob::changed, this, &UploadCard::update);
    connect(job, &UploadJob::progressed, this, &UploadCard::updateProgress);
    update();
}

void UploadCard::build()
{
    auto *inner = new QWidget;
    auto *layout = new QVBoxLayout(inner);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(8);

    auto *top = new QHBoxLayout;
    top->setSpacing(8);
    auto *name = new ElidedLabel(m_job->filename(), ElidedLabel::Kind::Identifier);
    name->setToolTip(m_job->path());
    m_state = new StateMark;
    m_send = new QPushButton(tr("Upload"));
    m_retry = new QPushButton(tr("Check again"));
    m_cancel = new QPushButton(tr("Cancel"));
    m_remove = new QPushButton(tr("Take off"));
    for (auto *button : {m_send, m_retry, m_cancel, m_remove})
        button->setAccessibleDescription(m_job->filename());
    m_remove->setToolTip(tr("Take the file off this list; it stays where it is"));
    top->addWidget(name, 1);
    top->addWidget(m_state);
    for (auto *button : {m_send, m_retry, m_cancel, m_remove})
        top->addWidget(button);
    layout->addLayout(top);

    m_progress = new ProgressRow(tr("Progress of %1").arg(m_job->filename()));
    m_progress->setCancellable(false);
    layout->addWidget(m_progress);

    m_grid = new QGridLayout;
    m_grid->setContentsMargins(0, 0, 0, 0);
    m_grid->setHorizontalSpacing(16);
    m_grid->setVerticalSpacing(4);
    m_grid->setColumnStretch(1, 1);
    layout->addLayout(m_grid);
    m_result = buildResult();
    layout->addWidget(m_result);
    setContent(inner);

    connect(m_send, &QPushButton::clicked, m_job, &UploadJob::send);
    connect(m_retry, &QPushButton::clicked, m_job, &UploadJob::check);
    connect(m_cancel, &QPushButton::clicked, m_job, &UploadJob::cancel);
    connect(m_remove, &QPushButton::clicked, this, &UploadCard::removeRequested);
}

QWidget *UploadCard::buildResult()
{
    auto *result = new QWidget;
    auto *layout = new QVBoxLayout(result);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(8);
    m_resultText = new QLabel;
    m_resultText->setWordWrap(true);
    m_resultText->setTextFormat(Qt::PlainText);
    m_resultText->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_install = new ElidedLabel({}, ElidedLabel::Kind::Identifier);
    m_open = new QPushButton(tr("Open project"));
    m_copy = new QPushButton(tr("Copy install line"));
    auto *row = new QHBoxLayout;
    row->setSpacing(8);
    row->addWidget(m_install, 1);
    row->addWidget(m_copy);
    row->addWidget(m_open);
    layout->addWidget(m_resultText);
    layout->addLayout(row);
    connect(m_open, &QPushButton::clicked, this, [this] {
        m_context.shell.go({QStringLiteral("project"), m_job->file().project});
    });
    connect(m_copy, &QPushButton::clicked, this, [this] { QApplication::clipboard()->setText(m_install->text()); });
    return result;
}

void UploadCard::update()
{
    m_state->setState(m_job->mark(), m_job->statement());
    updateLines();
    updateProgress();
    updateResult();
    using State = UploadJob::State;
    const State state = m_job->state();
    m_send->setVisible(m_job->canSend() && !m_job->file().sha256.isEmpty());
    m_send->setText(state == State::Ready ? tr("Upload") : tr("Upload again"));
    m_retry->setVisible(state == State::Blocked || state == State::Unasked ||
                        (state == State::Cancelled && m_job->file().sha256.isEmpty()));
    m_cancel->setVisible(m_job->isBusy());
    m_remove->setVisible(!m_job->isBusy());
}

void UploadCard::updateLines()
{
    const QList<UploadJob::Line> lines = m_job->state() == UploadJob::State::Done ? QList<UploadJob::Line>{} : m_job->lines();
    while (m_rows.size() < lines.size()) {
        const auto at = static_cast<int>(m_rows.size());
        Row row{new StateMark, new QLabel};
        row.text->setWordWrap(true);
        row.text->setTextFormat(Qt::PlainText);
        row.text->setTextInteractionFlags(Qt::TextSelectableByMouse);
        m_grid->addWidget(row.mark, at, 0, Qt::AlignTop | Qt::AlignLeft);
        m_grid->addWidget(row.text, at, 1, Qt::AlignTop);
        m_rows.append(row);
    }
    for (int i = 0; i < m_rows.size(); ++i) {
        const bool used = i < lines.size();
        m_rows[i].mark->setVisible(used);
        m_rows[i].text->setVisible(used);
        if (!used)
            continue;
        const UploadJob::Line &line = lines.at(i);
        m_rows[i].mark->setState(line.mark, nameFor(line.topic));
        m_rows[i].text->setText(line.remedy.isEmpty() ? line.text : line.text + QLatin1Char('\n') + line.remedy);
        m_rows[i].text->setForegroundRole(line.mark == Mark::Ok || line.mark == Mark::None ? QPalette::PlaceholderText : QPalette::WindowText);
    }
}

void UploadCard::updateProgress()
{
    using State = UploadJob::State;
    const Upload::Progress progress = m_job->progress();
    const bool hashing = m_job->state() == State::Checking && progress.total > 0;
    m_progress->setVisible(hashing || m_job->state() == State::Sending);
    if (m_progress->isVisibleTo(this))
        m_progress->setProgress(progress.sent, progress.total, progress.bytesPerSecond, progress.secondsLeft);
    m_state->setState(m_job->mark(), m_job->statement());
    if (hashing)
        updateLines();
}

void UploadCard::updateResult()
{
    using State = UploadJob::State;
    const bool done = m_job->state() == State::Done;
    const bool refused = m_job->state() == State::Refused && m_job->error();
    m_result->setVisible(done || refused);
    m_install->setVisible(done);
    m_open->setVisible(done);
    m_copy->setVisible(done);
    if (done) {
        const auto &registry = m_context.connection.registry();
        m_resultText->setText(tr("%1 %2 is there; installers find it now.").arg(ltr(m_job->file().project), ltr(m_job->file().version)));
        m_install->setText(QStringLiteral("pip install --index-url %1 %2==%3")
                               .arg(registry ? text(registry->simpleUrl) : QString(), m_job->file().project, m_job->file().version));
    } else if (refused) {
        const ErrorWords words = wordsFor(*m_job->error());
        const QString said = text(m_job->error()->detail);
        m_resultText->setText((said.isEmpty() || !trustWords(*m_job->error()).isEmpty() ? words.title : tr("The registry said: %1").arg(said)) + QLatin1Char('\n') + words.remedy);
    }
}

}  // namespace cm::ui
