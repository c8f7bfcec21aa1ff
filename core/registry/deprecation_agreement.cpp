// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/registry/deprecation_agreement.h"

#include "core/base/hash.h"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace cm::registry {

namespace {

namespace json = boost::json;

constexpr std::size_t digestLength = 32;

json::value micros(const std::optional<Time> &time)
{
    return time ? json::value(time->time_since_epoch().count()) : json::value(nullptr);
}

// Also what the digest is made of: the order of the members stays.
json::object stepObject(std::int64_t revision, const WishedStep &step)
{
    return {{"to", deprecation::stateName(step.to)},
            {"revision", revision},
            {"starts", micros(step.starts)},
            {"ends", micros(step.ends)},
            {"on_call", step.onCall},
            {"abort_at", step.abortAt},
            {"override", step.overrideGuards}};
}

}  // namespace

std::string digestOf(catalog::Id deprecation, std::int64_t revision, const WishedStep &step)
{
    return hashHex(HashKind::Sha256, fmt::format("{} {}", deprecation, json::serialize(stepObject(revision, step)))).substr(0, digestLength);
}

std::string agreementText(const Agreement &agreement)
{
    json::object out = stepObject(agreement.revision, agreement.step);
    out["by"] = agreement.by;
    out["time"] = agreement.time.time_since_epoch().count();
    return json::serialize(out);
}

std::optional<Agreement> agreementIn(std::string_view text)
{
    if (text.empty())
        return std::nullopt;
    boost::system::error_code broken;
    const json::value parsed = json::parse(text, broken);
    if (broken || !parsed.is_object())
        return std::nullopt;
    const json::object &object = parsed.as_object();
    const auto textOf = [&](std::string_view name) {
        const json::value *found = object.if_contains(name);
        return found && found->is_string() ? std::string(found->get_string()) : std::string();
    };
    const auto numberOf = [&](std::string_view name) {
        const json::value *found = object.if_contains(name);
        return found && found->is_int64() ? std::optional(found->get_int64()) : std::nullopt;
    };
    const auto timeOf = [&](std::string_view name) {
        const auto number = numberOf(name);
        return number ? std::optional(Time(std::chrono::microseconds(*number))) : std::nullopt;
    };
    const auto state = deprecation::stateNamed(textOf("to"));
    const auto revision = numberOf("revision");
    const auto time = timeOf("time");
    const json::value *overriding = object.if_contains("override");
    if (!state || !revision || !time || !overriding || !overriding->is_bool())
        return std::nullopt;
    Agreement out;
    out.step = {*state, timeOf("starts"), timeOf("ends"), textOf("on_call"), numberOf("abort_at").value_or(0), overriding->get_bool()};
    out.revision = *revision;
    out.by = textOf("by");
    out.time = *time;
    return out;
}

std::string differenceOf(const Agreement &agreement, std::int64_t revision, const WishedStep &step)
{
    const WishedStep &agreed = agreement.step;
    std::string out;
    const auto note = [&](bool differs, std::string_view what) {
        if (differs)
            out.append(out.empty() ? "" : ", ").append(what);
    };
    note(agreed.to != step.to, "the stage");
    note(agreement.revision != revision, "the revision of the record");
    note(agreed.starts != step.starts || agreed.ends != step.ends, "the window");
    note(agreed.onCall != step.onCall, "who watches it");
    note(agreed.abortAt != step.abortAt, "the number of refusals that ends it");
    note(agreed.overrideGuards != step.overrideGuards, "whether guards are overridden");
    return out;
}

}  // namespace cm::registry
