// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/client/documentation_check.h"

#include "core/checks/documentation.h"
#include "ui/client/when_done.h"

#include <QFile>
#include <QFileInfo>

namespace cm::ui {

namespace {

std::filesystem::path localPath(const QString &path)
{
    return std::filesystem::path(QFile::encodeName(path).toStdString());
}

checks::DocumentationLimits limitsOf(const api::DocumentationOffer &offer)
{
    const auto positive = [](std::int64_t value, std::uint64_t otherwise) {
        return value > 0 ? static_cast<std::uint64_t>(value) : otherwise;
    };
    const checks::DocumentationLimits usual;
    return {positive(offer.archiveLimit, usual.archiveBytes), positive(offer.unpackedLimit, usual.unpackedBytes),
            positive(offer.fileLimit, usual.files), positive(offer.pathLimit, usual.pathBytes)};
}

Result<LocalDocumentation> inspect(const QString &path, const checks::DocumentationLimits &limits)
{
    CM_TRY_ASSIGN(const checks::DocumentationArchive archive, checks::inspectDocumentation(localPath(path), limits));
    LocalDocumentation out;
    out.path = path;
    out.size = QFileInfo(path).size();
    out.unpacked = static_cast<qint64>(archive.unpackedBytes);
    out.files = static_cast<qint64>(archive.files.size());
    if (archive.refusal)
        out.refusal = QString::fromStdString(archive.refusal->text);
    return out;
}

}  // namespace

QFuture<Result<LocalDocumentation>> inspectDocumentation(const QString &path, const api::DocumentationOffer &offer)
{
    return onWorker<LocalDocumentation>([path, limits = limitsOf(offer)] { return inspect(path, limits); });
}

QFuture<Result<bool>> recogniseDocumentation(const QString &path)
{
    return onWorker<bool>([path]() -> Result<bool> { return checks::looksLikeDocumentation(localPath(path)); });
}

bool isNamedLikeDocumentation(const QString &path)
{
    return checks::isNamedLikeDocumentation(QFileInfo(path).fileName().toStdString());
}

}  // namespace cm::ui
