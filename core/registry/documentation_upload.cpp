// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/registry/documentation_upload.h"

#include "core/base/hash.h"
#include "core/checks/upload_checks.h"
#include "core/pypi/names.h"
#include "core/registry/documentation.h"
#include "core/registry/moderation.h"
#include "core/registry/query.h"
#include "core/registry/text.h"
#include "core/registry/upload_context.h"

#include <boost/json.hpp>
#include <fmt/format.h>
#include <functional>

namespace cm::registry {
namespace {

namespace json = boost::json;

// Each file of a batch keeps a descriptor open until all of them are on the disk.
constexpr std::size_t filesAtOnce = 64;
constexpr std::size_t readBytes = 256U << 10;
// The same for equal pages, whatever they are called.
constexpr std::string_view blobName = "documentation";

Result<std::string> sha256Of(const archive::File &file)
{
    Hasher hasher(HashKind::Sha256);
    std::vector<char> buffer(readBytes);
    for (std::uint64_t at = 0; at < file.size();) {
        CM_TRY_ASSIGN(const std::size_t got, file.readAt(at, buffer));
        if (got == 0)
            return fail(ErrorCode::Unavailable, "the staged archive cannot be read again");
        hasher.update(std::string_view(buffer.data(), got));
        at += got;
    }
    return hasher.finishHex();
}

class Turn {
public:
    template <class Semaphore>
    explicit Turn(Semaphore &semaphore) : m_end([&semaphore] { semaphore.release(); })
    {
        semaphore.acquire();
    }
    ~Turn() { m_end(); }
    Turn(const Turn &) = delete;
    Turn &operator=(const Turn &) = delete;

private:
    std::function<void()> m_end;
};

bool meansLatest(std::string_view version)
{
    return version.empty() || version == latestVersion;
}

}  // namespace

DocumentationUpload::DocumentationUpload(Documentation &owner, Identification who) : m_owner(owner), m_who(std::move(who))
{
    m_refusal = refusalOfCaller(m_owner.m_settings, m_who);
}

DocumentationUpload::~DocumentationUpload() = default;

Result<DocumentationUpload::Target> DocumentationUpload::target(catalog::Reader &reader, Time now)
{
    Target out;
    if (!pypi::isValidName(m_project)) {
        out.refusal = checks::refuse(400, fmt::format("Documentation: '{}' is no name of a project.", m_project.substr(0, 200)));
        return out;
    }
    CM_TRY_ASSIGN(const UploadContext context,
                  gatherContext(reader, m_owner.m_settings, m_who, UploadTarget{m_project, {}, {}, {}, {}}, now));
    checks::UploadFacts facts;
    facts.policies = m_owner.m_settings.policies;
    facts.now = now;
    facts.caller = context.caller;
    facts.readOnly = context.readOnly;
    facts.form.metadata.name = m_project;
    facts.project = context.projectFacts;
    if (!context.project) {
        out.refusal = checks::refuse(404, fmt::format("Documentation: there is no project {}. Upload a release of it first.",
                                                      m_project));
        return out;
    }
    out.refusal = checks::firstRefusal(facts, checks::Stage::Access);
    if (out.refusal)
        return out;
    out.project = *context.project;
    CM_TRY(findRelease(reader, out));
    if (!out.refusal)
        CM_TRY(judgeRoom(reader, facts, out));
    return out;
}

Result<DocumentationUpload::Target> DocumentationUpload::targetNow()
{
    return m_owner.m_catalog.readOrAskAgain([&](catalog::Reader &reader) { return target(reader, m_owner.m_clock.now()); });
}

Result<void> DocumentationUpload::findRelease(catalog::Reader &reader, Target &out) const
{
    if (!meansLatest(m_version)) {
        auto release = releaseOf(reader, out.project, m_version);
        if (!release && release.error().code != ErrorCode::NotFound)
            return fail(std::move(release.error()));
        if (release)
            out.release = std::move(*release);
        else
            out.refusal = checks::refuse(404, fmt::format("Documentation: {} has no release {}. Upload its files first, or"
                                                          " name another version.",
                                                          out.project.name, m_version.substr(0, 200)));
        return {};
    }
    CM_TRY_ASSIGN(const auto releases, reader.releases(out.project.id));
    if (const catalog::ReleaseRow *latest = latestRelease(releases))
        out.release = *latest;
    else
        out.refusal = checks::refuse(404, fmt::format("Documentation: {} has no release. Upload one first.", out.project.name));
    return {};
}

// As unpacked, since that is what it takes up. The very archive again adds nothing.
Result<void> DocumentationUpload::judgeRoom(catalog::Reader &reader, const checks::UploadFacts &facts, Target &out) const
{
    const bool known = !m_archiveSha256.empty();  // that is, the archive was looked at
    if (!known || checks::hasRoomFor(m_unpackedBytes, facts.policies, *facts.project))
        return {};
    const auto before = reader.documentationOfRelease(out.release.id);
    if (!before && before.error().code != ErrorCode::NotFound)
        return fail(before.error());
    if (!before || before->archiveSha256 != m_archiveSha256)
        out.refusal = checks::refuse(400, fmt::format("Documentation: {} would take up more than {} bytes with it, files and"
                                                      " documentation together. Delete something, or ask for a higher limit of the"
                                                      " project. Documentation that was removed or replaced counts until it cannot"
                                                      " be restored any more.",
                                                      out.project.name, checks::projectLimit(facts.policies, *facts.project)));
    return {};
}

Result<void> DocumentationUpload::judgeEarly()
{
    if (m_refusal || m_project.empty())
        return {};
    CM_TRY_ASSIGN(const Target now, targetNow());
    // The version may still come.
    if (now.refusal && (!m_version.empty() || now.project.id == 0))
        m_refusal = now.refusal;
    return {};
}

Result<void> DocumentationUpload::begin()
{
    if (m_staged && !m_refusal)
        m_refusal = checks::refuse(400, "Documentation: only one archive may be sent at a time.");
    CM_TRY(judgeEarly());
    if (m_refusal)
        return {};
    CM_TRY_ASSIGN(m_staged, m_owner.m_blobs.stage());
    return {};
}

Result<void> DocumentationUpload::append(std::span<const std::byte> bytes)
{
    if (m_refusal || !m_staged)
        return {};
    const std::uint64_t limit = m_owner.m_settings.documentation.archiveBytes;
    if (m_staged->size() + bytes.size() > limit) {
        m_refusal = checks::documentationTooLarge(limit);
        m_staged.reset();
        return {};
    }
    return m_staged->append(bytes);
}

Result<DocumentationReceipt> DocumentationUpload::finish()
{
    auto receipt = finishWhole();
    // Bytes that no row will name. After an error of the store nobody knows for certain, and fsck finds them.
    if (receipt && (receipt->refusal || receipt->repeated))
        m_owner.m_blobs.withdraw(m_placed);
    m_batch.clear();
    m_staged.reset();
    return receipt;
}

Result<DocumentationReceipt> DocumentationUpload::finishWhole()
{
    DocumentationReceipt out;
    CM_TRY(judgeEarly());
    if (!m_refusal && m_project.empty())
        m_refusal = checks::refuse(400, "Documentation: the form has no field name. Send the name of the project in it.");
    if (!m_refusal && !m_staged)
        m_refusal = checks::refuse(400, "Documentation: the form has no file content. Send a zip archive in it.");
    if (m_refusal) {
        out.refusal = m_refusal;
        return out;
    }
    CM_TRY_ASSIGN(const Target now, targetNow());
    if (now.refusal) {
        out.refusal = now.refusal;
        return out;
    }
    CM_TRY_ASSIGN(const checks::DocumentationArchive archive,
                  checks::inspectDocumentation(m_staged->localPath(), m_owner.m_settings.documentation));
    if (archive.refusal) {
        out.refusal = archive.refusal;
        return out;
    }
    CM_TRY(measure(archive));
    CM_TRY_ASSIGN(const Target room, targetNow());
    if (room.refusal) {
        out.refusal = room.refusal;
        return out;
    }
    if (auto unpacked = unpack(archive); !unpacked) {
        // What the directory told was not so; the disk has its own code.
        if (unpacked.error().code != ErrorCode::Corrupt)
            return fail(std::move(unpacked.error()));
        out.refusal = checks::refuse(400, fmt::format("Documentation: the archive is damaged: {}. Make it anew.",
                                                      unpacked.error().detail));
        return out;
    }
    out.refusal = refusalOfStated(m_who, "doc_upload", trimmed(m_project), trimmed(m_version), m_filename, m_archiveSha256);
    if (out.refusal)
        return out;
    return store();
}

Result<void> DocumentationUpload::measure(const checks::DocumentationArchive &archive)
{
    CM_TRY_ASSIGN(const archive::File file, archive::File::open(m_staged->localPath()));
    m_archiveSize = file.size();
    m_unpackedBytes = archive.unpackedBytes;
    CM_TRY_ASSIGN(m_archiveSha256, sha256Of(file));
    return {};
}

Result<void> DocumentationUpload::unpack(const checks::DocumentationArchive &archive)
{
    const Turn turn(m_owner.m_unpacking);
    CM_TRY_ASSIGN(const archive::File file, archive::File::open(m_staged->localPath()));
    m_files.reserve(archive.files.size());
    for (const archive::ZipEntry &entry : archive.files)
        CM_TRY(unpackOne(file, entry));
    return placeBatch();
}

Result<void> DocumentationUpload::unpackOne(const archive::File &file, const archive::ZipEntry &entry)
{
    CM_TRY_ASSIGN(auto staged, m_owner.m_blobs.stage());
    Hasher hasher(HashKind::Blake2b256);
    CM_TRY(archive::streamZipEntry(file, entry, [&](std::span<const std::byte> piece) {
        hasher.update(piece);
        return staged->append(piece);
    }));
    catalog::DocumentationFileRow row;
    row.path = entry.name;
    row.size = static_cast<std::int64_t>(entry.size);
    row.blake2b256 = hasher.finishHex();
    CM_TRY_ASSIGN(row.blob, blobs::blobPath(row.blake2b256, blobName));
    if (m_blobs.insert(row.blob).second)
        m_batch.push_back({std::move(staged), row.blob});
    m_files.push_back(std::move(row));
    return m_batch.size() < filesAtOnce ? Result<void>() : placeBatch();
}

Result<void> DocumentationUpload::placeBatch()
{
    if (m_batch.empty())
        return {};
    CM_TRY_ASSIGN(const auto placed, m_owner.m_blobs.commit(std::exchange(m_batch, {})));
    m_placed.insert(m_placed.end(), placed.begin(), placed.end());
    return {};
}

Result<DocumentationReceipt> DocumentationUpload::store()
{
    // Judged again where nobody else can write.
    auto stored = m_owner.m_catalog.writeOrAskAgain([&](catalog::Writer &writer) -> Result<DocumentationReceipt> {
        const Time now = m_owner.m_clock.now();
        DocumentationReceipt refused;
        CM_TRY_ASSIGN(Identification still, identifiedNow(writer, m_who, now));
        if (!still.principal) {
            refused.refusal = refusalOfCaller(m_owner.m_settings, still);
            return refused;
        }
        m_who = std::move(still);
        CM_TRY_ASSIGN(const Target where, target(writer, now));
        if (where.refusal) {
            refused.refusal = where.refusal;
            return refused;
        }
        return record(writer, where, now);
    });
    if (!stored && catalog::isReadOnly(stored.error()))
        return refusedAsReadOnly(stored.error());
    if (stored && !stored->refusal && !stored->repeated) {
        m_owner.m_changes.announce(stored->project, stored->change.serial);
        m_owner.m_changes.announceCommit();
    }
    return stored;
}

Result<DocumentationReceipt> DocumentationUpload::record(catalog::Writer &writer, const Target &target, Time now)
{
    const Principal &by = *m_who.principal;
    auto before = writer.documentationOfRelease(target.release.id);
    if (!before && before.error().code != ErrorCode::NotFound)
        return fail(std::move(before.error()));
    if (before && before->archiveSha256 == m_archiveSha256) {
        DocumentationReceipt same = receiptOf(target, *before);
        same.repeated = true;
        return same;
    }
    json::value was = nullptr;
    if (before) {
        // The one before this one can be had back, those before that are let go.
        CM_TRY(writer.expireReplaced(target.release.id, now));
        CM_TRY(writer.removeDocumentation(before->id, {now, by.name, "replaced", now + m_owner.m_settings.retention}, true));
        was = json::object{{"files", before->files}, {"size", before->size}, {"archive_sha256", before->archiveSha256}};
    }
    catalog::DocumentationRow row;
    row.projectId = target.project.id;
    row.releaseId = target.release.id;
    row.archiveSize = static_cast<std::int64_t>(m_archiveSize);
    row.archiveSha256 = m_archiveSha256;
    row.uploaded = now;
    row.uploadedBy = by.name;
    CM_TRY_ASSIGN(row, writer.createDocumentation(row, m_files));
    Recorder recorder(writer, by, now);
    const std::string subject = releaseSubject(target.project, target.release.version);
    CM_TRY(recorder.journal(target.project, target.release.version, "add documentation"));
    CM_TRY(recorder.audit({"documentation.upload",
                           "documentation",
                           subject,
                           {},
                           was,
                           json::object{{"files", row.files},
                                        {"size", row.size},
                                        {"archive_sha256", row.archiveSha256},
                                        {"remote", by.origin.remoteAddress}}}));
    CM_TRY(recorder.event("documentation.uploaded", subject));
    DocumentationReceipt receipt = receiptOf(target, row);
    receipt.change = recorder.change();
    return receipt;
}

DocumentationReceipt DocumentationUpload::receiptOf(const Target &target, const catalog::DocumentationRow &row) const
{
    DocumentationReceipt receipt;
    receipt.project = target.project.normalizedName;
    receipt.version = target.release.version;
    receipt.files = row.files;
    receipt.size = row.size;
    receipt.change.serial = target.project.lastSerial;
    return receipt;
}

// The order came while the bytes did: the same words as for those who come after it.
Result<DocumentationReceipt> DocumentationUpload::refusedAsReadOnly(const Error &error)
{
    CM_TRY_ASSIGN(const Target now, targetNow());
    if (!now.refusal)
        return fail(error);
    DocumentationReceipt refused;
    refused.refusal = now.refusal;
    return refused;
}

}  // namespace cm::registry
