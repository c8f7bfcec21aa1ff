// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/probes/etcd_probe.h"

#include "core/monitor/probes/simple_page.h"

#include <boost/json.hpp>
#include <charconv>

namespace cm::monitor {
namespace {

namespace json = boost::json;

// 64-bit numbers are texts there, and what is 0 is left out.
std::string textIn(const json::object &object, std::string_view key)
{
    const json::value *value = object.if_contains(key);
    return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

template <class Number>
std::optional<Number> numberIn(const json::object &object, std::string_view key)
{
    const std::string text = textIn(object, key);
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size() && !text.empty() ? std::optional(number) : std::nullopt;
}

}  // namespace

Result<EtcdFacts> readEtcdStatus(std::string_view text)
{
    boost::system::error_code error;
    const json::value root = json::parse({text.data(), text.size()}, error);
    if (error || !root.is_object())
        return fail(ErrorCode::Corrupt, "its status is none");
    const json::object &told = root.get_object();
    const json::value *header = told.if_contains("header");
    if (!header || !header->is_object() || textIn(header->get_object(), "member_id").empty())
        return fail(ErrorCode::Corrupt, "its status does not say which member it is");
    EtcdFacts facts;
    facts.member = textIn(header->get_object(), "member_id");
    const std::string leader = textIn(told, "leader");
    facts.leader = leader == "0" ? std::string() : leader;
    facts.term = numberIn<std::int64_t>(told, "raftTerm");
    facts.bytes = numberIn<double>(told, "dbSize");
    facts.version = textIn(told, "version");
    return facts;
}

Result<EtcdFacts> EtcdProbe::look(const ProbeTime &time)
{
    http::HttpClient client(quickOptions(m_target.host, m_target.port, time));
    CM_TRY(client.connect(time.stop));
    CM_TRY_ASSIGN(const http::ClientAnswer answer, client.send({"POST", "/v3/maintenance/status", {{"Content-Type", "application/json"}}, "{}"}, time.stop));
    // It works, and nobody can say how: unknown, not down.
    if (answer.status == 404)
        return fail(ErrorCode::Unauthorized, "it tells nothing of itself: set enable-grpc-gateway to true in its configuration");
    if (answer.status != 200)
        return fail(ErrorCode::Internal, "it answers " + std::to_string(answer.status) + " for its status");
    return readEtcdStatus(answer.body);
}

}  // namespace cm::monitor
