// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/registry/upload_context.h"

#include "core/checks/upload_checks.h"

#include "core/pypi/names.h"
#include "core/pypi/package_type.h"
#include "core/pypi/version.h"
#include "core/registry/access.h"
#include "core/registry/rights.h"

namespace cm::registry {

namespace {

// The row, nothing when there is none, or the error.
template <class Row>
Result<std::optional<Row>> optionally(Result<Row> found)
{
    if (found)
        return std::optional<Row>(std::move(*found));
    if (found.error().code == ErrorCode::NotFound)
        return std::optional<Row>();
    return fail(std::move(found.error()));
}

checks::StoredFile storedFile(const catalog::FileRow &row)
{
    return {row.filename, row.sha256, row.blake2b256};
}

Result<void> gatherNewProject(catalog::Reader &reader, const Settings &settings, const Identification &who,
                              std::string_view normalized, Time now, UploadContext &out)
{
    out.caller.mayUpload = out.caller.authenticated && who.principal->role != catalog::RegistryRole::Observer;
    out.projectFacts.noneOverSsh = who.principal && who.principal->sshKeyId && !settings.newProjectsOverSsh;
    // A deleted project keeps its name until it is purged.
    CM_TRY_ASSIGN(const auto deleted, optionally(reader.findDeletedProject(normalized)));
    out.projectFacts.nameProhibited = deleted.has_value();
    CM_TRY_ASSIGN(const auto similar, reader.projectsWithSimilarityKey(pypi::ultranormalize(normalized)));
    for (const catalog::ProjectRow &row : similar) {
        if (row.normalizedName != normalized)
            out.projectFacts.similarName = row.name;
    }
    if (settings.newProjectsPerHour && who.principal) {
        catalog::AuditQuery query;
        query.actor = who.principal->name;
        query.actionPrefix = "project.create";
        query.from = now - std::chrono::hours(1);
        query.limit = 1;
        CM_TRY_ASSIGN(const auto page, reader.audit(query));
        out.projectFacts.tooManyNew = page.total >= *settings.newProjectsPerHour;
    }
    return {};
}

Result<void> gatherProject(catalog::Reader &reader, const Identification &who, UploadContext &out)
{
    const catalog::ProjectRow &row = *out.project;
    checks::ProjectContext &facts = out.projectFacts;
    facts.exists = true;
    facts.name = row.name;
    const auto status = pypi::projectStatusFromName(row.status);
    if (!status)
        return fail(ErrorCode::Corrupt, "project " + row.normalizedName + " has the status " + row.status);
    facts.status = *status;
    facts.statusReason = row.quarantine ? row.quarantine->reason : row.statusReason;
    // Documentation as it is unpacked, and what can be had back of it.
    CM_TRY_ASSIGN(const std::int64_t documentation, reader.documentationSize(row.id));
    facts.storedBytes = static_cast<std::uint64_t>(row.totalSize + documentation);
    if (row.fileLimit)
        facts.fileLimit = static_cast<std::uint64_t>(*row.fileLimit);
    if (row.totalLimit)
        facts.projectLimit = static_cast<std::uint64_t>(*row.totalLimit);
    if (who.principal) {
        CM_TRY_ASSIGN(const auto role, reader.roleOf(who.principal->userId, row.id));
        Principal unscoped = *who.principal;
        unscoped.scoped = false;  // the scope has a refusal of its own
        out.caller.mayUpload = may(unscoped, Action::Upload, row.normalizedName, role);
    }
    return {};
}

Result<void> gatherStored(catalog::Reader &reader, const UploadTarget &target, UploadContext &out)
{
    checks::StoredContext &facts = out.storedFacts;
    if (!target.filename.empty()) {
        CM_TRY_ASSIGN(out.sameName, optionally(reader.findFile(target.filename)));
        if (out.sameName) {
            facts.sameName = storedFile(*out.sameName);
        } else {
            CM_TRY_ASSIGN(facts.filenameUsedBefore, reader.filenameUsed(target.filename));
        }
    }
    if (!target.blake2b256.empty()) {
        CM_TRY_ASSIGN(const auto same, optionally(reader.findFileByBlake2(target.blake2b256)));
        if (same)
            facts.sameBytes = storedFile(*same);
    }
    if (!out.project || target.version.empty())
        return {};
    CM_TRY_ASSIGN(out.release, optionally(reader.findRelease(out.project->id, pypi::canonicalVersion(target.version))));
    if (!out.release)
        return {};
    facts.releaseCreated = out.release->created;
    if (target.packagetype == pypi::packageTypeName(pypi::PackageType::Sdist)) {
        CM_TRY_ASSIGN(const auto files, reader.filesOfRelease(out.release->id));
        for (const catalog::FileRow &file : files) {
            if (file.packagetype == target.packagetype)
                facts.sdistOfRelease = file.filename;
        }
    }
    return {};
}

}  // namespace

Result<Identification> identifiedNow(catalog::Reader &reader, Identification who, Time now)
{
    // Of a password it is not told why it does not hold.
    const bool overSsh = who.principal->sshKeyId.has_value();
    const auto ended = [token = who.principal->tokenId || overSsh, overSsh](std::string reason) {
        return Identification{std::nullopt, true, token ? std::move(reason) : std::string(), overSsh};
    };
    Principal &principal = *who.principal;
    if (principal.userId == 0 || principal.local)
        return who;
    const auto user = reader.user(principal.userId);
    if (!user && user.error().code != ErrorCode::NotFound)
        return fail(user.error());
    if (!user || !user->active)
        return ended("account is frozen");
    principal.role = user->role;
    if (principal.sshKeyId) {
        CM_TRY_ASSIGN(const catalog::SshKeyRow key, reader.sshKey(*principal.sshKeyId));
        if (auto why = endOf(key, now))
            return ended(std::move(*why));
        principal.scoped = !key.projects.empty();
        principal.projectScope = key.projects;
    }
    if (!principal.tokenId)
        return who;
    const auto token = reader.token(*principal.tokenId);
    if (!token && token.error().code != ErrorCode::NotFound)
        return fail(token.error());
    if (!token)
        return ended("token is not known");
    if (token->revoked)
        return ended("token was revoked");
    if (token->expires && now >= *token->expires)
        return ended("token is expired");
    return who;
}

std::optional<checks::Refusal> refusalOfCaller(const Settings &settings, const Identification &who)
{
    checks::UploadFacts facts;
    facts.policies = settings.policies;
    facts.caller = callerOf(who);
    for (const checks::Check &check : checks::uploadChecks()) {
        if (!check.id.starts_with("registry.") && !check.id.starts_with("auth."))
            continue;
        if (auto refusal = check.run(facts))
            return refusal;
    }
    return std::nullopt;
}

std::optional<checks::Refusal> refusalOfStated(const Identification &who, std::string_view action, std::string_view project,
                                               std::string_view version, std::string_view filename, std::string_view sha256)
{
    if (!who.principal || !who.principal->stated)
        return std::nullopt;
    const ssh::Statement &stated = *who.principal->stated;
    if (stated.action == action && stated.project == project && stated.version == version && stated.filename == filename &&
        stated.sha256 == sha256)
        return std::nullopt;
    return checks::refuse(400, "The upload is not the one that the ssh host signed for; run the same command again");
}

checks::Caller callerOf(const Identification &who)
{
    checks::Caller caller;
    caller.authenticated = who.principal.has_value();
    caller.tokenProblem = who.tokenProblem;
    caller.bySsh = who.overSsh;
    if (who.principal) {
        caller.user = who.principal->name;
        caller.byPassword = who.principal->byPassword;
    }
    return caller;
}

Result<UploadContext> gatherContext(catalog::Reader &reader, const Settings &settings, const Identification &who,
                                    const UploadTarget &target, Time now)
{
    UploadContext out;
    out.caller = callerOf(who);
    CM_TRY_ASSIGN(const auto mode, reader.readOnly(now));
    if (mode)
        out.readOnly = checks::ReadOnlyOrder{mode->until, mode->message};
    const std::string normalized = pypi::normalizeName(target.project);
    out.caller.tokenCovers = !who.principal || who.principal->covers(normalized);
    CM_TRY_ASSIGN(out.project, optionally(reader.findProject(normalized)));
    if (out.project)
        CM_TRY(gatherProject(reader, who, out));
    else
        CM_TRY(gatherNewProject(reader, settings, who, normalized, now, out));
    CM_TRY(gatherStored(reader, target, out));
    return out;
}

}  // namespace cm::registry
