// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/format/names.h"

#include "ui/format/format.h"

#include <QCoreApplication>

#include <array>

namespace cm::ui {

namespace {

QString tr(const char *source)
{
    return QCoreApplication::translate("names", source);
}

struct Action {
    std::string_view wire;
    const char *words;
};

constexpr std::array actions{
    Action{"project.create", QT_TRANSLATE_NOOP("names", "Created the project")},
    Action{"project.quarantine", QT_TRANSLATE_NOOP("names", "Quarantined the project")},
    Action{"project.lift", QT_TRANSLATE_NOOP("names", "Lifted the quarantine")},
    Action{"project.set-status", QT_TRANSLATE_NOOP("names", "Changed the status")},
    Action{"project.set-limits", QT_TRANSLATE_NOOP("names", "Changed the limits")},
    Action{"project.delete", QT_TRANSLATE_NOOP("names", "Deleted the project")},
    Action{"project.restore", QT_TRANSLATE_NOOP("names", "Restored the project")},
    Action{"release.create", QT_TRANSLATE_NOOP("names", "Created the release")},
    Action{"release.yank", QT_TRANSLATE_NOOP("names", "Yanked the release")},
    Action{"release.unyank", QT_TRANSLATE_NOOP("names", "Took the yank back")},
    Action{"release.delete", QT_TRANSLATE_NOOP("names", "Deleted the release")},
    Action{"release.restore", QT_TRANSLATE_NOOP("names", "Restored the release")},
    Action{"file.upload", QT_TRANSLATE_NOOP("names", "Uploaded the file")},
    Action{"file.delete", QT_TRANSLATE_NOOP("names", "Deleted the file")},
    Action{"file.restore", QT_TRANSLATE_NOOP("names", "Restored the file")},
    Action{"documentation.upload", QT_TRANSLATE_NOOP("names", "Uploaded documentation")},
    Action{"documentation.remove", QT_TRANSLATE_NOOP("names", "Removed documentation")},
    Action{"documentation.restore", QT_TRANSLATE_NOOP("names", "Restored documentation")},
    Action{"documentation.choose", QT_TRANSLATE_NOOP("names", "Chose the latest documentation")},
    Action{"role.set", QT_TRANSLATE_NOOP("names", "Gave a role")},
    Action{"role.remove", QT_TRANSLATE_NOOP("names", "Took a role away")},
    Action{"user.create", QT_TRANSLATE_NOOP("names", "Added the person")},
    Action{"user.set-role", QT_TRANSLATE_NOOP("names", "Changed the person's role")},
    Action{"user.set-email", QT_TRANSLATE_NOOP("names", "Changed the person's e-mail")},
    Action{"user.freeze", QT_TRANSLATE_NOOP("names", "Froze the person")},
    Action{"user.unfreeze", QT_TRANSLATE_NOOP("names", "Unfroze the person")},
    Action{"ssh_key.add", QT_TRANSLATE_NOOP("names", "Added a key for ssh")},
    Action{"ssh_key.change", QT_TRANSLATE_NOOP("names", "Changed a key for ssh")},
    Action{"ssh_key.revoke", QT_TRANSLATE_NOOP("names", "Revoked a key for ssh")},
    Action{"deprecation.propose", QT_TRANSLATE_NOOP("names", "Proposed a deprecation")},
    Action{"deprecation.edit", QT_TRANSLATE_NOOP("names", "Changed a deprecation's terms")},
    Action{"deprecation.step", QT_TRANSLATE_NOOP("names", "Took a deprecation to another stage")},
    Action{"deprecation.confirm", QT_TRANSLATE_NOOP("names", "Confirmed a deprecation's step")},
    Action{"deprecation.call-off-brown-out", QT_TRANSLATE_NOOP("names", "Called a brown-out off")},
    Action{"deprecation.abort-brown-out", QT_TRANSLATE_NOOP("names", "Aborted a brown-out")},
    Action{"deprecation.exempt", QT_TRANSLATE_NOOP("names", "Exempted a person")},
    Action{"deprecation.end-exemption", QT_TRANSLATE_NOOP("names", "Ended an exemption")},
    Action{"deprecation.answer", QT_TRANSLATE_NOOP("names", "Kept an answer")},
    Action{"deprecation.tell", QT_TRANSLATE_NOOP("names", "Wrote to people")},
    Action{"token.create", QT_TRANSLATE_NOOP("names", "Made a token")},
    Action{"token.revoke", QT_TRANSLATE_NOOP("names", "Revoked a token")},
    Action{"annotation.add", QT_TRANSLATE_NOOP("names", "Annotated the downloads")},
    Action{"annotation.remove", QT_TRANSLATE_NOOP("names", "Removed an annotation")},
    Action{"registry.set-read-only", QT_TRANSLATE_NOOP("names", "Made the registry read-only")},
    Action{"registry.end-read-only", QT_TRANSLATE_NOOP("names", "Ended the read-only mode")},
    // Of a monitor: orders, whose outcome its timeline tells.
    Action{"alert.acknowledge", QT_TRANSLATE_NOOP("names", "Acknowledged an alert")},
    Action{"alert.release", QT_TRANSLATE_NOOP("names", "Gave an alert back")},
    Action{"silence.create", QT_TRANSLATE_NOOP("names", "Began a silence")},
    Action{"silence.end", QT_TRANSLATE_NOOP("names", "Ended a silence")},
    Action{"action.promote.asked", QT_TRANSLATE_NOOP("names", "Asked for a promotion")},
    Action{"action.cancel", QT_TRANSLATE_NOOP("names", "Cancelled an action")},
    Action{"action.drain-web", QT_TRANSLATE_NOOP("names", "Drained the web node")},
    Action{"action.return-web", QT_TRANSLATE_NOOP("names", "Returned the web node")},
    Action{"action.detach-backend", QT_TRANSLATE_NOOP("names", "Detached the standby")},
    Action{"action.attach-backend", QT_TRANSLATE_NOOP("names", "Attached the standby")},
    Action{"action.switch-over", QT_TRANSLATE_NOOP("names", "Switched over")},
    Action{"action.promote", QT_TRANSLATE_NOOP("names", "Promoted the standby")},
    Action{"action.fence", QT_TRANSLATE_NOOP("names", "Fenced the server")},
    Action{"action.unfence", QT_TRANSLATE_NOOP("names", "Took the fence away")},
    Action{"action.rejoin", QT_TRANSLATE_NOOP("names", "Rejoined the server")},
    Action{"action.resume-replay", QT_TRANSLATE_NOOP("names", "Resumed the replay")},
    Action{"action.drop-slot", QT_TRANSLATE_NOOP("names", "Dropped the slot")},
    Action{"action.reload-web", QT_TRANSLATE_NOOP("names", "Reloaded the certificate")},
    Action{"action.sync-mirror", QT_TRANSLATE_NOOP("names", "Synchronised the mirror")},
    Action{"action.pause-mirror", QT_TRANSLATE_NOOP("names", "Paused the mirror")},
    Action{"action.resume-mirror", QT_TRANSLATE_NOOP("names", "Resumed the mirror")},
    Action{"action.allow-deletions", QT_TRANSLATE_NOOP("names", "Allowed the mirror its deletions")},
    Action{"action.sync-project", QT_TRANSLATE_NOOP("names", "Had the mirror sync a project again")},
    Action{"action.mirror-out", QT_TRANSLATE_NOOP("names", "Took the mirror out of rotation")},
    Action{"action.mirror-return", QT_TRANSLATE_NOOP("names", "Returned the mirror to rotation")},
    Action{"action.drill-fallback", QT_TRANSLATE_NOOP("names", "Ran a fallback drill")},
    Action{"action.heal-files", QT_TRANSLATE_NOOP("names", "Had files healed")},
    Action{"action.restart-brick", QT_TRANSLATE_NOOP("names", "Restarted the brick")},
    Action{"action.resolve-split", QT_TRANSLATE_NOOP("names", "Resolved files with two versions")},
    Action{"session.start", QT_TRANSLATE_NOOP("names", "Signed in")},
    Action{"session.end", QT_TRANSLATE_NOOP("names", "Signed out")},
};

}  // namespace

QString nameFor(api::Role role)
{
    switch (role) {
    case api::Role::Admin:
        return tr(QT_TRANSLATE_NOOP("names", "admin"));
    case api::Role::Operator:
        return tr(QT_TRANSLATE_NOOP("names", "operator"));
    case api::Role::Moderator:
        return tr(QT_TRANSLATE_NOOP("names", "moderator"));
    case api::Role::Observer:
        return tr(QT_TRANSLATE_NOOP("names", "observer"));
    case api::Role::User:
        break;
    }
    return tr(QT_TRANSLATE_NOOP("names", "user"));
}

QString nameFor(api::ProjectRole role)
{
    return role == api::ProjectRole::Owner ? tr(QT_TRANSLATE_NOOP("names", "Owner"))
                                           : tr(QT_TRANSLATE_NOOP("names", "Maintainer"));
}

QString nameFor(api::ProjectStatus status)
{
    switch (status) {
    case api::ProjectStatus::Active:
        return tr(QT_TRANSLATE_NOOP("names", "active"));
    case api::ProjectStatus::Archived:
        return tr(QT_TRANSLATE_NOOP("names", "archived"));
    case api::ProjectStatus::Deprecated:
        return tr(QT_TRANSLATE_NOOP("names", "deprecated"));
    case api::ProjectStatus::Quarantined:
        break;
    }
    return tr(QT_TRANSLATE_NOOP("names", "quarantined"));
}

QString nameFor(api::Verdict verdict)
{
    switch (verdict) {
    case api::Verdict::Ok:
        return tr(QT_TRANSLATE_NOOP("names", "ok"));
    case api::Verdict::Warning:
        return tr(QT_TRANSLATE_NOOP("names", "warning"));
    case api::Verdict::Critical:
        return tr(QT_TRANSLATE_NOOP("names", "critical"));
    case api::Verdict::Unknown:
        break;
    }
    return tr(QT_TRANSLATE_NOOP("names", "unknown"));
}

QString actionName(const std::string &nounVerb)
{
    // A monitor's guards said no.
    constexpr std::string_view refused = ".refused";
    if (nounVerb.starts_with("action.") && nounVerb.ends_with(refused))
        return tr(QT_TRANSLATE_NOOP("names", "Refused: %1")).arg(actionName(nounVerb.substr(0, nounVerb.size() - refused.size())));
    for (const Action &action : actions) {
        if (action.wire == nounVerb)
            return tr(action.words);
    }
    return text(nounVerb);
}

}  // namespace cm::ui
