// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/probes/mirror_probe.h"

#include "core/base/clock_watch.h"

#include <algorithm>
#include <boost/json.hpp>

namespace cm::monitor {
namespace {

namespace json = boost::json;

constexpr std::size_t mostShown = 1000, mostLacks = 200;
// A run that was killed tells of itself for ever; one that goes on does each two seconds.
constexpr auto runTold = std::chrono::seconds(15);

const json::value *find(const json::object &object, std::string_view key)
{
    const json::value *value = object.if_contains(key);
    return value && !value->is_null() ? value : nullptr;
}

std::int64_t number(const json::object &object, std::string_view key)
{
    const json::value *value = find(object, key);
    return value && value->is_int64() ? value->get_int64() : 0;
}

std::string text(const json::object &object, std::string_view key)
{
    const json::value *value = find(object, key);
    return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::optional<Time> timeIn(const json::object &object, std::string_view key)
{
    const auto time = parseRfc3339(text(object, key));
    return time ? std::optional(*time) : std::nullopt;
}

const json::object *objectIn(const json::object &object, std::string_view key)
{
    const json::value *value = find(object, key);
    return value && value->is_object() ? &value->get_object() : nullptr;
}

bool isTrue(const json::object &object, std::string_view key)
{
    const json::value *value = find(object, key);
    return value && value->is_bool() && value->get_bool();
}

// Calls `take` with each object of a list.
template <class Take>
void eachIn(const json::object &object, std::string_view key, Take take)
{
    const json::value *list = find(object, key);
    if (!list || !list->is_array())
        return;
    for (const json::value &one : list->get_array()) {
        if (one.is_object())
            take(one.get_object());
    }
}

std::optional<MirrorHeld> heldIn(const json::object &told)
{
    const json::object *held = objectIn(told, "held");
    if (!held)
        return std::nullopt;
    MirrorHeld out{text(*held, "digest"), number(*held, "projects"), number(*held, "files"), {}};
    eachIn(*held, "first", [&](const json::object &one) { out.first.push_back({text(one, "project"), isTrue(one, "whole"), number(one, "files")}); });
    return out;
}

}  // namespace

Result<MirrorStatus> readMirrorStatus(std::string_view body)
{
    boost::system::error_code error;
    const json::value root = json::parse({body.data(), body.size()}, error);
    if (error || !root.is_object())
        return fail(ErrorCode::Corrupt, "its status.json is none");
    const json::object &told = root.get_object();
    MirrorStatus status;
    status.lastChecked = timeIn(told, "last_checked");
    status.serial = number(told, "serial");
    status.syncedThrough = number(told, "synced_through");
    status.projects = number(told, "projects");
    status.files = number(told, "files");
    status.pending = number(told, "pending_count");
    if (const json::object *run = objectIn(told, "run"))
        status.failed = number(*run, "failed");
    if (const json::value *errors = find(told, "errors"); errors && errors->is_array()) {
        for (const json::value &one : errors->get_array()) {
            if (one.is_string())
                status.errors.emplace_back(one.get_string());
        }
    }
    if (const auto every = number(told, "every"); every > 0)
        status.every = static_cast<double>(every);
    if (const json::object *paused = objectIn(told, "paused")) {
        if (const auto until = timeIn(*paused, "until"))
            status.paused = api::AgentDrain{*until, text(*paused, "by"), text(*paused, "reason")};
    }
    status.held = heldIn(told);
    eachIn(told, "orders", [&](const json::object &one) {
        status.outcomes.push_back({text(one, "order"), text(one, "subject"), timeIn(one, "ended").value_or(Time{}), isTrue(one, "done"), text(one, "statement")});
    });
    eachIn(told, "pending", [&](const json::object &one) {
        if (number(one, "tries") > 0 && !isTrue(one, "held") && status.lacks.size() < mostLacks)
            status.lacks.push_back({text(one, "project"), number(one, "tries"), text(one, "error")});
    });
    if (const json::object *run = objectIn(told, "running"))
        status.running = MirrorRun{timeIn(*run, "started").value_or(Time{}), timeIn(*run, "told").value_or(Time{}), number(*run, "projects_done"),
                                   number(*run, "projects_left"), static_cast<double>(number(*run, "bytes"))};
    return status;
}

http::ClientOptions optionsFor(const MirrorTarget &target, const ProbeTime &time)
{
    http::ClientOptions options = quickOptions(target.host, target.port, time);
    options.tls = target.tls;
    if (target.tls)
        options.serverName = target.name;
    options.caFile = target.caFile;
    options.verify = target.tls && !target.caFile.empty();
    return options;
}

Result<MirrorFacts> MirrorProbe::look(const ProbeTime &time)
{
    http::HttpClient client(optionsFor(m_target, time));
    const auto connected = client.connect(time.stop);
    MirrorFacts facts;
    // It answers, and no cache takes anything from it.
    if (!connected && connected.error().code == ErrorCode::Unauthorized) {
        facts.statusProblem = "its certificate is not trusted (" + connected.error().detail + ")";
        facts.health = {0, 0, facts.statusProblem};
        return facts;
    }
    CM_TRY(connected);
    const auto health = client.send({"GET", m_target.prefix + "/_health/", {}, {}}, time.stop);
    if (!health && health.error().code == ErrorCode::Cancelled)
        return fail(health.error());
    facts.health = httpFactsOf(health);
    if (!health)
        return facts;
    const auto status = client.send({"GET", m_target.prefix + "/status.json", {}, {}}, time.stop);
    if (status && status->status == 200) {
        if (auto read = readMirrorStatus(status->body))
            facts.status = std::move(*read);
        else
            facts.statusProblem = read.error().detail;
    } else {
        facts.statusProblem = status ? "it answers " + std::to_string(status->status) + " for its status.json" : status.error().detail;
    }
    if (facts.status && facts.status->running && m_clock.now() - facts.status->running->told > runTold)
        facts.status->running.reset();
    if (!m_target.canaryProject.empty())
        facts.page = pageFactsOf(client.send(pageRequest(m_target.prefix + "/simple/" + m_target.canaryProject + "/"), time.stop));
    if (!m_target.canaryFile.empty())
        facts.file = httpFactsOf(client.send({"HEAD", m_target.prefix + m_target.canaryFile, {}, {}}, time.stop));
    lookAtOrigin(facts, time);
    follow(facts);
    return facts;
}

// What it says is worth nothing without it; that it is silent is told elsewhere.
void MirrorProbe::lookAtOrigin(MirrorFacts &facts, const ProbeTime &time)
{
    const auto index = askOrigin(m_target.origin, {"HEAD", "/simple/", {{"Accept", "application/vnd.pypi.simple.v1+json"}}, {}}, time);
    if (index && index->status == 200)
        facts.originSerial = serialIn(*index);
    else
        facts.originProblem = index ? "the registry answers " + std::to_string(index->status) : index.error().detail;
    if (index && !m_target.canaryProject.empty())
        facts.origin = pageFactsOf(askOrigin(m_target.origin, pageRequest("/simple/" + m_target.canaryProject + "/"), time));
}

void MirrorProbe::follow(MirrorFacts &facts)
{
    const Time now = steadyNow();
    if (facts.originSerial && (m_shown.empty() || m_shown.back().second < *facts.originSerial) && m_shown.size() < mostShown)
        m_shown.emplace_back(now, *facts.originSerial);
    if (!facts.status)
        return;
    while (!m_shown.empty() && m_shown.front().second <= facts.status->syncedThrough)
        m_shown.pop_front();
    if (facts.originSerial || !m_shown.empty())
        facts.behindSeconds = m_shown.empty() ? 0 : std::chrono::duration<double>(now - m_shown.front().first).count();
}

}  // namespace cm::monitor
