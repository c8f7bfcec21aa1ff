// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/checks/preflight.h"

#include "core/base/hash.h"
#include "core/pypi/filenames.h"
#include "core/pypi/upload_form.h"

#include <fstream>
#include <system_error>
#include <vector>

namespace cm::checks {
namespace {

constexpr std::size_t readPiece = 1U << 20;

// What the file name alone says, for archives that say nothing.
void fillFromFilename(LocalCandidate &candidate)
{
    if (candidate.type == pypi::PackageType::BdistWheel) {
        if (const auto wheel = pypi::parseWheelName(candidate.filename)) {
            candidate.pyversion = wheel->pyversion();
            candidate.metadata.name = wheel->name;
            candidate.metadata.version = wheel->version;
        }
        return;
    }
    candidate.pyversion = "source";
    if (const auto sdist = pypi::parseSdistName(candidate.filename)) {
        candidate.metadata.name = sdist->name;
        candidate.metadata.version = sdist->version;
    }
}

}  // namespace

Result<LocalCandidate> inspectForUpload(const std::filesystem::path &path, std::stop_token stop)
{
    LocalCandidate candidate;
    candidate.path = path;
    candidate.filename = path.filename().string();
    const auto type = pypi::packageTypeOfFile(candidate.filename);
    if (!type)
        return fail(ErrorCode::InvalidInput, "the name ends neither in .whl nor in .tar.gz or .zip");
    candidate.type = *type;
    const auto content = *type == pypi::PackageType::BdistWheel ? archive::Content::Wheel : archive::Content::Sdist;
    CM_TRY_ASSIGN(candidate.archive, archive::inspect(path, candidate.filename, content, {}, stop));
    std::error_code error;
    candidate.size = std::filesystem::file_size(path, error);
    if (error)
        return fail(ErrorCode::Unavailable, "cannot read the file: " + error.message());
    fillFromFilename(candidate);
    if (candidate.archive.metadata) {
        if (auto metadata = pypi::parseMetadata(*candidate.archive.metadata))
            candidate.metadata = std::move(*metadata);
    }
    return candidate;
}

Result<void> digestCandidate(LocalCandidate &candidate, const DigestProgress &progress, std::stop_token stop)
{
    std::ifstream file(candidate.path, std::ios::binary);
    if (!file)
        return fail(ErrorCode::Unavailable, "cannot open the file");
    Hasher md5(HashKind::Md5);
    Hasher sha256(HashKind::Sha256);
    Hasher blake2(HashKind::Blake2b256);
    std::vector<char> piece(readPiece);
    std::uint64_t done = 0;
    while (file) {
        if (stop.stop_requested())
            return fail(ErrorCode::Cancelled, "reading the file was cancelled");
        file.read(piece.data(), static_cast<std::streamsize>(piece.size()));
        const auto bytes = std::as_bytes(std::span(piece.data(), static_cast<std::size_t>(file.gcount())));
        for (Hasher *hasher : {&md5, &sha256, &blake2})
            hasher->update(bytes);
        done += bytes.size();
        if (progress)
            progress(done, candidate.size);
    }
    if (file.bad() || done != candidate.size)
        return fail(ErrorCode::Unavailable, "the file changed or could not be read to its end");
    candidate.digests = BodyFacts{done, md5.finishHex(), sha256.finishHex(), blake2.finishHex(), {}};
    return {};
}

pypi::FormFields uploadFields(const LocalCandidate &candidate)
{
    pypi::FormFields fields{{":action", "file_upload"}, {"protocol_version", "1"}};
    pypi::appendFormFields(fields, candidate.metadata);
    fields.emplace_back("filetype", pypi::packageTypeName(candidate.type));
    fields.emplace_back("pyversion", candidate.pyversion);
    if (candidate.digests) {
        fields.emplace_back("md5_digest", candidate.digests->md5);
        fields.emplace_back("sha256_digest", candidate.digests->sha256);
        fields.emplace_back("blake2_256_digest", candidate.digests->blake2b256);
    }
    return fields;
}

UploadFacts factsOf(const LocalCandidate &candidate)
{
    UploadFacts facts;
    facts.form = pypi::cleanUploadForm(uploadFields(candidate));
    if (!candidate.digests) {
        // Before the digests are known nothing is missing yet: they will be sent.
        facts.form.sha256Digest = std::string(64, '0');
    }
    facts.file = FilePart{true, candidate.filename, "application/octet-stream"};
    facts.size = candidate.size;
    facts.body = candidate.digests;
    facts.archive = candidate.archive;
    return facts;
}

}  // namespace cm::checks
