// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/upload/documentation_card.h"

#include "core/api/endpoints.h"
#include "ui/client/admin_client.h"
#include "ui/client/connection.h"
#include "ui/format/error_words.h"
#include "ui/format/format.h"
#include "ui/shell/shell.h"
#include "ui/widgets/elided_label.h"
#include "ui/widgets/flow_layout.h"
#include "ui/widgets/progress_row.h"
#include "ui/widgets/state_mark.h"

#include <QComboBox>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QSignalBlocker>
#include <QVBoxLayout>

#include <algorithm>

namespace cm::ui {

namespace ep = api::endpoints;

namespace {

constexpr std::int64_t mostProjects = 500;
constexpr int askAfterMilliseconds = 250;  // of typing

QLabel *words()
{
    auto *label = new QLabel;
    label->setWordWrap(true);
    label->setTextFormat(Qt::PlainText);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    return label;
}

}  // namespace

DocumentationCard::DocumentationCard(const PageContext &context, const QString &path, QWidget *parent)
    : Card({}, parent), m_context(context), m_job(new DocumentationJob(context, path, this))
{
    setAccessibleName(m_job->filename());
    build();
    connectSignals();
    readProjects();
    m_job->check();
}

void DocumentationCard::build()
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
    m_open = new QPushButton(tr("Open project"));
    m_remove->setToolTip(tr("Take the file off this list; it stays where it is"));
    top->addWidget(name, 1);
    top->addWidget(m_state);
    for (auto *button : {m_send, m_retry, m_cancel, m_open, m_remove}) {
        button->setAccessibleDescription(m_job->filename());
        top->addWidget(button);
    }
    layout->addLayout(top);
    layout->addWidget(buildTarget());
    m_progress = new ProgressRow(tr("Progress of %1").arg(m_job->filename()));
    m_progress->setCancellable(false);
    layout->addWidget(m_progress);
    auto *grid = new QGridLayout;
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setHorizontalSpacing(16);
    grid->setVerticalSpacing(4);
    grid->setColumnStretch(1, 1);
    m_archiveMark = new StateMark;
    m_archive = words();
    m_targetMark = new StateMark;
    m_target = words();
    grid->addWidget(m_archiveMark, 0, 0, Qt::AlignTop | Qt::AlignLeft);
    grid->addWidget(m_archive, 0, 1, Qt::AlignTop);
    grid->addWidget(m_targetMark, 1, 0, Qt::AlignTop | Qt::AlignLeft);
    grid->addWidget(m_target, 1, 1, Qt::AlignTop);
    layout->addLayout(grid);
    m_result = words();
    layout->addWidget(m_result);
    layout->addStretch(1);
    setContent(inner);
}

QWidget *DocumentationCard::buildTarget()
{
    auto *bar = new QWidget;
    auto *row = new FlowLayout(bar);
    m_project = new QComboBox;
    m_project->setEditable(true);
    m_project->setInsertPolicy(QComboBox::NoInsert);
    m_project->setMinimumContentsLength(22);
    m_project->setAccessibleName(tr("Project of the documentation"));
    m_version = new QComboBox;
    m_version->setMinimumContentsLength(12);
    m_version->setAccessibleName(tr("Version of the documentation"));
    auto *projectLabel = new QLabel(tr("Documentation of"));
    projectLabel->setBuddy(m_project);
    auto *versionLabel = new QLabel(tr("Version"));
    versionLabel->setBuddy(m_version);
    row->addPair(projectLabel, m_project);
    row->addPair(versionLabel, m_version);
    return bar;
}

void DocumentationCard::connectSignals()
{
    m_askSoon.setSingleShot(true);
    m_askSoon.setInterval(askAfterMilliseconds);
    connect(&m_askSoon, &QTimer::timeout, this, &DocumentationCard::readProject);
    connect(m_project, &QComboBox::editTextChanged, this, [this] {
        m_detail.reset();
        m_call.drop();
        m_askSoon.start();
        update();
    });
    connect(m_version, &QComboBox::currentIndexChanged, this, &DocumentationCard::update);
    connect(m_job, &DocumentationJob::changed, this, &DocumentationCard::update);
    connect(m_job, &DocumentationJob::progressed, this, &DocumentationCard::update);
    connect(m_send, &QPushButton::clicked, this, &DocumentationCard::send);
    connect(m_retry, &QPushButton::clicked, this, [this] {
        m_job->check();
        readProject();
    });
    connect(m_cancel, &QPushButton::clicked, m_job, &DocumentationJob::cancel);
    connect(m_remove, &QPushButton::clicked, this, &DocumentationCard::removeRequested);
    connect(m_open, &QPushButton::clicked, this, [this] {
        m_context.shell.go({QStringLiteral("project"), m_project->currentText().trimmed() + QStringLiteral("/docs")});
    });
}

// One's own, for choosing; any other may be typed.
void DocumentationCard::readProjects()
{
    api::ListProjects request;
    request.mine = true;
    request.limit = mostProjects;
    m_projects.start(this, m_context.client.call(ep::listProjects, request), [this](const Result<api::Page<api::ProjectSummary>> &answer) {
        if (!answer)
            return;
        const QString typed = m_project->currentText();
        {
            const QSignalBlocker quiet(m_project);
            for (const auto &project : answer->items)
                m_project->addItem(text(project.name));
            m_project->setCurrentIndex(-1);
            m_project->setEditText(typed);
        }
        // "demo-docs.zip" speaks for itself.
        for (const auto &project : answer->items) {
            if (typed.isEmpty() && m_job->filename().startsWith(text(project.name), Qt::CaseInsensitive))
                m_project->setEditText(text(project.name));
        }
    });
}

void DocumentationCard::readProject()
{
    const QString name = m_project->currentText().trimmed();
    m_detail.reset();
    if (name.isEmpty()) {
        update();
        return;
    }
    m_call.start(this, m_context.client.call(ep::getProject, {name.toStdString()}), [this](Result<api::ProjectDetail> answer) {
        m_detail = std::move(answer);
        {
            const QSignalBlocker quiet(m_version);
            const QString chosen = m_version->currentText();
            m_version->clear();
            if (*m_detail) {
                for (const auto &release : (*m_detail)->releases)
                    m_version->addItem(text(release.version));
                m_version->setCurrentIndex(std::max(0, m_version->findText(chosen)));
            }
        }
        update();
    });
    update();
}

bool DocumentationCard::mayPut() const
{
    return m_detail && *m_detail && std::find((*m_detail)->allowed.begin(), (*m_detail)->allowed.end(), "put-documentation") != (*m_detail)->allowed.end();
}

bool DocumentationCard::isReady() const
{
    return m_job->canSend() && mayPut() && m_version->currentIndex() >= 0;
}

void DocumentationCard::send()
{
    if (isReady())
        m_job->send(m_project->currentText().trimmed(), m_version->currentText());
}

void DocumentationCard::updateTarget()
{
    const QString name = ltr(m_project->currentText().trimmed());
    if (m_project->currentText().trimmed().isEmpty()) {
        m_targetMark->setState(Mark::Warning, tr("Project"));
        m_target->setText(tr("Choose the project that it documents"));
    } else if (!m_detail) {
        m_targetMark->setState(Mark::None, tr("Project"));
        m_target->setText(tr("Asking the registry"));
    } else if (!*m_detail) {
        const bool missing = m_detail->error().code == ErrorCode::NotFound;
        m_targetMark->setState(missing ? Mark::Critical : Mark::Unknown, tr("Project"));
        m_target->setText(missing ? tr("There is no project %1; upload a release of it first").arg(name) : wordsFor(m_detail->error()).title);
    } else if (!mayPut()) {
        m_targetMark->setState(Mark::Critical, tr("Project"));
        m_target->setText(tr("Only owners and maintainers of %1 may; ask one of them").arg(name));
    } else if (m_version->count() == 0) {
        m_targetMark->setState(Mark::Critical, tr("Project"));
        m_target->setText(tr("%1 has no release; upload one first").arg(name));
    } else {
        m_targetMark->setState(Mark::Ok, tr("Project"));
        m_target->setText(tr("Becomes the documentation of %1 %2, in the place of what is there").arg(name, ltr(m_version->currentText())));
    }
}

void DocumentationCard::update()
{
    using State = DocumentationJob::State;
    const State state = m_job->state();
    const bool done = state == State::Done;
    m_state->setState(m_job->mark(), state == State::Ready && !isReady() ? tr("For which project?") : m_job->statement());
    m_archiveMark->setState(m_job->archiveMark(), tr("Archive"));
    m_archive->setText(m_job->archiveText());
    updateTarget();
    for (QWidget *line : {static_cast<QWidget *>(m_archiveMark), static_cast<QWidget *>(m_archive), static_cast<QWidget *>(m_targetMark),
                          static_cast<QWidget *>(m_target)})
        line->setVisible(!done);
    m_project->setEnabled(!m_job->isBusy() && !done);
    m_version->setEnabled(!m_job->isBusy() && !done && m_version->count() > 0);
    m_progress->setVisible(state == State::Sending);
    if (state == State::Sending) {
        const Upload::Progress progress = m_job->progress();
        m_progress->setProgress(progress.sent, progress.total, progress.bytesPerSecond, progress.secondsLeft);
    }
    const QString target = ltr(m_project->currentText().trimmed() + QLatin1Char(' ') + m_version->currentText());
    m_result->setVisible(done || (state == State::Refused && m_job->error()));
    if (done)
        m_result->setText(tr("The documentation of %1 is there.").arg(target));
    else if (state == State::Refused && m_job->error())
        m_result->setText(m_job->error()->detail.empty() || !trustWords(*m_job->error()).isEmpty()
                              ? wordsFor(*m_job->error()).title
                              : tr("The registry said: %1").arg(text(m_job->error()->detail)));
    m_send->setVisible(m_job->canSend());
    m_send->setEnabled(isReady());
    m_send->setText(state == State::Ready ? tr("Upload") : tr("Upload again"));
    m_retry->setVisible(state == State::Blocked);
    m_cancel->setVisible(m_job->isBusy());
    m_remove->setVisible(!m_job->isBusy());
    m_open->setVisible(done);
    Q_EMIT changed();
}

}  // namespace cm::ui
