// SPDX-License-Identifier: GPL-3.0-or-later
// A local zip file seen as documentation, by the very checks of the registry, on a worker thread. Answers come
// through whenDone(); nothing is held when nobody waits for them any more.
#pragma once

#include "core/api/documentation.h"
#include "core/base/result.h"

#include <QFuture>
#include <QString>

namespace cm::ui {

struct LocalDocumentation {
    QString path;
    qint64 size = 0;      // bytes, of the archive
    qint64 unpacked = 0;  // bytes
    qint64 files = 0;
    QString refusal;  // in the registry's words; empty: it would be taken
};

// `offer` is what the registry takes.
QFuture<Result<LocalDocumentation>> inspectDocumentation(const QString &path, const api::DocumentationOffer &offer);
// Whether it is to be taken for documentation; reads the archive's directory.
QFuture<Result<bool>> recogniseDocumentation(const QString &path);
// By the name alone: a zip file that cannot be a distribution.
bool isNamedLikeDocumentation(const QString &path);

}  // namespace cm::ui
