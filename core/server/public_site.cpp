// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/server/public_site.h"

#include "core/admin/routing.h"
#include "core/pypi/constants.h"
#include "core/pypi/names.h"
#include "core/server/caller.h"
#include "core/server/docs_site.h"
#include "core/server/public_headers.h"
#include "core/server/stats_page.h"

#include <algorithm>

namespace cm::server {
namespace {

constexpr std::size_t knownFiles = 100'000;

http::Response notFound()
{
    return http::Response::text(404, "404 Not Found\n");
}

http::Response jsonNotFound()
{
    return http::Response::json(404, R"({"message":"Not Found"})");
}

http::Response movedTo(std::string path, const http::RequestHead &head)
{
    if (!head.query().empty())
        path.append("?").append(head.query());
    return http::Response::redirect(301, path);
}

// A path of names with one slash between them (pipenv asks for /simple//name/).
std::string collapsed(std::string_view path)
{
    std::string out;
    for (const char c : path) {
        if (c != '/' || out.empty() || out.back() != '/')
            out.push_back(c);
    }
    return out;
}

pypi::SimpleFormat formatFor(const http::RequestHead &head)
{
    if (head.query().empty())
        return pypi::negotiateSimple(head.header("Accept"));
    return pypi::negotiateSimple(head.header("Accept"), head.queryParameter("format").value_or(""));
}

std::string_view variantOf(pypi::SimpleFormat format)
{
    switch (format) {
    case pypi::SimpleFormat::Html:
        return "html";
    case pypi::SimpleFormat::V1Html:
        return "v1+html";
    case pypi::SimpleFormat::V1Json:
        return "v1+json";
    }
    return "html";
}

http::Dispatch atOnce(http::Reply reply)
{
    return std::visit([](auto &&one) -> http::Dispatch { return std::forward<decltype(one)>(one); }, std::move(reply));
}

http::Response preflight()
{
    http::Response answer;
    answer.status = 204;
    answer.set("Allow", "GET, HEAD, OPTIONS");
    answer.set("Access-Control-Allow-Origin", "*");
    answer.set("Access-Control-Allow-Methods", "GET, HEAD");
    answer.set("Access-Control-Max-Age", "86400");
    return answer;
}

}  // namespace

std::string addressedBase(const http::RequestHead &head)
{
    const std::string_view host = head.host();
    const auto plain = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
               c == ':' || c == '[' || c == ']';
    };
    if (host.empty() || host.size() > 255 || !std::all_of(host.begin(), host.end(), plain))
        return {};
    return (head.isTls() ? "https://" : "http://") + std::string(host);
}

PublicSite::PublicSite(const Services &services, const Options &options)
    : m_services(services),
      m_options(options),
      m_pages(services.pagesWithBase({}, {})),
      m_printer(options.cacheFolder),
      m_cache(options.pageCacheBytes),
      m_files(knownFiles),
      m_index(services.pagesWithBase({}, {}), services.changes, m_printer),
      m_gate(services)
{}

void PublicSite::projectChanged(std::string_view normalizedName)
{
    m_cache.drop(normalizedName);
    m_files.drop(normalizedName);
    m_index.markStale();
}

bool PublicSite::owns(std::string_view path)
{
    return path.starts_with("/simple/") || path == "/simple" || path.starts_with("/packages/") ||
           path == "/journal/" || path == "/journal" || path == "/stats" || path.starts_with("/stats/") || (path.starts_with("/pypi/") && path.size() > 6) || path.find("//") != std::string_view::npos;
}

http::Dispatch PublicSite::dispatch(const http::RequestHead &head)
{
    using http::Method;
    if (head.method() == Method::Options)
        return preflight();
    if (head.method() != Method::Get && head.method() != Method::Head) {
        http::Response answer = http::Response::refusal(405, "This address is for reading; uploads go to /legacy/");
        answer.set("Allow", "GET, HEAD, OPTIONS");
        return answer;
    }
    const std::string_view path = head.path();
    if (path.starts_with("/packages/"))
        return file(head, path.substr(10));
    if (path.find("//") != std::string_view::npos)
        return movedTo(collapsed(head.rawPath()), head);
    if (path == "/simple")
        return movedTo("/simple/", head);
    if (path == "/simple/")
        return index(head);
    if (path == "/journal")
        return movedTo("/journal/", head);
    if (path == "/journal/")
        return read(head, "journal", std::chrono::seconds(0), &PublicSite::journal);
    if (path == "/stats")
        return movedTo("/stats/", head);
    if (path.starts_with("/stats/"))
        return read(head, "stats", jsonKept, &PublicSite::stats);
    if (path.starts_with("/simple/"))
        return project(head, path.substr(8));
    return read(head, "project-json", jsonKept, &PublicSite::json);
}

http::Dispatch PublicSite::read(const http::RequestHead &head, std::string_view endpoint, std::chrono::seconds kept, Answer answer)
{
    if (!m_gate.isConcerned(endpoint))
        return (this->*answer)(head, {});
    // Who it is takes a look into the store.
    if (head.hasHeader("Authorization") && admin::maySendCredentials(head))
        return http::Deferred{&m_services.documents, 64 * 1024,
                              [this, endpoint, kept, answer](const http::RequestHead &again, std::string) { return readAs(again, endpoint, kept, answer); }};
    ReadUse use = m_gate.judge(head, endpoint, kept, nullptr);
    auto dispatched = use.refusal ? http::Dispatch(*use.refusal) : (this->*answer)(head, use);
    return counted(std::move(use), std::move(dispatched));
}

http::Reply PublicSite::readAs(const http::RequestHead &head, std::string_view endpoint, std::chrono::seconds kept, Answer answer)
{
    const registry::Origin origin{"https read", std::string(head.requestId()), std::string(head.remoteAddress())};
    const auto who = m_services.access.identify(credentialsOf(head), origin);
    // Who proves nothing reads as anybody does.
    ReadUse use = m_gate.judge(head, endpoint, kept, who && who->principal ? &*who->principal : nullptr);
    auto dispatched = use.refusal ? http::Dispatch(*use.refusal) : (this->*answer)(head, use);
    dispatched = counted(std::move(use), std::move(dispatched));
    if (auto *deferred = std::get_if<http::Deferred>(&dispatched))
        return deferred->handler(head, {});
    return std::visit(
        [](auto &&one) -> http::Reply {
            if constexpr (std::is_constructible_v<http::Reply, decltype(one)>)
                return std::forward<decltype(one)>(one);
            else
                return notFound();
        },
        std::move(dispatched));
}

// With the answer, whenever it is made, the use is remembered.
http::Dispatch PublicSite::counted(ReadUse use, http::Dispatch answer)
{
    const auto note = [this](const ReadUse &one, const auto &reply) {
        if (const auto *made = std::get_if<http::Response>(&reply))
            m_gate.count(one, made->status);
        else
            m_gate.count(one, 200);
    };
    auto *deferred = std::get_if<http::Deferred>(&answer);
    if (!deferred) {
        note(use, answer);
        return answer;
    }
    return http::Deferred{deferred->executor, deferred->maxBody,
                          [note, use = std::move(use), make = std::move(deferred->handler)](const http::RequestHead &again, std::string body) {
                              http::Reply reply = make(again, std::move(body));
                              note(use, reply);
                              return reply;
                          }};
}

http::Dispatch PublicSite::index(const http::RequestHead &head)
{
    const pypi::SimpleFormat format = formatFor(head);
    if (auto answer = m_index.find(format, head))
        return atOnce(std::move(*answer));
    return http::Deferred{&m_services.index, 64 * 1024,
                          [this, format](const http::RequestHead &again, std::string) -> http::Reply {
                              auto answer = m_index.build(format, again);
                              return answer ? std::move(*answer) : http::Reply(failure(again, answer.error()));
                          }};
}

http::Dispatch PublicSite::project(const http::RequestHead &head, std::string_view name)
{
    const bool closed = name.ends_with('/');
    if (closed)
        name.remove_suffix(1);
    const pypi::SimpleFormat format = formatFor(head);
    if (closed) {
        if (const Page page = m_cache.find(name, variantOf(format)))
            return atOnce(page->replyTo(head));
    }
    if (!pypi::isValidName(name))
        return notFound();
    if (!closed || !pypi::isNormalizedName(name))
        return movedTo("/simple/" + pypi::normalizeName(name) + "/", head);
    return http::Deferred{&m_services.pages, 64 * 1024,
                          [this, format, name = std::string(name)](const http::RequestHead &again, std::string) {
                              return buildProject(again, name, format);
                          }};
}

http::Reply PublicSite::buildProject(const http::RequestHead &head, const std::string &name, pypi::SimpleFormat format)
{
    const std::uint64_t ticket = m_cache.ticket(name);
    const auto page = m_pages.simple(name);
    if (!page)
        return page.error().code == ErrorCode::NotFound ? notFound() : failure(head, page.error());
    std::string text;
    if (format == pypi::SimpleFormat::V1Json)
        pypi::appendProjectJson(text, *page);
    else
        pypi::appendProjectHtml(text, *page);
    http::Response answer =
        publicPage(pypi::simpleContentType(format), page->serial, pageCaching, "project/" + name + std::string(andSimplePages), std::move(text));
    answer.set("Vary", PagePrinter::isWorthGzip(answer.body.size()) ? "Accept, Accept-Encoding" : "Accept");
    const auto printed = m_printer.prepare(std::move(answer));
    if (!printed)
        return failure(head, printed.error());
    m_cache.put(name, variantOf(format), *printed, page->serial, ticket);
    return (*printed)->replyTo(head);
}

// NAME/json or NAME/VERSION/json, a trailing slash allowed.
http::Dispatch PublicSite::json(const http::RequestHead &head, const ReadUse &use)
{
    std::string_view rest = head.path().substr(6);
    if (rest.ends_with('/'))
        rest.remove_suffix(1);
    if (!rest.ends_with("/json"))
        return jsonNotFound();
    rest.remove_suffix(5);
    const std::string_view name = rest.substr(0, rest.find('/'));
    const std::string_view version = name.size() == rest.size() ? std::string_view() : rest.substr(name.size() + 1);
    if (!pypi::isValidName(name) || version.find('/') != std::string_view::npos || version.size() > 200)
        return jsonNotFound();
    if (!pypi::isNormalizedName(name)) {
        std::string path = "/pypi/" + pypi::normalizeName(name);
        if (!version.empty())
            path += "/" + http::percentEncode(version);
        return movedTo(path + "/json", head);
    }
    std::string base = baseFor(head);
    std::string docsBase = docsBaseFor(m_services, m_options, head);
    std::string variant = "json " + base + " " + docsBase + " " + std::string(version) + use.variant;
    if (const Page page = m_cache.find(name, variant))
        return atOnce(page->replyTo(head));
    return http::Deferred{&m_services.documents, 64 * 1024,
                          [this, name = std::string(name), version = std::string(version), base = std::move(base),
                           docsBase = std::move(docsBase),
                           variant = std::move(variant), use](const http::RequestHead &again, std::string) {
                              return buildJson(again, name, version, m_services.pagesWithBase(base, docsBase), variant, use);
                          }};
}

http::Reply PublicSite::buildJson(const http::RequestHead &head, const std::string &name, const std::string &version,
                                  registry::Pages pages, const std::string &variant, const ReadUse &use)
{
    const std::uint64_t ticket = m_cache.ticket(name);
    const auto project = version.empty() ? pages.json(name) : pages.json(name, version);
    if (!project)
        return project.error().code == ErrorCode::NotFound ? jsonNotFound() : failure(head, project.error());
    http::Response answer = publicPage(pypi::contentTypeJson, project->serial, jsonCaching, "project/" + name + " " + endpointKey("project-json"),
                                       pypi::renderJsonApi(*project, version.empty()));
    use.applyTo(answer);
    if (PagePrinter::isWorthGzip(answer.body.size()))
        answer.set("Vary", "Accept-Encoding");
    const auto printed = m_printer.prepare(std::move(answer));
    if (!printed)
        return failure(head, printed.error());
    m_cache.put(name, variant, *printed, project->serial, ticket);
    return (*printed)->replyTo(head);
}

http::Dispatch PublicSite::journal(const http::RequestHead &head, const ReadUse &use)
{
    const auto question = journalQuestion(head);
    if (!question)
        return http::Response::refusal(400, question.error().detail);
    return http::Deferred{&m_services.pages, 64 * 1024,
                          [this, question = *question, use](const http::RequestHead &again, std::string) {
                              return buildJournal(again, question, use);
                          }};
}

http::Reply PublicSite::buildJournal(const http::RequestHead &head, const JournalQuestion &question, const ReadUse &use)
{
    const auto piece = m_pages.journal(question.since, question.limit);
    if (!piece)
        return failure(head, piece.error());
    // What it tells of may not be announced yet: no page may be older than the journal that led to it.
    if (const auto polled = m_services.changes.poll(); !polled)
        return failure(head, polled.error());
    http::Response answer = publicPage(pypi::contentTypeJson, piece->serial, journalCaching, "journal " + endpointKey("journal"),
                                       renderJournal(*piece, question.since));
    use.applyTo(answer);
    if (PagePrinter::isWorthGzip(answer.body.size()))
        answer.set("Vary", "Accept-Encoding");
    const auto printed = m_printer.prepare(std::move(answer));
    return printed ? (*printed)->replyTo(head) : http::Reply(failure(head, printed.error()));
}

http::Dispatch PublicSite::stats(const http::RequestHead &head, const ReadUse &use)
{
    std::string_view name = head.path().substr(7);
    const bool closed = name.ends_with('/');
    if (closed)
        name.remove_suffix(1);
    const bool ofRegistry = !closed && name.empty();
    if (!ofRegistry && !pypi::isValidName(name))
        return jsonNotFound();
    if (!ofRegistry && (!closed || !pypi::isNormalizedName(name)))
        return movedTo("/stats/" + pypi::normalizeName(name) + "/", head);
    return http::Deferred{&m_services.documents, 64 * 1024,
                          [this, name = std::string(name), use](const http::RequestHead &again, std::string) {
                              return buildStats(again, name, use);
                          }};
}

http::Reply PublicSite::buildStats(const http::RequestHead &head, const std::string &name, const ReadUse &use)
{
    // Who deletes a project takes it out of the public's sight, its counts included.
    const auto serial = name.empty() ? m_pages.serial() : m_pages.simple(name).map([](const auto &page) { return page.serial; });
    if (!serial)
        return serial.error().code == ErrorCode::NotFound ? jsonNotFound() : failure(head, serial.error());
    auto text = renderStats(m_services.counts, name, *serial, m_services.clock.now());
    if (!text)
        return failure(head, text.error());
    http::Response answer = publicPage(pypi::contentTypeJson, *serial, jsonCaching,
                                       (name.empty() ? "stats" : "project/" + name) + " " + endpointKey("stats"), std::move(*text));
    use.applyTo(answer);
    const auto printed = m_printer.prepare(std::move(answer));
    return printed ? (*printed)->replyTo(head) : http::Reply(failure(head, printed.error()));
}

http::Dispatch PublicSite::file(const http::RequestHead &, std::string_view path)
{
    if (const auto known = m_files.find(path))
        return m_services.filesPresent() ? http::Dispatch(*known) : http::Dispatch(filesAway());
    return http::Deferred{&m_services.lookup(), 64 * 1024,
                          [this, path = std::string(path)](const http::RequestHead &again, std::string) {
                              return findFile(again, path);
                          }};
}

http::Reply PublicSite::findFile(const http::RequestHead &head, const std::string &path)
{
    const std::uint64_t ticket = m_files.ticket();
    constexpr std::string_view suffix = ".metadata";
    std::string_view blob = path;
    const bool metadata = blob.ends_with(suffix);
    if (metadata)
        blob.remove_suffix(suffix.size());
    const auto stored = m_pages.fileAt(blob);
    if (!stored && stored.error().code != ErrorCode::NotFound)
        return failure(head, stored.error());
    if (!stored || !stored->offered || (metadata && !stored->file.metadataSha256))
        return notFound();
    const auto onDisk = m_services.blobFile(path);
    if (!onDisk)
        return notFound();
    if (!m_services.filesPresent())
        return filesAway();
    auto range = std::make_shared<http::FileRange>();
    range->path = *onDisk;
    range->reader = m_services.files;
    range->etag = '"' + (metadata ? *stored->file.metadataSha256 : stored->file.sha256) + '"';
    range->headers = {{"Content-Type", metadata ? "text/plain; charset=utf-8" : "application/octet-stream"},
                      {"Cache-Control", std::string(fileCaching)},
                      {"Surrogate-Key", "project/" + stored->project + std::string(andEverything)},
                      {"X-Content-Type-Options", "nosniff"},
                      {"Access-Control-Allow-Origin", "*"}};
    m_files.put(path, stored->project, range, ticket);
    return *range;
}

http::Response PublicSite::failure(const http::RequestHead &head, const Error &error) const
{
    m_services.log.error("page.failed", {{"path", head.path()},
                                         {"code", errorCodeName(error.code)},
                                         {"detail", std::string_view(error.detail)},
                                         {"request", head.requestId()}});
    http::Response answer =
        http::Response::refusal(503, "The registry cannot read its store now; try again in a minute");
    answer.set("Retry-After", "10");
    return answer;
}

std::string PublicSite::baseFor(const http::RequestHead &head) const
{
    return m_options.baseUrl.empty() ? addressedBase(head) : m_options.baseUrl;
}

}  // namespace cm::server
