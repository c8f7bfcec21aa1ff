// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/registry/preflight.h"

#include "core/pypi/package_type.h"
#include "core/registry/upload_context.h"

namespace cm::registry {

namespace {

constexpr std::size_t maxFiles = 1000;

// Only what the registry alone can know; the rest is checked where the bytes are.
checks::UploadFacts factsOf(const PreflightFile &file, const UploadContext &context, const Settings &settings, Time now)
{
    checks::UploadFacts facts;
    facts.policies = settings.policies;
    facts.now = now;
    facts.caller = context.caller;
    // A person at the desktop is signed in by a session, whatever uploads.passwords says.
    facts.caller->byPassword = false;
    facts.form.metadata.name = file.project;
    facts.form.metadata.version = file.version;
    facts.form.filetype =
        pypi::packageTypeName(pypi::packageTypeOfFile(file.filename).value_or(pypi::PackageType::BdistWheel));
    facts.file = checks::FilePart{true, file.filename, "application/octet-stream"};
    facts.readOnly = context.readOnly;
    facts.project = context.projectFacts;
    facts.stored = context.storedFacts;
    facts.size = static_cast<std::uint64_t>(std::max<std::int64_t>(file.size, 0));
    if (!file.sha256.empty() && !file.blake2b256.empty()) {
        facts.form.sha256Digest = file.sha256;
        facts.form.blake2Digest = file.blake2b256;
        facts.body = checks::BodyFacts{*facts.size, {}, file.sha256, file.blake2b256, {}};
    }
    return facts;
}

}  // namespace

Result<std::vector<PreflightVerdict>> Preflight::check(const Principal &by, const std::vector<PreflightFile> &files)
{
    if (files.size() > maxFiles) {
        return fail(Error{ErrorCode::InvalidInput, "too many files at once", {{"files", "are at most 1000"}}, {}});
    }
    const Time now = m_clock.now();
    const Identification who{by, true, {}};
    return m_catalog.read([&](catalog::Reader &reader) -> Result<std::vector<PreflightVerdict>> {
        std::vector<PreflightVerdict> verdicts;
        for (const PreflightFile &file : files) {
            const auto type = pypi::packageTypeOfFile(file.filename).value_or(pypi::PackageType::BdistWheel);
            const UploadTarget target{file.project, file.version, file.filename, file.blake2b256,
                                      std::string(pypi::packageTypeName(type))};
            CM_TRY_ASSIGN(const UploadContext context, gatherContext(reader, m_settings, who, target, now));
            const checks::UploadFacts facts = factsOf(file, context, m_settings, now);
            using checks::Stage;
            PreflightVerdict verdict;
            verdict.filename = file.filename;
            verdict.alreadyThere = checks::isIdenticalRepeat(facts);
            verdict.createsProject = !context.project;
            verdict.createsRelease = !context.release;
            // Right and status also decide on a repeat; what is there already is no obstacle to one.
            verdict.findings =
                checks::allFindings(facts, verdict.alreadyThere ? checks::Stages(Stage::Access)
                                                                : Stage::Access | Stage::Body | Stage::Stored);
            verdicts.push_back(std::move(verdict));
        }
        return verdicts;
    });
}

}  // namespace cm::registry
