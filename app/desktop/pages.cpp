// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/desktop/pages.h"

#include "ui/pages/audit/audit_page.h"
#include "ui/pages/deprecations/deprecations_page.h"
#include "ui/pages/downloads/downloads_page.h"
#include "ui/pages/incidents/incidents_page.h"
#include "ui/pages/inspector/inspector_page.h"
#include "ui/pages/myprojects/my_projects_page.h"
#include "ui/pages/nodes/nodes_page.h"
#include "ui/pages/overview/overview_page.h"
#include "ui/pages/people/people_page.h"
#include "ui/pages/projects/projects_page.h"
#include "ui/pages/replication/replication_page.h"
#include "ui/pages/settings/settings_page.h"
#include "ui/pages/upload/upload_page.h"

namespace cm::desktop {

QList<ui::PageFactory> allPages()
{
    return {ui::overviewPage(), ui::nodesPage(), ui::replicationPage(), ui::downloadsPage(), ui::incidentsPage(), ui::projectsPage(), ui::inspectorPage(), ui::peoplePage(),
            ui::uploadPage(), ui::myProjectsPage(), ui::deprecationsPage(), ui::auditPage(), ui::settingsPage()};
}

}  // namespace cm::desktop
