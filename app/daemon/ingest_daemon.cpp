// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/daemon/ingest_daemon.h"

#include "app/daemon/data_folder.h"
#include "app/daemon/descriptors.h"
#include "app/daemon/ingest_store.h"
#include "app/daemon/watch.h"
#include "core/http/server.h"
#include "core/metrics/intake/intake.h"
#include "core/metrics/intake/status.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <sys/eventfd.h>
#include <unistd.h>

namespace cm::daemon {
namespace {

namespace intake = metrics::intake;

constexpr auto farewellLimit = std::chrono::seconds(10);
constexpr auto countLimit = std::chrono::seconds(20);
constexpr auto lookEvery = std::chrono::seconds(1);
// Files besides connections: those of the database, of the spool, of the status.
constexpr std::size_t otherDescriptors = 128;

intake::SpoolOptions spoolOptions(const config::IngestConfig &config, const DataFolder &folder)
{
    intake::SpoolOptions options;
    options.folder = config.spool.empty() ? folder.spool() : config.spool;
    options.limit = config.spoolLimit;
    options.window = static_cast<std::size_t>(config.window);
    return options;
}

intake::IntakeOptions intakeOptions(const config::IngestConfig &config)
{
    intake::IntakeOptions options;
    options.relp = config.relp;
    options.tcp = config.tcp;
    options.tls = config.tls;
    options.udp = config.udp;
    options.certificateFile = config.tlsCert.string();
    options.keyFile = config.tlsKey.string();
    options.clientCaFile = config.tlsClientCa.string();
    const std::size_t limit = raiseDescriptorLimit();
    options.maxConnections = std::min(static_cast<std::size_t>(config.maxConnections), limit - std::min(limit - 1, otherDescriptors));
    options.maxConnectionsOfAddress = static_cast<std::size_t>(config.maxConnectionsOfAddress);
    options.idle = config.idle;
    return options;
}

class Ingester {
public:
    Ingester(const IngestSettings &settings, const DataFolder &folder, Watch &watch, Log &log)
        : m_settings(settings), m_folder(folder), m_watch(watch), m_log(log), m_started(m_clock.now())
    {}
    ~Ingester()
    {
        // The spool tells the intake of what is on disk as long as it writes.
        if (m_spool)
            m_spool->stop();
        if (m_failed >= 0)
            ::close(m_failed);
    }
    Ingester(const Ingester &) = delete;
    Ingester &operator=(const Ingester &) = delete;

    Result<void> start()
    {
        m_failed = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        if (m_failed < 0)
            return fail(ErrorCode::Unavailable, std::strerror(errno));
        CM_TRY_ASSIGN(m_store, IngestStore::make(m_settings, m_folder, m_clock));
        // A database that is away for a moment holds up nobody who sends.
        if (const auto opened = m_store->open(); !opened && opened.error().code != ErrorCode::Unavailable && opened.error().code != ErrorCode::Timeout)
            return fail(opened.error());
        CM_TRY_ASSIGN(m_spool, intake::Spool::open(spoolOptions(m_settings.ingest, m_folder), m_clock, m_log));
        m_spool->listen({[] {}, [] {}, [this] { wake(); }});
        m_intake = std::make_unique<intake::Intake>(intakeOptions(m_settings.ingest), *m_spool, m_clock, m_log);
        m_counter = std::make_unique<intake::Counter>(*m_spool, m_store->ledger(), m_store->counting(), [this] { return m_intake->figures()->heard; }, m_clock, m_log);
        m_application = std::make_unique<intake::StatusApplication>([this] { return status(); });
        CM_TRY(m_intake->start());
        m_counter->start();
        if (m_settings.ingest.status != "none") {
            http::ServerOptions server;
            server.threads = 1;
            server.limits.maxConnections = 64;
            server.listeners.push_back({m_settings.ingest.status, {}, {}, {}});
            m_server = std::make_unique<http::Server>(server, *m_application, m_clock, m_log);
            CM_TRY(m_server->start());
        }
        return {};
    }

    [[nodiscard]] std::string statusUrl() const { return m_server ? "http://" + m_server->addresses().front() + "/" : "-"; }

    // Unavailable when the spool's disk can no longer be trusted.
    Result<void> watchUntilStop()
    {
        auto minute = std::chrono::steady_clock::now() + std::chrono::minutes(1);
        for (;;) {
            const auto event = m_watch.nextWithin(lookEvery, m_failed);
            if (event == Watch::Event::Stop)
                return {};
            if (event == Watch::Event::Reload)
                reload();
            if (const auto figures = m_spool->figures(); !figures.trouble.empty() && hasFailed())
                return fail(ErrorCode::Unavailable, "the spool cannot be written: " + figures.trouble);
            if (std::chrono::steady_clock::now() >= minute) {
                minute += std::chrono::minutes(1);
                m_store->minute(m_log);
            }
        }
    }

    // True when all that was taken is counted.
    bool stop()
    {
        m_intake->drain(farewellLimit);
        m_spool->stop();
        const bool counted = m_counter->drain(countLimit);
        if (m_server)
            m_server->drain(std::chrono::seconds(1));
        return counted;
    }

private:
    void wake()
    {
        const std::uint64_t one = 1;
        if (::write(m_failed, &one, sizeof one) < 0)
            m_log.warning("ingest.wake");
    }
    [[nodiscard]] bool hasFailed() const
    {
        std::uint64_t count = 0;
        return ::read(m_failed, &count, sizeof count) > 0;
    }
    void reload()
    {
        if (const auto reloaded = m_intake->reloadTls(); reloaded)
            m_log.info("tls.reloaded");
        else
            m_log.error("tls.kept", {{"detail", std::string_view(reloaded.error().detail)}});
    }
    intake::Status status() { return {m_clock.now(), m_started, m_intake->figures(), m_spool->figures(), m_counter->figures()}; }

    const IngestSettings &m_settings;
    const DataFolder &m_folder;
    Watch &m_watch;
    Log &m_log;
    const SystemClock m_clock;
    const Time m_started;
    std::unique_ptr<IngestStore> m_store;
    int m_failed = -1;
    std::unique_ptr<intake::Spool> m_spool;
    std::unique_ptr<intake::Intake> m_intake;
    std::unique_ptr<intake::Counter> m_counter;
    std::unique_ptr<intake::StatusApplication> m_application;
    std::unique_ptr<http::Server> m_server;
};

}  // namespace

Result<void> ingestUntilStop(const IngestSettings &settings)
{
    const config::IngestConfig &config = settings.ingest;
    if (config.relp.empty() && config.tcp.empty() && config.tls.empty() && config.udp.empty())
        return fail(ErrorCode::InvalidInput, "there is nothing to listen for: give --relp, --tcp, --tls or --udp an address and port, or name files");
    CM_TRY_ASSIGN(Watch watch, Watch::open(0));
    CM_TRY_ASSIGN(const DataFolder folder, registryFolder(settings));
    CM_TRY_ASSIGN(const SpoolLock lock, SpoolLock::take(config.spool.empty() ? folder.spool() : config.spool));
    Log log(config.logLevel, config.logFile);
    Ingester ingester(settings, folder, watch, log);
    CM_TRY(ingester.start());
    log.info("ingesting", {{"status", std::string_view(ingester.statusUrl())}, {"version", CHEESEMONGER_VERSION}});
    std::printf("ready %s\n", ingester.statusUrl().c_str());
    std::fflush(stdout);
    const auto watched = ingester.watchUntilStop();
    log.info("draining");
    const bool whole = ingester.stop();
    log.info("stopped", {{"whole", whole}});
    log.flush();
    return watched;
}

}  // namespace cm::daemon
