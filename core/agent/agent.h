// SPDX-License-Identifier: GPL-3.0-or-later
// What an agent knows of its host, and what it does there. Orders are serialised: a second one meanwhile is a
// Conflict; each leaves a line in the log. Owned by the composition root, which outlives it with clock and log.
// state() and the orders from any thread, which they may block: an order for as long as the keeper works on it.
#pragma once

#include "core/agent/brick_copies.h"
#include "core/agent/keeper_client.h"
#include "core/agent/lost_names.h"
#include "core/api/agent.h"
#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/config/agent_config.h"
#include "core/host/disk.h"
#include "core/host/last_known.h"
#include "core/host/machine_marker.h"
#include "core/http/client/certificate.h"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>
#include <utility>
#include <vector>

namespace cm::agent {

class Agent {
public:
    Agent(config::AgentConfig config, std::string host, std::string version, const Clock &clock, Log &log);
    ~Agent();
    Agent(const Agent &) = delete;
    Agent &operator=(const Agent &) = delete;

    // Looks for the first time; the state folder is there. Unavailable when it cannot be written.
    Result<void> start();
    // A proper end, after which the machine may go down.
    void stop();

    [[nodiscard]] api::AgentState state();

    // Each of the contract's orders, without the guard of one at a time.
    Result<api::AgentDone> drain(const api::OrderDrain &order);
    Result<api::AgentDone> returnWeb();
    Result<api::AgentDone> reloadWeb();
    Result<api::AgentDone> keeperOrder(api::Json words);
    [[nodiscard]] const config::AgentMirrorConfig &mirror() const { return m_config.mirror; }
    [[nodiscard]] const std::string &volume() const { return m_config.volume; }

    // Held while an order is carried out.
    [[nodiscard]] std::mutex &orders() { return m_orders; }
    [[nodiscard]] Time now() const { return m_clock.now(); }

private:
    // A trouble is told when it begins, not for as long as it lasts.
    class Once {
    public:
        bool begins(bool trouble) { return !std::exchange(m_lasts, trouble) && trouble; }

    private:
        bool m_lasts = false;
    };
    struct WatchedDisk {
        config::AgentPath what;
        std::unique_ptr<host::LastKnown<host::Disk>> known;
    };
    struct WatchedCertificate {
        config::AgentPath what;
        std::unique_ptr<host::LastKnown<http::Certificate>> known;
    };

    [[nodiscard]] api::AgentDisk diskOf(const WatchedDisk &disk) const;
    [[nodiscard]] api::AgentCertificate certificateOf(const WatchedCertificate &certificate) const;
    void addDatabase(api::AgentState &state);
    void addEdge(api::AgentState &state) const;
    void keepMarker(const std::stop_token &stop);
    void endOut();
    void tellLostNames();

    const config::AgentConfig m_config;
    const std::string m_host;
    const std::string m_version;
    const Clock &m_clock;
    Log &m_log;
    const Time m_started;
    std::vector<WatchedDisk> m_disks;
    std::vector<WatchedCertificate> m_certificates;
    std::unique_ptr<KeeperClient> m_keeper;  // null: no database here
    std::unique_ptr<host::LastKnown<bool>> m_walks;  // over what waits to be healed in it
    std::unique_ptr<host::LastKnown<api::AgentVolume>> m_volume;  // null: no part of a volume here
    std::shared_ptr<SplitWatch> m_split;                          // with it
    std::unique_ptr<host::LastKnown<std::vector<api::AgentCopy>>> m_copies;
    std::unique_ptr<host::LastKnown<Mended>> m_lostNames;
    std::unique_ptr<host::LastKnown<api::AgentEdge>> m_edge;  // null: no cache here
    std::unique_ptr<host::LastKnown<api::AgentAnswers>> m_answers;
    std::mutex m_orders;
    std::mutex m_looking;  // guards what services were found to have done
    host::RememberedTimes m_stops;
    std::unique_ptr<host::MachineMarker> m_marker;
    std::mutex m_markerMutex;
    std::condition_variable_any m_markerWake;
    // Of the marker's thread.
    Once m_markerFails, m_outFails, m_lostNamesFail, m_lostNamesHang;
    Mended m_mendedBefore;
    std::jthread m_markerThread;
};

}  // namespace cm::agent
