// SPDX-License-Identifier: GPL-3.0-or-later
// Declares every handler of the admin API, so that the table in admin_api.cpp calls the definitions in
// admin_projects.cpp, admin_documentation.cpp, admin_cdn.cpp, admin_deprecations.cpp, admin_downloads.cpp,
// admin_people.cpp, admin_ssh_keys.cpp and admin_registry.cpp. A missing one does not link.
#pragma once

#include "core/server/admin_call.h"

namespace cm::server {

CM_ANSWER(signIn);
CM_ANSWER(signOut);
CM_ANSWER(whoAmI);
CM_ANSWER(registryInfo);
CM_ANSWER(setReadOnly);
CM_ANSWER(endReadOnly);
CM_ANSWER(listNodes);
CM_ANSWER(cdnState);
CM_ANSWER(purgeCdn);
CM_ANSWER(writeProbe);
CM_ANSWER(listProjects);
CM_ANSWER(getProject);
CM_ANSWER(getRelease);
CM_ANSWER(yankRelease);
CM_ANSWER(unyankRelease);
CM_ANSWER(quarantineProject);
CM_ANSWER(liftQuarantine);
CM_ANSWER(setProjectStatus);
CM_ANSWER(setProjectLimits);
CM_ANSWER(deleteProject);
CM_ANSWER(restoreProject);
CM_ANSWER(deleteRelease);
CM_ANSWER(restoreRelease);
CM_ANSWER(deleteFile);
CM_ANSWER(restoreFile);
CM_ANSWER(listDeleted);
CM_ANSWER(setRole);
CM_ANSWER(removeRole);
CM_ANSWER(listDocumentation);
CM_ANSWER(removeDocumentation);
CM_ANSWER(restoreDocumentation);
CM_ANSWER(setLatestDocumentation);
CM_ANSWER(uploadPreflight);
CM_ANSWER(listMembers);
CM_ANSWER(readMember);
CM_ANSWER(listUsers);
CM_ANSWER(createUser);
CM_ANSWER(setUserRole);
CM_ANSWER(setUserActive);
CM_ANSWER(setUserEmail);
CM_ANSWER(listUserProjects);
CM_ANSWER(listTokens);
CM_ANSWER(createToken);
CM_ANSWER(revokeToken);
CM_ANSWER(listSshKeys);
CM_ANSWER(addSshKey);
CM_ANSWER(changeSshKey);
CM_ANSWER(revokeSshKey);
CM_ANSWER(downloadSeries);
CM_ANSWER(downloadTrends);
CM_ANSWER(downloadShares);
CM_ANSWER(projectDownloadSeries);
CM_ANSWER(projectDownloadShares);
CM_ANSWER(downloadCompleteness);
CM_ANSWER(downloadEvidence);
CM_ANSWER(listAnnotations);
CM_ANSWER(addAnnotation);
CM_ANSWER(removeAnnotation);
CM_ANSWER(listDeprecations);
CM_ANSWER(proposeDeprecation);
CM_ANSWER(getDeprecation);
CM_ANSWER(editDeprecation);
CM_ANSWER(deprecationEvidence);
CM_ANSWER(planDeprecationStep);
CM_ANSWER(takeDeprecationStep);
CM_ANSWER(confirmDeprecationStep);
CM_ANSWER(endBrownOut);
CM_ANSWER(exemptFromDeprecation);
CM_ANSWER(answerDeprecation);
CM_ANSWER(draftDeprecationMessages);
CM_ANSWER(writeDeprecationMessages);
CM_ANSWER(deprecationMentions);
CM_ANSWER(deprecationReport);
CM_ANSWER(watchBrownOut);
CM_ANSWER(listServingNodes);
CM_ANSWER(forgetServingNode);
CM_ANSWER(listJournal);
CM_ANSWER(listAudit);
CM_ANSWER(verifyAudit);

}  // namespace cm::server
