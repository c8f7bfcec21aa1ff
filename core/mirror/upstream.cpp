// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mirror/upstream.h"

#include "core/pypi/constants.h"

#include <fmt/format.h>

namespace cm::mirror {
namespace {

constexpr auto longestPage = std::chrono::minutes(5);

// Answers that say "not here", and not "not now".
bool saysNo(int status)
{
    return status == 400 || status == 403 || status == 404 || status == 405 || status == 406 || status == 410 || status == 415 || status == 501;
}

tl::unexpected<Error> answered(const std::string &url, int status)
{
    return fail(status >= 500 ? ErrorCode::Unavailable : ErrorCode::BadAnswer, fmt::format("{} answered {}", url, status));
}

bool isType(const http::ClientAnswer &answer, std::string_view type)
{
    return answer.header("Content-Type").substr(0, type.size()) == type;
}

}  // namespace

Result<std::string> registryAddress(std::string_view text)
{
    CM_TRY(http::parseHttpUrl(text));
    if (text.find_first_of("?#") != std::string_view::npos)
        return fail(ErrorCode::InvalidInput, fmt::format("'{}' has a query or fragment: give the address of the registry alone", text));
    while (text.ends_with('/'))
        text.remove_suffix(1);
    if (text.ends_with("/simple"))
        text.remove_suffix(7);
    return std::string(text) + "/";
}

Result<JournalPage> Upstream::journal(std::int64_t since, const std::stop_token &stop)
{
    const std::string url = fmt::format("{}journal/?since={}", m_base, since);
    CM_TRY_ASSIGN(const auto answer, m_fetcher.get(url, {{"Accept", "application/json"}}, stop));
    if (saysNo(answer.status) || (answer.status == 200 && !isType(answer, pypi::contentTypeJson)))
        return fail(ErrorCode::Unsupported, "the upstream has no journal");
    if (answer.status != 200)
        return answered(url, answer.status);
    return readJournal(answer.body);
}

Result<http::ClientAnswer> Upstream::call(std::string body, const std::stop_token &stop)
{
    const std::string url = m_base + "pypi";
    CM_TRY_ASSIGN(auto answer, m_fetcher.post(url, {{"Content-Type", "text/xml"}, {"Accept", "text/xml"}}, std::move(body), stop));
    if (saysNo(answer.status) || (answer.status >= 300 && answer.status < 400) ||
        (answer.status == 200 && !isType(answer, "text/xml") && !isType(answer, "application/xml")))
        return fail(ErrorCode::Unsupported, "the upstream has no XML-RPC");
    if (answer.status != 200)
        return answered(url, answer.status);
    return answer;
}

Result<std::vector<JournalRow>> Upstream::changelog(std::int64_t since, const std::stop_token &stop)
{
    CM_TRY_ASSIGN(const auto answer, call(changelogSinceSerial(since), stop));
    return readChangelog(answer.body);
}

Result<std::int64_t> Upstream::changelogSerial(const std::stop_token &stop)
{
    CM_TRY_ASSIGN(const auto answer, call(changelogLastSerial(), stop));
    return readSerial(answer.body);
}

Result<Upstream::Index> Upstream::index(const std::string &etag, const std::stop_token &stop)
{
    const std::string url = m_base + "simple/";
    http::Headers headers{{"Accept", std::string(pypi::contentTypeSimpleV1Json)}};
    if (!etag.empty())
        headers.push_back({"If-None-Match", etag});
    IndexReader reader;
    CM_TRY_ASSIGN(const auto answer,
                  m_fetcher.download(url, headers, [&](std::string_view piece) { return reader.write(piece); }, stop));
    if (answer.status == 304)
        return Index{std::nullopt, etag};
    if (answer.status != 200)
        return answered(url, answer.status);
    if (!isType(answer, pypi::contentTypeSimpleV1Json))
        return fail(ErrorCode::Unsupported, url + " has no JSON form (PEP 691): nothing but that is mirrored from");
    Index index;
    CM_TRY_ASSIGN(index.list, reader.finish());
    index.etag = answer.header("ETag");
    return index;
}

Result<std::string> Upstream::origin(const std::stop_token &stop)
{
    const std::string url = m_base + "status.json";
    CM_TRY_ASSIGN(const auto answer, m_fetcher.get(url, {{"Accept", "application/json"}}, stop));
    if (saysNo(answer.status) || (answer.status == 200 && !isType(answer, pypi::contentTypeJson)))
        return std::string();
    if (answer.status != 200)
        return answered(url, answer.status);
    return readOrigin(answer.body);
}

Result<ProjectPage> Upstream::project(const std::string &name, bool fresh, const std::stop_token &stop)
{
    const std::string url = fmt::format("{}simple/{}/", m_base, name);
    http::Headers headers{{"Accept", std::string(pypi::contentTypeSimpleV1Json)}};
    if (fresh)
        headers.push_back({"Cache-Control", "no-cache"});
    // Others wait for the thread that reads it: one that trickles in has to come later as well.
    const auto until = std::chrono::steady_clock::now() + longestPage;
    std::string finalUrl;
    std::optional<PageReader> reader;
    const auto read = [&](std::string_view piece) -> Result<void> {
        if (std::chrono::steady_clock::now() > until)
            return fail(ErrorCode::Timeout, finalUrl + " does not come to its end");
        if (!reader)
            reader.emplace(name, finalUrl);
        return reader->write(piece);
    };
    CM_TRY_ASSIGN(const auto answer, m_fetcher.download(url, headers, read, stop, &finalUrl));
    if (answer.status == 404 || answer.status == 410)
        return fail(ErrorCode::NotFound, url + " is not there");
    if (answer.status != 200)
        return answered(url, answer.status);
    if (!isType(answer, pypi::contentTypeSimpleV1Json))
        return fail(ErrorCode::BadAnswer, url + " answered in another form than JSON");
    if (!reader)
        reader.emplace(name, finalUrl);
    return reader->finish(answer.header(pypi::headerLastSerial));
}

}  // namespace cm::mirror
