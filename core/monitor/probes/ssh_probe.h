// SPDX-License-Identifier: GPL-3.0-or-later
// Uploads over ssh as a client meets them: the system's ssh with a key of the monitor's own, the forced command behind it
// and a web node behind that, asked whether an upload would be taken. Each look logs in anew. Owned by the watcher, one
// thread at a time.
#pragma once

#include "core/monitor/probes/probe.h"
#include "core/monitor/verdicts/channels.h"

namespace cm::host {
struct CommandResult;
}

namespace cm::monitor {

struct SshTarget {
    std::string host;
    std::uint16_t port = 22;
    std::string user;
    std::string keyFile, knownHostsFile;  // the latter names the hosts "registry"
};

class SshProbe final : public Probe<SshFacts> {
public:
    explicit SshProbe(SshTarget target) : m_target(std::move(target)) {}
    Result<SshFacts> look(const ProbeTime &time) override;

private:
    const SshTarget m_target;
};

// What a session of ssh came to. Pure. Unavailable or Timeout where nobody was reached.
[[nodiscard]] Result<SshFacts> readSshSession(const host::CommandResult &session);

}  // namespace cm::monitor
