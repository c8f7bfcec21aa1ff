// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ssh/nodes.h"

#include <condition_variable>
#include <fmt/core.h>
#include <mutex>

namespace cm::ssh {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds connectTime{1'000};
// A node answers an upload when the database has it on two machines; one that is silent for longer is left.
constexpr milliseconds answerTime{15'000};
constexpr std::uint64_t slowestBytesPerSecond = 2'000'000;
constexpr milliseconds betweenRounds{500};

std::uint64_t sizeOf(const http::ClientRequest &request)
{
    return request.body.size() + request.bodyEnd.size() + (request.file ? request.file->size : 0);
}

bool mayPass(const http::ClientAnswer &answer)
{
    return answer.status == 502 || answer.status == 503 || answer.status == 504;
}

// Of such an answer, and of an exchange that broke: whether the upload may have been stored all the same. A node says so
// itself; who stands before nodes does not know.
bool mayBeStored(const http::ClientAnswer &answer)
{
    return answer.status != 503 || answer.body.find("is not known") != std::string::npos;
}
bool mayBeStored(const Error &error)
{
    return error.detail.find("connection refused") == std::string::npos && error.detail.find("while connecting") == std::string::npos &&
           error.detail.find("while shaking hands") == std::string::npos;
}

void pause(const std::stop_token &stop)
{
    std::mutex mutex;
    std::condition_variable_any wake;
    std::unique_lock lock(mutex);
    wake.wait_for(lock, stop, betweenRounds, [] { return false; });
}

}  // namespace

Result<http::ClientAnswer> Nodes::send(const std::string &url, const http::ClientRequest &request, milliseconds connect,
                                       milliseconds total, const std::stop_token &stop) const
{
    CM_TRY_ASSIGN(const http::HttpUrl where, http::parseHttpUrl(url));
    http::ClientOptions options = http::optionsFor(where);
    options.caFile = m_options.caFile;
    options.connectTimeout = connect;
    options.totalTimeout = total;
    options.resend = false;
    options.maxBody = 16U << 20;
    http::ClientRequest whole = request;
    if (where.target != "/")
        whole.target = where.target + request.target;
    return http::HttpClient(options).send(whole, stop);
}

Result<Nodes::Answer> Nodes::ask(const std::function<http::ClientRequest()> &request, milliseconds patience, std::stop_token stop)
{
    Error last{ErrorCode::Unavailable, "there is no node", {}, {}};
    for (const std::string &url : m_options.urls) {
        auto answer = send(url, request(), std::min(connectTime, patience), patience, stop);
        if (answer && answer->status == 200)
            return Answer{url, std::move(*answer)};
        last = answer ? Error{ErrorCode::Unavailable, fmt::format("{} answers {}: {}", url, answer->status, answer->body.substr(0, 300)), {}, {}}
                      : std::move(answer.error());
        if (stop.stop_requested())
            break;
    }
    return fail(std::move(last));
}

Result<Nodes::Answer> Nodes::follow(const std::function<http::ClientRequest()> &request, milliseconds patience, std::stop_token stop)
{
    const Clock::time_point end = Clock::now() + patience;
    bool unknown = false;
    for (;;) {
        for (const std::string &url : m_options.urls) {
            const http::ClientRequest now = request();
            const milliseconds total = answerTime + milliseconds(sizeOf(now) * 1'000 / slowestBytesPerSecond);
            auto answer = send(url, now, connectTime, total, stop);
            if (stop.stop_requested())
                return fail(ErrorCode::Cancelled, "stopped");
            if (answer && !mayPass(*answer))
                return Answer{url, std::move(*answer)};
            if (!answer && answer.error().code != ErrorCode::Unavailable && answer.error().code != ErrorCode::Timeout &&
                answer.error().code != ErrorCode::Corrupt && answer.error().code != ErrorCode::Unauthorized)
                return fail(std::move(answer.error()));
            unknown = unknown || (answer ? mayBeStored(*answer) : mayBeStored(answer.error()));
            if (Clock::now() >= end)
                return fail(unknown ? ErrorCode::Timeout : ErrorCode::Unavailable, "no node has taken it in time");
        }
        pause(stop);
    }
}

}  // namespace cm::ssh
