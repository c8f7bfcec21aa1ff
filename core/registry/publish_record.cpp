// SPDX-License-Identifier: GPL-3.0-or-later
// The one transaction of an upload.
#include "core/pypi/names.h"
#include "core/pypi/package_type.h"
#include "core/pypi/version.h"
#include "core/registry/recorder.h"
#include "core/registry/upload_state.h"

#include <boost/json.hpp>
#include <fmt/core.h>

namespace cm::registry {

namespace {

namespace json = boost::json;

}  // namespace

Result<Receipt> UploadSession::State::store(checks::UploadFacts &facts)
{
    // Judged again where nobody else can write: two equal uploads at once, a project quarantined or a
    // role or a token taken away while the bytes came in.
    auto stored = publisher.m_catalog.writeOrAskAgain([&](catalog::Writer &writer) -> Result<Receipt> {
        CM_TRY_ASSIGN(Identification now, identifiedNow(writer, who, publisher.m_clock.now()));
        if (!now.principal) {
            Receipt refused;
            refused.refusal = refusalOfCaller(publisher.m_settings, now);
            return refused;
        }
        who = std::move(now);
        CM_TRY_ASSIGN(UploadContext context,
                      gatherContext(writer, publisher.m_settings, who, target(facts), facts.now));
        facts.caller = context.caller;
        facts.project = context.projectFacts;
        facts.stored = context.storedFacts;
        using checks::Stage;
        const checks::Outcome outcome = checks::judge(facts, Stage::Access | Stage::Body | Stage::Stored);
        if (outcome.verdict == checks::Verdict::AlreadyStored)
            return receipt(facts, context);
        if (outcome.verdict == checks::Verdict::Refused) {
            Receipt refused;
            refused.refusal = outcome.refusal;
            return refused;
        }
        return record(writer, facts, context);
    });
    if (!stored && catalog::isReadOnly(stored.error()))
        return refusedAsReadOnly(facts, stored.error());
    if (stored && !stored->refusal && !stored->repeated) {
        publisher.m_changes.announce(pypi::normalizeName(stored->project), stored->serial);
        publisher.m_changes.announceCommit();
    }
    return stored;
}

// The order came while the bytes did: the same words as for those who come after it.
Result<Receipt> UploadSession::State::refusedAsReadOnly(checks::UploadFacts &facts, const Error &error)
{
    const Time now = publisher.m_clock.now();
    CM_TRY_ASSIGN(const auto mode, publisher.m_catalog.readOrAskAgain([&](catalog::Reader &reader) { return reader.readOnly(now); }));
    if (!mode)
        return fail(error);
    facts.readOnly = checks::ReadOnlyOrder{mode->until, mode->message};
    Receipt refused;
    refused.refusal = checks::firstRefusal(facts, checks::Stage::Access);
    return refused;
}

Result<Receipt> UploadSession::State::record(catalog::Writer &writer, const checks::UploadFacts &facts,
                                             UploadContext &context)
{
    Recorder recorder(writer, *who.principal, facts.now);
    const bool newProject = !context.project;
    const bool newRelease = !context.release;
    if (newProject)
        CM_TRY(recordProject(writer, recorder, facts, context));
    if (newRelease)
        CM_TRY(recordRelease(writer, recorder, facts, context));
    CM_TRY_ASSIGN(const catalog::FileRow file, writer.createFile(fileRow(facts, context)));
    CM_TRY(recorder.journal(*context.project, context.release->version,
                            fmt::format("add {} file {}", file.pythonVersion, file.filename)));
    const std::string subject =
        fmt::format("{}/{}/{}", context.project->normalizedName, context.release->version, file.filename);
    CM_TRY(recorder.audit({"file.upload",
                           "file",
                           subject,
                           {},
                           nullptr,
                           json::object{{"size", file.size},
                                        {"sha256", file.sha256},
                                        {"new_project", newProject},
                                        {"new_release", newRelease},
                                        {"remote", who.principal->origin.remoteAddress}}}));
    if (newProject)
        CM_TRY(recorder.event("project.created", context.project->normalizedName));
    CM_TRY(recorder.event("file.uploaded", subject));
    if (use)
        CM_TRY(writer.addUse(*use));

    Receipt receipt;
    receipt.project = context.project->name;
    receipt.version = context.release->version;
    receipt.filename = file.filename;
    receipt.serial = recorder.change().serial;
    return receipt;
}

Result<void> UploadSession::State::recordProject(catalog::Writer &writer, Recorder &recorder,
                                                 const checks::UploadFacts &facts, UploadContext &context)
{
    catalog::ProjectRow row;
    row.name = facts.form.metadata.name;
    row.normalizedName = pypi::normalizeName(row.name);
    row.similarityKey = pypi::ultranormalize(row.name);
    row.created = facts.now;
    CM_TRY_ASSIGN(context.project, writer.createProject(row));
    CM_TRY(writer.setProjectRole(context.project->id, who.principal->userId, catalog::ProjectRole::Owner, facts.now));
    CM_TRY(recorder.journal(*context.project, std::nullopt, "create"));
    CM_TRY(recorder.journal(*context.project, std::nullopt, fmt::format("add Owner {}", who.principal->name)));
    return recorder.audit({"project.create",
                           "project",
                           row.normalizedName,
                           {},
                           nullptr,
                           json::object{{"name", row.name}, {"owner", who.principal->name}}});
}

Result<void> UploadSession::State::recordRelease(catalog::Writer &writer, Recorder &recorder,
                                                 const checks::UploadFacts &facts, UploadContext &context)
{
    catalog::ReleaseRow row;
    row.projectId = context.project->id;
    // As PEP 440 spells it, whatever the build tool wrote: installers compare these texts.
    const auto version = pypi::Version::parse(facts.form.metadata.version);
    row.version = version ? version->normalised() : facts.form.metadata.version;
    row.canonicalVersion = pypi::canonicalVersion(row.version);
    row.created = facts.now;
    row.summary = metadata.summary;
    row.requiresPython = metadata.requiresPython;
    row.description = metadata.description;
    row.descriptionContentType = metadata.descriptionContentType;
    row.uploadedBy = who.principal->name;
    pypi::Metadata rest = metadata;
    rest.description.clear();
    row.metadataJson = pypi::metadataToJsonText(rest);
    CM_TRY_ASSIGN(context.release, writer.createRelease(row));
    return recorder.journal(*context.project, row.version, "new release");
}

catalog::FileRow UploadSession::State::fileRow(const checks::UploadFacts &facts, const UploadContext &context) const
{
    catalog::FileRow row;
    row.projectId = context.project->id;
    row.releaseId = context.release->id;
    row.filename = part.filename;
    row.packagetype = facts.form.filetype;
    const bool sdist = row.packagetype == pypi::packageTypeName(pypi::PackageType::Sdist);
    row.pythonVersion = sdist ? "source" : facts.form.pyversion;
    row.size = static_cast<std::int64_t>(facts.body->size);
    row.sha256 = facts.body->sha256;
    row.blake2b256 = facts.body->blake2b256;
    if (!facts.body->md5.empty())
        row.md5 = facts.body->md5;
    row.uploadTime = facts.now;
    row.uploadedBy = who.principal->name;
    row.path = blobPath;
    row.metadataSha256 = siblingSha256;
    row.requiresPython = metadata.requiresPython;
    row.comment = facts.form.comment;
    return row;
}

}  // namespace cm::registry
