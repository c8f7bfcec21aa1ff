// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/probes/simple_page.h"

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>

namespace cm::monitor {
namespace {

namespace json = boost::json;

std::string textIn(const json::object &object, std::string_view key)
{
    const json::value *value = object.if_contains(key);
    return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

SimpleFile fileIn(const json::object &entry)
{
    SimpleFile file{textIn(entry, "filename"), textIn(entry, "url"), {}, {}};
    if (const json::value *size = entry.if_contains("size"); size && size->is_int64())
        file.size = size->get_int64();
    if (const json::value *hashes = entry.if_contains("hashes"); hashes && hashes->is_object())
        file.sha256 = textIn(hashes->get_object(), "sha256");
    return file;
}

// What stands before /simple/; no slash at the end.
std::string originBase(const http::HttpUrl &url)
{
    std::string base = url.target.substr(0, url.target.find('?'));
    if (base.ends_with("/simple/"))
        base.resize(base.size() - std::string_view("/simple/").size());
    while (base.ends_with('/'))
        base.pop_back();
    return base;
}

}  // namespace

Result<SimplePage> readSimplePage(std::string_view text)
{
    boost::system::error_code error;
    const json::value root = json::parse({text.data(), text.size()}, error);
    const json::value *files = !error && root.is_object() ? root.get_object().if_contains("files") : nullptr;
    if (!files || !files->is_array())
        return fail(ErrorCode::Corrupt, "it answers with no page of files");
    SimplePage page;
    for (const json::value &entry : files->get_array()) {
        if (entry.is_object())
            page.files.push_back(fileIn(entry.get_object()));
    }
    const json::value *meta = root.get_object().if_contains("meta");
    const json::value *serial = meta && meta->is_object() ? meta->get_object().if_contains("_last-serial") : nullptr;
    if (serial && serial->is_int64())
        page.serial = serial->get_int64();
    return page;
}

HttpFacts httpFactsOf(const Result<http::ClientAnswer> &answer)
{
    if (!answer)
        return {0, 0, answer.error().detail};
    return {answer->status, std::chrono::duration<double>(answer->elapsed).count(), {}};
}

std::optional<std::int64_t> numberOf(const http::ClientAnswer &answer, std::string_view header)
{
    const std::string_view text = answer.header(header);
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && !text.empty() && end == text.data() + text.size() && number >= 0 ? std::optional(number) : std::nullopt;
}

std::optional<std::int64_t> serialIn(const http::ClientAnswer &answer)
{
    return numberOf(answer, "X-PyPI-Last-Serial");
}

PageFacts pageFactsOf(const Result<http::ClientAnswer> &answer)
{
    PageFacts facts;
    facts.answer = httpFactsOf(answer);
    if (!answer || answer->status != 200)
        return facts;
    const auto page = readSimplePage(answer->body);
    facts.serial = serialIn(*answer);
    if (page) {
        facts.files = static_cast<std::int64_t>(page->files.size());
        facts.serial = facts.serial ? facts.serial : page->serial;
    } else {
        facts.answer = {0, facts.answer.seconds, page.error().detail};
    }
    return facts;
}

http::ClientOptions quickOptions(const std::string &host, std::uint16_t port, const ProbeTime &time)
{
    http::ClientOptions options;
    options.host = host;
    options.port = port;
    options.connectTimeout = std::max(std::min(time.left() / 2, std::chrono::milliseconds(1000)), std::chrono::milliseconds(1));
    options.totalTimeout = std::max(time.left(), std::chrono::milliseconds(1));
    options.deadline = time.deadline;
    options.maxBody = 16U << 20;
    return options;
}

http::ClientRequest pageRequest(const std::string &target)
{
    return {"GET", target, {{"Accept", "application/vnd.pypi.simple.v1+json"}}, {}};
}

Result<http::ClientAnswer> askOrigin(const Origin &origin, http::ClientRequest request, const ProbeTime &time)
{
    Result<http::ClientAnswer> last = fail(ErrorCode::Unavailable, "no address of the registry is known");
    const std::string target = std::move(request.target);
    for (const std::string &address : origin.addresses) {
        const auto url = http::parseHttpUrl(address);
        if (!url)
            continue;
        if (time.left() <= std::chrono::milliseconds(0))
            break;
        http::ClientOptions options = quickOptions(url->host, url->port, time);
        options.tls = url->tls;
        options.caFile = origin.caFile;
        options.verify = url->tls && origin.verify;
        http::HttpClient client(options);
        request.target = originBase(*url) + target;
        last = client.send(request, time.stop);
        if (last && last->status < 500)
            break;
    }
    return last;
}

std::string pathOf(const std::string &page, const std::string &url)
{
    std::string path = url.substr(0, url.find_first_of("#?"));
    if (const auto scheme = path.find("://"); scheme != std::string::npos) {
        const auto slash = path.find('/', scheme + 3);
        return slash == std::string::npos ? "/" : path.substr(slash);
    }
    if (path.starts_with('/'))
        return path;
    std::string base = page.substr(0, page.rfind('/') + 1);
    while (path.starts_with("../") || path.starts_with("./")) {
        if (path.starts_with("../") && base.size() > 1)
            base.resize(base.rfind('/', base.size() - 2) + 1);
        path.erase(0, path.find('/') + 1);
    }
    return base + path;
}

}  // namespace cm::monitor
