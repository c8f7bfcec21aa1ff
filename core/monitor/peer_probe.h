// SPDX-License-Identifier: GPL-3.0-or-later
// Another monitor of the same topology, asked for what it concludes. Owned by the watcher, one thread at a
// time.
#pragma once

#include "core/http/client/http_client.h"
#include "core/monitor/board.h"
#include "core/monitor/probes/probe.h"

namespace cm::monitor {

class PeerProbe final : public Probe<PeerFacts> {
public:
    // Asked over TLS, unless it is on this machine.
    PeerProbe(std::string address, std::string token, std::string caFile)
        : m_address(std::move(address)), m_token(std::move(token)), m_caFile(std::move(caFile))
    {}
    Result<PeerFacts> look(const ProbeTime &time) override;

private:
    std::string m_address;  // "host:port"
    std::string m_token;
    std::string m_caFile;
};

}  // namespace cm::monitor
