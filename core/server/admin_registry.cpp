// SPDX-License-Identifier: GPL-3.0-or-later
// Handlers of the admin API: the registry itself, its nodes, preflight, archives.
#include "core/server/admin_handlers.h"
#include "core/server/convert.h"
#include "core/server/docs_site.h"
#include "core/server/public_site.h"

namespace cm::server {
namespace {

std::string_view kindName(archive::MemberKind kind)
{
    switch (kind) {
    case archive::MemberKind::File:
        return "file";
    case archive::MemberKind::Directory:
        return "directory";
    case archive::MemberKind::Symlink:
    case archive::MemberKind::Hardlink:
        return "link";
    case archive::MemberKind::Other:
        return "other";
    }
    return "other";
}

class NodeFacts {
public:
    NodeFacts(std::string name, std::string role, Time sampled) : m_sampled(sampled)
    {
        m_node.name = std::move(name);
        m_node.role = std::move(role);
        m_node.verdict = api::Verdict::Ok;
    }

    void figure(std::string name, double value, std::string unit, std::string source)
    {
        m_node.facts.push_back(
            {std::move(name), value, std::move(unit), {}, api::Verdict::Ok, std::move(source), m_sampled});
    }
    void judge(api::Verdict verdict, std::string statement)
    {
        m_node.verdict = verdict;
        m_node.statement = std::move(statement);
    }
    [[nodiscard]] api::Node take() { return std::move(m_node); }

private:
    api::Node m_node;
    Time m_sampled;
};

api::Node webNode(const AdminCall &call, Time now)
{
    NodeFacts node(call.options.node, "web", now);
    const http::Statistics http = call.services.httpStatistics();
    node.figure("connections", static_cast<double>(http.connectionsOpen), "count", "http server");
    node.figure("requests", static_cast<double>(http.requests), "count", "http server");
    node.figure("event-streams", static_cast<double>(http.eventStreamsOpen), "count", "http server");
    node.figure("sent", static_cast<double>(http.bytesSent), "bytes", "http server");
    node.figure("received", static_cast<double>(http.bytesReceived), "bytes", "http server");
    node.figure("server-errors", static_cast<double>(http.responsesByClass[5]), "count", "http server");
    node.judge(api::Verdict::Ok, "Answers requests");
    return node.take();
}

api::Node databaseNode(const AdminCall &call, Time now)
{
    NodeFacts node(call.options.node, "database", now);
    const auto summary = call.services.browser.summary();
    if (!summary) {
        node.judge(api::Verdict::Critical, summary.error().detail);
        return node.take();
    }
    node.figure("serial", static_cast<double>(summary->serial), "count", "catalog");
    node.figure("projects", static_cast<double>(summary->counters.projects), "count", "catalog");
    node.figure("files", static_cast<double>(summary->counters.files), "count", "catalog");
    node.judge(api::Verdict::Ok, "Answers questions");
    return node.take();
}

api::Node filesNode(const AdminCall &call, Time now)
{
    NodeFacts node(call.options.node, "files", now);
    const StoreFigures store = call.services.storeFigures();
    node.figure("free", static_cast<double>(store.freeBytes), "bytes", "file system");
    node.figure("total", static_cast<double>(store.totalBytes), "bytes", "file system");
    if (!store.writable)
        node.judge(api::Verdict::Critical, store.problem);
    else if (store.freeBytes < store.totalBytes / 20)
        node.judge(api::Verdict::Warning, "Less than 5 % of the disk is free");
    else
        node.judge(api::Verdict::Ok, "Takes new files");
    return node.take();
}

}  // namespace

CM_ANSWER(registryInfo)
{
    CM_TRY_ASSIGN(const registry::RegistrySummary summary, call.services.browser.summary());
    const registry::Settings &settings = call.services.settings;
    api::RegistryInfo info;
    info.name = settings.name;
    info.version = call.options.version;
    info.serial = summary.serial;
    const std::string base = call.options.baseUrl.empty() ? addressedBase(call.head) : call.options.baseUrl;
    info.baseUrl = base + "/";
    info.simpleUrl = base + "/simple/";
    info.uploadUrl = base + "/legacy/";
    info.counters = {summary.counters.projects,    summary.counters.releases, summary.counters.files,
                     summary.counters.bytes,       summary.counters.users,    summary.counters.quarantined,
                     summary.counters.uploadsSince};
    info.fileLimit = static_cast<std::int64_t>(settings.policies.fileLimit);
    info.totalLimit = static_cast<std::int64_t>(settings.policies.projectLimit);
    info.retentionDays = settings.retention.count();
    info.passwordUploads = settings.policies.passwordUploads;
    info.sdistNames = settings.policies.sdistNames == checks::SdistNames::Pep625 ? "pep625" : "normalised";
    info.readOnly = toApi(summary.readOnly);
    const checks::DocumentationLimits &docs = settings.documentation;
    info.documentation = {settings.hostsDocumentation, docsBaseFor(call.services, call.options, call.head),
                          static_cast<std::int64_t>(docs.archiveBytes), static_cast<std::int64_t>(docs.unpackedBytes),
                          static_cast<std::int64_t>(docs.files), static_cast<std::int64_t>(docs.pathBytes)};
    return info;
}

CM_ANSWER(setReadOnly)
{
    return toApi(
        call.services.maintenance.setReadOnly(call.by, {request.until, request.reason, request.message}));
}

CM_ANSWER(endReadOnly)
{
    return toApi(call.services.maintenance.endReadOnly(call.by, request.reason));
}

CM_ANSWER(listNodes)
{
    const Time now = call.services.clock.now();
    return api::NodeList{{webNode(call, now), databaseNode(call, now), filesNode(call, now)}, now};
}

CM_ANSWER(writeProbe)
{
    // That this call's own token was used waits to be written: a row as good as any, and one that is there.
    CM_TRY(call.services.access.flushLastUsed());
    CM_TRY_ASSIGN(const auto mode, call.services.maintenance.readOnly());
    return api::WriteProbe{toApi(mode)};
}

CM_ANSWER(uploadPreflight)
{
    std::vector<registry::PreflightFile> files;
    files.reserve(request.files.size());
    for (const api::PreflightFile &file : request.files)
        files.push_back({file.filename, file.project, file.version, file.size, file.sha256, file.blake2b256});
    CM_TRY_ASSIGN(const std::vector<registry::PreflightVerdict> verdicts,
                  call.services.preflight.check(call.by, files));
    api::PreflightAnswer answer;
    for (const registry::PreflightVerdict &verdict : verdicts) {
        api::PreflightVerdict out{
            verdict.filename, verdict.alreadyThere, verdict.createsProject, verdict.createsRelease, {}};
        for (const checks::Finding &finding : verdict.findings)
            out.refusals.push_back({std::string(finding.checkId), finding.refusal.text});
        answer.files.push_back(std::move(out));
    }
    return answer;
}

CM_ANSWER(listMembers)
{
    CM_TRY_ASSIGN(const registry::ArchiveListing found, call.services.inspector.members(call.by, request.filename));
    api::ArchiveListing listing;
    listing.filename = found.filename;
    listing.truncated = found.truncated;
    listing.members.reserve(found.members.size());
    for (const archive::Member &member : found.members)
        listing.members.push_back(
            {member.path, static_cast<std::int64_t>(member.size), std::string(kindName(member.kind))});
    return listing;
}

CM_ANSWER(readMember)
{
    CM_TRY_ASSIGN(const registry::MemberContent found,
                  call.services.inspector.member(call.by, request.filename, request.path));
    return api::MemberContent{found.path, static_cast<std::int64_t>(found.size), found.binary, found.text,
                              found.truncated};
}

}  // namespace cm::server
