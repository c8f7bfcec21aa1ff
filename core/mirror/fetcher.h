// SPDX-License-Identifier: GPL-3.0-or-later
// Getting things from an upstream over connections that are kept: one Fetcher a thread, one connection for each host it
// talks to. What all threads share: how many bytes a second they may take together, which hosts want to be left alone for a while,
// and what they have done so far.
#pragma once

#include "core/http/client/http_client.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace cm::mirror {

// Any thread.
class Throttle {
public:
    // 0: no bound.
    explicit Throttle(std::uint64_t bytesPerSecond) : m_rate(bytesPerSecond) {}
    // Waits as long as these bytes take. Cancelled.
    Result<void> take(std::size_t bytes, const std::stop_token &stop);

    using Moment = std::chrono::steady_clock::time_point;
    // It said that too much is asked of it: nobody asks it before that time is over.
    void leave(const std::string &host, std::chrono::seconds time);
    // Until when nobody does; nothing when it may be asked.
    [[nodiscard]] std::optional<Moment> leftUntil(const std::string &host);
    // Waits until it may be. Cancelled.
    Result<void> await(const std::string &host, const std::stop_token &stop);

private:
    std::map<std::string, Moment> m_left;
    const std::uint64_t m_rate;
    std::mutex m_mutex;
    std::condition_variable_any m_never;
    std::chrono::steady_clock::time_point m_free{};  // when all that was taken is paid
};

struct Traffic {
    std::atomic<std::int64_t> requests{0};
    std::atomic<std::int64_t> bytes{0};
};

// Whether a body comes too slowly: with less than a KiB a second over so long a time, the time not counted in which it was us who
// did not read. One that stands still ends sooner (FetchOptions::idleTimeout). One thread.
class Pace {
public:
    static constexpr std::uint64_t leastPerSecond = 1024;
    explicit Pace(std::chrono::milliseconds over) : m_over(over) {}
    // So many bytes came after so long a wait.
    void came(std::size_t bytes, std::chrono::steady_clock::duration waited);
    [[nodiscard]] bool isTooSlow() const { return m_slow; }

private:
    const std::chrono::steady_clock::duration m_over;
    std::chrono::steady_clock::duration m_waited{};
    std::uint64_t m_bytes = 0;
    bool m_slow = false;
};

struct FetchOptions {
    std::string caFile;  // empty: the system's
    std::chrono::milliseconds connectTimeout{5000};
    std::chrono::milliseconds answerTimeout{30'000};
    std::chrono::milliseconds idleTimeout{20'000};
    std::chrono::milliseconds slowAfter{60'000};  // as Pace has it
};

// How long an answer of 429 wants its host to be left alone; a sane time where it says none or an insane one.
[[nodiscard]] std::chrono::seconds timeToLeave(std::string_view retryAfter);

class Fetcher {
public:
    // Of a host that wants to be left alone: wait for its time, or fail at once.
    enum class Left { Awaited, Refused };

    Fetcher(const FetchOptions &options, Throttle &throttle, Traffic &traffic, Left left = Left::Awaited)
        : m_options(options), m_throttle(throttle), m_traffic(traffic), m_left(left)
    {}
    // Until when that host is left alone.
    [[nodiscard]] std::optional<Throttle::Moment> leftUntil(const std::string &url);

    // All of these: RateLimited where too much was asked.
    // Follows redirects, never from https to http.
    Result<http::ClientAnswer> get(std::string url, const http::Headers &headers, std::stop_token stop);
    // The body of a 200 goes into `sink`. Timeout also for one that comes too slowly. `finalUrl`, when given, is where the answer
    // comes from, before anything does.
    Result<http::ClientAnswer> download(std::string url, const http::Headers &headers, const http::AnswerSink &sink, std::stop_token stop,
                                        std::string *finalUrl = nullptr);
    // Connections are made anew: whoever answered is maybe not there any more.
    void close() { m_clients.clear(); }
    Result<http::ClientAnswer> post(const std::string &url, const http::Headers &headers, std::string body, std::stop_token stop);

private:
    Result<http::ClientAnswer> send(const std::string &url, http::ClientRequest request, const http::AnswerSink *sink,
                                    const std::stop_token &stop);
    Result<http::ClientAnswer> sendOnce(const std::string &url, const http::HttpUrl &where, const http::ClientRequest &request,
                                        const http::AnswerSink *sink, const std::stop_token &stop);
    Result<http::ClientAnswer> follow(std::string url, const http::Headers &headers, const http::AnswerSink *sink,
                                      const std::stop_token &stop, std::string *finalUrl);

    const FetchOptions &m_options;
    Throttle &m_throttle;
    Traffic &m_traffic;
    const Left m_left;
    std::map<std::string, std::unique_ptr<http::HttpClient>> m_clients;
};

}  // namespace cm::mirror
