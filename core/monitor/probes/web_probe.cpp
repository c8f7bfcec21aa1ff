// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/probes/web_probe.h"

#include "core/api/cdn.h"
#include "core/api/codec.h"
#include "core/api/operations.h"
#include "core/base/utf8.h"
#include "core/monitor/probes/simple_page.h"

#include <algorithm>

namespace cm::monitor {
namespace {

constexpr std::size_t longestVersion = 64;

// What a node says for itself beside a refusal, as people may read it: its first line, without the status.
std::string reasonIn(const http::ClientAnswer &answer)
{
    constexpr std::size_t longest = 200;
    if (answer.status < 400 || !answer.header("Content-Type").starts_with("text/plain"))
        return {};
    std::string line = answer.body.substr(0, std::min(answer.body.find_first_of("\r\n"), longest));
    // The cut may go through a letter.
    for (int left = 3; left > 0 && !line.empty() && !isUtf8(line); --left)
        line.pop_back();
    if (!isUtf8(line))
        return {};
    if (const std::string status = std::to_string(answer.status) + " "; line.starts_with(status))
        line.erase(0, status.size());
    std::replace_if(line.begin(), line.end(), [](unsigned char sign) { return sign < 0x20 || sign == 0x7f; }, ' ');
    return line;
}

HttpFacts factsOf(const Result<http::ClientAnswer> &answer)
{
    if (!answer)
        return {0, 0, answer.error().detail, answer.error().code == ErrorCode::Timeout};
    return {answer->status, std::chrono::duration<double>(answer->elapsed).count(), reasonIn(*answer), false};
}

std::optional<ReadOnlyFacts> readOnlyIn(const Result<http::ClientAnswer> &answer)
{
    if (!answer || answer->status != 200)
        return std::nullopt;
    const auto probed = api::fromJsonText<api::WriteProbe>(answer->body);
    if (!probed || !probed->readOnly)
        return std::nullopt;
    return ReadOnlyFacts{probed->readOnly->until, probed->readOnly->by, probed->readOnly->reason};
}

// Nothing for a node that knows of no cache, or is too old to tell.
std::optional<PurgeFacts> purgesIn(const Result<http::ClientAnswer> &answer)
{
    if (!answer || answer->status != 200)
        return std::nullopt;
    const auto told = api::fromJsonText<api::CdnState>(answer->body);
    if (!told || told->edges.empty())
        return std::nullopt;
    PurgeFacts facts{told->pendingKeys, std::any_of(told->edges.begin(), told->edges.end(), [](const api::CdnEdge &edge) { return edge.more; }), {}, told->lastError};
    if (told->pendingSince)
        facts.oldest = std::max(0.0, std::chrono::duration<double>(told->sampled - *told->pendingSince).count());
    return facts;
}

}  // namespace

// Documentation has an origin of its own: a name at the same address, or a port beside it.
HttpFacts WebProbe::askDocs(http::HttpClient &client, const http::ClientOptions &options, const ProbeTime &time) const
{
    const http::ClientRequest request{"HEAD", m_target.docsPage, {{"Host", m_target.docsHost}}, {}};
    if (m_target.docsPort == 0)
        return factsOf(client.send(request, time.stop));
    http::ClientOptions beside = options;
    beside.port = m_target.docsPort;
    beside.totalTimeout = time.left();
    http::HttpClient other(beside);
    return factsOf(other.send(request, time.stop));
}

Result<WebFacts> WebProbe::look(const ProbeTime &time)
{
    http::ClientOptions options;
    options.host = m_target.host;
    options.port = m_target.port;
    options.tls = m_target.tls;
    options.serverName = m_target.serverName;
    options.caFile = m_target.caFile;
    // A token goes to nobody who only says that he is the registry.
    options.verify = m_target.tls && !(m_target.token.empty() && m_target.uploadToken.empty());
    options.connectTimeout = std::min(time.left() / 2, std::chrono::milliseconds(1000));
    options.totalTimeout = time.left();
    options.deadline = time.deadline;
    http::HttpClient client(options);
    CM_TRY(client.connect(time.stop));
    WebFacts facts;
    const auto health = client.send({"GET", "/_health/", {}, {}}, time.stop);
    if (!health && health.error().code == ErrorCode::Cancelled)
        return fail(health.error());
    // It takes connections and does not answer: that is what it says of itself.
    facts.health = factsOf(health);
    if (!health)
        return facts;
    if (const std::string_view version = health->header("X-Cheesemonger-Version"); version.size() <= longestVersion && isUtf8(version))
        facts.version = version;
    facts.uploads = numberOf(*health, "X-Cheesemonger-Uploads");
    facts.reads = numberOf(*health, "X-Cheesemonger-Reads");
    facts.connections = numberOf(*health, "X-Cheesemonger-Connections");
    facts.mostConnections = numberOf(*health, "X-Cheesemonger-Connections-Most");
    const bool healthy = health->status < 400;
    if (!m_target.canaryProject.empty()) {
        const auto page = client.send({"GET", "/simple/" + m_target.canaryProject + "/",
                                       {{"Accept", "application/vnd.pypi.simple.v1+json"}}, {}}, time.stop);
        facts.channels["simple"] = factsOf(page);
        facts.serial = page ? serialIn(*page) : std::nullopt;
    }
    if (!m_target.canaryFile.empty())
        facts.channels["file"] = factsOf(client.send({"HEAD", m_target.canaryFile, {}, {}}, time.stop));
    if (!m_target.docsPage.empty() && healthy)
        facts.channels["docs"] = askDocs(client, options, time);
    if (!m_target.token.empty() && healthy) {
        const auto probed = client.send({"POST", "/admin/v1/write-probe",
                                         {{"Authorization", "Bearer " + m_target.token},
                                          {"Content-Type", "application/json"}}, "{}"}, time.stop);
        facts.write = factsOf(probed);
        facts.readOnly = readOnlyIn(probed);
        if (m_target.caches)
            facts.purges = purgesIn(client.send({"GET", "/admin/v1/cdn", {{"Authorization", "Bearer " + m_target.token}}, {}}, time.stop));
    }
    // Where the database takes no writes, by itself or by order, it is known that there are no uploads.
    const bool mayWrite = healthy && !facts.readOnly && (!facts.write || facts.write->works());
    if (!m_target.uploadToken.empty() && mayWrite) {
        if (const auto sent = m_canary.send(client, time.stop))
            facts.channels["upload"] = factsOf(*sent);
    }
    return facts;
}

}  // namespace cm::monitor
