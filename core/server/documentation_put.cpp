// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/server/documentation_put.h"

#include "core/admin/routing.h"
#include "core/api/codec.h"
#include "core/api/documentation.h"
#include "core/base/http_status.h"
#include "core/server/caller.h"
#include "core/server/docs_site.h"

namespace cm::server {

DocumentationPut::DocumentationPut(const Services &services, const Options &options, const http::RequestHead &head,
                                   std::string project, std::string version)
    : m_services(services), m_options(options), m_head(head), m_project(std::move(project)), m_version(std::move(version))
{}

Result<void> DocumentationPut::start()
{
    if (!m_services.settings.hostsDocumentation)
        return fail(ErrorCode::Gone, "this registry does not host documentation: docs.hosting is off");
    const registry::Origin origin{"admin api", std::string(m_head.requestId()), std::string(m_head.remoteAddress())};
    CM_TRY_ASSIGN(auto who, m_services.access.authenticate(credentialsOf(m_head), origin));
    m_upload = m_services.documentation.begin({std::move(who), true, {}});
    m_upload->setProject(m_project);
    m_upload->setVersion(m_version);
    return m_upload->begin();
}

Result<void> DocumentationPut::write(std::span<const std::byte> bytes)
{
    if (!m_upload) {
        if (auto started = start(); !started) {
            m_failure = started.error();
            return started;
        }
    }
    if (!m_upload->refused()) {
        if (auto appended = m_upload->append(bytes); !appended) {
            m_failure = appended.error();
            return appended;
        }
    }
    if (m_upload->refused())
        return fail(ErrorCode::Cancelled, "refused");
    return {};
}

http::Response DocumentationPut::finish()
{
    auto text = receipt();
    m_upload.reset();
    if (!text)
        return failed(text.error());
    http::Response response = http::Response::json(200, std::move(*text));
    response.set("Cache-Control", "no-store");
    return response;
}

Result<std::string> DocumentationPut::receipt()
{
    if (m_failure)
        return fail(*m_failure);
    // A request without a body was let in by nobody yet.
    if (!m_upload)
        CM_TRY(start());
    CM_TRY_ASSIGN(const registry::DocumentationReceipt stored, m_upload->finish());
    if (stored.refusal)
        return fail(errorCodeOfHttpStatus(stored.refusal->status), stored.refusal->text);
    api::DocumentationReceipt out;
    out.project = stored.project;
    out.version = stored.version;
    out.files = stored.files;
    out.size = stored.size;
    out.repeated = stored.repeated;
    out.serial = stored.change.serial;
    out.audit.value = stored.change.audit;
    if (const std::string base = docsBaseFor(m_services, m_options, m_head); !base.empty())
        out.url = base + "/" + stored.project + "/" + http::percentEncode(stored.version) + "/";
    m_services.log.info("admin.change", {{"endpoint", "put-documentation"},
                                         {"project", std::string_view(stored.project)},
                                         {"version", std::string_view(stored.version)},
                                         {"files", stored.files},
                                         {"request", m_head.requestId()}});
    return api::toJsonText(out);
}

http::Response DocumentationPut::failed(const Error &error) const
{
    if (error.code == ErrorCode::Internal)
        m_services.log.error("admin.failed", {{"path", m_head.path()},
                                              {"detail", std::string_view(error.detail)},
                                              {"request", m_head.requestId()}});
    return admin::refusal(m_head, error);
}

}  // namespace cm::server
