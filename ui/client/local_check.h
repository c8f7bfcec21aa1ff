// SPDX-License-Identifier: GPL-3.0-or-later
// The upload checks that need no registry, run on a local file by a worker thread: archive and
// metadata first, then the digests with progress. GUI thread; going away stops the worker.
#pragma once

#include "core/base/result.h"

#include <QList>
#include <QObject>
#include <QPair>
#include <QString>

#include <memory>

namespace cm::ui {

struct LocalFinding {
    // Name of the check in core/checks, the key of its remedy there, and the words of a refusal.
    QString check;
    QString remedy;
    QString text;
};

struct LocalFile {
    QString path;
    QString filename;
    QString project;
    QString version;
    QString summary;
    QString requiresPython;
    QString metadataVersion;
    QString descriptionType;
    bool hasDescription = false;
    bool sdist = false;
    qint64 size = 0;
    qint64 members = 0;
    // Hexadecimal; empty until they are computed.
    QString sha256;
    QString blake2b256;
    QList<LocalFinding> refusals;
    // The form of a legacy upload; set with the digests.
    QList<QPair<QString, QString>> fields;
};

class LocalCheck : public QObject {
    Q_OBJECT
public:
    // `sdistNames` is the registry's rule, "normalised" or "pep625".
    LocalCheck(QString path, QString sdistNames, QObject *parent = nullptr);
    ~LocalCheck() override;

    void start();
    void cancel();

Q_SIGNALS:
    // Archive and metadata are known.
    void inspected(const cm::ui::LocalFile &file);
    void digesting(qint64 done, qint64 total);
    // With the digests; or why the file could not be looked at.
    void finished(const cm::ui::LocalFile &file);
    void failed(const cm::Error &error);

private:
    struct Run;
    QString m_path;
    QString m_sdistNames;
    std::shared_ptr<Run> m_run;
};

}  // namespace cm::ui
