// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ssh/gateway.h"

#include "core/base/hash.h"
#include "core/ssh/reply.h"

#include <cerrno>
#include <poll.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace cm::ssh {

namespace {

constexpr std::chrono::milliseconds probePatience{2'000};
constexpr int betweenLooks = 200;

constexpr std::string_view failingOver = "Registry is failing over; nothing was stored; run the same command again";
constexpr std::string_view answerLost =
    "Registry is failing over; whether the file is stored is not known; run the same command again, which is safe";

// Asks for a stop when nobody reads the answer any more.
class Presence {
public:
    explicit Presence(int out) : m_watch([this, out](const std::stop_token &ended) { watch(out, ended); }) {}
    [[nodiscard]] std::stop_token gone() const { return m_gone.get_token(); }

private:
    void watch(int out, const std::stop_token &ended)
    {
        while (!ended.stop_requested()) {
            pollfd watched{out, 0, 0};
            if (::poll(&watched, 1, betweenLooks) > 0) {
                m_gone.request_stop();
                return;
            }
        }
    }

    std::stop_source m_gone;
    std::jthread m_watch;
};

Result<void> writeAll(int fd, std::string_view text)
{
    while (!text.empty()) {
        const ssize_t written = ::write(fd, text.data(), text.size());
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return fail(ErrorCode::Cancelled, "the client is gone");
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

int statusOf(ErrorCode code)
{
    switch (code) {
    case ErrorCode::InvalidInput: return 400;
    case ErrorCode::Timeout: return 408;
    case ErrorCode::TooLarge: return 413;
    case ErrorCode::Unsupported: return 501;
    default: return 503;
    }
}

// A request that asks for nothing but to be told that uploads are taken.
bool asksForStatus(const OldRequest &request)
{
    return request.kind == OldRequest::Kind::Status || statementFor(request).action == "verify";
}

}  // namespace

Result<void> Gateway::serve(const Session &session)
{
    const Presence presence(session.out);
    auto said = answerTo(session, presence.gone());
    if (!said)
        return fail(std::move(said.error()));
    for (const std::string &notice : said->notices)
        CM_TRY(writeAll(session.notices, notice + "\n"));
    return writeAll(session.out, replyOf(said->status, said->words));
}

Result<Gateway::Said> Gateway::answerTo(const Session &session, std::stop_token stop)
{
    auto request = readOldRequest(session.in, m_options.limits, [this] { return Spool::open(m_options.spool, m_options.places); });
    if (request)
        return send(session, *request, std::move(stop));
    if (request.error().code == ErrorCode::Cancelled)
        return fail(std::move(request.error()));
    // What is wrong with the spool is the operator's to know.
    if (request.error().code == ErrorCode::Unavailable)
        return Said{503, "The ssh host cannot keep uploads now; nothing was stored; run the same command again later", {}};
    return Said{statusOf(request.error().code), request.error().detail, {}};
}

Result<Gateway::Said> Gateway::send(const Session &session, const OldRequest &request, std::stop_token stop)
{
    const bool asking = asksForStatus(request);
    Statement statement = asking ? Statement{} : statementFor(request);
    if (asking)
        statement.action = "status";
    statement.keyId = session.keyId;
    statement.remoteAddress = session.remoteAddress;
    http::ClientRequest form = asking ? http::ClientRequest{} : currentForm(request);
    if (asking)
        form.target = "/ssh/status";
    const auto now = [&] {
        http::ClientRequest out = form;
        statement.at = m_clock.now();
        out.headers.push_back({"Authorization", headerOf(statement, m_secret)});
        out.headers.push_back({"Accept", "text/plain"});
        return out;
    };
    Nodes nodes(m_options.nodes);
    const auto answer = nodes.follow(now, m_options.follow, stop);
    if (!answer) {
        if (answer.error().code == ErrorCode::Cancelled)
            return fail(answer.error());
        return Said{503, std::string(answer.error().code == ErrorCode::Timeout && !asking ? answerLost : failingOver), {}};
    }
    Said said{answer->answer.status, wordsOf(answer->answer), noticesOf(answer->answer)};
    // What an old client takes for success, and what it is told then: a status has words, an upload has none.
    if (said.status / 100 == 2) {
        said.status = 200;
        if (!asking || request.kind != OldRequest::Kind::Status)
            said.words.clear();
    }
    return said;
}

Result<std::string> Gateway::probe()
{
    const auto question = [this] {
        http::ClientRequest request;
        request.target = "/ssh/ready";
        const Question asked{Question::About::Ready, {}, toHex(randomBytes(16)), m_clock.now()};
        request.headers.push_back({"Authorization", headerOf(asked, m_secret)});
        return request;
    };
    Nodes nodes(m_options.nodes);
    CM_TRY_ASSIGN(const Nodes::Answer answer, nodes.ask(question, probePatience));
    return answer.node;
}

}  // namespace cm::ssh
