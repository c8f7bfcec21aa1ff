// SPDX-License-Identifier: GPL-3.0-or-later
// The columns of the tables of the Projects page. Values.
#pragma once

#include "core/api/people.h"
#include "core/api/projects.h"
#include "ui/models/column.h"
#include "ui/pages/projects/documentation_line.h"

#include <QCoreApplication>
#include <QList>

namespace cm::ui {

class ProjectTrends;

class ProjectColumns {
    Q_DECLARE_TR_FUNCTIONS(cm::ui::ProjectColumns)
public:
    // `trends` outlives them: small charts come when their rows are seen.
    static QList<Column<api::ProjectSummary>> projects(const ProjectTrends &trends);
    static QList<Column<api::ReleaseSummary>> releases();
    static QList<Column<api::FileInfo>> files();
    static QList<Column<DocumentationLine>> documentation();
    static QList<Column<api::RoleEntry>> roles();
    static QList<Column<api::JournalEntry>> journal();
    static QList<Column<api::DeletedThing>> deleted();
};

}  // namespace cm::ui
