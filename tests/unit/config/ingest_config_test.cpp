// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/config/ingest_config.h"
#include "tests/unit/config/written.h"

#include <doctest/doctest.h>
#include <set>

using namespace cm;
using namespace cm::config;
using cm::config::test::written;

namespace {

}  // namespace

TEST_CASE("the documented ingester is valid, names every key and tells its default")
{
    std::ifstream in(std::filesystem::path(CHEESEMONGER_TEST_DATA).parent_path().parent_path() / "resources/config/cheesemongerd.toml");
    std::set<std::string> documented;
    std::string text, section;
    bool ours = false;
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with("# Read by"))
            ours = line.find("cheesemongerd ingest") != std::string::npos;
        if (!ours)
            continue;
        if (line.starts_with("[ingest"))
            section = line.substr(7, line.find(']') - 7);
        if (line.size() > 1 && line[0] == '#' && line[1] != ' ') {
            line.erase(0, 1);
            const std::string name = line.substr(0, line.find(' '));
            documented.insert(section.empty() ? name : section.substr(1) + "." + name);
        }
        text += line + "\n";
    }
    for (const std::string_view key : ingestKeys())
        CHECK_MESSAGE(documented.contains(std::string(key)), "not documented: ", key);
    CHECK(documented.size() == ingestKeys().size());
    const auto path = written(text);
    Inputs inputs;
    inputs.file = path;
    const auto config = loadIngestConfig(inputs);
    REQUIRE_MESSAGE(config, (config ? std::string() : config.error().detail));
    const IngestConfig defaults;
    CHECK(config->relp == defaults.relp);
    CHECK(config->status == defaults.status);
    CHECK(config->spool == defaults.spool);
    CHECK(config->spoolLimit == defaults.spoolLimit);
    CHECK(config->strict == defaults.strict);
    CHECK(config->earliest == defaults.earliest);
    CHECK(config->window == defaults.window);
    CHECK(config->maxConnections == defaults.maxConnections);
    CHECK(config->maxConnectionsOfAddress == defaults.maxConnectionsOfAddress);
    CHECK(config->idle == defaults.idle);
    CHECK(config->logLevel == defaults.logLevel);
    std::filesystem::remove_all(path.parent_path());
}

TEST_CASE("an ingester's flags win over variables of its own, which win over the file")
{
    const auto path = written("[serve]\nthreads = 1\n[ingest]\nmode = \"strict\"\n[ingest.listen]\nrelp = \"127.0.0.1:1\"\ntcp = \"127.0.0.1:2\"\nudp = \"[::1]:3\"\n");
    Inputs inputs;
    inputs.file = path;
    inputs.environment = [](const std::string &name) -> std::optional<std::string> {
        return name == "CHEESEMONGER_INGEST_LISTEN_TCP" || name == "CHEESEMONGER_INGEST_LISTEN_RELP" ? std::optional<std::string>("127.0.0.1:20") : std::nullopt;
    };
    inputs.flags = {{"listen.relp", "127.0.0.1:30", "--relp"}};
    const auto config = loadIngestConfig(inputs);
    REQUIRE(config);
    CHECK(config->relp == "127.0.0.1:30");
    CHECK(config->tcp == "127.0.0.1:20");
    CHECK(config->udp == "[::1]:3");
    CHECK(config->strict);
    CHECK(config->tls.empty());
    std::filesystem::remove_all(path.parent_path());
}

TEST_CASE("everything that is wrong with an ingester is told at once")
{
    const auto path = written("[ingest]\nspool_limit = \"1MB\"\nmode = \"loose\"\nwindow = 0\nearliest = \"2014-31-01\"\nidle = \"soon\"\nbogus = 1\n"
                              "status = \"\"\n[ingest.listen]\nrelp = \"nowhere\"\ntls = \"127.0.0.1:6514\"\n");
    Inputs inputs;
    inputs.file = path;
    const auto config = loadIngestConfig(inputs);
    REQUIRE_FALSE(config);
    CHECK(config.error().code == ErrorCode::InvalidInput);
    CHECK(config.error().fields.size() == 9);
    std::filesystem::remove_all(path.parent_path());
}

TEST_CASE("a certificate without anything to listen for with it is an error")
{
    for (const char *key : {"client_ca = \"/ca.pem\"\n", "cert = \"/cert.pem\"\nkey = \"/key.pem\"\n"}) {
        const auto path = written("[ingest.listen]\ntcp = \"127.0.0.1:1\"\n[ingest.tls]\n" + std::string(key));
        Inputs inputs;
        inputs.file = path;
        const auto config = loadIngestConfig(inputs);
        REQUIRE_FALSE(config);
        CHECK(config.error().fields.size() == 1);
        std::filesystem::remove_all(path.parent_path());
    }
}
