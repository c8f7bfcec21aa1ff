// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/documentation_job.h"

#include "ui/client/connection.h"
#include "ui/format/error_words.h"
#include "ui/format/format.h"

namespace cm::ui {

DocumentationJob::DocumentationJob(const PageContext &context, QString path, QObject *parent)
    : SendingJob(context, std::move(path), parent)
{
}

void DocumentationJob::setState(State state)
{
    m_state = state;
    Q_EMIT changed();
}

void DocumentationJob::check()
{
    m_error.reset();
    m_local = {};
    const auto &registry = m_context.connection.registry();
    const api::DocumentationOffer offer = registry ? registry->documentation : api::DocumentationOffer();
    m_check.start(this, inspectDocumentation(path(), offer), [this](Result<LocalDocumentation> looked) {
        if (!looked) {
            m_error = looked.error();
            setState(State::Blocked);
            return;
        }
        m_local = std::move(*looked);
        setState(m_local.refusal.isEmpty() ? State::Ready : State::Blocked);
    });
    setState(State::Checking);
}

void DocumentationJob::send(const QString &project, const QString &version)
{
    if (!canSend())
        return;
    UploadRequest request;
    request.action = QStringLiteral("doc_upload");
    request.fields = {{QStringLiteral("name"), project}, {QStringLiteral("version"), version}};
    start(request);
    setState(State::Sending);
}

void DocumentationJob::ended(Upload::State state)
{
    setState(stateAfter<State>(state));
}

void DocumentationJob::cancel()
{
    if (m_state == State::Sending && m_upload) {
        m_upload->cancel();
        return;
    }
    m_check.drop();
    if (m_state == State::Checking)
        setState(State::Cancelled);
}

QString DocumentationJob::statement() const
{
    switch (m_state) {
    case State::Checking:
        return tr("Checking");
    case State::Blocked:
        return tr("Cannot be uploaded");
    case State::Ready:
        return tr("Ready to upload");
    case State::Sending:
        return m_upload && m_upload->state() == Upload::State::Waiting     ? tr("Waiting for its turn")
               : m_upload && m_upload->state() == Upload::State::Answering ? tr("The registry is unpacking it")
                                                                            : tr("Uploading");
    case State::Done:
        return tr("Uploaded");
    case State::Refused:
        return tr("Not taken");
    case State::Cancelled:
        return tr("Cancelled");
    }
    return {};
}

Mark DocumentationJob::mark() const
{
    switch (m_state) {
    case State::Ready:
    case State::Done:
        return Mark::Ok;
    case State::Blocked:
    case State::Refused:
        return Mark::Critical;
    default:
        return Mark::None;
    }
}

QString DocumentationJob::archiveText() const
{
    if (m_error && m_state == State::Blocked)
        return wordsFor(*m_error).title;
    if (m_state == State::Checking)
        return tr("Looking into the archive");
    if (!m_local.refusal.isEmpty())
        return m_local.refusal;
    return tr("%n file(s), %1 unpacked, with a first page", nullptr, static_cast<int>(m_local.files)).arg(formatBytes(m_local.unpacked));
}

Mark DocumentationJob::archiveMark() const
{
    return m_state == State::Checking ? Mark::Unknown : m_state == State::Blocked ? Mark::Critical : Mark::Ok;
}

}  // namespace cm::ui
