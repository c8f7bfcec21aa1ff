// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/config/mirror_config.h"
#include "tests/unit/config/written.h"

#include <doctest/doctest.h>
#include <set>
#include <sstream>

using namespace cm;
using namespace cm::config;
using cm::config::test::written;

namespace {

Inputs inputsOf(const std::filesystem::path &file)
{
    Inputs inputs;
    inputs.file = file;
    inputs.flags = {{"to", "/somewhere", "--to"}};
    return inputs;
}

}  // namespace

TEST_CASE("the documented mirror is valid, names every key and tells its default")
{
    std::ifstream in(std::filesystem::path(CHEESEMONGER_TEST_DATA).parent_path().parent_path() / "resources/config/cheesemongerd.toml");
    std::set<std::string> documented;
    std::string text, section;
    bool ours = false;
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with("# Read by"))
            ours = line.find("cheesemongerd mirror") != std::string::npos;
        if (!ours)
            continue;
        if (line.starts_with("[mirror"))
            section = line.substr(7, line.find(']') - 7);
        if (line.size() > 1 && line[0] == '#' && line[1] != ' ') {
            line.erase(0, 1);
            const std::string name = line.substr(0, line.find(' '));
            documented.insert(section.empty() ? name : section.substr(1) + "." + name);
            // A mirror without an address or a folder is none.
            if (name == "from" || name == "to")
                continue;
        }
        text += line + "\n";
    }
    for (const std::string_view key : mirrorKeys())
        CHECK_MESSAGE(documented.contains(std::string(key)), "not documented: ", key);
    CHECK(documented.size() == mirrorKeys().size());
    const auto path = written(text);
    const auto config = loadMirrorConfig(inputsOf(path));
    REQUIRE_MESSAGE(config, (config ? std::string() : config.error().detail));
    const MirrorConfig defaults;
    CHECK(config->every == defaults.every);
    CHECK(config->jobs == defaults.jobs);
    CHECK(config->bandwidth == defaults.bandwidth);
    CHECK(config->scrubPercent == defaults.scrubPercent);
    CHECK(config->grace == defaults.grace);
    CHECK(config->indexEvery == defaults.indexEvery);
    CHECK(config->compareEvery == defaults.compareEvery);
    CHECK(config->brakePercent == defaults.brakePercent);
    CHECK(config->brakeProjects == defaults.brakeProjects);
    CHECK(config->prereleases == defaults.prereleases);
    CHECK(config->latest == defaults.latest);
    CHECK(config->platforms == defaults.platforms);
    CHECK(config->sdists == defaults.sdists);
    CHECK(config->logLevel == defaults.logLevel);
    std::filesystem::remove_all(path.parent_path());
}

TEST_CASE("a mirror's flags win over variables of its own, which win over the file, and lists are lists everywhere")
{
    const auto path = written("[serve]\nthreads = 1\n[mirror]\nfrom = \"http://one/\"\nscrub_percent = 2.5\n[mirror.projects]\nallow = [\"a\", \"b-*\"]\n");
    Inputs inputs = inputsOf(path);
    inputs.environment = [](const std::string &name) -> std::optional<std::string> {
        if (name == "CHEESEMONGER_MIRROR_FROM")
            return "http://two/";
        if (name == "CHEESEMONGER_MIRROR_PROJECTS_DENY")
            return "x, y-*";
        return std::nullopt;
    };
    inputs.flags.push_back({"every", "5m", "--every"});
    const auto config = loadMirrorConfig(inputs);
    REQUIRE(config);
    CHECK(config->from == "http://two/");
    CHECK(config->scrubPercent == 2.5);
    CHECK(config->every == std::chrono::minutes(5));
    CHECK(config->allow == std::vector<std::string>{"a", "b-*"});
    CHECK(config->deny == std::vector<std::string>{"x", "y-*"});
    std::filesystem::remove_all(path.parent_path());
}

TEST_CASE("everything that is wrong with a mirror is told at once")
{
    Inputs inputs;
    inputs.flags = {{"from", "ftp://x", "--from"}, {"every", "0s", "--every"}, {"jobs", "many", "--jobs"}, {"scrub_percent", "101", "--scrub"},
                    {"bandwidth", "fast", "--bandwidth"}, {"projects.allow", "a,,b", "--allow"}};
    const auto config = loadMirrorConfig(inputs);
    REQUIRE(!config);
    CHECK(config.error().fields.size() == 7);
}

TEST_CASE("durations are what people write")
{
    CHECK(*parseDuration("90") == std::chrono::seconds(90));
    CHECK(*parseDuration("60s") == std::chrono::seconds(60));
    CHECK(*parseDuration("2h") == std::chrono::hours(2));
    for (const char *text : {"", "s", "5x", "-1s", "1.5m", "99999999999d"})
        CHECK(!parseDuration(text));
}
