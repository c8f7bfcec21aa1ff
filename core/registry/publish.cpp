// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/registry/publish.h"

#include "core/pypi/names.h"
#include "core/pypi/package_type.h"
#include "core/pypi/version.h"
#include "core/registry/upload_state.h"

#include <algorithm>
#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

namespace cm::registry {

namespace {

using checks::Stage;

constexpr std::size_t readBytes = 256U << 10;

// Digests that the form asked for after the file had gone by.
Result<void> digestAgain(const std::string &path, Hasher &hasher)
{
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return fail(ErrorCode::Unavailable, "the staged file cannot be opened again");
    const std::unique_ptr<const int, void (*)(const int *)> closing(&fd, [](const int *open) { ::close(*open); });
    std::vector<std::byte> buffer(readBytes);
    for (;;) {
        const ssize_t got = ::read(fd, buffer.data(), buffer.size());
        if (got < 0)
            return fail(ErrorCode::Unavailable, "the staged file cannot be read again");
        if (got == 0)
            return {};
        hasher.update(std::span(buffer).first(static_cast<std::size_t>(got)));
    }
}

// What holds whatever fields still follow the file: who may upload here at all, and to this project.
std::optional<checks::Refusal> certainRefusal(const checks::UploadFacts &facts)
{
    for (const checks::Check &check : checks::uploadChecks()) {
        if (check.stage != Stage::Access && !check.id.starts_with("auth.") && !check.id.starts_with("registry."))
            continue;
        if (auto refusal = check.run(facts))
            return refusal;
    }
    return std::nullopt;
}

// The checks of the single values over what the archive says of itself: it goes into rows and pages, and the form
// may have said something else.
std::optional<checks::Refusal> refusalOf(const pypi::Metadata &metadata, const checks::UploadFacts &facts)
{
    checks::UploadFacts own;
    own.policies = facts.policies;
    own.form.metadata = metadata;
    for (const checks::Check &check : checks::uploadChecks()) {
        if (check.id != "metadata.summary" && check.id != "metadata.description-type" &&
            check.id != "metadata.requires-python")
            continue;
        if (auto refusal = check.run(own))
            return refusal;
    }
    return std::nullopt;
}

// Whether a blob lies there, of `size` bytes where that is known and of any but none elsewhere.
Result<bool> isStored(const blobs::BlobStore &store, const std::string &path, std::optional<std::uint64_t> size)
{
    const auto found = store.stat(path);
    if (!found && found.error().code == ErrorCode::NotFound)
        return false;
    if (!found)
        return fail(found.error());
    return size ? found->size == *size : found->size != 0;
}

}  // namespace

UploadTarget UploadSession::State::target(const checks::UploadFacts &facts) const
{
    UploadTarget target;
    target.project = facts.form.metadata.name;
    target.version = facts.form.metadata.version;
    target.filename = part.filename;
    target.packagetype = facts.form.filetype;
    if (facts.body)
        target.blake2b256 = facts.body->blake2b256;
    return target;
}

checks::UploadFacts UploadSession::State::factsSoFar() const
{
    checks::UploadFacts facts;
    facts.policies = publisher.m_settings.policies;
    facts.now = publisher.m_clock.now();
    facts.caller = callerOf(who);
    facts.form = pypi::cleanUploadForm(fields);
    facts.unexpectedFileFields = unexpected;
    return facts;
}

Result<void> UploadSession::State::judgeEarly()
{
    checks::UploadFacts facts = factsSoFar();
    // Without a name nothing is certain but the caller; an odd name gets its refusal at the end.
    if (pypi::isValidName(facts.form.metadata.name)) {
        const UploadTarget soFar{facts.form.metadata.name, {}, {}, {}, {}};
        CM_TRY_ASSIGN(early, publisher.m_catalog.readOrAskAgain([&](catalog::Reader &reader) {
            return gatherContext(reader, publisher.m_settings, who, soFar, facts.now);
        }));
        facts.caller = early->caller;
        facts.readOnly = early->readOnly;
        facts.project = early->projectFacts;
        // The project's total is looked at when all has come: the repeat of a stored file adds nothing.
        sizeLimit = std::max(early->projectFacts.fileLimit.value_or(0), facts.policies.fileLimit);
    } else if (facts.caller->authenticated) {
        return {};
    }
    refusal = certainRefusal(facts);
    return {};
}

void UploadSession::State::refuseSize(std::uint64_t size)
{
    checks::UploadFacts facts = factsSoFar();
    facts.file = part;
    facts.size = size;
    facts.project = early ? early->projectFacts : checks::ProjectContext{};
    refusal = checks::firstRefusal(facts, Stage::Body);
    if (!refusal)
        refusal = checks::refuse(400, "Error: The file is too large.");
}

Result<void> UploadSession::State::completeDigests(const pypi::UploadForm &form, checks::BodyFacts &body)
{
    if (body.md5.empty() && !form.md5Digest.empty()) {
        Hasher hasher(HashKind::Md5);
        CM_TRY(digestAgain(staged->localPath(), hasher));
        body.md5 = hasher.finishHex();
    }
    if (body.blake2b512.empty() && form.blake2Digest.size() == 128) {
        Hasher hasher(HashKind::Blake2b512);
        CM_TRY(digestAgain(staged->localPath(), hasher));
        body.blake2b512 = hasher.finishHex();
    }
    return {};
}

Result<Receipt> UploadSession::State::finish()
{
    checks::UploadFacts facts = factsSoFar();
    facts.file = part;
    if (part.present) {
        facts.body = digester->finish();
        facts.size = facts.body->size;
        CM_TRY(completeDigests(facts.form, *facts.body));
    }
    if (auto other = refusalOfStated(who, "file_upload", facts.form.metadata.name, facts.form.metadata.version, part.filename,
                                     facts.body ? std::string_view(facts.body->sha256) : std::string_view())) {
        Receipt refused;
        refused.refusal = std::move(other);
        return refused;
    }
    CM_TRY_ASSIGN(const UploadContext context, publisher.m_catalog.readOrAskAgain([&](catalog::Reader &reader) {
        return gatherContext(reader, publisher.m_settings, who, target(facts), facts.now);
    }));
    facts.caller = context.caller;
    facts.readOnly = context.readOnly;
    facts.project = context.projectFacts;
    facts.stored = context.storedFacts;

    Receipt refused;
    refused.refusal = checks::firstRefusal(facts, Stage::Form | Stage::Access);
    if (refused.refusal)
        return refused;
    const checks::Outcome soFar = checks::judge(facts, Stage::Form | Stage::Access | Stage::Body | Stage::Stored);
    if (soFar.verdict == checks::Verdict::AlreadyStored) {
        CM_TRY(replaceLost(facts, *context.sameName));
        return receipt(facts, context);
    }
    if (soFar.verdict == checks::Verdict::Refused) {
        refused.refusal = soFar.refusal;
        return refused;
    }
    CM_TRY(inspect(facts));
    refused.refusal = checks::firstRefusal(facts);
    if (!refused.refusal)
        refused.refusal = readMetadata(facts);
    if (refused.refusal)
        return refused;
    CM_TRY(storeBlobs(facts));
    auto stored = store(facts);
    // Somebody else was quicker, or the right to upload was taken away while the bytes came in: they are nobody's.
    // After an error nobody knows for certain, and fsck finds what is left.
    if (stored && stored->refusal)
        publisher.m_blobs.withdraw(placed);
    return stored;
}

Result<void> UploadSession::State::inspect(checks::UploadFacts &facts)
{
    const bool wheel = facts.form.filetype == pypi::packageTypeName(pypi::PackageType::BdistWheel);
    CM_TRY_ASSIGN(facts.archive, archive::inspect(staged->localPath(), part.filename,
                                                  wheel ? archive::Content::Wheel : archive::Content::Sdist));
    facts.archiveMetadata = checks::readArchiveMetadata(facts);
    return {};
}

// What the archive says of itself is what the registry keeps; the form may not contradict it where
// the file would then be found under another name.
std::optional<checks::Refusal> UploadSession::State::readMetadata(const checks::UploadFacts &facts)
{
    const std::string intro = "Invalid distribution file. ";
    if (!facts.archive->metadata)
        return checks::refuse(400, fmt::format("{}{} is missing.", intro, facts.archive->metadataPath));
    const Result<pypi::Metadata> &parsed = *facts.archiveMetadata;
    if (!parsed)
        return checks::refuse(400, fmt::format("{}{}: {}", intro, facts.archive->metadataPath, parsed.error().detail));
    const pypi::Metadata &form = facts.form.metadata;
    if (pypi::normalizeName(parsed->name) != pypi::normalizeName(form.name)) {
        return checks::refuse(400, fmt::format("{}Name in {} should be '{}' not '{}'.", intro,
                                               facts.archive->metadataPath, form.name, parsed->name));
    }
    if (pypi::canonicalVersion(parsed->version) != pypi::canonicalVersion(form.version)) {
        return checks::refuse(400, fmt::format("{}Version in {} should be '{}' not '{}'.", intro,
                                               facts.archive->metadataPath, form.version, parsed->version));
    }
    if (auto refusal = refusalOf(*parsed, facts))
        return refusal;
    metadata = *parsed;
    // Old sdists say less than the client that read them (description of metadata 1.0, say).
    if (metadata.description.empty())
        metadata.description = form.description;
    if (metadata.descriptionContentType.empty())
        metadata.descriptionContentType = form.descriptionContentType;
    return std::nullopt;
}

// A 200 says that the file is there: what the disk lost meanwhile comes back with the repeat.
Result<void> UploadSession::State::replaceLost(checks::UploadFacts &facts, const catalog::FileRow &row)
{
    CM_TRY_ASSIGN(bool whole, isStored(publisher.m_blobs, row.path, static_cast<std::uint64_t>(row.size)));
    if (whole && row.metadataSha256) {
        CM_TRY_ASSIGN(whole, isStored(publisher.m_blobs, row.path + ".metadata", std::nullopt));
    }
    if (whole)
        return {};
    CM_TRY(inspect(facts));
    if (row.metadataSha256 && !facts.archive->metadata)
        return fail(ErrorCode::Internal, "the stored file " + row.filename + " has no metadata any more");
    return storeBlobs(facts);
}

Result<void> UploadSession::State::storeBlobs(const checks::UploadFacts &facts)
{
    CM_TRY_ASSIGN(blobPath, blobs::blobPath(facts.body->blake2b256, part.filename));
    std::vector<blobs::Placement> placements;
    placements.push_back({std::move(staged), blobPath});
    if (facts.form.filetype == pypi::packageTypeName(pypi::PackageType::BdistWheel)) {
        const std::string &text = *facts.archive->metadata;
        CM_TRY_ASSIGN(auto sibling, publisher.m_blobs.stage());
        CM_TRY(sibling->append(std::as_bytes(std::span(text))));
        placements.push_back({std::move(sibling), blobPath + ".metadata"});
        siblingSha256 = hashHex(HashKind::Sha256, text);
    }
    CM_TRY_ASSIGN(placed, publisher.m_blobs.commit(std::move(placements)));
    return {};
}

Receipt UploadSession::State::receipt(const checks::UploadFacts &facts, const UploadContext &context) const
{
    Receipt receipt;
    receipt.repeated = true;
    receipt.project = context.project ? context.project->name : facts.form.metadata.name;
    receipt.version = context.release ? context.release->version : facts.form.metadata.version;
    receipt.filename = part.filename;
    receipt.serial = context.project ? context.project->lastSerial : 0;
    return receipt;
}

}  // namespace cm::registry
