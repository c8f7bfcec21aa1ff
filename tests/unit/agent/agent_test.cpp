// SPDX-License-Identifier: GPL-3.0-or-later
// An agent behind its real server, asked by the monitor's client, with certificates of a real authority.
#include "core/agent/agent_application.h"
#include "core/agent/authority.h"
#include "core/base/hash.h"
#include "core/host/drain_file.h"
#include "core/host/mirror_orders.h"
#include "core/host/whole_file.h"
#include "core/http/server.h"
#include "core/monitor/probes/agent_client.h"

#include <csignal>
#include <cstdlib>
#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>
#include <sys/stat.h>
#include <unistd.h>

using namespace cm;
using namespace cm::agent;
namespace ep = cm::api::endpoints::agent;

namespace {

class Folder {
public:
    Folder()
    {
        std::string name = (std::filesystem::temp_directory_path() / "cm-agent-XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        path = name;
    }
    ~Folder() { std::filesystem::remove_all(path); }
    Folder(const Folder &) = delete;
    Folder &operator=(const Folder &) = delete;
    std::filesystem::path path;
};

struct Fixture {
    Fixture()
    {
        REQUIRE(createAuthority(folder.path / "ca", clock.now()));
        issue(CertificateKind::Agent, "agent-one");
        issue(CertificateKind::Monitor, "monitor-one");
        issue(CertificateKind::Observer, "watcher");
        config.listen = "127.0.0.1:0";
        config.state = folder.path;
        config.tlsCert = certificate("agent-one");
        config.tlsKey = key("agent-one");
        config.clientCa = folder.path / "out" / "authority.pem";
        config.disks = {{"root", "/"}, {"gone", "/nowhere/at/all"}};
        config.certificates = {{"own", certificate("agent-one").string()}};
        config.web.drainFile = folder.path / "drain.json";
    }

    void issue(CertificateKind kind, const std::string &name, const char *authority = "ca", const char *out = "out")
    {
        const auto issued = issueCertificate(folder.path / authority, {kind, name, {}, std::chrono::days(1)}, folder.path / out, clock.now());
        REQUIRE_MESSAGE(issued.has_value(), (issued ? std::string() : issued.error().detail));
    }
    [[nodiscard]] std::filesystem::path certificate(const std::string &name) const { return folder.path / "out" / (name + ".pem"); }
    [[nodiscard]] std::filesystem::path key(const std::string &name) const { return folder.path / "out" / (name + ".key"); }

    void start()
    {
        agent = std::make_unique<Agent>(config, "host", "1", clock, log);
        application = std::make_unique<AgentApplication>(*agent, executor, log);
        http::ServerOptions options;
        options.threads = 1;
        options.listeners.push_back({config.listen, config.tlsCert.string(), config.tlsKey.string(), config.clientCa.string()});
        server = std::make_unique<http::Server>(options, *application, clock, log);
        REQUIRE(agent->start());
        REQUIRE(server->start());
    }
    [[nodiscard]] monitor::AgentClient client(const std::string &name, const std::string &expected = "agent-one") const
    {
        return monitor::AgentClient({"127.0.0.1", server->port(), expected, (folder.path / "out" / "authority.pem").string(),
                                     name.empty() ? "" : certificate(name).string(), name.empty() ? "" : key(name).string()});
    }
    [[nodiscard]] static monitor::ProbeTime soon() { return {std::chrono::steady_clock::now() + std::chrono::seconds(20), {}}; }

    Folder folder;
    SystemClock clock;
    Log log{LogLevel::Info, (folder.path / "log").string()};
    config::AgentConfig config;
    Executor executor{"test", 2, 16};
    std::unique_ptr<Agent> agent;
    std::unique_ptr<AgentApplication> application;
    std::unique_ptr<http::Server> server;
};

api::OrderDrain drainFor(const Clock &clock, std::chrono::minutes time)
{
    return {{"ann", "a new disk"}, clock.now() + time};
}

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a monitor reads the state of a host, with what is not known said so")
{
    start();
    const auto state = client("monitor-one").state(soon());
    REQUIRE_MESSAGE(state.has_value(), (state ? std::string() : state.error().detail));
    CHECK(state->host == "host");
    REQUIRE(state->disks.size() == 2);
    CHECK(state->disks[0].total > 0);
    CHECK(state->disks[0].problem.empty());
    CHECK(state->disks[1].total == 0);
    CHECK_FALSE(state->disks[1].problem.empty());
    REQUIRE(state->certificates.size() == 1);
    CHECK(state->certificates[0].subject == "CN=agent-one,OU=agent,O=Cheesemonger");
    CHECK_FALSE(state->database);
    CHECK_FALSE(state->drain);
    CHECK(state->booted);
}

TEST_CASE_FIXTURE(Fixture, "an operator's drain is written, told and taken back, an observer's is refused")
{
    start();
    auto monitor = client("monitor-one");
    const auto drained = monitor.order<ep::drain>(drainFor(clock, std::chrono::minutes(5)), soon());
    REQUIRE_MESSAGE(drained.has_value(), (drained ? std::string() : drained.error().detail));
    auto watcher = client("watcher");
    REQUIRE(watcher.state(soon()));
    CHECK(watcher.state(soon())->drain->by == "ann");
    const auto refused = watcher.order<ep::returnWeb>({{"bob", "x"}}, soon());
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::Forbidden);
    CHECK(std::filesystem::exists(config.web.drainFile));
    REQUIRE(monitor.order<ep::returnWeb>({{"ann", "done"}}, soon()));
    CHECK_FALSE(std::filesystem::exists(config.web.drainFile));
    CHECK_FALSE(monitor.state(soon())->drain);
    CHECK(monitor.order<ep::drain>(drainFor(clock, std::chrono::minutes(-1)), soon()).error().code == ErrorCode::InvalidInput);
    CHECK(monitor.order<ep::drain>(drainFor(clock, std::chrono::hours(48)), soon()).error().code == ErrorCode::InvalidInput);
    CHECK(monitor.order<ep::returnWeb>({{"", "nobody"}}, soon()).error().code == ErrorCode::InvalidInput);
    log.flush();
    std::ifstream in(folder.path / "log");
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    CHECK(text.find("a new disk") != std::string::npos);
    CHECK(text.find("monitor-one") != std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "what a host does not have cannot be ordered about, and one order excludes another")
{
    config.web.drainFile.clear();
    start();
    auto monitor = client("monitor-one");
    CHECK(monitor.order<ep::drain>(drainFor(clock, std::chrono::minutes(5)), soon()).error().code == ErrorCode::Unsupported);
    CHECK(monitor.order<ep::fence>({{"ann", "x"}}, soon()).error().code == ErrorCode::Unsupported);
    CHECK(monitor.order<ep::heal>({{"ann", "x"}}, soon()).error().code == ErrorCode::Unsupported);
    CHECK(monitor.order<ep::restartBrick>({{"ann", "x"}}, soon()).error().code == ErrorCode::Unsupported);
    CHECK(monitor.order<ep::resolve>({{"ann", "x"}, {"/a"}}, soon()).error().code == ErrorCode::Unsupported);
    const std::lock_guard lock(agent->orders());
    CHECK(monitor.order<ep::fence>({{"ann", "x"}}, soon()).error().code == ErrorCode::Conflict);
    CHECK(monitor.state(soon()));
}

TEST_CASE_FIXTURE(Fixture, "a mirror is told what may go, if it is what it holds back, and which project to look at anew")
{
    std::signal(SIGUSR1, SIG_IGN);
    config.mirror.tree = folder.path / "mirror";
    std::filesystem::create_directory(config.mirror.tree);
    REQUIRE(host::writeWhole(config.mirror.tree / "mirror.pid", std::to_string(::getpid()) + "\n", 0644));
    start();
    auto monitor = client("monitor-one");
    const std::string held = "demo all 1 " + std::string(32, 'a') + "\n";
    const auto allow = [&](const std::string &digest, std::chrono::minutes span) {
        return monitor.order<ep::allowDeletions>({{"ann", "meant"}, digest, clock.now() + span}, soon());
    };
    const std::string digest = hashHex(HashKind::Sha256, held);
    CHECK(allow(digest, std::chrono::minutes(30)).error().detail.find("nothing is held back") != std::string::npos);
    REQUIRE(host::writeWhole(host::heldFile(config.mirror.tree), held, 0644));
    CHECK(allow(hashHex(HashKind::Sha256, "another"), std::chrono::minutes(30)).error().code == ErrorCode::GuardFailed);
    CHECK(allow(digest, std::chrono::minutes(-1)).error().code == ErrorCode::InvalidInput);
    CHECK_FALSE(*host::readAllow(config.mirror.tree));
    CHECK(allow(digest, std::chrono::minutes(30)));
    CHECK((*host::readAllow(config.mirror.tree))->digest == digest);
    CHECK((*host::readAllow(config.mirror.tree))->by == "ann");

    for (const char *hostile : {"", "../pause", "a/b", "-x", "a b"})
        CHECK(monitor.order<ep::syncProject>({{"ann", "x"}, hostile}, soon()).error().code == ErrorCode::InvalidInput);
    CHECK(monitor.order<ep::syncProject>({{"ann", "x"}, std::string(201, 'x')}, soon()).error().code == ErrorCode::InvalidInput);
    CHECK(host::readAgain(config.mirror.tree).empty());
    CHECK(monitor.order<ep::syncProject>({{"ann", "x"}, "De__Mo"}, soon()));
    CHECK(monitor.order<ep::syncProject>({{"ann", "x"}, "de.mo"}, soon()));
    const auto again = host::readAgain(config.mirror.tree);
    REQUIRE(again.size() == 1);
    CHECK(again.front().order->project == "de-mo");

    REQUIRE(host::writeDrain(config.mirror.tree / "pause.json", {clock.now() + std::chrono::minutes(5), "ann", "a deploy"}));
    CHECK(allow(digest, std::chrono::minutes(30)).error().fields.front().field == "not-paused");
    CHECK(monitor.order<ep::syncProject>({{"ann", "x"}, "demo"}, soon()).error().fields.front().field == "not-paused");
}

TEST_CASE_FIXTURE(Fixture, "only certificates of this authority and of the right kind get through")
{
    REQUIRE(createAuthority(folder.path / "other", clock.now()));
    issue(CertificateKind::Monitor, "stranger", "other", "strange");
    issue(CertificateKind::Agent, "agent-two");
    start();
    const auto none = client("").state(soon());
    REQUIRE_FALSE(none);
    CHECK_MESSAGE(none.error().code == ErrorCode::Unauthorized, none.error().detail);
    // It serves; with it nobody asks.
    const auto agentsOwn = client("agent-two").state(soon());
    REQUIRE_FALSE(agentsOwn);
    CHECK_MESSAGE(agentsOwn.error().code == ErrorCode::Unauthorized, agentsOwn.error().detail);
    std::filesystem::copy_file(folder.path / "strange" / "stranger.pem", certificate("stranger"));
    std::filesystem::copy_file(folder.path / "strange" / "stranger.key", key("stranger"));
    const auto stranger = client("stranger").state(soon());
    REQUIRE_FALSE(stranger);
    CHECK_MESSAGE(stranger.error().code == ErrorCode::Unauthorized, stranger.error().detail);
    // And the other way: an agent that is not the one that is expected.
    const auto other = client("monitor-one", "agent-two").state(soon());
    REQUIRE_FALSE(other);
    CHECK(other.error().code == ErrorCode::Unauthorized);
    CHECK(client("monitor-one").state(soon()));
}

TEST_CASE_FIXTURE(Fixture, "an authority is never replaced, its keys are for their owner, names and addresses are checked")
{
    const auto again = createAuthority(folder.path / "ca", clock.now());
    REQUIRE_FALSE(again);
    CHECK(again.error().code == ErrorCode::Conflict);
    for (const auto &file : {folder.path / "ca" / "authority.key", key("agent-one")}) {
        struct stat facts {};
        REQUIRE(::stat(file.c_str(), &facts) == 0);
        CHECK((facts.st_mode & 0777) == 0600);
    }
    const auto out = folder.path / "out";
    const auto issueAs = [&](CertificateKind kind, const std::string &name, std::vector<std::string> addresses) {
        const auto issued = issueCertificate(folder.path / "ca", {kind, name, std::move(addresses), std::chrono::days(1)}, out, clock.now());
        return issued ? ErrorCode::Internal : issued.error().code;
    };
    CHECK(issueAs(CertificateKind::Agent, "a/b", {}) == ErrorCode::InvalidInput);
    CHECK(issueAs(CertificateKind::Agent, "authority", {}) == ErrorCode::InvalidInput);
    CHECK(issueAs(CertificateKind::Agent, "x,DNS:evil", {}) == ErrorCode::InvalidInput);
    CHECK(issueAs(CertificateKind::Agent, "x", {"1.2.3.4,DNS:evil"}) == ErrorCode::InvalidInput);
    CHECK(issueAs(CertificateKind::Monitor, "x", {"1.2.3.4"}) == ErrorCode::InvalidInput);
    const auto issued = issueCertificate(folder.path / "ca", {CertificateKind::Agent, "two", {"10.0.0.1", "::1", "two.example"}, std::chrono::days(1)},
                                         out, clock.now());
    REQUIRE(issued);
    CHECK(http::readCertificate(issued->certificate.string())->names[1] == "10.0.0.1");
    CHECK(issuedCertificates(folder.path / "ca")->size() == 4);
    std::filesystem::permissions(folder.path / "ca" / "authority.key", std::filesystem::perms::group_read, std::filesystem::perm_options::add);
    CHECK(issueAs(CertificateKind::Agent, "three", {}) == ErrorCode::Forbidden);
    CHECK(issuedCertificates(folder.path / "nowhere").error().code == ErrorCode::NotFound);
}

TEST_CASE_FIXTURE(Fixture, "a marker of another boot is an unclean stop, a proper end leaves none")
{
    std::ofstream(folder.path / "running.json") << R"({"boot":"another","seen":"2026-01-02T03:04:05Z"})";
    start();
    REQUIRE(agent->state().uncleanStop);
    CHECK(formatRfc3339(*agent->state().uncleanStop) == "2026-01-02T03:04:05.000000Z");
    agent->stop();
    CHECK_FALSE(std::filesystem::exists(folder.path / "running.json"));
    // It is remembered, and nothing is added.
    start();
    CHECK(formatRfc3339(*agent->state().uncleanStop) == "2026-01-02T03:04:05.000000Z");
}

TEST_CASE_FIXTURE(Fixture, "a service whose pid file outlived it has stopped uncleanly, once")
{
    const auto pidFile = folder.path / "service.pid";
    config.services = {{"web1", pidFile, {}}};
    std::ofstream(pidFile) << ::getpid() << "\n";
    start();
    CHECK(agent->state().services[0].running);
    CHECK(agent->state().services[0].pid == ::getpid());
    CHECK_FALSE(agent->state().services[0].uncleanStop);
    std::ofstream(pidFile) << "999999999\n";
    const auto dead = agent->state().services[0];
    CHECK_FALSE(dead.running);
    REQUIRE(dead.uncleanStop);
    CHECK(agent->state().services[0].uncleanStop == dead.uncleanStop);
    std::filesystem::remove(pidFile);
    CHECK(agent->state().services[0].uncleanStop == dead.uncleanStop);
}
