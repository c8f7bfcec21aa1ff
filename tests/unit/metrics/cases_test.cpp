// SPDX-License-Identifier: GPL-3.0-or-later
// The recorded cases: the compatible mode does what PyPI's own parser did, and the README says where the strict differs.
#include "core/metrics/parsed_json.h"
#include "core/metrics/user_agent.h"
#include "tests/unit/metrics/lines.h"

#include <doctest/doctest.h>
#include <map>

using namespace cm::metrics;
using namespace cm::metrics::test;
namespace json = boost::json;

namespace {

std::string textOf(const json::object &object, const char *key)
{
    const json::value *const found = object.if_contains(key);
    return found && found->is_string() ? std::string(found->as_string()) : std::string();
}

std::string labelOf(const json::object &recorded)
{
    return recorded.contains("label") ? textOf(recorded, "label") : textOf(recorded, "user_agent");
}

// What people want to know of a line, in a few words.
std::string summary(const Parsed &parsed)
{
    if (!parsed.record) {
        const bool refused = parsed.outcome == Outcome::Refused;
        return (parsed.outcome == Outcome::Ignored ? "ignored: " : refused ? "refused: " : "unprocessed: ") + parsed.reason;
    }
    const Record &record = *parsed.record;
    std::string text = parsed.outcome == Outcome::Simple ? "simple" : "download";
    text += record.project.empty() ? "" : " of " + record.project;
    if (record.file)
        text += " " + record.file->version + " " + record.file->type;
    text += record.countryCode ? ", " + *record.countryCode : "";
    text += ", " + std::string(cm::api::nameOf(*parsed.clientClass));
    if (!record.details)
        return text + ", no details";
    const Details &details = *record.details;
    if (details.installer) {
        text += ", " + details.installer->name.value_or("no name");
        text += details.installer->version ? " " + *details.installer->version : "";
        text += details.installer->subcommand ? " (" + *details.installer->subcommand + ")" : "";
    }
    text += details.distro && details.distro->name ? ", " + *details.distro->name : "";
    text += details.python ? ", Python " + *details.python : "";
    return text;
}

// A cell of a table in Markdown.
std::string inTable(std::string_view text)
{
    std::string out;
    for (const char c : text) {
        if (c == '|')
            out += "\\|";
        else if (c == '\0')
            out += "\\0";
        else
            out += c;
    }
    return out;
}

std::vector<std::string> readmeLines()
{
    std::ifstream stream(std::string(CHEESEMONGER_TEST_DATA) + "/../../core/metrics/README.md");
    std::vector<std::string> lines;
    for (std::string line; std::getline(stream, line);)
        lines.push_back(line);
    return lines;
}

}  // namespace

TEST_CASE("the compatible mode gives what PyPI's parser gave, for each recorded case")
{
    Parser parser(Mode::Compatible);
    const auto cases = casesOf("download-log-cases.jsonl");
    REQUIRE(cases.size() == 58);
    for (const json::object &recorded : cases) {
        const std::string line = textOf(recorded, "line");
        const json::object given = json::parse(toJsonText(parser.parse(line, arrival))).as_object();
        const std::string outcome = textOf(given, "outcome");
        CHECK_MESSAGE((outcome == "download" || outcome == "simple" ? "stored" : outcome) == textOf(recorded, "outcome"), line);
        if (recorded.contains("reason"))
            CHECK_MESSAGE(textOf(given, "reason") == textOf(recorded, "reason"), line);
        if (const json::value *const record = recorded.if_contains("record"))
            CHECK_MESSAGE(given.at("record") == *record, line);
        if (const json::value *const details = recorded.if_contains("details")) {
            const json::object *const record = given.at("record").if_object();
            const json::value *const found = record ? record->if_contains("details") : nullptr;
            CHECK_MESSAGE((found ? *found : json::value(nullptr)) == *details, line);
        }
    }
}

TEST_CASE("the README lists what the strict mode does otherwise, and nothing else")
{
    Parser compatible(Mode::Compatible), strict(Mode::Strict);
    std::vector<std::string> expected;
    for (const char *file : {"download-log-cases.jsonl", "download-log-strict.jsonl"}) {
        for (const json::object &recorded : casesOf(file)) {
            const std::string line = textOf(recorded, "line");
            const std::string first = summary(compatible.parse(line, arrival)), second = summary(strict.parse(line, arrival));
            if (first != second)
                expected.push_back("| `" + inTable(labelOf(recorded)) + "` | " + inTable(first) + " | " + inTable(second) + " |");
        }
    }
    CHECK(expected.size() > 60);
    std::vector<std::string> listed;
    bool inside = false;
    for (const std::string &line : readmeLines()) {
        inside = line.starts_with("## Where the strict mode differs") || (inside && !line.starts_with("## "));
        if (inside && line.starts_with("| `"))
            listed.push_back(line);
    }
    for (std::size_t i = 0; i < std::max(expected.size(), listed.size()); ++i)
        CHECK((i < listed.size() ? listed[i] : "nothing") == (i < expected.size() ? expected[i] : "nothing"));
}

TEST_CASE("clients are in the classes that the README names")
{
    std::size_t rows = 0;
    bool inside = false;
    for (const std::string &line : readmeLines()) {
        inside = line.starts_with("## Client classes") || (inside && !line.starts_with("## "));
        if (!inside || !line.starts_with("| `"))
            continue;
        // "| `pip`, `uv` | interactive, ci | why |"
        const std::size_t end = line.find(" | ");
        const std::string classes = line.substr(end + 3, line.find(" | ", end + 3) - end - 3);
        for (std::size_t at = line.find('`'); at < end; at = line.find('`', at)) {
            const std::size_t close = line.find('`', at + 1);
            const std::string name = line.substr(at + 1, close - at - 1);
            at = close + 1;
            CHECK_MESSAGE(classes.starts_with(cm::api::nameOf(classOfInstaller(name, false))), name);
            CHECK_MESSAGE(classes.ends_with(cm::api::nameOf(classOfInstaller(name, true))), name);
            ++rows;
        }
    }
    CHECK(rows > 30);
}
