// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/probes/fastly_probe.h"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace cm::monitor {
namespace {

namespace json = boost::json;

constexpr std::int64_t window = 60;

// Absent where Fastly counted none.
std::int64_t countIn(const json::object &counts, std::string_view key)
{
    const json::value *value = counts.if_contains(key);
    return value && value->is_int64() && value->get_int64() > 0 ? value->get_int64() : 0;
}

const json::object *objectIn(const json::object &object, std::string_view key)
{
    const json::value *value = object.if_contains(key);
    return value && value->is_object() ? &value->get_object() : nullptr;
}

}  // namespace

std::string FastlyMeter::question() const
{
    return m_next > 0 ? fmt::format("/ts/{}", m_next) : std::string("/ts/h/limit/1");
}

Result<EdgeRates> FastlyMeter::take(std::string_view text)
{
    boost::system::error_code error;
    const json::value root = json::parse({text.data(), text.size()}, error);
    const json::value *data = !error && root.is_object() ? root.get_object().if_contains("Data") : nullptr;
    const std::int64_t next = data ? countIn(root.get_object(), "Timestamp") : 0;
    if (!data || !data->is_array() || next == 0)
        return fail(ErrorCode::Corrupt, "Fastly answers with no counts");
    m_next = next;
    for (const json::value &entry : data->get_array()) {
        const json::object *second = entry.is_object() ? &entry.get_object() : nullptr;
        const std::int64_t at = second ? countIn(*second, "recorded") : 0;
        const json::object *all = second ? objectIn(*second, "aggregated") : nullptr;
        // One that has been told already is counted once.
        if (!all || at == 0 || (!m_seconds.empty() && at <= m_seconds.back().at))
            continue;
        m_first = m_first == 0 ? at : m_first;
        m_total.requests += countIn(*all, "requests");
        m_total.hits += countIn(*all, "hits");
        m_total.misses += countIn(*all, "miss");
        Second counted{at, {}};
        if (const json::object *pops = objectIn(*second, "datacenter")) {
            for (const auto &[name, counts] : *pops) {
                if (counts.is_object())
                    counted.pops[std::string(name)] = {countIn(counts.get_object(), "requests"), countIn(counts.get_object(), "status_5xx")};
            }
        }
        m_seconds.push_back(std::move(counted));
    }
    forget();
    return rates();
}

void FastlyMeter::forget()
{
    while (!m_seconds.empty() && m_seconds.front().at <= m_seconds.back().at - window)
        m_seconds.pop_front();
}

EdgeRates FastlyMeter::rates()
{
    if (m_seconds.empty()) {
        EdgeRates none;
        none.source = "Fastly";
        return none;
    }
    const Time taken{std::chrono::seconds(m_seconds.back().at)};
    api::AgentEdge counted;
    counted.taken = taken;
    counted.uptime = m_seconds.back().at - m_first;
    counted.requests = m_total.requests;
    counted.hits = m_total.hits;
    counted.misses = m_total.misses;
    api::AgentAnswers answers;
    answers.taken = taken;
    answers.seconds = m_seconds.back().at - m_seconds.front().at + 1;
    std::map<std::string, Tally> pops;
    for (const Second &second : m_seconds) {
        for (const auto &[name, tally] : second.pops) {
            pops[name].requests += tally.requests;
            pops[name].failed += tally.failed;
            answers.all += tally.requests;
            answers.failed += tally.failed;
        }
    }
    counted.answers = answers;
    EdgeRates out = m_meter.take(counted);
    out.source = "Fastly";
    for (const auto &[name, tally] : pops)
        out.pops.push_back({name, tally.requests, tally.failed});
    return out;
}

Result<EdgeRates> FastlyProbe::look(const ProbeTime &time)
{
    CM_TRY_ASSIGN(const http::HttpUrl url, http::parseHttpUrl(m_target.api));
    http::ClientOptions options = quickOptions(url.host, url.port, time);
    options.tls = url.tls;
    // A token goes to nobody who only says that he is Fastly.
    options.verify = url.tls;
    http::HttpClient client(options);
    const std::string folder = url.target == "/" ? std::string() : url.target;
    CM_TRY_ASSIGN(const http::ClientAnswer answer,
                  client.send({"GET", fmt::format("{}/v1/channel/{}{}", folder, m_target.service, m_meter.question()),
                               {{"Fastly-Key", m_target.token}, {"Accept", "application/json"}}, {}},
                              time.stop));
    if (answer.status == 401 || answer.status == 403)
        return fail(ErrorCode::Unauthorized, fmt::format("Fastly refuses the token of the secrets ({}): it has to be one that may read the service", answer.status));
    if (answer.status != 200)
        return fail(ErrorCode::Unavailable, fmt::format("Fastly answers with {} for the counts of service {}", answer.status, m_target.service));
    return m_meter.take(answer.body);
}

}  // namespace cm::monitor
