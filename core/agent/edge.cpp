// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/agent/edge.h"

#include "core/host/command.h"

#include <boost/json.hpp>
#include <charconv>
#include <fmt/format.h>

namespace cm::agent {
namespace {

namespace json = boost::json;

constexpr auto answersIn = std::chrono::seconds(3);
constexpr std::int64_t window = 60;

// One second for a Varnish that does not run.
std::vector<std::string> words(const char *program, const std::string &instance, std::initializer_list<const char *> more)
{
    std::vector<std::string> out{program, "-t", "1"};
    if (!instance.empty())
        out.insert(out.end(), {"-n", instance});
    out.insert(out.end(), more.begin(), more.end());
    return out;
}

Result<std::string> outputOf(const std::vector<std::string> &command)
{
    CM_TRY_ASSIGN(host::CommandResult done, host::runCommand(command, answersIn));
    if (done.status != 0) {
        const auto end = done.errors.find_last_not_of(" \n");
        const std::string said = end == std::string::npos ? std::string() : done.errors.substr(0, end + 1);
        return fail(ErrorCode::Unavailable, fmt::format("{}: {}", command.front(), said.empty() ? fmt::format("ended with {}", done.status) : said));
    }
    return std::move(done.output);
}

std::optional<json::value> parsed(std::string_view text)
{
    boost::system::error_code error;
    json::value value = json::parse({text.data(), text.size()}, error);
    return error ? std::nullopt : std::optional(std::move(value));
}

std::optional<std::int64_t> counter(const json::object &counters, std::string_view name)
{
    const json::value *entry = counters.if_contains(name);
    const json::value *value = entry && entry->is_object() ? entry->get_object().if_contains("value") : nullptr;
    if (!value || !value->is_number())
        return std::nullopt;
    return value->is_int64() ? value->get_int64() : value->is_uint64() ? static_cast<std::int64_t>(value->get_uint64()) : static_cast<std::int64_t>(value->get_double());
}

// "boot.web1": the VCL and the backend.
std::string nameIn(std::string_view label)
{
    const auto dot = label.find('.');
    return std::string(dot == std::string_view::npos ? label : label.substr(dot + 1));
}

api::AgentEdgeBackend backendOf(std::string_view label, const json::object &told, const json::object &counters)
{
    api::AgentEdgeBackend backend;
    backend.name = nameIn(label);
    const json::value *admin = told.if_contains("admin_health");
    const json::value *probe = told.if_contains("probe_message");
    const std::string_view health = admin && admin->is_string() ? std::string_view(admin->get_string()) : std::string_view();
    if (health == "healthy" || health == "sick")
        backend.healthy = health == "healthy";
    else if (probe && probe->is_array() && !probe->get_array().empty() && probe->get_array().back().is_string())
        backend.healthy = probe->get_array().back().get_string() == "healthy";
    const std::string prefix = fmt::format("VBE.{}.", label);
    backend.requests = counter(counters, prefix + "req");
    backend.failures = counter(counters, prefix + "fail");
    backend.refused = counter(counters, prefix + "unhealthy");
    return backend;
}

template <class Number>
bool readNumber(std::string_view text, Number &out)
{
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

Result<api::AgentEdge> readEdge(std::string_view counterText, std::string_view backendText, Time now)
{
    const auto told = parsed(counterText);
    const json::value *list = told && told->is_object() ? told->get_object().if_contains("counters") : nullptr;
    // Before Varnish 6.5 the counters stood at the top.
    const json::object *counters = list && list->is_object() ? &list->get_object() : told && told->is_object() ? &told->get_object() : nullptr;
    if (!counters)
        return fail(ErrorCode::Corrupt, "varnishstat: no counters in what it says");
    api::AgentEdge edge;
    edge.taken = now;
    edge.uptime = counter(*counters, "MAIN.uptime");
    edge.requests = counter(*counters, "MAIN.client_req");
    edge.hits = counter(*counters, "MAIN.cache_hit");
    edge.misses = counter(*counters, "MAIN.cache_miss");
    edge.passes = counter(*counters, "MAIN.s_pass");
    edge.objects = counter(*counters, "MAIN.n_object");
    const auto backends = parsed(backendText);
    if (!backends || !backends->is_array() || backends->get_array().empty() || !backends->get_array().back().is_object()) {
        edge.problem = "varnishadm does not say how the backends are";
        return edge;
    }
    for (const auto &[label, entry] : backends->get_array().back().get_object()) {
        const json::value *type = entry.is_object() ? entry.get_object().if_contains("type") : nullptr;
        if (type && *type == json::value("backend"))
            edge.backends.push_back(backendOf(label, entry.get_object(), *counters));
    }
    return edge;
}

api::AgentAnswers readAnswers(std::string_view lines, Time now)
{
    const std::int64_t end = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
    api::AgentAnswers out;
    out.taken = now;
    while (!lines.empty()) {
        const auto newline = lines.find('\n');
        const std::string_view line = lines.substr(0, newline);
        lines.remove_prefix(newline == std::string_view::npos ? lines.size() : newline + 1);
        const auto space = line.find(' ');
        std::int64_t second = 0;
        int status = 0;
        if (space == std::string_view::npos || !readNumber(line.substr(0, space), second) || !readNumber(line.substr(space + 1), status))
            continue;
        if (second > end - window) {
            ++out.all;
            out.failed += status >= 500 ? 1 : 0;
            out.seconds = std::max(out.seconds, std::min(window, end - second));
        } else {
            out.seconds = window;
        }
    }
    return out;
}

Result<api::AgentEdge> lookAtEdge(const std::string &instance, Time now)
{
    CM_TRY_ASSIGN(const std::string counters, outputOf(words("varnishstat", instance, {"-1", "-j"})));
    const auto backends = outputOf(words("varnishadm", instance, {"backend.list", "-j"}));
    CM_TRY_ASSIGN(api::AgentEdge edge, readEdge(counters, backends.value_or(std::string()), now));
    if (!backends)
        edge.problem = backends.error().detail;
    return edge;
}

Result<api::AgentAnswers> lookAtAnswers(const std::string &instance, Time now)
{
    CM_TRY_ASSIGN(const std::string lines, outputOf(words("varnishncsa", instance, {"-d", "-F", "%{%s}t %s"})));
    return readAnswers(lines, now);
}

}  // namespace cm::agent
