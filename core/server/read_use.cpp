// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/server/read_use.h"

#include "core/metrics/user_agent.h"
#include "core/server/caller.h"
#include "core/server/use_judge.h"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <fmt/format.h>

namespace cm::server {
namespace {

constexpr std::size_t mostAgents = 1'000;
constexpr std::string_view overHttps = "https read";
constexpr std::string_view uncached = "no-store";

// A /24 or a /48: of a house, hardly of a person.
std::string networkOf(std::string_view address)
{
    boost::system::error_code broken;
    const auto parsed = boost::asio::ip::make_address(std::string(address), broken);
    if (broken)
        return {};
    if (parsed.is_v4()) {
        auto bytes = parsed.to_v4().to_bytes();
        bytes[3] = 0;
        return boost::asio::ip::address_v4(bytes).to_string() + "/24";
    }
    auto bytes = parsed.to_v6().to_bytes();
    std::fill(bytes.begin() + 6, bytes.end(), std::uint8_t{0});
    return boost::asio::ip::address_v6(bytes).to_string() + "/48";
}

// For how long an answer may be kept when something changes in `left`: never beyond that, and in few steps, so that few
// answers have to be made.
std::chrono::seconds keepFor(std::chrono::seconds usual, std::chrono::seconds left)
{
    if (left >= usual)
        return usual;
    std::chrono::seconds step{1};
    while (step * 2 <= left)
        step *= 2;
    return left < step ? std::chrono::seconds(0) : step;
}

}  // namespace

void ReadUse::applyTo(http::Response &answer) const
{
    for (const http::Header &header : headers)
        answer.set(header.name, header.value);
    if (!cacheControl.empty())
        answer.set("Cache-Control", cacheControl);
}

std::string endpointKey(std::string_view endpoint)
{
    return "endpoint/" + std::string(endpoint);
}

bool ReadGate::isConcerned(std::string_view endpoint) const
{
    const auto policy = m_services.enforcement.policy();
    return std::ranges::any_of(policy->entries, [&](const deprecation::Entry &entry) {
        return entry.rule.kind == deprecation::Kind::Endpoint && entry.rule.value == endpoint;
    });
}

ReadGate::Agent ReadGate::agentOf(std::string_view userAgent)
{
    constexpr std::size_t longest = 1'000;
    const std::string text(userAgent.substr(0, longest));
    const std::lock_guard lock(m_mutex);
    const auto found = m_agents.find(text);
    if (found != m_agents.end())
        return found->second;
    if (m_agents.size() >= mostAgents)
        m_agents.clear();
    auto [client, version] = productOf(text);
    return m_agents[text] = Agent{std::move(client), std::move(version), strangersClient(text), classOf(text)};
}

ReadUse ReadGate::judge(const http::RequestHead &head, std::string_view endpoint, std::chrono::seconds usual, const registry::Principal *who)
{
    const Time now = m_services.clock.now();
    const auto policy = m_services.enforcement.policy();
    const Agent agent = agentOf(head.header("User-Agent"));
    deprecation::Traits traits;
    traits.channel = overHttps;
    traits.endpoint = endpoint;
    const std::optional<catalog::Id> user = who ? std::optional(who->userId) : std::nullopt;
    const deprecation::Judgement judged = deprecation::judge(*policy, traits, user, now);

    ReadUse out;
    catalog::UseRow row;
    row.time = now;
    row.channel = traits.channel;
    row.endpoint = traits.endpoint;
    row.clientClass = agent.clientClass;
    row.userId = user;
    row.noticed = !judged.notices.empty();
    if (who) {
        row.authentication = authenticationOf(*who);
        row.credential = credentialOf(*who);
        row.client = agent.client;
        row.clientVersion = agent.version;
    } else {
        row.client = agent.strangersClient;
        row.network = networkOf(head.remoteAddress());
    }
    if (judged.refusal) {
        row.refusedBy = judged.refusal->entry;
        row.brownOut = judged.refusal->window;
        const std::string line = checks::asciiLine(judged.refusal->text);
        out.refusal = refusalFor(head, judged.refusal->status, line);
        setNotices(*out.refusal, judged, false);
        out.refusal->set("Cache-Control", uncached);
        out.refusal->set("Access-Control-Allow-Origin", "*");
    } else {
        http::Response told;
        setNotices(told, judged, false);
        out.headers = std::move(told.headers);
        const auto edge = deprecation::nextEdge(*policy, traits, now);
        if (who) {
            // Nobody else may be given what one person is let through to.
            out.cacheControl = "private, no-store";
        } else if (edge && usual.count() > 0) {
            const auto kept = keepFor(usual, std::chrono::floor<std::chrono::seconds>(*edge - now));
            if (kept < usual)
                out.cacheControl = kept.count() > 0 ? fmt::format("max-age={}, public", kept.count()) : std::string(uncached);
        }
        for (const http::Header &header : out.headers)
            out.variant += " " + header.value;
        out.variant += " " + out.cacheControl;
    }
    out.row = std::move(row);
    return out;
}

void ReadGate::count(const ReadUse &use, int status)
{
    const bool answered = (status >= 200 && status < 300) || status == 304;
    if (!use.row || (!answered && !use.refusal))
        return;
    catalog::UseRow row = *use.row;
    row.status = use.refusal ? use.refusal->status : 200;
    m_services.uses.add(std::move(row));
}

}  // namespace cm::server
