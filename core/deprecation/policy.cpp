// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/deprecation/policy.h"

#include <algorithm>
#include <fmt/format.h>

namespace cm::deprecation {

namespace {

// "2026-11-22 09:44:19 UTC", of which nothing has to be worked out by whoever reads it in a terminal.
std::string moment(Time time)
{
    std::string text = formatRfc3339(time).substr(0, 19);
    text[10] = ' ';
    return text + " UTC";
}

std::string day(Time time)
{
    return formatRfc3339(time).substr(0, 10);
}

// "; use an API token over https: https://…"
std::string instead(const Entry &entry)
{
    std::string out;
    if (!entry.replacement.empty())
        out += "; use " + entry.replacement;
    if (!entry.link.empty())
        out += ": " + entry.link;
    return out;
}

// One that is over was taken back, and says nothing of when it will end now.
std::optional<Time> sunsetAhead(const Entry &entry, Time now)
{
    return entry.sunset && *entry.sunset > now ? entry.sunset : std::nullopt;
}

std::string noticeText(const Entry &entry, Time now)
{
    if (const auto sunset = sunsetAhead(entry, now))
        return fmt::format("{} ends on {}{}", entry.title, day(*sunset), instead(entry));
    return fmt::format("{} is going to end{}", entry.title, instead(entry));
}

Refusal brownOutRefusal(const Entry &entry, const Window &window)
{
    return {entry.id, window.id, 403,
            fmt::format("{} is off until {} (brown-out {}){}", entry.title, moment(window.ends), window.number, instead(entry)),
            window.ends};
}

Refusal tombstone(const Entry &entry)
{
    const std::string ended = entry.sunset ? fmt::format("{} ended on {}", entry.title, day(*entry.sunset))
                                           : fmt::format("{} has ended", entry.title);
    return {entry.id, std::nullopt, 410, ended + instead(entry), std::nullopt};
}

void add(const Entry &entry, const Traits &traits, std::optional<std::int64_t> userId, Time now, Judgement &out)
{
    const Effect effect = effectOf(entry.state);
    if (effect == Effect::None || !matches(entry.rule, traits))
        return;
    const bool exempt = entry.isExempt(userId, now);
    if (effect == Effect::Tombstone && !exempt) {
        if (!out.refusal || out.refusal->status != 410)
            out.refusal = tombstone(entry);
        return;
    }
    out.notices.push_back({entry.deprecated, sunsetAhead(entry, now), entry.link, noticeText(entry, now)});
    if (effect != Effect::Windows || exempt || out.refusal)
        return;
    if (const Window *window = entry.windowAt(now))
        out.refusal = brownOutRefusal(entry, *window);
}

}  // namespace

const Window *Entry::windowAt(Time now) const
{
    const auto found = std::find_if(windows.begin(), windows.end(), [now](const Window &window) { return window.holds(now); });
    return found == windows.end() ? nullptr : &*found;
}

bool Entry::isExempt(std::optional<std::int64_t> userId, Time now) const
{
    return userId && std::any_of(exemptions.begin(), exemptions.end(), [&](const Exemption &exemption) {
               return exemption.userId == *userId && now < exemption.until;
           });
}

Judgement judge(const Policy &policy, const Traits &traits, std::optional<std::int64_t> userId, Time now)
{
    Judgement out;
    for (const Entry &entry : policy.entries)
        add(entry, traits, userId, now, out);
    return out;
}

Judgement judge(const Entry &entry, const Traits &traits, std::optional<std::int64_t> userId, Time now)
{
    Judgement out;
    add(entry, traits, userId, now, out);
    return out;
}

std::optional<Time> nextEdge(const Policy &policy, const Traits &traits, Time now)
{
    std::optional<Time> out;
    for (const Entry &entry : policy.entries) {
        if (effectOf(entry.state) != Effect::Windows || !matches(entry.rule, traits))
            continue;
        for (const Window &window : entry.windows) {
            for (const Time edge : {window.starts, window.ends}) {
                if (edge > now && window.ends > window.starts && (!out || edge < *out))
                    out = edge;
            }
        }
    }
    return out;
}

std::string commonAnswer(const Entry &entry, Time now)
{
    const Judgement judged = judge(entry, exampleOf(entry.rule), std::nullopt, now);
    if (judged.refusal)
        return judged.refusal->text;
    const Headers headers = headersOf(judged.notices);
    return headers.deprecation.empty() && headers.sunset.empty() && headers.link.empty()
               ? std::string()
               : headers.deprecation + " " + headers.sunset + " " + headers.link;
}

Entry asIf(Entry entry, State state, Time now)
{
    entry.state = state;
    if (effectOf(state) == Effect::Windows && !entry.windowAt(now))
        entry.windows.push_back({0, static_cast<std::int64_t>(entry.windows.size()) + 1, now, now + std::chrono::minutes(10), 0});
    return entry;
}

Headers headersOf(const std::vector<Notice> &notices)
{
    std::optional<Time> deprecated;
    std::optional<Time> sunset;
    Headers out;
    for (const Notice &notice : notices) {
        if (notice.deprecated && (!deprecated || *notice.deprecated < *deprecated))
            deprecated = notice.deprecated;
        if (notice.sunset && (!sunset || *notice.sunset < *sunset))
            sunset = notice.sunset;
        // What would end the target of the link would end the header's field as well.
        if (!notice.link.empty() && notice.link.find_first_of("<>\" \t\r\n") == std::string::npos)
            out.link += fmt::format("{}<{}>; rel=\"deprecation\"", out.link.empty() ? "" : ", ", notice.link);
    }
    if (deprecated)
        out.deprecation = fmt::format("@{}", std::chrono::floor<std::chrono::seconds>(*deprecated).time_since_epoch().count());
    if (sunset)
        out.sunset = formatHttpDate(*sunset);
    return out;
}

}  // namespace cm::deprecation
