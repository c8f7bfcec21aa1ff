// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/server/deprecation_texts.h"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace cm::server {
namespace {

std::string day(Time time)
{
    return formatRfc3339(time).substr(0, 10);
}

std::string minute(Time time)
{
    std::string text = formatRfc3339(time).substr(0, 16);
    text[10] = ' ';
    return text + " UTC";
}

std::string replaced(std::string text, std::string_view what, std::string_view with)
{
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
        text.replace(at, what.size(), with);
    return text;
}

std::string listed(const std::vector<std::string> &values)
{
    std::string out;
    for (const std::string &value : values)
        out += (out.empty() ? "" : ", ") + value;
    return out;
}

// A cell of a table of Markdown, or a word in a line of it: one line, in which nothing ends the cell, begins a tag or
// fetches a picture from elsewhere.
std::string cell(std::string_view text)
{
    std::string out;
    for (const char c : text) {
        if (c == '<')
            out += "&lt;";
        else if (static_cast<unsigned char>(c) < 0x20)
            out += ' ';
        else if (c == '\\' || c == '|' || c == '[' || c == ']' || c == '`')
            out.append({'\\', c});
        else
            out += c;
    }
    return out;
}

// "brown_out" as people say it.
std::string words(std::string_view name)
{
    return name == "brown_out" ? "brown-out" : replaced(std::string(name), "_", " ");
}

void addSteps(std::string &out, const registry::DeprecationView &record)
{
    out += "\n## Steps\n\n| when | from | to | by | confirmed by | reason |\n| --- | --- | --- | --- | --- | --- |\n";
    out += fmt::format("| {} | | proposed | {} | | |\n", minute(record.row.created), cell(record.row.createdBy));
    for (const catalog::DeprecationStepRow &step : record.steps) {
        out += fmt::format("| {} | {} | {} | {} | {} | {}{} |\n", minute(step.time), words(step.from), words(step.to), cell(step.actor),
                           cell(step.confirmedBy), cell(step.reason), step.overridden ? " (guards overridden)" : "");
    }
    for (const catalog::DeprecationStepRow &step : record.steps) {
        boost::system::error_code error;
        const auto guards = boost::json::parse(step.guards, error);
        if (error || !guards.is_array() || guards.as_array().empty())
            continue;
        out += fmt::format("\nGuards of the step to {} on {}:\n\n", words(step.to), minute(step.time));
        for (const auto &guard : guards.as_array()) {
            if (const auto *object = guard.if_object())
                out += fmt::format("- {} ({}): {}\n", std::string_view(object->at("name").as_string()),
                                   std::string_view(object->at("state").as_string()),
                                   cell(std::string(object->at("detail").as_string())));
        }
    }
}

void addBrownOuts(std::string &out, const registry::DeprecationView &record)
{
    if (record.brownOuts.empty())
        return;
    out += "\n## Brown-outs\n\n| | from | to | refused | people | moved over | ended early |\n| --- | --- | --- | --- | --- | --- | --- |\n";
    for (const catalog::BrownOutRow &window : record.brownOuts) {
        const auto found = record.figures.find(window.id);
        const registry::BrownOutFigures figures = found == record.figures.end() ? registry::BrownOutFigures{} : found->second;
        const std::string early = window.ended ? fmt::format("by {}: {}", window.endedBy, window.endReason) : std::string();
        out += fmt::format("| {} | {} | {} | {} | {} | {} | {} |\n", window.number, minute(window.starts), minute(window.end()),
                           figures.refused, figures.people, figures.movedOver, cell(early));
    }
}

void addAnswers(std::string &out, const registry::DeprecationView &record)
{
    if (record.answers.empty())
        return;
    out += "\n## Answers and objections\n\n";
    for (const catalog::DeprecationAnswerRow &answer : record.answers)
        out += fmt::format("- {}, {} ({}; written down by {}): {}\n", day(answer.time), cell(answer.who), answer.stance, cell(answer.author),
                           cell(answer.text));
}

void addEvidence(std::string &out, const registry::UseEvidence &evidence, Time now)
{
    out += fmt::format("\n## Use, as of {}\n\n", minute(now));
    if (!evidence.recordedSince) {
        out += "No use was ever recorded.\n";
        return;
    }
    out += fmt::format("Recorded since {}; {} uses are known to be missing", minute(*evidence.recordedSince), evidence.gaps.lost);
    if (evidence.gaps.unknown > 0)
        out += fmt::format(", and some may be at {} moments", evidence.gaps.unknown);
    out += (evidence.gaps.since ? ", since " + day(*evidence.gaps.since) : std::string()) + ".\n\n";
    out += fmt::format("- accepted uses: {} in 30 days, {} in 90 days\n- people: {} in 30 days, {} in 90 days\n"
                       "- projects: {} in 30 days, {} in 90 days\n- accepted uses that nobody is known to stand behind: {} in 30 days, {} in 90 days\n- refused uses that nobody is known to stand behind: {}\n",
                       evidence.month.accepted, evidence.quarter.accepted, evidence.month.people, evidence.quarter.people, evidence.month.projects,
                       evidence.quarter.projects, evidence.month.anonymous, evidence.quarter.anonymous,
                       evidence.quarter.unattributed);
    if (evidence.people.empty())
        return;
    out += "\n| person | last use | 30 days | 90 days | refused | projects | told | moved over |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n";
    for (const registry::PersonUse &person : evidence.people) {
        out += fmt::format("| {} | {} | {} | {} | {} | {} | {} | {} |\n", cell(person.user.name), minute(person.lastUse), person.uses30,
                           person.uses90, person.refused, cell(listed(person.projects)),
                           person.told ? fmt::format("{} {}", person.told->outcome, day(person.told->time)) : std::string(),
                           person.movedOver ? fmt::format("{}, {}", day(*person.movedOver), person.movedTo) : std::string());
    }
}

}  // namespace

api::DeprecationMessage draftFor(const registry::PersonUse &person, const registry::DeprecationView &record, std::string_view registryName)
{
    const catalog::DeprecationRow &row = record.row;
    api::DeprecationMessage out;
    out.user = person.user.name;
    out.email = person.user.email;
    out.subject = row.sunset ? fmt::format("[{}] {} ends on {}", registryName, row.title, day(*row.sunset))
                             : fmt::format("[{}] {} is going to end", registryName, row.title);
    std::string text = fmt::format("Hello {},\n\n{} of {} {}.\n", person.user.name, row.title, registryName,
                                   row.sunset ? "ends on " + day(*row.sunset) : std::string("is going to end"));
    if (person.uses90 > 0)
        text += fmt::format("You used it {} times in the last 90 days, on {} for the last time.\n", person.uses90, day(person.lastUse));
    if (!person.projects.empty())
        text += "\nYour projects that came by it: " + listed(person.projects) + "\n";
    if (!row.replacement.empty())
        text += "\nUse instead: " + row.replacement + "\n";
    if (!row.command.empty()) {
        text += "\n";
        const std::string command = replaced(row.command, "{user}", person.user.name);
        if (command.find("{project}") == std::string::npos || person.projects.empty()) {
            text += "    " + command + "\n";
        } else {
            for (const std::string &project : person.projects)
                text += "    " + replaced(command, "{project}", project) + "\n";
        }
    }
    if (!row.link.empty())
        text += "\nMore: " + row.link + "\n";
    Time next{};
    for (const catalog::BrownOutRow &window : record.brownOuts) {
        if (!window.ended && window.starts > person.lastUse && next == Time{}) {
            next = window.starts;
            text += fmt::format("\nIt is switched off for a while before, to find who has not read this: {} to {}.\n", minute(window.starts),
                                minute(window.ends));
        }
    }
    text += "\nIf you cannot move in time, answer to this mail.\n";
    out.text = std::move(text);
    return out;
}

std::string reportOf(const registry::DeprecationView &record, const registry::UseEvidence &evidence, std::string_view registryName, Time now)
{
    const catalog::DeprecationRow &row = record.row;
    std::string out = fmt::format("# {}\n\nRecord {} of {}, revision {}, in the stage {} since {}.\n\n", cell(row.title), row.id,
                                  cell(std::string(registryName)), row.revision, words(row.state), minute(row.since));
    out += fmt::format("- what retires: {} {}\n", words(row.kind), cell(row.subject));
    for (const auto &[name, value] : {std::pair("owner", row.owner), std::pair("replacement", row.replacement), std::pair("link", row.link)}) {
        if (!value.empty())
            out += fmt::format("- {}: {}\n", name, cell(value));
    }
    for (const auto &[name, date] : {std::pair("deprecated", row.deprecated), std::pair("sunset", row.sunset), std::pair("removal", row.removal)}) {
        if (date)
            out += fmt::format("- {}: {}\n", name, day(*date));
    }
    addSteps(out, record);
    addBrownOuts(out, record);
    addAnswers(out, record);
    addEvidence(out, evidence, now);
    if (!record.exemptions.empty()) {
        out += "\n## Exemptions\n\n";
        for (const catalog::DeprecationExemptionRow &exemption : record.exemptions)
            out += fmt::format("- {} until {}, by {}: {}\n", cell(exemption.userName), minute(exemption.until), cell(exemption.author),
                               cell(exemption.reason));
    }
    return out;
}

}  // namespace cm::server
