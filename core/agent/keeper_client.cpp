// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/agent/keeper_client.h"

#include "core/api/codec.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace cm::agent {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t mostBytes = 256 * 1024;

// What the keeper says, with its own words for times: seconds since 1970.
struct KeeperAside {
    std::string node;
    double until = 0;
    BOOST_DESCRIBE_CLASS(KeeperAside, (), (node, until), (), ())
};
struct KeeperReport {
    std::string state;
    std::optional<double> since;
    bool running = false;
    bool fenced = false;
    std::string fencedBy;
    std::vector<KeeperAside> setAside;
    std::optional<bool> alone;
    std::string problem;
    std::string work;
    std::optional<double> workDone;
    std::optional<double> uncleanStop;
    std::vector<std::string> kept;
    std::optional<double> room;
    BOOST_DESCRIBE_CLASS(KeeperReport, (),
                         (state, since, running, fenced, fencedBy, setAside, alone, problem, work, workDone, uncleanStop, kept, room), (), ())
};
struct KeeperField {
    std::string field;
    std::string problem;
    BOOST_DESCRIBE_CLASS(KeeperField, (), (field, problem), (), ())
};
struct KeeperRefusal {
    std::string code;
    std::string detail;
    std::vector<KeeperField> fields;
    BOOST_DESCRIBE_CLASS(KeeperRefusal, (), (code, detail, fields), (), ())
};

Time timeOf(double seconds)
{
    return Time(std::chrono::microseconds(static_cast<std::int64_t>(seconds * 1e6)));
}

class Socket {
public:
    Socket() : m_fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {}
    ~Socket()
    {
        if (m_fd >= 0)
            ::close(m_fd);
    }
    Socket(const Socket &) = delete;
    Socket &operator=(const Socket &) = delete;
    [[nodiscard]] int get() const { return m_fd; }

    // False when the time is over first.
    [[nodiscard]] bool wait(short events, SteadyClock::time_point deadline) const
    {
        for (;;) {
            const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - SteadyClock::now()).count();
            pollfd watched{m_fd, events, 0};
            const int ready = ::poll(&watched, 1, static_cast<int>(std::clamp<std::int64_t>(left, 0, 3'600'000)));
            if (ready > 0)
                return true;
            if (ready == 0 || errno != EINTR)
                return false;
        }
    }

private:
    int m_fd;
};

Result<api::Json> answerIn(std::string_view line)
{
    CM_TRY_ASSIGN(const api::Json json, api::parseJson(line));
    const auto *object = json.if_object();
    if (const auto *done = object ? object->if_contains("done") : nullptr)
        return *done;
    const auto *refused = object ? object->if_contains("error") : nullptr;
    if (refused == nullptr)
        return fail(ErrorCode::Corrupt, "the keeper answers neither with something done nor with an error");
    CM_TRY_ASSIGN(const KeeperRefusal refusal, api::fromJson<KeeperRefusal>(*refused));
    Error error{errorCodeFromString(refusal.code), refusal.detail, {}, {}};
    for (const KeeperField &field : refusal.fields)
        error.fields.push_back({field.field, field.problem});
    return fail(std::move(error));
}

}  // namespace

Result<api::Json> KeeperClient::ask(const api::Json &words, std::chrono::milliseconds patience) const
{
    const auto deadline = SteadyClock::now() + patience;
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string path = m_socket.string();
    if (path.size() >= sizeof address.sun_path)
        return fail(ErrorCode::InvalidInput, fmt::format("{} is too long for a socket's name", path));
    std::memcpy(address.sun_path, path.data(), path.size());
    const Socket socket;
    if (socket.get() < 0 || ::connect(socket.get(), reinterpret_cast<const sockaddr *>(&address), sizeof address) != 0)
        return fail(ErrorCode::Unavailable, fmt::format("the keeper does not answer at {}: {}", path, std::strerror(errno)));
    const std::string line = api::printJson(words) + "\n";
    // It fits into the socket's buffer whole, or the keeper is not the one that we know.
    if (::send(socket.get(), line.data(), line.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(line.size()))
        return fail(ErrorCode::Unavailable, fmt::format("the keeper takes nothing at {}", path));
    std::string answer;
    std::array<char, 4096> part{};
    while (answer.find('\n') == std::string::npos && answer.size() < mostBytes) {
        if (!socket.wait(POLLIN, deadline))
            return fail(ErrorCode::Timeout, "the keeper has not answered in time");
        const ssize_t got = ::recv(socket.get(), part.data(), part.size(), 0);
        if (got < 0 && (errno == EAGAIN || errno == EINTR))
            continue;
        if (got <= 0)
            return fail(ErrorCode::Timeout, "the keeper has ended before its answer");
        answer.append(part.data(), static_cast<std::size_t>(got));
    }
    return answerIn(answer.substr(0, answer.find('\n')));
}

Result<KeeperState> KeeperClient::state(std::chrono::milliseconds patience) const
{
    CM_TRY_ASSIGN(const api::Json json, ask({{"do", "state"}}, patience));
    CM_TRY_ASSIGN(KeeperReport report, api::fromJson<KeeperReport>(json));
    KeeperState out;
    out.database.state = std::move(report.state);
    if (report.since)
        out.database.since = timeOf(*report.since);
    out.database.running = report.running;
    out.database.fenced = report.fenced;
    out.database.fencedBy = std::move(report.fencedBy);
    for (KeeperAside &aside : report.setAside)
        out.database.setAside.push_back({std::move(aside.node), timeOf(aside.until)});
    out.database.alone = report.alone;
    out.database.problem = std::move(report.problem);
    out.database.work = std::move(report.work);
    out.database.workDone = report.workDone;
    out.database.kept = std::move(report.kept);
    out.database.room = report.room;
    if (report.uncleanStop)
        out.uncleanStop = timeOf(*report.uncleanStop);
    return out;
}

Result<api::AgentDone> KeeperClient::order(const api::Json &words, std::chrono::milliseconds patience) const
{
    CM_TRY_ASSIGN(const api::Json json, ask(words, patience));
    return api::fromJson<api::AgentDone>(json);
}

}  // namespace cm::agent
