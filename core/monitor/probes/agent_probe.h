// SPDX-License-Identifier: GPL-3.0-or-later
// An agent as a target, and the disks and certificate files of its host as it told them last: the same behind
// HostFacts as LocalHost's. What is too old is no answer (Cancelled: nothing is recorded, so that it is seen to
// grow old). look() on one thread at a time, the rest on any.
#pragma once

#include "core/monitor/probes/agent_client.h"
#include "core/monitor/probes/host_probe.h"
#include "core/monitor/verdicts/agents.h"
#include "core/monitor/verdicts/files.h"

#include <mutex>

namespace cm::monitor {

// What an agent told of a file and of the volume of its host.
[[nodiscard]] Result<CertificateFacts> certificateIn(const api::AgentState &state, const std::string &file);
[[nodiscard]] Result<VolumeFacts> volumeIn(const api::AgentState &state);

class AgentProbe final : public Probe<AgentFacts>, public HostFacts {
public:
    // `freshFor`: for how long what it told may be taken for what is.
    AgentProbe(AgentTarget target, std::chrono::milliseconds freshFor) : m_client(std::move(target)), m_freshFor(freshFor) {}

    Result<AgentFacts> look(const ProbeTime &time) override;
    Result<DiskFacts> disk(const std::string &path, const ProbeTime &time) override;
    Result<CertificateFacts> certificate(const std::string &file, const ProbeTime &time) override;
    Result<VolumeFacts> volume() const;
    Result<api::AgentEdge> edge() const;

private:
    Result<api::AgentState> lately() const;

    AgentClient m_client;
    const std::chrono::milliseconds m_freshFor;
    mutable std::mutex m_mutex;
    std::optional<api::AgentState> m_state;
    std::chrono::steady_clock::time_point m_taken;
};

// The volume as the agent of one of its servers told it last.
class VolumeProbe final : public Probe<VolumeFacts> {
public:
    explicit VolumeProbe(std::shared_ptr<AgentProbe> agent) : m_agent(std::move(agent)) {}
    Result<VolumeFacts> look(const ProbeTime &) override { return m_agent->volume(); }

private:
    std::shared_ptr<AgentProbe> m_agent;
};

}  // namespace cm::monitor
