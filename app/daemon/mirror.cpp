// SPDX-License-Identifier: GPL-3.0-or-later
// cheesemongerd mirror
#include "app/daemon/command.h"
#include "app/daemon/data_folder.h"
#include "app/daemon/mirror_options.h"
#include "app/daemon/watch.h"
#include "core/host/whole_file.h"
#include "core/mirror/check.h"
#include "core/mirror/folder.h"
#include "core/mirror/mirror.h"
#include "core/mirror/reserve.h"
#include "core/sql/sqlite/sqlite_database.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

namespace cm::daemon {
namespace {

constexpr auto progressEvery = std::chrono::milliseconds(200);
constexpr auto progressLineEvery = std::chrono::seconds(10);
// How often one that waits for another run asks whether it has ended.
constexpr auto turnEvery = std::chrono::milliseconds(250);

// How a run goes on, on one line of a terminal, else as a line of the log now and then.
class ProgressLine {
public:
    explicit ProgressLine(Log &log) : m_log(log), m_terminal(::isatty(STDERR_FILENO) != 0) {}
    ~ProgressLine() { clear(); }
    ProgressLine(const ProgressLine &) = delete;
    ProgressLine &operator=(const ProgressLine &) = delete;

    void show(const mirror::Progress &progress)
    {
        const std::int64_t done = progress.projectsDone, left = progress.projectsLeft;
        const auto megabytes = static_cast<double>(progress.traffic.bytes) / 1e6;
        if (m_terminal) {
            std::fprintf(stderr, "\r%lld projects done, %lld under way, %lld requests, %.1f MB\033[K", static_cast<long long>(done),
                         static_cast<long long>(left), static_cast<long long>(progress.traffic.requests), megabytes);
            m_shown = true;
        } else if (const auto now = std::chrono::steady_clock::now(); now - m_last >= progressLineEvery) {
            m_log.info("mirror.progress", {{"done", done}, {"under_way", left}, {"megabytes", megabytes}});
            m_last = now;
        }
    }
    void clear()
    {
        if (std::exchange(m_shown, false))
            std::fputs("\r\033[K", stderr);
    }

private:
    Log &m_log;
    const bool m_terminal;
    bool m_shown = false;
    std::chrono::steady_clock::time_point m_last = std::chrono::steady_clock::now();
};

class Runner {
public:
    Runner(const config::MirrorConfig &config, const MirrorFlags &flags, Watch &watch)
        : m_config(config),
          m_watch(watch),
          m_log(config.logLevel, config.logFile),
          m_options(mirrorOptions(config, flags)),
          m_ordered(flags.allowDeletions || flags.acceptUpstream)
    {}

    Result<void> open()
    {
        CM_TRY(mirror::takeFolder(m_config.to, m_config.logFile));
        // Before the database, which needs a little room to be opened.
        mirror::Reserve(m_config.to).prepare();
        auto opened = sql::SqliteDatabase::open(mirror::stateFile(m_config.to).string());
        if (!opened && opened.error().code == ErrorCode::Corrupt)
            opened.error().detail += ": move it away with what is named like it, and the next run takes up what is on disk";
        CM_TRY_ASSIGN(m_database, std::move(opened));
        m_mirror = std::make_unique<mirror::Mirror>(m_options, *m_database, m_clock, m_log);
        return {};
    }

    // The exit code; nothing when another run is on its way. One that carries an order waits for that run.
    std::optional<int> once(bool waits)
    {
        const auto lock = takeTurn(waits);
        if (!lock && lock.error().code == ErrorCode::Conflict) {
            std::printf("%s: this one is left to it\n", lock.error().detail.c_str());
            return std::nullopt;
        }
        if (!lock)
            return complain(lock.error());
        const mirror::RunReport report = runWatched();
        tell(report);
        if (report.paused && waits)
            std::fputs("cheesemongerd: the order was not followed: give it again when the pause is over\n", stderr);
        return report.sound() && !(report.paused && waits) ? exitDone : exitFailed;
    }

    int onlyOnce() { return once(m_ordered).value_or(m_ordered ? exitFailed : exitDone); }

    // Until SIGTERM; SIGUSR1 has one run before its time.
    int forEver()
    {
        const auto alone = MirrorDaemonLock::take(m_config.to);
        if (!alone)
            return complain(alone.error());
        const std::filesystem::path pidFile = m_config.to / "mirror.pid";
        if (const auto written = host::writeWhole(pidFile, std::to_string(::getpid()) + "\n", 0644); !written)
            return complain(written.error());
        while (!m_stopped) {
            m_wanted = false;
            once(false);
            awaitNext();
        }
        if (const auto removed = host::removeWhole(pidFile); !removed)
            m_log.warning("mirror.pid", {{"detail", std::string_view(removed.error().detail)}});
        m_log.info("stopped");
        m_log.flush();
        return exitDone;
    }

private:
    void awaitNext()
    {
        using namespace std::chrono;
        const auto due = m_mirror->due();
        for (auto now = steady_clock::now(); !m_stopped && !m_wanted && due && now < *due; now = steady_clock::now()) {
            auto left = ceil<milliseconds>(*due - now);
            if (const auto returns = m_mirror->endOut())
                left = std::clamp(ceil<milliseconds>(*returns - m_clock.now()), milliseconds(1), left);
            hear(m_watch.nextWithin(left));
        }
    }

    // `waits`: until no other run is on its way, or a signal ends that.
    Result<MirrorLock> takeTurn(bool waits)
    {
        for (bool told = false;; told = true) {
            auto lock = MirrorLock::take(m_config.to);
            if (lock || !waits || m_stopped || lock.error().code != ErrorCode::Conflict)
                return lock;
            if (!told)
                std::fprintf(stderr, "%s: this one waits for its end\n", lock.error().detail.c_str());
            hear(m_watch.nextWithin(turnEvery));
        }
    }

    void hear(const std::optional<Watch::Event> &event)
    {
        m_stopped = m_stopped || event == Watch::Event::Stop;
        m_wanted = m_wanted || event == Watch::Event::Now;
    }

    // On a thread of its own, so that signals are heard meanwhile.
    mirror::RunReport runWatched()
    {
        mirror::RunReport report;
        const int done = ::eventfd(0, EFD_CLOEXEC);
        std::stop_source stop;
        ProgressLine line(m_log);
        std::thread runner([&] {
            report = m_mirror->run(stop.get_token());
            const std::uint64_t one = 1;
            if (::write(done, &one, sizeof one) < 0)
                m_log.warning("mirror.wake");
        });
        for (std::uint64_t one = 0; one == 0;) {
            hear(m_watch.nextWithin(progressEvery, done));
            // A pause counts for the run that is on its way as well: the next one goes on from there.
            if (m_stopped || m_mirror->paused())
                stop.request_stop();
            m_mirror->endOut();
            struct pollfd ended {done, POLLIN, 0};
            if (::poll(&ended, 1, 0) > 0)
                one = 1;
            else {
                line.show(m_mirror->progress());
                m_mirror->tellProgress();
            }
        }
        runner.join();
        ::close(done);
        return report;
    }

    void tell(const mirror::RunReport &report)
    {
        if (report.paused) {
            std::puts("paused by order: nothing was done");
            std::fflush(stdout);
            return;
        }
        const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(report.took).count();
        m_log.info("mirror.run", {{"serial", report.serial},
                                  {"synced_through", report.syncedThrough},
                                  {"published", report.published},
                                  {"removed", report.removed},
                                  {"failed", report.failed},
                                  {"pending", report.pending},
                                  {"requests", report.requests},
                                  {"bytes", report.bytes},
                                  {"milliseconds", static_cast<std::int64_t>(milliseconds)},
                                  {"stopped", report.stopped}});
        std::printf("serial %lld of %lld: %lld projects published, %lld removed, %lld failed, %lld pending; %lld files, %lld requests, %lld ms\n",
                    static_cast<long long>(report.syncedThrough), static_cast<long long>(report.upstreamSerial),
                    static_cast<long long>(report.published), static_cast<long long>(report.removed), static_cast<long long>(report.failed),
                    static_cast<long long>(report.pending), static_cast<long long>(report.files), static_cast<long long>(report.requests),
                    static_cast<long long>(milliseconds));
        if (!report.leftOut.empty())
            std::printf("note: %s\n", report.leftOut.c_str());
        std::fflush(stdout);
        for (const std::string &error : report.errors)
            std::fprintf(stderr, "cheesemongerd: %s\n", error.c_str());
        if (report.stopped)
            std::fputs("cheesemongerd: stopped before the end; the next run goes on from here\n", stderr);
        m_log.flush();
    }

    const config::MirrorConfig &m_config;
    Watch &m_watch;
    Log m_log;
    const SystemClock m_clock;
    const mirror::Options m_options;
    const bool m_ordered;  // by who started it
    std::unique_ptr<sql::SqliteDatabase> m_database;
    std::unique_ptr<mirror::Mirror> m_mirror;
    bool m_stopped = false;
    bool m_wanted = false;  // a run before its time
};

// Beside runs that go on: reading every byte may take hours, and a quarantine does not wait for that.
int check(const config::MirrorConfig &config)
{
    const auto tell = [](const std::string &finding) { std::printf("%s\n", finding.c_str()); };
    const std::filesystem::path file = mirror::stateFile(config.to);
    std::unique_ptr<sql::SqliteDatabase> database;
    std::optional<mirror::State> known;
    // To look at it is to make no such file.
    auto opened = std::filesystem::exists(file) ? sql::SqliteDatabase::open(file.string()) : fail(ErrorCode::NotFound, file.string() + " is not there");
    if (opened)
        known.emplace(*(database = std::move(*opened)));
    if (const auto read = known ? known->reload() : Result<void>(fail(opened.error())); !read) {
        tell("note: what the mirror remembers cannot be read, and the tree is held against itself alone: " + read.error().detail);
        known.reset();
    }
    auto found = mirror::checkTree(config.to, known ? &*known : nullptr, tell);
    if (!found)
        return complain(found.error());
    if (const auto lock = MirrorLock::take(config.to))
        found->findings += mirror::checkLeftovers(config.to, tell);
    else
        std::printf("note: %s, and what it is about to publish was not looked at\n", lock.error().detail.c_str());
    std::printf("%lld projects, %lld files, %lld findings\n", static_cast<long long>(found->projects), static_cast<long long>(found->files),
                static_cast<long long>(found->findings));
    return found->findings == 0 ? exitDone : exitDamaged;
}

int run(const MirrorFlags &flags)
{
    const auto config = mirrorConfigOf(flags);
    if (!config)
        return complain(config.error(), exitUsage);
    if (flags.checkConfig) {
        std::puts("The configuration is sound.");
        return exitDone;
    }
    // The tree is for everybody to read; tokens and keys are none in it.
    ::umask(022);
    if (flags.check)
        return check(*config);
    auto watch = Watch::open(0);
    if (!watch)
        return complain(watch.error());
    Runner runner(*config, flags, *watch);
    if (const auto opened = runner.open(); !opened)
        return complain(opened.error());
    return flags.once ? runner.onlyOnce() : runner.forEver();
}

}  // namespace

void addMirror(CLI::App &app, Command &chosen)
{
    auto flags = std::make_shared<MirrorFlags>();
    CLI::App *mirror = app.add_subcommand("mirror", "Keep a static copy of a registry, as files that any web server can serve, until SIGTERM; SIGUSR1 has it run now");
    addMirrorFlags(*mirror, *flags);
    mirror->callback([flags, &chosen] { chosen = [flags] { return run(*flags); }; });
}

}  // namespace cm::daemon
