// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/probes/patroni_client.h"

#include "core/http/client/http_client.h"
#include "core/http/credentials.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

namespace cm::monitor {
namespace {

std::string textOf(const boost::json::object &from, std::string_view name)
{
    const auto *member = from.if_contains(name);
    return member && member->is_string() ? std::string(member->as_string()) : std::string();
}

}  // namespace

std::optional<PatroniFacts> patroniCluster(std::string_view json)
{
    boost::system::error_code error;
    const auto value = boost::json::parse(json, error);
    const auto *object = error ? nullptr : value.if_object();
    const auto *members = object ? object->if_contains("members") : nullptr;
    if (!members || !members->is_array())
        return std::nullopt;
    PatroniFacts facts;
    const auto *pause = object->if_contains("pause");
    facts.paused = pause && pause->is_bool() && pause->as_bool();
    for (const auto &one : members->as_array()) {
        if (!one.is_object())
            continue;
        const auto &from = one.as_object();
        PatroniMember member;
        member.name = textOf(from, "name");
        member.role = textOf(from, "role");
        member.state = textOf(from, "state");
        if (const auto *timeline = from.if_contains("timeline"); timeline && timeline->is_int64())
            member.timeline = timeline->as_int64();
        if (const auto *lag = from.if_contains("lag"); lag && lag->is_int64())
            member.lag = static_cast<double>(lag->as_int64());
        facts.members.push_back(std::move(member));
    }
    return facts;
}

Result<std::string> PatroniClient::ask(std::string_view method, std::string_view path, std::string body, const ProbeTime &time)
{
    http::ClientOptions options;
    options.host = m_target.host;
    options.port = m_target.port;
    options.tls = options.verify = m_target.tls;
    options.caFile = m_target.caFile;
    options.connectTimeout = options.totalTimeout = time.left();
    options.resend = false;
    http::HttpClient client(options);
    http::ClientRequest request{std::string(method), std::string(path), {}, std::move(body)};
    if (!request.body.empty())
        request.headers.push_back({"Content-Type", "application/json"});
    if (!m_target.user.empty())
        request.headers.push_back({"Authorization", http::basicAuthorization(m_target.user, m_target.password)});
    CM_TRY_ASSIGN(http::ClientAnswer answer, client.send(request, time.stop));
    if (answer.status == 200 || answer.status == 202)
        return std::move(answer.body);
    const std::string words = answer.body.empty() ? fmt::format("Patroni answers {}", answer.status) : "Patroni: " + answer.body;
    if (answer.status == 401 || answer.status == 403)
        return fail(ErrorCode::Unauthorized, words);
    return fail(Error{ErrorCode::GuardFailed, words, {{"patroni", words}}, {}});
}

Result<PatroniFacts> PatroniClient::cluster(const ProbeTime &time)
{
    CM_TRY_ASSIGN(const std::string body, ask("GET", "/cluster", {}, time));
    auto facts = patroniCluster(body);
    if (!facts)
        return fail(ErrorCode::Corrupt, "Patroni: no account of the cluster");
    return std::move(*facts);
}

Result<void> PatroniClient::switchOver(const std::string &leader, const std::string &candidate, const ProbeTime &time)
{
    CM_TRY(ask("POST", "/switchover", boost::json::serialize(boost::json::object{{"leader", leader}, {"candidate", candidate}}), time));
    return {};
}

Result<void> PatroniClient::failover(const std::string &candidate, const ProbeTime &time)
{
    CM_TRY(ask("POST", "/failover", boost::json::serialize(boost::json::object{{"candidate", candidate}}), time));
    return {};
}

Result<void> PatroniClient::reinitialise(const ProbeTime &time)
{
    CM_TRY(ask("POST", "/reinitialize", "{}", time));
    return {};
}

}  // namespace cm::monitor
