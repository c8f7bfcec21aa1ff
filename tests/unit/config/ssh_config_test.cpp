// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/config/ssh_config.h"
#include "tests/unit/config/written.h"

#include <cstdlib>
#include <doctest/doctest.h>
#include <set>

using namespace cm;
using namespace cm::config;
using cm::config::test::written;

namespace {

Result<SshConfig> loaded(const std::string &text)
{
    return loadSshConfig(written(text));
}

const std::string least = "[ssh]\nnodes = [\"https://192.0.2.10:8427/\"]\nkey_file = \"/k\"\n";

}  // namespace

TEST_CASE("the documented configuration of sshd's hosts is valid, names every key and tells its default")
{
    std::ifstream in(std::filesystem::path(CHEESEMONGER_TEST_DATA).parent_path().parent_path() / "resources/config/cheesemongerd.toml");
    std::set<std::string> documented;
    std::string text;
    bool ours = false;
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with("# Read by"))
            ours = line.find("cheesemongerd ssh-keys") != std::string::npos;
        if (!ours)
            continue;
        if (line.size() > 1 && line[0] == '#' && line[1] != ' ') {
            line.erase(0, 1);
            documented.insert(line.substr(0, line.find(' ')));
        }
        text += line + "\n";
    }
    for (const std::string_view key : sshKeys())
        CHECK_MESSAGE(documented.contains(std::string(key)), "not documented: ", key);
    CHECK(documented.size() == sshKeys().size());
    const auto config = loaded(text);
    REQUIRE_MESSAGE(config, (config ? std::string() : config.error().detail));
    CHECK(config->nodes == std::vector<std::string>{"https://192.0.2.10:8427", "https://192.0.2.11:8427"});
    const SshConfig defaults;
    CHECK(config->user == defaults.user);
    CHECK(config->ca == defaults.ca);
    CHECK(config->snapshot == defaults.snapshot);
    CHECK(config->spool == defaults.spool);
    CHECK(config->health == defaults.health);
    CHECK(config->fileLimit == defaults.fileLimit);
    CHECK(config->atOnce == defaults.atOnce);
    CHECK(config->receive == defaults.receive);
    CHECK(config->follow == defaults.follow);
}

TEST_CASE("what sshd's hosts need is asked for, and no secret goes over http to another machine")
{
    CHECK(loaded(least)->nodes.front() == "https://192.0.2.10:8427");
    CHECK_FALSE(loaded("[ssh]\n"));
    CHECK(loaded("[ssh]\n").error().fields.size() == 2);
    CHECK_FALSE(loaded("[ssh]\nnodes = [\"http://192.0.2.10:8427\"]\nkey_file = \"/k\"\n"));
    CHECK(loaded("[ssh]\nnodes = [\"http://127.0.0.1:8427\"]\nkey_file = \"/k\"\n"));
    CHECK_FALSE(loaded(least + "user = \"Root!\"\n"));
    CHECK_FALSE(loaded(least + "at_once = 0\n"));
    CHECK_FALSE(loaded(least + "health = \"here\"\n"));
    CHECK(loaded(least + "health = \"192.0.2.16:8432\"\n"));
    CHECK_FALSE(loaded(least + "colour = \"red\"\n"));
    ::setenv("CHEESEMONGER_SSH_USER", "root", 1);
    CHECK(loaded(least)->user == "submit");
    ::unsetenv("CHEESEMONGER_SSH_USER");
}
