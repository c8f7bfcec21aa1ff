// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/upload/upload_job.h"

#include "core/api/endpoints.h"
#include "ui/client/admin_client.h"
#include "ui/client/connection.h"
#include "ui/format/error_words.h"
#include "ui/format/format.h"

#include <algorithm>

namespace cm::ui {

UploadJob::UploadJob(const PageContext &context, QString path, QObject *parent)
    : SendingJob(context, std::move(path), parent)
{
}

bool UploadJob::isBusy() const
{
    return m_state == State::Checking || m_state == State::Asking || m_state == State::Sending;
}

void UploadJob::setState(State state)
{
    m_state = state;
    Q_EMIT changed();
}

void UploadJob::check()
{
    m_inspected = false;
    m_file = {};
    m_verdict.reset();
    m_askError.reset();
    m_error.reset();
    m_hashing = {};
    delete m_check;
    const auto &registry = m_context.connection.registry();
    m_check = new LocalCheck(path(), registry ? text(registry->sdistNames) : QString(), this);
    connect(m_check, &LocalCheck::inspected, this, &UploadJob::onInspected);
    connect(m_check, &LocalCheck::digesting, this, [this](qint64 done, qint64 total) {
        m_hashing.sent = done;
        m_hashing.total = total;
        Q_EMIT progressed();
    });
    connect(m_check, &LocalCheck::finished, this, [this](const LocalFile &file) {
        m_file = file;
        ask();
    });
    connect(m_check, &LocalCheck::failed, this, [this](const Error &error) {
        m_error = error;
        setState(error.code == ErrorCode::Cancelled ? State::Cancelled : State::Blocked);
    });
    setState(State::Checking);
    m_check->start();
}

void UploadJob::onInspected(const LocalFile &file)
{
    m_file = file;
    m_inspected = true;
    // Who may, and how much, need no digest: a large file is told at once.
    ask();
    setState(State::Checking);
}

void UploadJob::ask()
{
    const bool complete = !m_file.sha256.isEmpty();
    if (complete)
        setState(State::Asking);
    api::UploadPreflight request;
    request.files.push_back({m_file.filename.toStdString(), m_file.project.toStdString(), m_file.version.toStdString(),
                             m_file.size, m_file.sha256.toStdString(), m_file.blake2b256.toStdString()});
    m_ask.start(this, m_context.client.call(api::endpoints::uploadPreflight, request),
                [this, complete](const Result<api::PreflightAnswer> &answer) {
                    m_askError.reset();
                    if (!answer)
                        m_askError = answer.error();
                    else if (answer->files.empty())
                        m_askError = Error{ErrorCode::Corrupt, "the answer speaks of no file", {}, {}};
                    else
                        m_verdict = answer->files.front();
                    if (complete)
                        judge();
                    else
                        Q_EMIT changed();
                });
}

void UploadJob::judge()
{
    if (!m_file.refusals.isEmpty() || (m_verdict && !m_verdict->refusals.empty()))
        setState(State::Blocked);
    else
        setState(m_askError ? State::Unasked : State::Ready);
}

void UploadJob::send()
{
    if (!canSend() || m_file.sha256.isEmpty())
        return;
    UploadRequest request;
    request.fields = m_file.fields;
    start(request);
    setState(State::Sending);
}

void UploadJob::ended(Upload::State state)
{
    setState(stateAfter<State>(state));
}

void UploadJob::cancel()
{
    if (m_state == State::Sending && m_upload) {
        m_upload->cancel();
        return;
    }
    if (m_check)
        m_check->cancel();
    m_ask.drop();
    if (isBusy())
        setState(State::Cancelled);
}

Upload::Progress UploadJob::progress() const
{
    return m_state == State::Sending && m_upload ? m_upload->progress() : m_hashing;
}

UploadJob::Line UploadJob::localLine(UploadTopic topic, Mark markWhenGood, const QString &good) const
{
    for (const LocalFinding &finding : m_file.refusals) {
        if (topicOf(finding.check) == topic)
            return {topic, Mark::Critical, finding.text, remedyFor(finding.check)};
    }
    return {topic, markWhenGood, good, {}};
}

std::optional<UploadJob::Line> UploadJob::serverRefusal(UploadTopic topic) const
{
    if (!m_verdict)
        return std::nullopt;
    for (const api::Finding &finding : m_verdict->refusals) {
        const QString check = text(finding.check);
        if (topicOf(check) == topic)
            return Line{topic, Mark::Critical, text(finding.text), remedyFor(check)};
    }
    return std::nullopt;
}

UploadJob::Line UploadJob::permissionLine() const
{
    if (const auto refused = serverRefusal(UploadTopic::Permission))
        return *refused;
    if (m_askError)
        return {UploadTopic::Permission, Mark::Unknown, tr("The registry did not answer"), wordsFor(*m_askError).remedy};
    if (!m_verdict)
        return {UploadTopic::Permission, Mark::None, tr("Asking the registry"), {}};
    if (m_verdict->createsProject)
        return {UploadTopic::Permission, Mark::Ok, tr("Creates the project %1; you become its owner").arg(ltr(m_file.project)), {}};
    return {UploadTopic::Permission, Mark::Ok, tr("You may upload to %1").arg(ltr(m_file.project)), {}};
}

UploadJob::Line UploadJob::presenceLine() const
{
    if (const auto refused = serverRefusal(UploadTopic::Presence))
        return *refused;
    if (!m_verdict)
        return {UploadTopic::Presence, m_askError ? Mark::Unknown : Mark::None, m_askError ? tr("Not known") : tr("Asking the registry"), {}};
    if (m_verdict->alreadyThere)
        return {UploadTopic::Presence, Mark::Warning, tr("This very file is there already"), tr("Sending it again succeeds and changes nothing.")};
    if (m_verdict->createsRelease)
        return {UploadTopic::Presence, Mark::Ok, tr("First file of release %1").arg(ltr(m_file.version)), {}};
    return {UploadTopic::Presence, Mark::Ok, tr("Not there yet; joins release %1").arg(ltr(m_file.version)), {}};
}

UploadJob::Line UploadJob::sizeLine() const
{
    if (const auto refused = serverRefusal(UploadTopic::Size))
        return *refused;
    if (!m_verdict)
        return {UploadTopic::Size, m_askError ? Mark::Unknown : Mark::None, formatBytes(m_file.size), {}};
    return {UploadTopic::Size, Mark::Ok, tr("%1, within the limits").arg(formatBytes(m_file.size)), {}};
}

UploadJob::Line UploadJob::digestLine() const
{
    if (!m_file.sha256.isEmpty())
        return localLine(UploadTopic::Digest, Mark::Ok, QStringLiteral("SHA-256 ") + ltr(elideMiddle(m_file.sha256, 19)));
    if (m_hashing.total <= 0)
        return {UploadTopic::Digest, Mark::None, tr("Waiting"), {}};
    const double part = static_cast<double>(m_hashing.sent) / static_cast<double>(m_hashing.total);
    return {UploadTopic::Digest, Mark::None, tr("Computing, %1").arg(formatPercent(part)), {}};
}

UploadJob::Line UploadJob::metadataLine() const
{
    if (const auto refused = serverRefusal(UploadTopic::Metadata))
        return *refused;
    if (m_file.metadataVersion.isEmpty())
        return localLine(UploadTopic::Metadata, Mark::Unknown, tr("None that can be read"));
    const QString python = m_file.requiresPython.isEmpty() ? tr("any Python") : tr("Python %1").arg(ltr(m_file.requiresPython));
    return localLine(UploadTopic::Metadata, Mark::Ok, tr("Version %1 of core metadata, %2").arg(m_file.metadataVersion, python));
}

UploadJob::Line UploadJob::descriptionLine() const
{
    if (m_file.metadataVersion.isEmpty())
        return {UploadTopic::Description, Mark::Unknown, tr("None that can be read"), {}};
    if (!m_file.hasDescription)
        return {UploadTopic::Description, Mark::Warning, tr("No description"), tr("People will find an empty page. It can be uploaded all the same.")};
    const QString kind = m_file.descriptionType.section(QLatin1Char(';'), 0, 0).trimmed().toLower();
    const QString good = kind == QLatin1String("text/markdown") ? tr("Markdown, renders")
        : kind == QLatin1String("text/plain")                   ? tr("Plain text, shown as it is")
                                                                : tr("reStructuredText, no mistake found");
    return localLine(UploadTopic::Description, Mark::Ok, good);
}

QList<UploadJob::Line> UploadJob::lines() const
{
    if (m_error && !m_inspected) {
        const ErrorWords words = wordsFor(*m_error);
        return {{UploadTopic::Archive, Mark::Critical, text(m_error->detail).isEmpty() ? words.title : text(m_error->detail), words.remedy}};
    }
    if (!m_inspected)
        return {{UploadTopic::Archive, Mark::None, tr("Reading the archive"), {}}};
    QList<Line> lines;
    lines << localLine(UploadTopic::Archive, Mark::Ok, tr("Readable %1 with %n member(s)", nullptr, static_cast<int>(m_file.members))
                                                          .arg(m_file.sdist ? tr("sdist") : tr("wheel")));
    lines << (serverRefusal(UploadTopic::Name) ? *serverRefusal(UploadTopic::Name)
                                               : localLine(UploadTopic::Name, Mark::Ok, ltr(m_file.project + QLatin1Char(' ') + m_file.version)));
    lines << metadataLine() << descriptionLine();
    lines << digestLine() << permissionLine() << presenceLine() << sizeLine();
    return lines;
}

QString UploadJob::statement() const
{
    switch (m_state) {
    case State::Checking:
        return tr("Checking");
    case State::Asking:
        return tr("Asking the registry");
    case State::Ready:
        return m_verdict && m_verdict->alreadyThere ? tr("There already") : tr("Ready to upload");
    case State::Blocked: {
        const QList<Line> all = lines();
        const auto count = std::count_if(all.begin(), all.end(), [](const Line &line) { return line.mark == Mark::Critical; });
        return tr("%n thing(s) to mend", nullptr, std::max(1, static_cast<int>(count)));
    }
    case State::Unasked:
        return tr("The registry did not answer");
    case State::Sending:
        return m_upload && m_upload->state() == Upload::State::Waiting     ? tr("Waiting for its turn")
               : m_upload && m_upload->state() == Upload::State::Answering ? tr("The registry is storing it")
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

Mark UploadJob::mark() const
{
    switch (m_state) {
    case State::Ready:
        return m_verdict && m_verdict->alreadyThere ? Mark::Warning : Mark::Ok;
    case State::Done:
        return Mark::Ok;
    case State::Blocked:
    case State::Refused:
        return Mark::Critical;
    case State::Unasked:
        return Mark::Unknown;
    default:
        return Mark::None;
    }
}

}  // namespace cm::ui
