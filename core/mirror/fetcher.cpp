// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mirror/fetcher.h"

#include "core/mirror/address.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

namespace cm::mirror {
namespace {

constexpr int mostRedirects = 5;
// Of pages and journals, which are held in memory; files are not.
constexpr std::size_t mostInMemory = 128U << 20;

constexpr int mostAgain = 3;  // that one thing is asked for again: all others begin at that moment too
// How long a host is left alone that wants that: so long where it does not say, and no shorter or longer than these. A quarantine
// waits as long.
constexpr std::chrono::seconds leftFor{10}, leftAtLeast{1}, leftAtMost{600};

std::string hostOf(const http::HttpUrl &where)
{
    return fmt::format("{} {}:{}", where.tls, where.host, where.port);
}

bool isRedirect(int status)
{
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

}  // namespace

Result<void> Throttle::take(std::size_t bytes, const std::stop_token &stop)
{
    if (m_rate == 0)
        return {};
    using namespace std::chrono;
    std::unique_lock lock(m_mutex);
    const auto now = steady_clock::now();
    m_free = std::max(m_free, now) + duration_cast<steady_clock::duration>(duration<double>(static_cast<double>(bytes) / static_cast<double>(m_rate)));
    const auto until = m_free;
    if (m_never.wait_until(lock, stop, until, [] { return false; }) || stop.stop_requested())
        return fail(ErrorCode::Cancelled, "stopped");
    return {};
}

void Pace::came(std::size_t bytes, std::chrono::steady_clock::duration waited)
{
    m_bytes += bytes;
    m_waited += waited;
    if (m_waited < m_over)
        return;
    const double least = std::chrono::duration<double>(m_waited).count() * static_cast<double>(leastPerSecond);
    m_slow = m_slow || static_cast<double>(m_bytes) < least;
    m_bytes = 0;
    m_waited = {};
}

void Throttle::leave(const std::string &host, std::chrono::seconds time)
{
    const std::lock_guard lock(m_mutex);
    Moment &until = m_left[host];
    until = std::max(until, std::chrono::steady_clock::now() + time);
}

std::optional<Throttle::Moment> Throttle::leftUntil(const std::string &host)
{
    const std::lock_guard lock(m_mutex);
    const auto found = m_left.find(host);
    if (found == m_left.end())
        return std::nullopt;
    if (found->second > std::chrono::steady_clock::now())
        return found->second;
    m_left.erase(found);
    return std::nullopt;
}

Result<void> Throttle::await(const std::string &host, const std::stop_token &stop)
{
    for (auto until = leftUntil(host); until; until = leftUntil(host)) {
        std::unique_lock lock(m_mutex);
        if (m_never.wait_until(lock, stop, *until, [] { return false; }) || stop.stop_requested())
            return fail(ErrorCode::Cancelled, "stopped");
    }
    return {};
}

std::chrono::seconds timeToLeave(std::string_view retryAfter)
{
    std::int64_t seconds = 0;
    const auto read = std::from_chars(retryAfter.data(), retryAfter.data() + retryAfter.size(), seconds);
    // Also for a date: who gives one gives the time at which all may be well.
    if (read.ec == std::errc::invalid_argument || read.ptr != retryAfter.data() + retryAfter.size())
        return leftFor;
    return read.ec == std::errc() ? std::clamp(std::chrono::seconds(seconds), leftAtLeast, leftAtMost) : leftAtMost;
}

std::optional<Throttle::Moment> Fetcher::leftUntil(const std::string &url)
{
    const auto where = http::parseHttpUrl(url);
    return where ? m_throttle.leftUntil(hostOf(*where)) : std::nullopt;
}

// A 503 may be of one file alone, whatever it says of later: it is an answer like any other.
Result<http::ClientAnswer> Fetcher::send(const std::string &url, http::ClientRequest request, const http::AnswerSink *sink,
                                         const std::stop_token &stop)
{
    CM_TRY_ASSIGN(const http::HttpUrl where, http::parseHttpUrl(url));
    const std::string host = hostOf(where);
    request.target = where.target;
    const auto tooMuch = [&] {
        return fail(ErrorCode::RateLimited, fmt::format("{} answered 429: too much is asked of it, and it is left alone for a while", url));
    };
    for (int again = 0;; ++again) {
        if (m_left == Left::Refused && m_throttle.leftUntil(host))
            return tooMuch();
        CM_TRY(m_throttle.await(host, stop));
        auto answer = sendOnce(url, where, request, sink, stop);
        if (!answer || answer->status != 429)
            return answer;
        m_throttle.leave(host, timeToLeave(answer->header("Retry-After")));
        if (again == mostAgain || m_left == Left::Refused)
            return tooMuch();
    }
}

Result<http::ClientAnswer> Fetcher::sendOnce(const std::string &url, const http::HttpUrl &where, const http::ClientRequest &request,
                                             const http::AnswerSink *sink, const std::stop_token &stop)
{
    auto &client = m_clients[hostOf(where)];
    if (!client) {
        http::ClientOptions options = http::optionsFor(where);
        options.caFile = m_options.caFile;
        options.connectTimeout = m_options.connectTimeout;
        options.totalTimeout = m_options.answerTimeout;
        options.idleTimeout = m_options.idleTimeout;
        options.maxBody = mostInMemory;
        client = std::make_unique<http::HttpClient>(std::move(options));
    }
    ++m_traffic.requests;
    auto answer = sink ? client->send(request, *sink, stop) : client->send(request, stop);
    // Of what was asked for, and not of whom alone.
    if (!answer) {
        Error &error = answer.error();
        const std::string whom = fmt::format("{}:{}: ", where.host, where.port);
        if (error.code != ErrorCode::Corrupt && error.detail.starts_with(whom))
            error.detail.replace(0, whom.size(), url + ": ");
    }
    // An answer that is none has come all the same: cut off on its way, mostly.
    if (!answer && answer.error().code == ErrorCode::Corrupt && answer.error().detail.starts_with(where.host))
        return fail(Error{ErrorCode::Corrupt, fmt::format("{} came cut off or garbled ({})", url, answer.error().detail), {}, {}});
    if (answer && !sink) {
        m_traffic.bytes += static_cast<std::int64_t>(answer->body.size());
        CM_TRY(m_throttle.take(answer->body.size(), stop));
    }
    return answer;
}

Result<http::ClientAnswer> Fetcher::follow(std::string url, const http::Headers &headers, const http::AnswerSink *sink,
                                           const std::stop_token &stop, std::string *finalUrl)
{
    for (int redirects = 0; redirects <= mostRedirects; ++redirects) {
        if (finalUrl)
            *finalUrl = url;
        CM_TRY_ASSIGN(auto answer, send(url, {"GET", "/", headers, {}}, sink, stop));
        if (!isRedirect(answer.status))
            return answer;
        auto next = resolveAddress(url, answer.header("Location"));
        if (!next)
            return fail(ErrorCode::Corrupt, url + " redirects to no address");
        if (url.starts_with("https://") && !next->starts_with("https://"))
            return fail(ErrorCode::Forbidden, url + " redirects from https to http, which is not followed");
        url = std::move(*next);
    }
    return fail(ErrorCode::Corrupt, url + ": too many redirects");
}

Result<http::ClientAnswer> Fetcher::get(std::string url, const http::Headers &headers, std::stop_token stop)
{
    return follow(std::move(url), headers, nullptr, stop, nullptr);
}

Result<http::ClientAnswer> Fetcher::download(std::string url, const http::Headers &headers, const http::AnswerSink &sink, std::stop_token stop,
                                             std::string *finalUrl)
{
    using Clock = std::chrono::steady_clock;
    Pace pace(m_options.slowAfter);
    Clock::time_point since = Clock::now();
    const std::string from = url;
    const http::AnswerSink counted = [&](std::string_view piece) -> Result<void> {
        pace.came(piece.size(), Clock::now() - since);
        if (pace.isTooSlow())
            return fail(ErrorCode::Timeout, fmt::format("{} comes with less than {} bytes a second", from, Pace::leastPerSecond));
        m_traffic.bytes += static_cast<std::int64_t>(piece.size());
        CM_TRY(m_throttle.take(piece.size(), stop));
        CM_TRY(sink(piece));
        since = Clock::now();
        return {};
    };
    return follow(std::move(url), headers, &counted, stop, finalUrl);
}

Result<http::ClientAnswer> Fetcher::post(const std::string &url, const http::Headers &headers, std::string body, std::stop_token stop)
{
    return send(url, {"POST", "/", headers, std::move(body)}, nullptr, stop);
}

}  // namespace cm::mirror
