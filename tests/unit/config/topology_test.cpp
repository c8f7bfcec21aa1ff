// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/config/agent_config.h"
#include "core/config/topology.h"

#include <algorithm>
#include <cstdlib>
#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>

using namespace cm;
using namespace cm::config;

namespace {

struct File {
    explicit File(const std::string &content)
    {
        std::string name = (std::filesystem::temp_directory_path() / "cm-topology-XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        folder = name;
        path = folder / "topology.toml";
        std::ofstream(path) << content;
        std::filesystem::permissions(path, std::filesystem::perms(0600));
    }
    ~File() { std::filesystem::remove_all(folder); }
    File(const File &) = delete;
    std::filesystem::path folder, path;
};

bool tells(const Error &error, const std::string &where, const std::string &what)
{
    return std::any_of(error.fields.begin(), error.fields.end(), [&](const FieldProblem &problem) {
        return problem.field.ends_with(where) && problem.problem.find(what) != std::string::npos;
    });
}

constexpr const char *whole = R"(name = "lab"
[registry]
url = "https://pypi.test/"
name = "shop"
canary_project = "canary"
[[host]]
name = "h1"
address = "10.0.0.1"
site = "a"
[[web]]
name = "web1"
host = "h1"
port = 8427
[[postgres]]
name = "db1"
host = "h1"
port = 5432
data = "/srv/pg"
monitor_user = "watcher"
slot = "db1"
[[pgpool]]
name = "pool1"
host = "h1"
port = 9999
pcp_port = 9898
watchdog_port = 9000
heartbeat_port = 9694
witness = true
[[cdn]]
name = "cdn1"
host = "h1"
port = 80
kind = "varnish"
[[certificate]]
name = "cert1"
host = "h1"
port = 443
file = "/etc/cert.pem"
[[disk]]
name = "disk1"
host = "h1"
path = "/srv"
[monitor]
host = "h1"
listen = "10.0.0.1:8428"
interval_ms = 500
[[agent]]
host = "h1"
listen = "10.0.0.1:8429"
)";

}  // namespace

TEST_CASE("a whole topology is read, with the address of each host")
{
    const File file(whole);
    const auto topology = loadTopology(file.path);
    REQUIRE(topology);
    CHECK(topology->registryName == "shop");
    CHECK(topology->webs[0].address == "10.0.0.1");
    CHECK(topology->webs[0].site == "a");
    CHECK(topology->databases[0].monitorUser == "watcher");
    CHECK(topology->pools[0].witness);
    CHECK(topology->pools[0].watchdogPort == 9000);
    CHECK(topology->monitors[0].name == "monitor-h1");
    CHECK(topology->monitors[0].interval == std::chrono::milliseconds(500));
    CHECK(topology->agents[0].listen == "10.0.0.1:8429");
}

TEST_CASE("every problem is told at once, with its line")
{
    const File file(R"([[host]]
name = "h1"
address = "10.0.0.1"
[[web]]
name = "web1"
host = "h2"
port = 70000
[[web]]
name = "web1"
host = "h1"
prot = 80
[[postgres]]
host = "h1"
port = "5432"
[nonsense]
)");
    const auto topology = loadTopology(file.path);
    REQUIRE_FALSE(topology);
    const Error &error = topology.error();
    CHECK(error.code == ErrorCode::InvalidInput);
    CHECK(tells(error, ":4", "no host h2"));
    CHECK(tells(error, ":7", "port has to be"));
    CHECK(tells(error, ":8", "two of the name web1"));
    CHECK(tells(error, ":8", "web needs port"));
    CHECK(tells(error, ":11", "has no key prot"));
    CHECK(tells(error, ":12", "postgres needs name"));
    CHECK(tells(error, ":14", "port has to be"));
    CHECK(tells(error, ":15", "no section nonsense"));
}

TEST_CASE("the one thing that runs on a host may be called as the host is")
{
    const std::string host = "[[host]]\nname = \"h1\"\naddress = \"10.0.0.1\"\n[[host]]\nname = \"h2\"\naddress = \"10.0.0.2\"\n";
    const std::string web = "[[web]]\nname = \"h1\"\nhost = \"h1\"\nport = 1\n";
    CHECK(loadTopology(File(host + web + "[[disk]]\nname = \"d1\"\nhost = \"h1\"\npath = \"/\"\n").path));
    // What is said of a host and of one of several on it has to be told apart.
    const auto shared = loadTopology(File(host + web + "[[cdn]]\nname = \"edge\"\nhost = \"h1\"\nport = 2\n").path);
    REQUIRE_FALSE(shared);
    CHECK(tells(shared.error(), ":11", "none of them may have its name"));
    const auto elsewhere = loadTopology(File(host + "[[web]]\nname = \"h1\"\nhost = \"h2\"\nport = 1\n").path);
    REQUIRE_FALSE(elsewhere);
    CHECK(tells(elsewhere.error(), ":7", "is the name of a host"));
}

TEST_CASE("the lab's topologies, the ones from which nodes are set up, are sound")
{
    const std::filesystem::path root = std::filesystem::path(CHEESEMONGER_TEST_DATA).parent_path().parent_path();
    const auto other = loadTopology(root / "installer/topology/lab-patroni.toml");
    REQUIRE_MESSAGE(other.has_value(), (other ? std::string() : other.error().detail));
    CHECK(other->failover == "patroni");
    CHECK(other->databases[1].patroniPort == 8008);
    CHECK(other->databases[1].patroniTls);
    CHECK(other->etcds.size() == 3);
    CHECK(other->etcds[2].host == "witness");
    CHECK(other->pools.empty());
    const auto topology = loadTopology(root / "installer/topology/lab.toml");
    REQUIRE_MESSAGE(topology.has_value(), (topology ? std::string() : topology.error().detail));
    CHECK(topology->monitors.size() == 1);
    CHECK(topology->webs[0].tls);
}

TEST_CASE("a file that is none, or is not there")
{
    const File file("name = ");
    CHECK_FALSE(loadTopology(file.path));
    CHECK_FALSE(loadTopology(file.folder / "other.toml"));
}

TEST_CASE("secrets are read only when nobody else can")
{
    const File file("monitor_password = \"a\"\nprobe_token = \"b\"\n");
    CHECK(loadMonitorSecrets(file.path)->monitorPassword == "a");
    std::filesystem::permissions(file.path, std::filesystem::perms(0640));
    CHECK(loadMonitorSecrets(file.path).error().code == ErrorCode::Forbidden);
}

TEST_CASE("the monitor's section stands beside the registry's")
{
    const File file("[serve]\nlisten = \"127.0.0.1:1\"\n[monitor]\nlisten = \"127.0.0.1:2\"\n[[monitor.webhook]]\nname = \"pager\"\n"
                    "url = \"http://127.0.0.1:9/\"\nheaders = [\"X-Key: 1\"]\n");
    const auto config = loadMonitorConfig(file.path);
    REQUIRE(config);
    CHECK(config->listen == "127.0.0.1:2");
    CHECK(config->webhooks[0].headers == std::vector<std::string>{"X-Key: 1"});
    const File wrong("[monitor]\nlisten = 1\n[monitor.tls]\ncert = \"x\"\n");
    const auto refused = loadMonitorConfig(wrong.path);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().fields.size() == 2);
    CHECK(loadMonitorConfig({})->listen == "127.0.0.1:8428");
}

TEST_CASE("an agent without TLS, or with a certificate and no key, is refused with every problem")
{
    const File bare("[agent]\nstate = \"/s\"\n");
    REQUIRE_FALSE(loadAgentConfig(bare.path));
    CHECK(loadAgentConfig(bare.path).error().detail.find("TLS") != std::string::npos);
    const File half("[agent]\nstate = \"/s\"\n[agent.tls]\ncert = \"c\"\n[[agent.service]]\nname = \"x\"\n");
    const auto refused = loadAgentConfig(half.path);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().fields.size() == 3);
    CHECK_FALSE(loadAgentConfig({}));
    const File monitor("[monitor.agents]\nca = \"x\"\n");
    CHECK_FALSE(loadMonitorConfig(monitor.path));
}

TEST_CASE("mail receivers: what is missing is told, and names are unique")
{
    const std::string mail = "[[monitor.mail]]\nname = \"ops\"\nserver = \"smtp://mail.example.org:587\"\nuser = \"monitor\"\n"
                             "from = \"monitor@example.org\"\nto = [\"ada@example.org\"]\n";
    const File file("[monitor]\n" + mail);
    const auto config = loadMonitorConfig(file.path);
    REQUIRE(config);
    CHECK(config->mails[0].to == std::vector<std::string>{"ada@example.org"});
    CHECK(config->mails[0].tls.empty());
    for (const std::string &wrong : {mail + "tls = \"maybe\"\n", mail + mail, std::string("[[monitor.mail]]\nname = \"ops\"\nserver = \"x\"\nfrom = \"y\"\n"),
                                     mail + "[[monitor.webhook]]\nname = \"ops\"\nurl = \"http://127.0.0.1/\"\n"})
        CHECK_FALSE(loadMonitorConfig(File("[monitor]\n" + wrong).path));
    const File secrets("probe_token = \"b\"\n[mail]\nops = \"secret\"\n");
    CHECK(loadMonitorSecrets(secrets.path)->mailPasswords.at("ops") == "secret");
}

TEST_CASE("the documented example is sound, and so are the documented keys of the monitor")
{
    const std::filesystem::path folder = std::filesystem::path(CHEESEMONGER_TEST_DATA).parent_path().parent_path() / "resources/config";
    const auto topology = loadTopology(folder / "topology.toml");
    REQUIRE_MESSAGE(topology.has_value(), (topology ? std::string() : topology.error().detail));
    CHECK(topology->pools[1].witness);
    CHECK(loadMonitorConfig(folder / "cheesemongerd.toml"));

    std::ifstream in(folder / "cheesemongerd.toml");
    std::string spelledOut;
    for (std::string line; std::getline(in, line);)
        spelledOut += (line.size() > 1 && line[0] == '#' && line[1] != ' ' ? line.substr(1) : line) + "\n";
    const File file(spelledOut);
    const auto config = loadMonitorConfig(file.path);
    REQUIRE_MESSAGE(config.has_value(), (config ? std::string() : config.error().detail));
    CHECK(config->webhooks.size() == 1);
    CHECK(config->mails.size() == 1);
    CHECK(config->listen == MonitorConfig().listen);

    const auto agent = loadAgentConfig(file.path);
    REQUIRE_MESSAGE(agent.has_value(), (agent ? std::string() : agent.error().detail));
    CHECK(agent->listen == AgentConfig().listen);
    CHECK(agent->disks.at(0).name == "web1-files");
    CHECK(agent->certificates.at(0).path == "/etc/cheesemonger/web/tls.pem");
    CHECK(agent->services.at(0).process == "cheesemongerd serve");
    CHECK(agent->web.drainFile == "/run/cheesemonger/drain.json");
    CHECK(agent->databaseControl == "/run/cheesemonger/keeper.sock");
}
