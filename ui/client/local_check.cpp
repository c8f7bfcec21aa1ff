// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/client/local_check.h"

#include "core/checks/preflight.h"
#include "core/checks/upload_checks.h"

#include <QElapsedTimer>
#include <QFile>
#include <QMutex>
#include <QThreadPool>

#include <limits>
#include <stop_token>

namespace cm::ui {

namespace {

QString fromUtf8(std::string_view text)
{
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

LocalFile describe(const checks::LocalCandidate &candidate, const QString &path, const QString &sdistNames)
{
    LocalFile file;
    file.path = path;
    file.filename = fromUtf8(candidate.filename);
    file.project = fromUtf8(candidate.metadata.name);
    file.version = fromUtf8(candidate.metadata.version);
    file.summary = fromUtf8(candidate.metadata.summary);
    file.requiresPython = fromUtf8(candidate.metadata.requiresPython);
    file.metadataVersion = fromUtf8(candidate.metadata.metadataVersion);
    file.descriptionType = fromUtf8(candidate.metadata.descriptionContentType);
    file.hasDescription = !candidate.metadata.description.empty();
    file.sdist = candidate.type == pypi::PackageType::Sdist;
    file.size = static_cast<qint64>(candidate.size);
    file.members = static_cast<qint64>(candidate.archive.members.size());

    checks::UploadFacts facts = checks::factsOf(candidate);
    facts.policies.sdistNames =
        sdistNames == QLatin1String("pep625") ? checks::SdistNames::Pep625 : checks::SdistNames::Normalised;
    // Limits are the registry's to judge: it knows this project's own.
    facts.policies.fileLimit = std::numeric_limits<std::uint64_t>::max();
    facts.policies.projectLimit = std::numeric_limits<std::uint64_t>::max();
    auto stages = checks::Stages(checks::Stage::Archive);
    if (candidate.digests) {
        stages = stages | checks::Stage::Body;
        // What an archive that says nothing would be told of its metadata only follows from that.
        if (candidate.archive.metadata)
            stages = stages | checks::Stage::Form;
    }
    for (const checks::Finding &finding : checks::allFindings(facts, stages)) {
        QString words = fromUtf8(finding.refusal.text);
        if (!finding.refusal.detail.empty())
            words += QLatin1Char(' ') + fromUtf8(finding.refusal.detail);
        file.refusals.append({fromUtf8(finding.checkId), fromUtf8(finding.remedy), words});
    }
    if (candidate.digests) {
        file.sha256 = fromUtf8(candidate.digests->sha256);
        file.blake2b256 = fromUtf8(candidate.digests->blake2b256);
        for (const auto &[name, value] : checks::uploadFields(candidate))
            file.fields.append({fromUtf8(name), fromUtf8(value)});
    }
    return file;
}

}  // namespace

// Shared with the worker, which may outlive the check.
struct LocalCheck::Run {
    QMutex mutex;
    LocalCheck *receiver = nullptr;
    std::stop_source stop;

    template <class Report>
    void tell(Report report)
    {
        const QMutexLocker lock(&mutex);
        if (receiver)
            QMetaObject::invokeMethod(receiver, [receiver = receiver, report = std::move(report)] { report(receiver); }, Qt::QueuedConnection);
    }
};

LocalCheck::LocalCheck(QString path, QString sdistNames, QObject *parent)
    : QObject(parent), m_path(std::move(path)), m_sdistNames(std::move(sdistNames))
{
}

LocalCheck::~LocalCheck()
{
    cancel();
}

void LocalCheck::cancel()
{
    if (!m_run)
        return;
    m_run->stop.request_stop();
    const QMutexLocker lock(&m_run->mutex);
    m_run->receiver = nullptr;
}

void LocalCheck::start()
{
    cancel();
    m_run = std::make_shared<Run>();
    m_run->receiver = this;
    QThreadPool::globalInstance()->start([run = m_run, path = m_path, sdistNames = m_sdistNames] {
        const std::stop_token stop = run->stop.get_token();
        const QByteArray local = QFile::encodeName(path);
        auto candidate = checks::inspectForUpload(std::filesystem::path(local.toStdString()), stop);
        if (!candidate) {
            run->tell([error = candidate.error()](LocalCheck *check) { Q_EMIT check->failed(error); });
            return;
        }
        run->tell([file = describe(*candidate, path, sdistNames)](LocalCheck *check) { Q_EMIT check->inspected(file); });
        QElapsedTimer sinceTold;
        sinceTold.start();
        const auto progress = [&](std::uint64_t done, std::uint64_t total) {
            if (sinceTold.elapsed() < 50 && done < total)
                return;
            sinceTold.restart();
            run->tell([done, total](LocalCheck *check) {
                Q_EMIT check->digesting(static_cast<qint64>(done), static_cast<qint64>(total));
            });
        };
        if (const auto digested = checks::digestCandidate(*candidate, progress, stop); !digested) {
            run->tell([error = digested.error()](LocalCheck *check) { Q_EMIT check->failed(error); });
            return;
        }
        run->tell([file = describe(*candidate, path, sdistNames)](LocalCheck *check) { Q_EMIT check->finished(file); });
    });
}

}  // namespace cm::ui
