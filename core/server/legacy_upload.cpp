// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/server/legacy_upload.h"

#include "core/admin/routing.h"
#include "core/server/caller.h"
#include "core/server/docs_site.h"

namespace cm::server {
namespace {

// All fields together, names included. The one that is long is the description; one of a megabyte exists.
constexpr std::size_t maxFieldBytes = 4U << 20;
constexpr std::size_t maxTargetBytes = 1'000;  // of a name or version of a project
constexpr http::MultipartLimits formLimits{1'000, 16 * 1024, maxFieldBytes};

constexpr std::string_view plainHttpText =
    "Credentials are not accepted over plain HTTP from another machine; use the https address of this registry";
constexpr std::string_view docsElsewhereText =
    "Uploading documentation is no longer supported, we recommend using https://readthedocs.org/.";
constexpr std::string_view preRegistrationText =
    "Project pre-registration is no longer required or supported, upload your files instead.";

}  // namespace

LegacyUpload::LegacyUpload(const Services &services, const Options &options, FormBudget &budget,
                           const http::RequestHead &head)
    : m_services(services), m_options(options), m_budget(budget), m_head(head), m_use(services, head)
{
    m_use.setEndpoint("file-upload");
}

LegacyUpload::~LegacyUpload()
{
    release();
}

void LegacyUpload::release()
{
    m_session.reset();
    m_docs.reset();
    m_fieldValue = {};
    m_budget.giveBack(std::exchange(m_taken, 0));
}

tl::unexpected<Error> LegacyUpload::refuse(int status, std::string_view text)
{
    if (!m_refusal)
        m_refusal = checks::Refusal{status, std::string(text)};
    return fail(ErrorCode::Cancelled, "refused");
}

void LegacyUpload::start()
{
    m_started = true;
    if (m_head.hasHeader("Authorization") && !admin::maySendCredentials(m_head)) {
        m_refusal = checks::Refusal{403, std::string(plainHttpText)};
        return;
    }
    const registry::Origin origin{"https upload", std::string(m_head.requestId()), std::string(m_head.remoteAddress())};
    auto who = m_services.access.identify(credentialsOf(m_head), origin);
    if (!who) {
        m_failure = std::move(who.error());
        return;
    }
    if (who->principal)
        m_who = who->principal->name;
    m_caller = *who;
    m_use.setCaller(*who);
    m_session = m_services.publisher.begin(std::move(*who));
    auto boundary = http::MultipartReader::boundaryOf(m_head.header("Content-Type"));
    if (!boundary) {
        if (!m_session->refused())
            m_refusal = checks::Refusal{400, boundary.error().detail};
        return;
    }
    m_reader.emplace(*boundary, static_cast<http::MultipartHandler &>(*this), formLimits);
}

Result<void> LegacyUpload::write(std::span<const std::byte> bytes)
{
    const bool first = !m_started;
    if (first)
        start();
    // Of a caller who is refused already the beginning is read: registrations of former days come without
    // a right to upload and are told something else. The session keeps nothing of it.
    if (m_failure || m_refusal || !m_reader || (m_session->refused() && !first))
        return fail(ErrorCode::Cancelled, "refused");
    if (auto fed = m_reader->feed(bytes); !fed) {
        if (!m_refusal && !m_failure && !refused())
            m_failure = fed.error();
        return fail(ErrorCode::Cancelled, "refused");
    }
    if (refused())
        return fail(ErrorCode::Cancelled, "refused");
    return {};
}

const std::optional<checks::Refusal> &LegacyUpload::refused() const
{
    return m_docs ? m_docs->refused() : m_session->refused();
}

Result<void> LegacyUpload::partBegin(const http::PartHead &part)
{
    CM_TRY(holdFieldBytes(part.name.size() + part.fileName.size()));
    m_fieldName = part.name;
    m_fieldValue.clear();
    if (!part.hasFileName && part.name != "content") {
        m_part = Part::Field;
        return {};
    }
    if (part.name == "content") {
        m_part = Part::File;
        // What follows the file cannot make it something else that is served.
        if (refusedAsUse())
            return fail(ErrorCode::Cancelled, "refused");
        m_fileName = part.fileName.substr(0, maxTargetBytes);
        if (m_docs)
            m_docs->setFilename(m_fileName);
        auto begun = m_docs ? m_docs->begin() : m_session->beginFile(part.fileName, part.contentType);
        if (!begun)
            m_failure = begun.error();
        return begun;
    }
    // Signatures of former days come as files; they are read over, as the protocol says.
    m_part = Part::UnexpectedFile;
    if (part.name != "gpg_signature")
        m_session->addUnexpectedFile(part.name);
    return {};
}

Result<void> LegacyUpload::partData(std::span<const std::byte> bytes)
{
    switch (m_part) {
    case Part::File: {
        auto appended = m_docs ? m_docs->append(bytes) : m_session->append(bytes);
        if (!appended)
            m_failure = appended.error();
        else if (refused())
            return fail(ErrorCode::Cancelled, "refused");
        return appended;
    }
    case Part::Field:
        CM_TRY(holdFieldBytes(bytes.size()));
        m_fieldValue.append(reinterpret_cast<const char *>(bytes.data()), bytes.size());
        return {};
    case Part::UnexpectedFile:
        return {};
    }
    return {};
}

Result<void> LegacyUpload::holdFieldBytes(std::size_t bytes)
{
    m_fieldBytes += bytes;
    if (m_fieldBytes > maxFieldBytes)
        return refuse(400, "The fields of the form are larger than 4 MiB together");
    const std::size_t counted = m_fieldBytes > FormBudget::freeBytes ? m_fieldBytes - FormBudget::freeBytes : 0;
    if (counted > m_taken) {
        if (!m_budget.take(counted - m_taken)) {
            m_failure = Error{ErrorCode::Unavailable,
                              "Too many uploads with long descriptions are under way, try again in a moment",
                              {},
                              std::chrono::seconds(5)};
            return fail(*m_failure);
        }
        m_taken = counted;
    }
    return {};
}

Result<void> LegacyUpload::partEnd()
{
    return m_part == Part::Field ? endField() : Result<void>();
}

Result<void> LegacyUpload::endField()
{
    if (m_fieldName == ":action") {
        if (m_fieldValue == "submit" || m_fieldValue == "submit_pkg_info")
            return refuse(410, preRegistrationText);
        if (m_fieldValue == "doc_upload")
            return startDocumentation();
        if (m_fieldValue != "file_upload")
            return refuse(501, "The :actions that this registry takes are file_upload and doc_upload");
    }
    m_use.setField(m_fieldName, m_fieldValue);
    // Documentation is told of by these two, and clients send fields in any order.
    if (m_fieldName == "name")
        m_name = m_fieldValue.substr(0, maxTargetBytes);
    else if (m_fieldName == "version")
        m_version = m_fieldValue.substr(0, maxTargetBytes);
    if (m_docs) {
        m_docs->setProject(m_name);
        m_docs->setVersion(m_version);
        return {};
    }
    m_fieldValue.shrink_to_fit();
    m_session->addField(std::move(m_fieldName), std::move(m_fieldValue));
    m_fieldValue = {};
    return {};
}

// The protocol of setuptools' upload_docs, whose fields may come in any order: a file that is there already
// was taken for a distribution.
Result<void> LegacyUpload::startDocumentation()
{
    if (!m_services.settings.hostsDocumentation)
        return refuse(410, docsElsewhereText);
    m_use.setEndpoint("doc-upload");
    m_docs = m_services.documentation.begin(m_caller);
    m_docs->setProject(m_name);
    m_docs->setVersion(m_version);
    m_docs->setFilename(m_fileName);
    if (auto staged = m_session->takeFile())
        m_docs->adopt(std::move(staged));
    return {};
}

http::Response LegacyUpload::settleDocumentation()
{
    auto receipt = m_docs->finish();
    if (!receipt)
        return failed(receipt.error());
    if (receipt->refusal)
        return answer(receipt->refusal->status, receipt->refusal->text);
    m_services.log.info("documentation.stored", {{"project", std::string_view(receipt->project)},
                                                 {"version", std::string_view(receipt->version)},
                                                 {"files", receipt->files},
                                                 {"serial", static_cast<std::int64_t>(receipt->change.serial)},
                                                 {"repeated", receipt->repeated},
                                                 {"user", std::string_view(m_who)},
                                                 {"request", m_head.requestId()}});
    // 200, which every client of this form takes for success; of redirects setuptools knows 301 alone, and takes
    // others for a failure.
    const std::string base = docsBaseFor(m_services, m_options, m_head);
    return http::Response::text(200, base.empty() ? std::string()
                                                  : base + "/" + receipt->project + "/" +
                                                        http::percentEncode(receipt->version) + "/\n");
}

bool LegacyUpload::refusedAsUse()
{
    // Who may not upload at all is told that.
    if (!m_refusal && m_session && !m_session->refused()) {
        if (const auto &refusal = m_use.judge())
            m_refusal = refusal;
    }
    return m_refusal.has_value();
}

std::optional<http::Reply> LegacyUpload::admit()
{
    start();
    if (m_failure || m_refusal || m_session->refused() || refusedAsUse())
        return finish();
    auto tooLong = m_services.publisher.refusalOfLength(m_head.contentLength().value_or(0));
    if (!tooLong)
        m_failure = std::move(tooLong.error());
    else if (!*tooLong)
        return std::nullopt;
    else
        m_refusal = std::move(**tooLong);
    return finish();
}

http::Response LegacyUpload::finish()
{
    if (!m_started)
        start();
    http::Response response = settle();
    m_use.settle(response, m_remembered);
    release();
    return response;
}

http::Response LegacyUpload::settle()
{
    if (m_refusal)
        return answer(m_refusal->status, m_refusal->text);
    if (m_failure)
        return failed(*m_failure);
    if (const auto &early = refused())
        return answer(early->status, early->text);
    if (auto ended = m_reader->finish(); !ended)
        return failed(ended.error());
    m_use.completeForm();
    if (refusedAsUse())
        return answer(m_refusal->status, m_refusal->text);
    if (m_docs)
        return settleDocumentation();
    m_session->noteUse(m_use.acceptedRow());
    auto receipt = m_session->finish();
    if (!receipt)
        return failed(receipt.error());
    if (receipt->refusal)
        return answer(receipt->refusal->status, receipt->refusal->text);
    m_remembered = !receipt->repeated;
    m_services.log.info("upload.stored", {{"project", std::string_view(receipt->project)},
                                          {"version", std::string_view(receipt->version)},
                                          {"file", std::string_view(receipt->filename)},
                                          {"serial", static_cast<std::int64_t>(receipt->serial)},
                                          {"repeated", receipt->repeated},
                                          {"user", std::string_view(m_who)},
                                          {"request", m_head.requestId()}});
    return http::Response::text(200, "");
}

void LegacyUpload::abort()
{
    release();
}

http::Response LegacyUpload::answer(int status, std::string_view text) const
{
    m_services.log.info("upload.refused", {{"status", static_cast<std::int64_t>(status)},
                                           {"words", text},
                                           {"user", std::string_view(m_who)},
                                           {"request", m_head.requestId()}});
    return refusalFor(m_head, status, text);
}

http::Response LegacyUpload::later(int status, const Error &error) const
{
    http::Response response = answer(status, error.detail);
    response.set("Retry-After", std::to_string(error.retryAfter.count()));
    return response;
}

http::Response LegacyUpload::failed(const Error &error) const
{
    switch (error.code) {
    case ErrorCode::InvalidInput:
        return answer(400, error.detail);
    case ErrorCode::TooLarge:
        return answer(413, error.detail);
    case ErrorCode::RateLimited:
        return later(429, error);
    default:
        break;
    }
    if (error.retryAfter.count() > 0)
        return later(503, error);
    m_services.log.error("upload.failed", {{"code", errorCodeName(error.code)},
                                           {"detail", std::string_view(error.detail)},
                                           {"request", m_head.requestId()}});
    if (error.code == ErrorCode::Unavailable || error.code == ErrorCode::Timeout) {
        http::Response response =
            refusalFor(m_head, 503,
                       error.code == ErrorCode::Timeout
                           ? "The registry lost its database on the way; whether the file is stored is not known: send "
                             "it again"
                           : "The registry cannot store files now; nothing was stored, send it again later");
        response.set("Retry-After", "30");
        return response;
    }
    return refusalFor(m_head, 500,
                      "The registry failed; nothing was stored. Its log names the cause by the request id " +
                          std::string(m_head.requestId()));
}

}  // namespace cm::server
