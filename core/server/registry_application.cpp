// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/server/registry_application.h"

#include "core/server/caller.h"
#include "core/server/home_page.h"
#include "core/server/legacy_upload.h"

#include <fmt/format.h>

namespace cm::server {
namespace {

bool isRead(const http::RequestHead &head)
{
    return head.method() == http::Method::Get || head.method() == http::Method::Head;
}

http::Response wrongMethod(std::string_view allowed, std::string_view words)
{
    http::Response answer = http::Response::refusal(405, words);
    answer.set("Allow", allowed);
    return answer;
}

}  // namespace

RegistryApplication::RegistryApplication(Services services, Options options)
    : m_services(std::move(services)),
      m_options(std::move(options)),
      m_site(m_services, m_options),
      m_docs(m_services, m_options),
      m_feed(m_services.changes, m_services.events, m_services.log),
      m_admin(m_services, m_options, m_feed),
      m_drain(m_options.drainFile, m_services.log),
      m_ssh(m_services, m_drain)
{}

Result<void> RegistryApplication::open()
{
    CM_TRY(m_site.open());
    m_services.changes.observe({[this](std::string_view project, catalog::Serial) {
                                    m_site.projectChanged(project);
                                    m_docs.projectChanged(project);
                                },
                                [this] { m_feed.wake(); }});
    return m_feed.start();
}

http::Dispatch RegistryApplication::dispatch(const http::RequestHead &head)
{
    m_metrics.begin(classifyPath(head.path()));
    // Its host answers nothing of the registry's, and the registry's none of its pages.
    if (m_docs.isAddressed(head))
        return m_docs.dispatch(head);
    const std::string_view path = head.path();
    if (path.starts_with("/simple/"))
        return m_site.dispatch(head);
    if (path.starts_with("/legacy") || path == "/pypi" || path == "/pypi/")
        return legacy(head);
    if (AdminApi::owns(path))
        return m_admin.dispatch(head);
    if (SshSite::owns(path))
        return m_ssh.dispatch(head);
    if (PublicSite::owns(path))
        return m_site.dispatch(head);
    return rest(head);
}

http::Dispatch RegistryApplication::legacy(const http::RequestHead &head)
{
    const std::string_view path = head.path();
    if (head.method() != http::Method::Post) {
        return isRead(head) ? http::Dispatch(wrongMethod(
                                  "POST", "Uploads are sent here by POST; packages are found under /simple/"))
                            : http::Dispatch(wrongMethod("POST", "This address takes uploads by POST"));
    }
    if (path == "/legacy")
        return http::Response::redirect(308, "/legacy/");
    if (path == "/pypi" || path == "/pypi/")
        return refusalFor(head, 410,
                          "This API has moved to " +
                              (m_options.baseUrl.empty() ? addressedBase(head) : m_options.baseUrl) + "/legacy/. See " +
                              m_services.settings.policies.helpUrl + " for more information.");
    if (path != "/legacy/")
        return http::Response::text(404, "404 Not Found\n");
    // Those who were let in before may hold every thread that takes uploads.
    if (!m_services.filesPresent()) {
        http::Response away = refusalFor(head, 503, uploadsAwayText);
        away.set("Retry-After", "10");
        return away;
    }
    auto sink = std::make_shared<LegacyUpload>(m_services, m_options, m_formBudget, head);
    http::Upload upload{&m_services.uploads, 0, {}, sink, {}, [this] { return m_services.uploadGivenUp(); }};
    // Who waits for leave before sending is judged before, and so is a body that no project could hold. Others
    // send at once and never look up until they are through: their refusal comes while the body is drained.
    if (head.expectsContinue() || !m_services.publisher.isOrdinaryLength(head.contentLength().value_or(0)))
        upload.admit = [sink](const http::RequestHead &) { return sink->admit(); };
    return upload;
}

http::Dispatch RegistryApplication::rest(const http::RequestHead &head)
{
    const std::string_view path = head.path();
    const bool known = path == "/" || path == "/metrics" || path == "/_health/" || path == "/_health" ||
                       path == "/help/uploads" || path == "/robots.txt";
    if (!known)
        return http::Response::text(404, "404 Not Found\n");
    if (!isRead(head))
        return wrongMethod("GET, HEAD", "This address is for reading");
    if (path == "/")
        return http::Response::html(200, homePage(m_services.settings.name, m_options.version));
    if (path == "/help/uploads")
        return http::Response::html(200, uploadHelpPage(m_services.settings.name));
    if (path == "/robots.txt")
        return http::Response::text(200, "User-agent: *\nDisallow: /admin/\nDisallow: /simple/\nDisallow: /journal/\n");
    if (path == "/metrics")
        return http::Deferred{&m_services.pages, 1024,
                              [this](const http::RequestHead &, std::string) { return metricsText(); }};
    return http::Deferred{&m_services.pages, 1024, [this](const http::RequestHead &, std::string) { return health(); }};
}

catalog::CollateralCounts RegistryApplication::collateral() const
{
    const auto all = [&](RouteClass route) {
        std::int64_t out = 0;
        for (std::size_t status = 1; status < 6; ++status)
            out += m_metrics.answered(route, status);
        return out;
    };
    const std::int64_t refusals = m_services.uses.refusals();
    catalog::CollateralCounts out;
    out.uploads = all(RouteClass::Upload) - refusals;
    out.uploadsRefused = m_metrics.answered(RouteClass::Upload, 4) - refusals;
    out.uploadsFailed = m_metrics.answered(RouteClass::Upload, 5);
    for (const RouteClass route : {RouteClass::Index, RouteClass::Project, RouteClass::File}) {
        out.installs += all(route);
        out.installsFailed += m_metrics.answered(route, 5);
    }
    return out;
}

http::Reply RegistryApplication::metricsText()
{
    std::string text;
    m_metrics.append(text);
    const http::Statistics http = m_services.httpStatistics();
    const auto count = [&](std::string_view name, std::string_view help, auto value) {
        appendMetric(text, name, name.ends_with("_total") ? "counter" : "gauge", help, static_cast<double>(value));
    };
    count("cheesemonger_connections", "Open connections.", http.connectionsOpen);
    count("cheesemonger_connections_accepted_total", "Accepted connections.", http.connectionsAccepted);
    count("cheesemonger_connections_refused_total", "Connections over a limit.", http.connectionsRefused);
    count("cheesemonger_tls_failures_total", "Handshakes that failed.", http.tlsFailures);
    count("cheesemonger_timeouts_total", "Connections ended for being too slow.", http.timeouts);
    count("cheesemonger_event_streams", "Open live event streams.", http.eventStreamsOpen);
    count("cheesemonger_files_missing_total", "Files that were to be sent, and were missing or not readable.", http.filesMissing);
    const PageCache::Figures cache = m_site.cacheFigures();
    count("cheesemonger_page_cache_hits_total", "Pages answered from prepared bytes.", cache.hits);
    count("cheesemonger_page_cache_misses_total", "Pages that had to be made or do not exist.", cache.misses);
    count("cheesemonger_page_cache_bytes", "Prepared bytes in memory.", cache.bytes);
    count("cheesemonger_page_cache_projects", "Projects with prepared pages.", cache.projects);
    for (const Executor *executor : {&m_services.pages, &m_services.documents, &m_services.index, &m_services.uploads, &m_services.admin})
        count("cheesemonger_queued_" + executor->name(), "Jobs that wait for a thread.", executor->queued());
    if (m_services.files)
        count("cheesemonger_queued_" + m_services.files->name(), "Jobs that wait for a thread.", m_services.files->queued());
    const StoreFigures store = m_services.storeFigures();
    count("cheesemonger_store_writable", "1 when package files can be written.", store.writable ? 1 : 0);
    count("cheesemonger_store_present", "0 when the volume of the package files is away.", store.present ? 1 : 0);
    count("cheesemonger_store_waits_seconds", "How long the oldest call to it that has not returned has taken.",
          std::chrono::duration<double>(store.waits).count());
    // Absent rather than zero while nobody knows.
    if (store.present)
        count("cheesemonger_store_free_bytes", "Free space for package files.", store.freeBytes);
    appendEdges(text);
    // Absent rather than zero while the catalog cannot be asked.
    const auto summary = m_services.browser.summary();
    count("cheesemonger_catalog_up", "1 when the catalog answers.", summary ? 1 : 0);
    if (summary) {
        count("cheesemonger_serial", "The registry's serial.", summary->serial);
        count("cheesemonger_projects", "Projects.", summary->counters.projects);
        count("cheesemonger_releases", "Releases.", summary->counters.releases);
        count("cheesemonger_files", "Files.", summary->counters.files);
        count("cheesemonger_file_bytes", "Bytes of all files.", summary->counters.bytes);
    }
    http::Response answer = http::Response::text(200, text);
    answer.set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
    answer.set("Cache-Control", "no-store");
    return answer;
}

// Of a registry with caches in front.
void RegistryApplication::appendEdges(std::string &text)
{
    const std::vector<edge::LaneState> lanes = m_services.purger.state();
    if (lanes.empty())
        return;
    std::size_t pending = 0;
    std::chrono::duration<double> oldest{0};
    for (const edge::LaneState &lane : lanes) {
        pending += lane.pending;
        if (lane.pendingSince)
            oldest = std::max<std::chrono::duration<double>>(oldest, m_services.clock.now() - *lane.pendingSince);
    }
    appendMetric(text, "cheesemonger_cdn_pending_keys", "gauge", "Keys that wait to be purged at a cache in front.", static_cast<double>(pending));
    appendMetric(text, "cheesemonger_cdn_pending_seconds", "gauge", "For how long the oldest of them has waited.", oldest.count());
}

http::Reply RegistryApplication::health()
{
    // For whoever waits until a drained node has nothing left to do: uploads, and what is read from here; and for whoever asks
    // whether this node could take another one's clients.
    std::int64_t reads = 0;
    for (const RouteClass route : {RouteClass::Index, RouteClass::Project, RouteClass::Json, RouteClass::File})
        reads += m_metrics.underWay(route);
    const http::Statistics http = m_services.httpStatistics();
    const auto told = [&](http::Response answer) {
        answer.set("Cache-Control", "no-store");
        answer.set("X-Cheesemonger-Version", m_options.version);
        answer.set("X-Cheesemonger-Uploads", std::to_string(m_metrics.underWay(RouteClass::Upload)));
        answer.set("X-Cheesemonger-Reads", std::to_string(reads));
        answer.set("X-Cheesemonger-Connections", std::to_string(http.connectionsOpen));
        answer.set("X-Cheesemonger-Connections-Most", std::to_string(http.connectionsMost));
        return answer;
    };
    // Whoever asks is to send its work elsewhere; what comes all the same is served.
    const auto unhealthy = [&](const std::string &why) { return told(http::Response::text(503, why + "\n")); };
    if (const auto drain = m_drain.at(m_services.clock.now()))
        return unhealthy(fmt::format("drained until {} by {}: {}", formatRfc3339(drain->until), drain->by, drain->reason));
    if (!m_services.filesPresent())
        return unhealthy("files: " + m_services.storeFigures().problem);
    const auto summary = m_services.browser.summary();
    return told(summary ? http::Response::text(200, "OK\n")
                        : http::Response::refusal(503, "The catalog does not answer: " + summary.error().detail));
}

http::Response RegistryApplication::refusal(const http::RequestHead &head, int status, std::string_view words)
{
    if (m_docs.isAddressed(head))
        return m_docs.refusal(head, status, words);
    return AdminApi::owns(head.path()) ? AdminApi::refusal(head, status, words) : refusalFor(head, status, words);
}

void RegistryApplication::finished(const http::RequestHead &head, const http::Exchange &exchange)
{
    m_metrics.count(classifyPath(head.path()), exchange);
    // Plain reads are by far the most: their lines cost more than the answers, and are kept for --log debug.
    const bool plain = isRead(head) && exchange.status < 400 && exchange.complete;
    const LogLevel level = plain ? LogLevel::Debug : exchange.status >= 500 ? LogLevel::Warning : LogLevel::Info;
    if (!m_services.log.enabled(level))
        return;
    const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(exchange.elapsed).count();
    m_services.log.write(level, "request",
                         {{"method", head.methodName()},
                          {"path", head.rawPath()},
                          {"status", static_cast<std::int64_t>(exchange.status)},
                          {"sent", static_cast<std::int64_t>(exchange.bytesSent)},
                          {"received", static_cast<std::int64_t>(exchange.bytesReceived)},
                          {"micros", static_cast<std::int64_t>(micros)},
                          {"complete", exchange.complete},
                          {"client", head.remoteAddress()},
                          {"agent", head.header("User-Agent")},
                          {"request", head.requestId()}});
}

}  // namespace cm::server
