// SPDX-License-Identifier: GPL-3.0-or-later
// One archive on its way in: staged as it comes, then looked at, unpacked into blobs, and made visible. Made by
// Documentation, owned by the connection, one thread at a time; calls block on the disk. Destroying it unfinished
// discards what was staged. Errors are ours; what the client did wrong is a refusal.
#pragma once

#include "core/blobs/blob_store.h"
#include "core/catalog/reader.h"
#include "core/checks/documentation.h"
#include "core/checks/facts.h"
#include "core/registry/identity.h"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_set>
#include <vector>

namespace cm::catalog {
class Writer;
}

namespace cm::registry {

class Documentation;

struct DocumentationReceipt {
    std::optional<checks::Refusal> refusal;
    bool repeated = false;  // the very archive was there already, nothing changed
    std::string project;    // normalised, as are the next ones set on success
    std::string version;
    std::int64_t files = 0;
    std::int64_t size = 0;  // bytes, unpacked
    Change change;
};

class DocumentationUpload {
public:
    DocumentationUpload(Documentation &owner, Identification who);
    ~DocumentationUpload();
    DocumentationUpload(const DocumentationUpload &) = delete;
    DocumentationUpload &operator=(const DocumentationUpload &) = delete;

    // Before finish(), in any order with the archive; the sooner, the sooner a refusal is known.
    void setProject(std::string project) { m_project = std::move(project); }
    void setVersion(std::string version) { m_version = std::move(version); }
    void setFilename(std::string filename) { m_filename = std::move(filename); }
    Result<void> begin();
    Result<void> append(std::span<const std::byte> bytes);
    // In the place of begin() and append(): an archive that came before it was known to be one.
    void adopt(std::unique_ptr<blobs::StagedBlob> staged) { m_staged = std::move(staged); }

    // Set as soon as the outcome is certain: the rest of the archive need not come.
    [[nodiscard]] const std::optional<checks::Refusal> &refused() const { return m_refusal; }
    // Judges, unpacks, stores and answers when everything is durable. Once.
    Result<DocumentationReceipt> finish();

private:
    struct Target {
        std::optional<checks::Refusal> refusal;
        catalog::ProjectRow project;
        catalog::ReleaseRow release;
    };
    Result<Target> target(catalog::Reader &reader, Time now);
    Result<Target> targetNow();
    Result<void> findRelease(catalog::Reader &reader, Target &out) const;
    Result<void> judgeRoom(catalog::Reader &reader, const checks::UploadFacts &facts, Target &out) const;
    Result<void> judgeEarly();
    Result<DocumentationReceipt> finishWhole();
    Result<void> measure(const checks::DocumentationArchive &archive);
    Result<void> unpack(const checks::DocumentationArchive &archive);
    Result<void> unpackOne(const archive::File &file, const archive::ZipEntry &entry);
    Result<void> placeBatch();
    Result<DocumentationReceipt> store();
    Result<DocumentationReceipt> record(catalog::Writer &writer, const Target &target, Time now);
    Result<DocumentationReceipt> refusedAsReadOnly(const Error &error);
    [[nodiscard]] DocumentationReceipt receiptOf(const Target &target, const catalog::DocumentationRow &row) const;

    Documentation &m_owner;
    Identification m_who;
    std::string m_project;
    std::string m_version;
    std::string m_filename;
    std::unique_ptr<blobs::StagedBlob> m_staged;
    std::uint64_t m_archiveSize = 0;
    std::uint64_t m_unpackedBytes = 0;
    std::string m_archiveSha256;
    std::optional<checks::Refusal> m_refusal;
    std::vector<catalog::DocumentationFileRow> m_files;
    std::unordered_set<std::string> m_blobs;  // of m_files
    std::vector<blobs::Placement> m_batch;
    std::vector<blobs::Placed> m_placed;
};

}  // namespace cm::registry
