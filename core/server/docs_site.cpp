// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/server/docs_site.h"

#include "core/pypi/names.h"
#include "core/server/docs_media_type.h"
#include "core/server/public_headers.h"
#include "core/server/public_site.h"

#include <algorithm>

namespace cm::server {
namespace {

constexpr std::size_t knownPages = 50'000;
constexpr std::size_t maxVersion = 200;

// Pages show and run what lies beside them, inline or in files, and nothing from elsewhere: whatever may be loaded from
// there carries words there as well. They are framed by nobody and send forms nowhere but to themselves (a search). Links
// lead anywhere, which a reader sees.
constexpr std::string_view contentPolicy =
    "sandbox allow-scripts allow-forms allow-popups allow-popups-to-escape-sandbox allow-downloads;"
    " default-src 'self' data: blob: 'unsafe-inline' 'unsafe-eval'; connect-src 'self'; object-src 'none';"
    " base-uri 'self'; form-action 'self'; frame-ancestors 'none'";

http::Headers commonHeaders()
{
    return {{"Content-Security-Policy", std::string(contentPolicy)},
            {"X-Content-Type-Options", "nosniff"},
            {"Referrer-Policy", "no-referrer"},
            {"X-DNS-Prefetch-Control", "off"},
            {"Cross-Origin-Opener-Policy", "same-origin"}};
}

http::Response plain(int status, std::string_view words)
{
    http::Response answer = http::Response::text(status, words);
    for (const auto &[name, value] : commonHeaders())
        answer.set(name, value);
    answer.set("Cross-Origin-Resource-Policy", "same-origin");
    answer.set("Cache-Control", "no-cache");
    return answer;
}

http::Response notFound()
{
    return plain(404, "404 Not Found\n");
}

http::Response away()
{
    http::Response answer = plain(503, "The files of this registry are away; try again in a minute\n");
    answer.set("Retry-After", "10");
    return answer;
}

http::Response movedTo(int status, std::string_view path, const http::RequestHead &head)
{
    http::Response answer = plain(status, {});
    std::string location = http::percentEncode(path, "/");
    if (!head.query().empty())
        location.append("?").append(head.query());
    answer.set("Location", location);
    return answer;
}

// Host and port without the scheme's own port, in lower case.
std::string authorityOf(std::string_view authority, bool tls)
{
    const std::string_view usual = tls ? ":443" : ":80";
    if (authority.ends_with(usual))
        authority.remove_suffix(usual.size());
    std::string out(authority);
    std::ranges::transform(out, out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return out;
}

}  // namespace

std::string docsBaseFor(const Services &services, const Options &options, const http::RequestHead &head)
{
    if (!services.settings.hostsDocumentation)
        return {};
    if (!options.docsBaseUrl.empty())
        return options.docsBaseUrl;
    const std::uint16_t port = services.docsPort();
    std::string base = port == 0 ? std::string() : addressedBase(head);
    if (base.empty())
        return {};
    const std::size_t colon = base.rfind(':');
    if (colon > base.find("//") && base.find(']', colon) == std::string::npos)
        base.resize(colon);
    return base + ":" + std::to_string(port);
}

DocsSite::DocsSite(const Services &services, const Options &options)
    : m_services(services), m_options(options), m_files(knownPages)
{}

bool DocsSite::isAddressed(const http::RequestHead &head) const
{
    if (m_options.docsBaseUrl.empty())
        return false;
    const bool tls = m_options.docsBaseUrl.starts_with("https://");
    const std::string_view own = std::string_view(m_options.docsBaseUrl).substr(tls ? 8 : 7);
    // Behind a proxy that ends TLS the request comes without it, and its Host has no port either way.
    return authorityOf(head.host(), tls) == authorityOf(own, tls);
}

http::Dispatch DocsSite::dispatch(const http::RequestHead &head)
{
    using http::Method;
    if (head.method() != Method::Get && head.method() != Method::Head) {
        http::Response answer = plain(405, "This address is for reading\n");
        answer.set("Allow", "GET, HEAD");
        return answer;
    }
    if (!m_services.settings.hostsDocumentation)
        return plain(410, "This registry does not host documentation\n");
    std::string_view path = head.path();
    if (!path.starts_with('/') || path == "/" || path == "/robots.txt" || path == "/favicon.ico")
        return notFound();
    return page(head, path.substr(1));
}

// PROJECT/VERSION/PATH
http::Dispatch DocsSite::page(const http::RequestHead &head, std::string_view path)
{
    if (const auto known = m_files.find(path))
        return m_services.filesPresent() ? http::Dispatch(*known) : http::Dispatch(away());
    const std::size_t slash = std::min(path.find('/'), path.size());
    const std::string_view project = path.substr(0, slash);
    std::string_view rest = path.substr(std::min(slash + 1, path.size()));
    if (!pypi::isValidName(project))
        return notFound();
    if (!pypi::isNormalizedName(project)) {
        std::string target = "/" + pypi::normalizeName(project);
        target.append(path.substr(slash));
        return movedTo(301, target, head);
    }
    if (rest.empty())
        return movedTo(302, "/" + std::string(project) + "/" + std::string(registry::latestVersion) + "/", head);
    const std::size_t next = rest.find('/');
    const std::string_view version = rest.substr(0, next);
    if (version.size() > maxVersion || version.empty())
        return notFound();
    if (next == std::string_view::npos)
        return movedTo(301, "/" + std::string(path) + "/", head);
    rest.remove_prefix(next + 1);
    return http::Deferred{&m_services.lookup(), 1024,
                          [this, project = std::string(project), version = std::string(version),
                           rest = std::string(rest)](const http::RequestHead &again, std::string) {
                              return findPage(again, project, version, rest);
                          },
                          {}};
}

http::Reply DocsSite::findPage(const http::RequestHead &head, const std::string &project, const std::string &version,
                               const std::string &path)
{
    const std::uint64_t ticket = m_files.ticket();
    const auto found = m_services.documentation.page(project, version, path);
    if (!found && found.error().code == ErrorCode::NotFound)
        return notFound();
    if (!found) {
        m_services.log.error("docs.failed", {{"path", head.path()},
                                             {"detail", std::string_view(found.error().detail)},
                                             {"request", head.requestId()}});
        http::Response answer = plain(503, "The registry cannot read its store now; try again in a minute\n");
        answer.set("Retry-After", "10");
        return answer;
    }
    if (!found->location.empty())
        return movedTo(301, found->location, head);
    const auto onDisk = m_services.blobFile(found->file.blob);
    if (!onDisk)
        return notFound();
    if (!m_services.filesPresent())
        return away();
    const DocsMediaType type = docsMediaType(found->file.path);
    auto range = std::make_shared<http::FileRange>();
    range->path = *onDisk;
    range->reader = m_services.files;
    range->etag = '"' + found->file.blake2b256 + '"';
    range->headers = commonHeaders();
    // What a sandboxed page loads comes, by its opaque origin, from elsewhere: only whole pages are kept to
    // themselves.
    range->headers.push_back({"Cross-Origin-Resource-Policy", type.page ? "same-origin" : "cross-origin"});
    range->headers.push_back({"Content-Type", std::string(type.contentType)});
    range->headers.push_back({"Cache-Control", "no-cache"});
    range->headers.push_back({"Surrogate-Key", "project/" + found->project + std::string(andEverything)});
    if (type.download)
        range->headers.push_back({"Content-Disposition", "attachment"});
    m_files.put(head.path().substr(1), found->project, range, ticket);
    return *range;
}

http::Response DocsSite::refusal(const http::RequestHead &, int status, std::string_view words)
{
    return plain(status, std::string(words) + "\n");
}

void DocsSite::finished(const http::RequestHead &head, const http::Exchange &exchange)
{
    const bool well = exchange.status < 400 && exchange.complete;
    const LogLevel level = well ? LogLevel::Debug : exchange.status >= 500 ? LogLevel::Warning : LogLevel::Info;
    if (!m_services.log.enabled(level))
        return;
    const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(exchange.elapsed).count();
    m_services.log.write(level, "docs.request",
                         {{"method", head.methodName()},
                          {"path", head.rawPath()},
                          {"status", static_cast<std::int64_t>(exchange.status)},
                          {"sent", static_cast<std::int64_t>(exchange.bytesSent)},
                          {"micros", static_cast<std::int64_t>(micros)},
                          {"complete", exchange.complete},
                          {"client", head.remoteAddress()},
                          {"request", head.requestId()}});
}

}  // namespace cm::server
