// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mirror/status.h"

#include "core/host/whole_file.h"
#include "core/mirror/disk.h"

#include <boost/json.hpp>
#include <ctime>

namespace cm::mirror {
namespace {

namespace json = boost::json;

json::value timeOrNull(Time time)
{
    return time == Time{} ? json::value(nullptr) : json::value(formatRfc3339(time));
}

json::value pausedOrNull(const std::optional<api::AgentDrain> &paused)
{
    if (!paused)
        return nullptr;
    return json::object{{"until", formatRfc3339(paused->until)}, {"by", paused->by}, {"reason", paused->reason}};
}

json::value outOrNull(const std::optional<api::AgentOut> &out)
{
    if (!out)
        return nullptr;
    return json::object{{"since", timeOrNull(out->since)}, {"until", timeOrNull(out->until.value_or(Time()))}, {"by", out->by}, {"reason", out->reason}};
}

void stand(json::object &root, const Standing &standing)
{
    root["paused"] = pausedOrNull(standing.paused);
    root["out"] = outOrNull(standing.out);
    root["next_run"] = timeOrNull(standing.next.value_or(Time()));
    root["running"] = nullptr;
}

json::value heldOrNull(const HeldBack &held)
{
    if (held.projects == 0)
        return nullptr;
    json::array first;
    for (const auto &[name, loss] : held.first)
        first.push_back(json::object{{"project", name}, {"whole", loss.whole}, {"files", loss.files}});
    return json::object{{"digest", held.digest}, {"projects", held.projects}, {"files", held.files}, {"first", std::move(first)}};
}

json::array outcomesIn(const std::string &text)
{
    boost::system::error_code error;
    json::value list = json::parse(text, error);
    return !error && list.is_array() ? std::move(list.get_array()) : json::array();
}

json::value toldBefore(const std::string &last)
{
    boost::system::error_code error;
    json::value root = json::parse(last, error);
    return !error && root.is_object() ? root : json::object{{"format", 1}};
}

}  // namespace

std::string withOutcome(const std::string &outcomes, const Outcome &outcome)
{
    json::array list = outcomesIn(outcomes);
    list.push_back(json::object{{"order", outcome.order},
                                {"subject", outcome.subject},
                                {"ended", formatRfc3339(outcome.ended)},
                                {"done", outcome.done},
                                {"statement", outcome.statement},
                                {"by", outcome.by}});
    while (list.size() > statusOutcomes)
        list.erase(list.begin());
    return json::serialize(list);
}

std::string renderStatus(const Status &status)
{
    const Facts &facts = status.facts;
    const RunReport &report = status.report;
    json::array pending;
    for (const Pending &one : status.pending)
        pending.push_back(json::object{{"project", one.name},
                                       {"serial", one.required},
                                       {"since", formatRfc3339(one.since)},
                                       {"tries", one.tries},
                                       {"held", one.held},
                                       {"error", one.error.empty() ? json::value(nullptr) : json::value(one.error)}});
    json::object root{
        {"format", 1},
        {"upstream", facts.upstream},
        {"identity", facts.identity.empty() ? facts.indexIdentity : facts.identity},
        {"way", facts.way},
        {"serial", facts.serial},
        {"upstream_serial", facts.upstreamSerial},
        {"synced_through", report.syncedThrough},
        {"index_serial", facts.indexSerial},
        {"started", formatRfc3339(status.started)},
        {"last_checked", timeOrNull(status.lastChecked)},
        {"last_changed", timeOrNull(facts.lastChanged)},
        {"projects", facts.projects},
        {"files", facts.files},
        {"pending_count", report.pending},
        {"pending", std::move(pending)},
        {"left_out", facts.leftOut.empty() ? json::value(nullptr) : json::value(facts.leftOut)},
        {"held", heldOrNull(status.held)},
        {"orders", outcomesIn(facts.outcomes)},
        {"every", status.every.count() > 0 ? json::value(status.every.count()) : json::value(nullptr)},
        {"errors", json::array(report.errors.begin(), report.errors.end())},
        {"run", json::object{{"published", report.published},
                             {"removed", report.removed},
                             {"failed", report.failed},
                             {"files", report.files},
                             {"checked", report.checked},
                             {"damaged", report.damaged},
                             {"requests", report.requests},
                             {"bytes", report.bytes},
                             {"stopped", report.stopped}}},
    };
    stand(root, status.standing);
    return json::serialize(root) + "\n";
}

std::string renderStanding(const std::string &last, const Standing &standing)
{
    json::value root = toldBefore(last);
    stand(root.get_object(), standing);
    return json::serialize(root) + "\n";
}

std::string renderProgress(const std::string &last, const Progress &progress, const std::optional<api::AgentOut> &out, Time started, Time lastChecked, Time now)
{
    json::value root = toldBefore(last);
    json::object &status = root.get_object();
    stand(status, {std::nullopt, out, std::nullopt});
    if (lastChecked != Time{})
        status["last_checked"] = formatRfc3339(lastChecked);
    status["running"] = json::object{{"started", formatRfc3339(started)},
                                     {"told", formatRfc3339(now)},
                                     {"projects_done", progress.projectsDone.load()},
                                     {"projects_left", progress.projectsLeft.load()},
                                     {"bytes", progress.traffic.bytes.load()}};
    return json::serialize(root) + "\n";
}

std::string lastModifiedText(Time started)
{
    const std::time_t seconds = std::chrono::floor<std::chrono::seconds>(started).time_since_epoch().count();
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    char text[32];
    return {text, std::strftime(text, sizeof text, "%Y%m%dT%H:%M:%S\n", &parts)};
}

ToldIndex indexOf(const std::filesystem::path &statusFile)
{
    const json::value root = toldBefore(host::readWhole(statusFile).value_or(std::string()));
    const json::value *identity = root.get_object().if_contains("identity");
    const json::value *serial = root.get_object().if_contains("index_serial");
    if (!identity || !identity->is_string() || !serial || !serial->is_int64())
        return {};
    return {std::string(identity->get_string()), serial->get_int64()};
}

Time lastCheckedOf(const std::filesystem::path &statusFile)
{
    const json::value root = toldBefore(host::readWhole(statusFile).value_or(std::string()));
    const json::value *checked = root.get_object().if_contains("last_checked");
    const auto time = parseRfc3339(checked && checked->is_string() ? std::string_view(checked->get_string()) : std::string_view());
    return time ? *time : Time{};
}

std::optional<ProjectPage> servedProject(const Tree &tree, const std::string &name)
{
    const std::string text = wholeText(tree.web() / "simple" / name / "index.v1_json").value_or(std::string());
    auto page = readOwnPage(text, name);
    return page ? std::optional(std::move(*page)) : std::nullopt;
}

std::vector<std::string> servedFiles(const Tree &tree, const std::string &name)
{
    std::vector<std::string> paths;
    if (const auto page = servedProject(tree, name)) {
        for (const PageFile &file : page->files)
            paths.push_back(file.path);
    }
    return paths;
}

}  // namespace cm::mirror
