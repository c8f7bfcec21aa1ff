// SPDX-License-Identifier: GPL-3.0-or-later
// pgpool's control port from our side: signing in, backends, watchdog. One connection, blocking within a
// deadline, one thread. Frames are a type byte and a 32-bit length that counts itself; texts end with a
// zero byte. Source: pgpool-II 4.3, verified on the wire. Errors as those of sql::Session.
#pragma once

#include "core/monitor/probes/probe.h"

#include <span>
#include <string>

namespace cm::monitor {

class PcpClient {
public:
    PcpClient() = default;
    ~PcpClient() { close(); }
    PcpClient(const PcpClient &) = delete;
    PcpClient &operator=(const PcpClient &) = delete;

    Result<void> connect(const std::string &host, std::uint16_t port, const std::string &user,
                         const std::string &password, const ProbeTime &time);
    Result<std::vector<PoolBackendFacts>> backends(const ProbeTime &time);
    // Nothing when pgpool runs without a watchdog.
    Result<std::optional<WatchdogFacts>> watchdog(const ProbeTime &time);
    // Orders; a pgpool with a watchdog tells the others. switchOver() is pcp_promote_node -s: pgpool has its scripts promote the node, and the old
    // primary follow.
    Result<void> attach(std::int64_t id, const ProbeTime &time);
    Result<void> detach(std::int64_t id, const ProbeTime &time);
    Result<void> switchOver(std::int64_t id, const ProbeTime &time);
    void close();

private:
    struct Frame {
        char type = 0;
        std::string body;
    };

    Result<void> wait(short events, const ProbeTime &time) const;
    Result<void> send(char type, std::string_view body, const ProbeTime &time);
    Result<Frame> receive(const ProbeTime &time);
    Result<void> order(char type, std::string_view body, const ProbeTime &time);
    Result<void> fill(std::span<char> bytes, const ProbeTime &time);

    int m_socket = -1;
};

// The texts of a frame, and what they say. Pure.
[[nodiscard]] std::vector<std::string> pcpTexts(std::string_view body);
[[nodiscard]] std::optional<PoolBackendFacts> pcpBackend(const std::vector<std::string> &texts, std::int64_t id);
[[nodiscard]] std::optional<WatchdogFacts> pcpWatchdog(std::string_view json);

}  // namespace cm::monitor
