// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/http/server.h"

#include "core/http/listen.h"
#include "core/http/tls_context.h"
#include "core/http/worker.h"

#include <algorithm>
#include <system_error>
#include <thread>
#include <unistd.h>

namespace cm::http {

struct Server::State {
    State(ServerOptions options, Application &application, const Clock &clock, Log &log)
        : shared(std::make_shared<Shared>(std::move(options), application, clock, log))
    {
    }

    Result<std::vector<std::shared_ptr<SSL_CTX>>> loadCertificates() const;
    void stop();

    std::shared_ptr<Shared> shared;
    std::vector<std::shared_ptr<Worker>> workers;
    std::vector<std::string> addresses;
    std::vector<std::uint16_t> ports;
};

Result<std::vector<std::shared_ptr<SSL_CTX>>> Server::State::loadCertificates() const
{
    std::vector<std::shared_ptr<SSL_CTX>> loaded;
    for (const Listener &listener : shared->options.listeners) {
        std::shared_ptr<SSL_CTX> context;
        if (!listener.certificateFile.empty() || !listener.keyFile.empty()) {
            CM_TRY_ASSIGN(context, loadTlsContext(listener.certificateFile, listener.keyFile, listener.clientCaFile));
        }
        loaded.push_back(std::move(context));
    }
    return loaded;
}

void Server::State::stop()
{
    for (const auto &worker : workers)
        worker->stop();
}

Server::Server(ServerOptions options, Application &application, const Clock &clock, Log &log)
    : m_state(std::make_unique<State>(std::move(options), application, clock, log))
{
}

Server::~Server()
{
    m_state->stop();
}

Result<void> Server::start()
{
    try {
        return startAll();
    } catch (const std::system_error &error) {
        return fail(ErrorCode::Unavailable, std::string("cannot start serving: ") + error.what());
    }
}

// Event loops and threads throw when the system gives none.
Result<void> Server::startAll()
{
    State &state = *m_state;
    const ServerOptions &options = state.shared->options;
    CM_TRY_ASSIGN(state.shared->tls, state.loadCertificates());
    const std::size_t cores = std::max(1U, std::thread::hardware_concurrency());
    const std::size_t threads = options.threads > 0 ? options.threads : cores;
    std::vector<BoundSockets> listeners;
    for (const Listener &listener : options.listeners) {
        auto bound = bindListener(listener.address, threads);
        if (!bound) {
            for (const BoundSockets &earlier : listeners)
                std::for_each(earlier.sockets.begin(), earlier.sockets.end(), ::close);
            return fail(std::move(bound.error()));
        }
        listeners.push_back(std::move(*bound));
    }
    for (std::size_t i = 0; i < threads; ++i) {
        auto worker = std::make_shared<Worker>(state.shared);
        for (const BoundSockets &bound : listeners)
            worker->addListener(bound.sockets[i], bound.isV6);
        state.workers.push_back(std::move(worker));
    }
    for (const BoundSockets &bound : listeners) {
        state.addresses.push_back(bound.address);
        state.ports.push_back(bound.port);
    }
    for (const auto &worker : state.workers)
        worker->start();
    return {};
}

std::vector<std::string> Server::addresses() const
{
    return m_state->addresses;
}

std::uint16_t Server::port(std::size_t listener) const
{
    return m_state->ports.at(listener);
}

Result<void> Server::reloadTls()
{
    CM_TRY_ASSIGN(auto loaded, m_state->loadCertificates());
    const std::lock_guard lock(m_state->shared->mutex);
    m_state->shared->tls = std::move(loaded);
    return {};
}

bool Server::drain(std::chrono::milliseconds limit)
{
    State &state = *m_state;
    for (const auto &worker : state.workers)
        worker->beginDrain();
    bool drained = true;
    const auto deadline = std::chrono::steady_clock::now() + limit;
    for (const auto &worker : state.workers)
        drained = worker->waitUntilDrained(deadline) && drained;
    state.stop();
    return drained;
}

Statistics Server::statistics() const
{
    Statistics sums;
    sums.connectionsMost = m_state->shared->options.limits.maxConnections;
    for (const auto &worker : m_state->workers) {
        const Counters &counters = worker->counters;
        sums.connectionsOpen += counters.open.get();
        sums.connectionsAccepted += counters.accepted.get();
        sums.connectionsRefused += counters.refused.get();
        sums.tlsFailures += counters.tlsFailures.get();
        sums.requests += counters.requests.get();
        sums.bytesReceived += counters.received.get();
        sums.bytesSent += counters.sent.get();
        sums.timeouts += counters.timeouts.get();
        sums.eventStreamsOpen += counters.streams.get();
        sums.filesMissing += counters.filesMissing.get();
        for (std::size_t i = 0; i < sums.responsesByClass.size(); ++i)
            sums.responsesByClass[i] += counters.classes[i].get();
    }
    return sums;
}

}  // namespace cm::http
