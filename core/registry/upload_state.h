// SPDX-License-Identifier: GPL-3.0-or-later
// The inside of an UploadSession: what came so far, and the steps from there to a stored file.
#pragma once

#include "core/checks/upload_checks.h"
#include "core/registry/publish.h"
#include "core/registry/stream_digester.h"
#include "core/registry/upload_context.h"

namespace cm::registry {

struct UploadSession::State {
    State(Publisher &owner, Identification identification)
        : publisher(owner), who(std::move(identification)), sizeLimit(owner.m_settings.policies.projectLimit)
    {}

    // What can be known when the file begins: the right to upload and the limits.
    Result<void> judgeEarly();
    void refuseSize(std::uint64_t size);
    Result<Receipt> finish();

    // Steps of finish(), in order.
    checks::UploadFacts factsSoFar() const;
    Result<void> completeDigests(const pypi::UploadForm &form, checks::BodyFacts &body);
    Result<void> inspect(checks::UploadFacts &facts);
    std::optional<checks::Refusal> readMetadata(const checks::UploadFacts &facts);
    Result<void> replaceLost(checks::UploadFacts &facts, const catalog::FileRow &row);
    Result<void> storeBlobs(const checks::UploadFacts &facts);
    Result<Receipt> store(checks::UploadFacts &facts);

    Result<Receipt> refusedAsReadOnly(checks::UploadFacts &facts, const Error &error);
    Result<Receipt> record(catalog::Writer &writer, const checks::UploadFacts &facts, UploadContext &context);
    Result<void> recordProject(catalog::Writer &writer, class Recorder &recorder, const checks::UploadFacts &facts,
                               UploadContext &context);
    Result<void> recordRelease(catalog::Writer &writer, class Recorder &recorder, const checks::UploadFacts &facts,
                               UploadContext &context);
    [[nodiscard]] catalog::FileRow fileRow(const checks::UploadFacts &facts, const UploadContext &context) const;
    [[nodiscard]] UploadTarget target(const checks::UploadFacts &facts) const;
    [[nodiscard]] Receipt receipt(const checks::UploadFacts &facts, const UploadContext &context) const;

    Publisher &publisher;
    Identification who;
    pypi::FormFields fields;
    std::size_t fieldBytes = 0;
    std::vector<std::string> unexpected;
    checks::FilePart part;
    std::unique_ptr<blobs::StagedBlob> staged;
    std::unique_ptr<StreamDigester> digester;
    std::uint64_t sizeLimit;
    std::optional<UploadContext> early;
    std::optional<checks::Refusal> refusal;
    std::optional<catalog::UseRow> use;

    // Of the archive.
    pypi::Metadata metadata;
    std::string blobPath;
    std::vector<blobs::Placed> placed;
    std::optional<std::string> siblingSha256;
};

}  // namespace cm::registry
