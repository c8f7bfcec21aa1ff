// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/projects/project_columns.h"

#include "ui/format/format.h"
#include "ui/format/names.h"
#include "ui/shell/project_trends.h"

namespace cm::ui {

QList<Column<api::ProjectSummary>> ProjectColumns::projects(const ProjectTrends &trends)
{
    using Row = api::ProjectSummary;
    return {
        column<Row>({QStringLiteral("name"), tr("Name"), false, true, false, QStringLiteral("name"), 22, true},
                    [](const Row &row) { return text(row.name); }, [](const Row &row) { return text(row.summary); }),
        statusColumn<Row>({QStringLiteral("status"), tr("Status"), false, false, false, {}, 18},
                          [](const Row &row) { return nameFor(row.status); }, [](const Row &row) { return row.status; }),
        column<Row>({QStringLiteral("latest"), tr("Latest"), false, true, false, {}, 11},
                    [](const Row &row) { return row.latestVersion.empty() ? dash() : text(row.latestVersion); }),
        column<Row>({QStringLiteral("releases"), tr("Releases"), true, false, false, {}, 9},
                    [](const Row &row) { return formatCount(row.releases); }),
        column<Row>({QStringLiteral("files"), tr("Files"), true, false, false, QStringLiteral("files"), 8},
                    [](const Row &row) { return formatCount(row.files); }),
        column<Row>({QStringLiteral("size"), tr("Size"), true, false, false, QStringLiteral("size"), 10},
                    [](const Row &row) { return formatBytes(row.totalSize); },
                    [](const Row &row) { return tr("%1 bytes").arg(formatCount(row.totalSize)); }),
        trendColumn<Row>({QStringLiteral("trend"), tr("Downloads, 30 d"), false, false, false, {}, 15},
                         [](const Row &row) { return text(row.normalizedName); }, trends),
        column<Row>({QStringLiteral("activity"), tr("Last activity, UTC"), false, false, true, QStringLiteral("last_activity"), 20},
                    [](const Row &row) { return formatMinute(row.lastActivity); },
                    [](const Row &row) { return timeTip(row.lastActivity); }),
    };
}

QList<Column<api::ReleaseSummary>> ProjectColumns::releases()
{
    using Row = api::ReleaseSummary;
    return {
        column<Row>({QStringLiteral("version"), tr("Version"), false, true, false, {}, 14},
                    [](const Row &row) { return text(row.version); }),
        column<Row>({QStringLiteral("state"), tr("State"), false, false, false, {}, 22, true},
                    [](const Row &row) {
                        if (row.yanked)
                            return row.yankedReason.empty() ? tr("yanked") : tr("yanked: %1").arg(text(row.yankedReason));
                        return row.prerelease ? tr("pre-release") : QString();
                    },
                    [](const Row &row) { return text(row.yankedReason); },
                    [](const Row &row) { return row.yanked ? std::optional(api::Verdict::Warning) : std::nullopt; }),
        column<Row>({QStringLiteral("files"), tr("Files"), true, false, false, QStringLiteral("files"), 7},
                    [](const Row &row) { return formatCount(row.files); }),
        column<Row>({QStringLiteral("size"), tr("Size"), true, false, false, QStringLiteral("size"), 10},
                    [](const Row &row) { return formatBytes(row.size); }),
        column<Row>({QStringLiteral("python"), tr("Python"), false, true, true, {}, 10},
                    [](const Row &row) { return row.requiresPython.empty() ? dash() : text(row.requiresPython); }),
        column<Row>({QStringLiteral("created"), tr("Created, UTC"), false, false, true, QStringLiteral("created"), 20},
                    [](const Row &row) { return formatMinute(row.created); },
                    [](const Row &row) { return timeTip(row.created); }),
    };
}

QList<Column<api::FileInfo>> ProjectColumns::files()
{
    using Row = api::FileInfo;
    return {
        column<Row>({QStringLiteral("filename"), tr("File"), false, true, false, {}, 30, true},
                    [](const Row &row) { return text(row.filename); }, [](const Row &row) { return text(row.filename); }),
        column<Row>({QStringLiteral("type"), tr("Kind"), false, false, true, {}, 8},
                    [](const Row &row) { return row.packageType == "sdist" ? tr("sdist") : tr("wheel"); }),
        column<Row>({QStringLiteral("size"), tr("Size"), true, false, false, QStringLiteral("size"), 10},
                    [](const Row &row) { return formatBytes(row.size); }),
        column<Row>({QStringLiteral("sha256"), QStringLiteral("SHA-256"), false, true, true, {}, 16},
                    [](const Row &row) { return text(row.sha256); }, [](const Row &row) { return text(row.sha256); }),
        column<Row>({QStringLiteral("uploaded"), tr("Uploaded, UTC"), false, false, true, {}, 20},
                    [](const Row &row) { return formatMinute(row.uploaded); },
                    [](const Row &row) { return timeTip(row.uploaded); }),
        column<Row>({QStringLiteral("by"), tr("By"), false, false, false, {}, 10},
                    [](const Row &row) { return row.uploadedBy.empty() ? dash() : text(row.uploadedBy); }),
    };
}

QList<Column<DocumentationLine>> ProjectColumns::documentation()
{
    using Row = DocumentationLine;
    return {
        column<Row>({QStringLiteral("version"), tr("Version"), false, true, false, {}, 12},
                    [](const Row &row) { return text(row.version); }),
        column<Row>({QStringLiteral("state"), tr("State"), false, false, false, {}, 20, true},
                    [](const Row &row) {
                        if (row.removed)
                            return row.replaced ? tr("replaced") : tr("removed: %1").arg(text(row.reason));
                        return !row.latest ? QString() : row.chosen ? tr("latest, as chosen") : tr("latest");
                    },
                    [](const Row &row) {
                        return row.removed ? tr("By %1, %2; can be brought back until %3")
                                                 .arg(text(row.actor), formatTime(row.removedAt), formatTime(row.purgeAfter))
                                           : text(row.url);
                    },
                    [](const Row &row) { return row.latest ? std::optional(api::Verdict::Ok) : std::nullopt; }),
        column<Row>({QStringLiteral("files"), tr("Files"), true, false, false, QStringLiteral("files"), 7},
                    [](const Row &row) { return formatCount(row.files); }),
        column<Row>({QStringLiteral("size"), tr("Size"), true, false, false, QStringLiteral("size"), 10},
                    [](const Row &row) { return formatBytes(row.size); }),
        column<Row>({QStringLiteral("uploaded"), tr("Uploaded, UTC"), false, false, true, QStringLiteral("uploaded"), 20},
                    [](const Row &row) { return formatMinute(row.uploaded); },
                    [](const Row &row) { return timeTip(row.uploaded); }),
        column<Row>({QStringLiteral("by"), tr("By"), false, false, false, {}, 10},
                    [](const Row &row) { return row.uploadedBy.empty() ? dash() : text(row.uploadedBy); }),
    };
}

QList<Column<api::RoleEntry>> ProjectColumns::roles()
{
    using Row = api::RoleEntry;
    return {
        column<Row>({QStringLiteral("user"), tr("Person"), false, false, false, {}, 24, true},
                    [](const Row &row) { return text(row.user); }),
        column<Row>({QStringLiteral("role"), tr("Role"), false, false, false, {}, 18},
                    [](const Row &row) { return nameFor(row.role); }),
    };
}

QList<Column<api::JournalEntry>> ProjectColumns::journal()
{
    using Row = api::JournalEntry;
    return {
        column<Row>({QStringLiteral("serial"), tr("Serial"), true, false, true, {}, 10},
                    [](const Row &row) { return formatCount(row.serial); }),
        column<Row>({QStringLiteral("time"), tr("Time, UTC"), false, false, true, {}, 20},
                    [](const Row &row) { return formatMinute(row.time); }, [](const Row &row) { return timeTip(row.time); }),
        column<Row>({QStringLiteral("action"), tr("Change"), false, false, false, {}, 28, true},
                    [](const Row &row) { return text(row.action); }, [](const Row &row) { return text(row.action); }),
        column<Row>({QStringLiteral("version"), tr("Version"), false, true, false, {}, 11},
                    [](const Row &row) { return row.version.empty() ? dash() : text(row.version); }),
        column<Row>({QStringLiteral("actor"), tr("By"), false, false, false, {}, 10},
                    [](const Row &row) { return row.actor.empty() ? dash() : text(row.actor); }),
    };
}

QList<Column<api::DeletedThing>> ProjectColumns::deleted()
{
    using Row = api::DeletedThing;
    return {
        column<Row>({QStringLiteral("what"), tr("What"), false, true, false, {}, 28, true},
                    [](const Row &row) {
                        if (row.kind == "file")
                            return text(row.filename);
                        return row.version.empty() ? text(row.project) : text(row.project + " " + row.version);
                    }),
        column<Row>({QStringLiteral("kind"), tr("Kind"), false, false, true, {}, 9},
                    [](const Row &row) {
                        if (row.kind == "file")
                            return tr("file");
                        if (row.kind == "documentation")
                            return tr("docs");
                        return row.kind == "release" ? tr("release") : tr("project");
                    }),
        column<Row>({QStringLiteral("by"), tr("Deleted by"), false, false, false, {}, 12},
                    [](const Row &row) { return text(row.actor); }),
        column<Row>({QStringLiteral("reason"), tr("Reason"), false, false, false, {}, 20},
                    [](const Row &row) { return row.reason.empty() ? dash() : text(row.reason); },
                    [](const Row &row) { return text(row.reason); }),
        column<Row>({QStringLiteral("deleted"), tr("Deleted, UTC"), false, false, true, {}, 20},
                    [](const Row &row) { return formatMinute(row.deleted); }, [](const Row &row) { return timeTip(row.deleted); }),
        column<Row>({QStringLiteral("until"), tr("Restorable until, UTC"), false, false, true, {}, 22},
                    [](const Row &row) { return formatMinute(row.purgeAfter); },
                    [](const Row &row) { return timeTip(row.purgeAfter); }),
    };
}

}  // namespace cm::ui
