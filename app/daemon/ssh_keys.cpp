// SPDX-License-Identifier: GPL-3.0-or-later
// cheesemongerd ssh-keys: sshd's AuthorizedKeysCommand, and what keeps its snapshot
#include "app/daemon/command.h"
#include "app/daemon/ssh_options.h"
#include "app/daemon/watch.h"
#include "core/http/server.h"
#include "core/ssh/key_source.h"

#include <CLI/CLI.hpp>
#include <atomic>
#include <cstdio>
#include <fmt/core.h>
#include <syslog.h>
#include <unistd.h>

namespace cm::daemon {
namespace {

constexpr std::chrono::milliseconds betweenLooks{1'000};

struct KeysFlags {
    std::string configFile = defaultConfiguration;
    bool follow = false;
    std::vector<std::string> asked;  // %u %t %k %f
};

// It becomes part of a line of options, in quotes, and is run by a shell.
bool isPlainPath(const std::string &path)
{
    return path.starts_with('/') &&
           path.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/._+-") == std::string::npos;
}

Result<std::string> thisProgram()
{
    char path[4096] = {};
    const ssize_t length = ::readlink("/proc/self/exe", path, sizeof path - 1);
    if (length <= 0)
        return fail(ErrorCode::Unavailable, "/proc/self/exe cannot be read");
    return std::string(path, static_cast<std::size_t>(length));
}

Result<void> print(const KeysFlags &flags, const SshSetup &setup)
{
    if (flags.asked[0] != setup.config.user)
        return {};
    const SystemClock clock;
    ssh::KeySource source(nodesOf(setup.config), setup.config.snapshot, setup.secret, clock);
    CM_TRY_ASSIGN(const auto key, source.find(flags.asked[3], flags.asked[1], flags.asked[2]));
    if (!key)
        return {};
    CM_TRY_ASSIGN(const std::string program, thisProgram());
    const std::string file = std::filesystem::absolute(flags.configFile).string();
    if (!isPlainPath(program) || !isPlainPath(file))
        return fail(ErrorCode::Unsupported, "the paths of the program and of its configuration may hold letters, digits and / . _ + - alone");
    const std::string command = fmt::format("{} ssh-gateway --config {} --key-id {}", program, file, key->id);
    std::fputs(ssh::authorizedLine(*key, command).c_str(), stdout);
    return {};
}

// What a balancer asks: whether anybody would be let in here. 404 is how haproxy is told to send nobody new and to leave who
// is there, whose uploads may well succeed yet.
class Health final : public http::Application {
public:
    // `at`: when it was asked.
    void seen(std::chrono::steady_clock::time_point at) { m_seen = at.time_since_epoch().count(); }

    http::Dispatch dispatch(const http::RequestHead &head) override
    {
        if (head.path() != "/_health/" && head.path() != "/_health")
            return http::Response::text(404, "404 Not Found\n");
        const auto age = std::chrono::steady_clock::now().time_since_epoch() - std::chrono::steady_clock::duration(m_seen.load());
        http::Response answer = m_seen.load() != 0 && age <= ssh::snapshotLife ? http::Response::text(200, "OK\n")
                                                                                : http::Response::refusal(404, "No web node says which keys are live");
        answer.set("Cache-Control", "no-store");
        return answer;
    }

private:
    std::atomic<std::chrono::steady_clock::rep> m_seen{0};
};

Result<std::unique_ptr<http::Server>> healthServer(const config::SshConfig &config, Health &health, const Clock &clock, Log &log)
{
    if (config.health.empty())
        return std::unique_ptr<http::Server>();
    http::ServerOptions options;
    options.threads = 1;
    options.listeners.push_back({config.health, {}, {}, {}});
    auto server = std::make_unique<http::Server>(options, health, clock, log);
    CM_TRY(server->start());
    return server;
}

Result<void> follow(const SshSetup &setup)
{
    CM_TRY_ASSIGN(Watch watch, Watch::open(0));
    const SystemClock clock;
    Log log(LogLevel::Info);
    ssh::KeySource source(nodesOf(setup.config), setup.config.snapshot, setup.secret, clock);
    Health health;
    CM_TRY_ASSIGN(const std::unique_ptr<http::Server> server, healthServer(setup.config, health, clock, log));
    std::optional<bool> known;
    for (;;) {
        const auto begun = std::chrono::steady_clock::now();
        const auto refreshed = source.refresh();
        if (refreshed)
            health.seen(begun);
        if (known != refreshed.has_value()) {
            known = refreshed.has_value();
            if (refreshed)
                log.info("ssh.keys-known", {{"keys", static_cast<std::int64_t>(*refreshed)}});
            else
                log.warning("ssh.keys-unknown", {{"detail", std::string_view(refreshed.error().detail)}});
        }
        if (watch.nextWithin(betweenLooks) == Watch::Event::Stop)
            return {};
    }
}

int run(const KeysFlags &flags)
{
    if (flags.follow == !flags.asked.empty())
        return complain({ErrorCode::InvalidInput, "ssh-keys takes %u %t %k %f from sshd, or --follow", {}, {}}, exitUsage);
    const auto setup = sshSetup(flags.configFile);
    if (flags.follow) {
        if (!setup)
            return complain(setup.error(), exitUsage);
        const auto followed = follow(*setup);
        return followed ? exitDone : complain(followed.error());
    }
    // sshd shows nobody what is said here, and takes a failure for no key, which is right.
    ::openlog("cheesemongerd", LOG_PID, LOG_AUTH);
    const auto printed = setup ? print(flags, *setup) : Result<void>(fail(setup.error()));
    if (!printed)
        ::syslog(LOG_WARNING, "ssh-keys: %s", printed.error().detail.c_str());
    return printed ? exitDone : exitFailed;
}

}  // namespace

void addSshKeys(CLI::App &app, Command &chosen)
{
    auto flags = std::make_shared<KeysFlags>();
    CLI::App *keys = app.add_subcommand("ssh-keys", "Tell sshd which keys may upload (its AuthorizedKeysCommand)");
    keys->add_option("--config", flags->configFile, "Configuration file with an [ssh] section, TOML (/etc/cheesemonger/cheesemongerd.toml)")
        ->type_name("FILE");
    keys->add_flag("--follow", flags->follow, "Keep the snapshot of all keys, for the seconds in which no node answers, until SIGTERM");
    keys->add_option("asked", flags->asked, "As sshd says it: %u %t %k %f")->expected(4);
    keys->callback([flags, &chosen] { chosen = [flags] { return run(*flags); }; });
}

}  // namespace cm::daemon
