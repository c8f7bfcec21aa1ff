// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/registry/upload_session.h"

#include "core/pypi/names.h"
#include "core/registry/upload_state.h"

#include <algorithm>

namespace cm::registry {

namespace {

constexpr std::size_t maxFields = 10'000;
constexpr std::size_t maxFieldBytes = 16U << 20;
// What a body is longer than its file: fields, heads of parts.
constexpr std::uint64_t mostOfForm = 32U << 20;

}  // namespace

UploadSession::UploadSession(std::unique_ptr<State> state) : m_state(std::move(state)) {}

UploadSession::~UploadSession() = default;

const std::optional<checks::Refusal> &UploadSession::refused() const
{
    return m_state->refusal;
}

void UploadSession::addField(std::string name, std::string value)
{
    State &state = *m_state;
    if (state.refusal)
        return;
    state.fieldBytes += name.size() + value.size();
    if (state.fields.size() >= maxFields || state.fieldBytes > maxFieldBytes) {
        state.refusal = checks::refuse(400, "Error: The form has too many or too long fields.");
        return;
    }
    state.fields.emplace_back(std::move(name), std::move(value));
}

void UploadSession::addUnexpectedFile(std::string name)
{
    if (m_state->unexpected.size() < maxFields)
        m_state->unexpected.push_back(std::move(name));
}

Result<void> UploadSession::beginFile(std::string filename, std::string contentType)
{
    State &state = *m_state;
    if (state.refusal)
        return {};
    if (state.part.present) {
        state.refusal = checks::refuse(400, "Error: Only one file may be sent at a time.");
        state.staged.reset();
        return {};
    }
    state.part = {true, std::move(filename), std::move(contentType)};
    CM_TRY(state.judgeEarly());
    if (state.refusal)
        return {};
    const pypi::UploadForm form = pypi::cleanUploadForm(state.fields);
    state.digester = std::make_unique<StreamDigester>(
        StreamDigester::Extra{!form.md5Digest.empty(), form.blake2Digest.size() == 128});
    CM_TRY_ASSIGN(state.staged, state.publisher.m_blobs.stage());
    return {};
}

Result<void> UploadSession::append(std::span<const std::byte> bytes)
{
    State &state = *m_state;
    if (state.refusal || !state.staged)
        return {};
    if (state.staged->size() + bytes.size() > state.sizeLimit) {
        state.refuseSize(state.staged->size() + bytes.size());
        // The disk gets its space back now, not when the client has sent the rest.
        state.staged.reset();
        return {};
    }
    state.digester->update(bytes);
    return state.staged->append(bytes);
}

std::unique_ptr<blobs::StagedBlob> UploadSession::takeFile()
{
    return m_state->refusal ? nullptr : std::move(m_state->staged);
}

void UploadSession::noteUse(catalog::UseRow use)
{
    m_state->use = std::move(use);
}

Result<Receipt> UploadSession::finish()
{
    State &state = *m_state;
    if (!state.refusal) {
        auto receipt = state.finish();
        state.staged.reset();
        return receipt;
    }
    state.staged.reset();
    Receipt receipt;
    receipt.refusal = state.refusal;
    return receipt;
}

// Below the limit of a project a file that is too large is refused when it has begun, with the name and the
// limit of its project.
bool Publisher::isOrdinaryLength(std::uint64_t bodyBytes) const
{
    return bodyBytes <= m_settings.policies.projectLimit + mostOfForm;
}

Result<std::optional<checks::Refusal>> Publisher::refusalOfLength(std::uint64_t bodyBytes)
{
    if (isOrdinaryLength(bodyBytes))
        return std::nullopt;
    CM_TRY_ASSIGN(const std::uint64_t own,
                  m_catalog.readOrAskAgain([](catalog::Reader &reader) { return reader.largestFileLimit(); }));
    const std::uint64_t limit = std::max(own, m_settings.policies.fileLimit);
    if (bodyBytes <= limit + mostOfForm)
        return std::nullopt;
    return checks::tooLargeForAnyProject(m_settings.policies, limit);
}

std::unique_ptr<UploadSession> Publisher::begin(Identification who)
{
    auto state = std::make_unique<UploadSession::State>(*this, std::move(who));
    // Nothing of the form is kept for somebody who is nobody.
    if (!state->who.principal)
        state->refusal = refusalOfCaller(m_settings, state->who);
    return std::unique_ptr<UploadSession>(new UploadSession(std::move(state)));
}

}  // namespace cm::registry
