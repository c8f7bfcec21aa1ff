// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/probes/agent_probe.h"

#include <algorithm>
#include <fmt/format.h>

namespace cm::monitor {

Result<AgentFacts> AgentProbe::look(const ProbeTime &time)
{
    CM_TRY_ASSIGN(api::AgentState state, m_client.state(time));
    const std::lock_guard lock(m_mutex);
    m_taken = std::chrono::steady_clock::now();
    m_state = state;
    return AgentFacts{std::move(state)};
}

Result<api::AgentState> AgentProbe::lately() const
{
    const std::lock_guard lock(m_mutex);
    if (!m_state || std::chrono::steady_clock::now() - m_taken > m_freshFor)
        return fail(ErrorCode::Cancelled, "the agent has told nothing lately");
    return *m_state;
}

Result<DiskFacts> AgentProbe::disk(const std::string &path, const ProbeTime &)
{
    CM_TRY_ASSIGN(const api::AgentState state, lately());
    const auto disk = std::find_if(state.disks.begin(), state.disks.end(), [&](const api::AgentDisk &one) { return one.path == path; });
    // The agent could tell and was not told to.
    if (disk == state.disks.end())
        return fail(ErrorCode::Forbidden, fmt::format("the agent of {} does not look at {}", state.host, path));
    if (!disk->problem.empty())
        return fail(disk->total > 0 ? ErrorCode::Timeout : ErrorCode::Internal, disk->problem);
    return DiskFacts{disk->total, disk->available, disk->inodes, disk->inodesAvailable, disk->readOnly};
}

Result<CertificateFacts> AgentProbe::certificate(const std::string &file, const ProbeTime &)
{
    CM_TRY_ASSIGN(const api::AgentState state, lately());
    return certificateIn(state, file);
}

Result<VolumeFacts> AgentProbe::volume() const
{
    CM_TRY_ASSIGN(const api::AgentState state, lately());
    return volumeIn(state);
}

Result<CertificateFacts> certificateIn(const api::AgentState &state, const std::string &file)
{
    const auto found = std::find_if(state.certificates.begin(), state.certificates.end(),
                                    [&](const api::AgentCertificate &one) { return one.file == file; });
    if (found == state.certificates.end())
        return fail(ErrorCode::Forbidden, fmt::format("the agent of {} does not look at {}", state.host, file));
    if (!found->problem.empty() || !found->notBefore || !found->notAfter)
        return fail(ErrorCode::Unavailable, found->problem);
    return CertificateFacts{found->serial,     found->subject,   found->issuer,     found->names,
                            *found->notBefore, *found->notAfter, found->fingerprint};
}

Result<VolumeFacts> volumeIn(const api::AgentState &state)
{
    if (!state.volume)
        return fail(ErrorCode::Forbidden, fmt::format("the agent of {} does not look at the volume", state.host));
    if (!state.volume->problem.empty())
        return fail(ErrorCode::Internal, state.volume->problem);
    return VolumeFacts{*state.volume};
}

Result<api::AgentEdge> AgentProbe::edge() const
{
    CM_TRY_ASSIGN(const api::AgentState state, lately());
    if (!state.edge)
        return fail(ErrorCode::Forbidden, fmt::format("the agent of {} does not look at the cache", state.host));
    if (!state.edge->taken)
        return fail(ErrorCode::Unavailable, state.edge->problem.empty() ? "nothing is told of the cache yet" : state.edge->problem);
    return *state.edge;
}

}  // namespace cm::monitor
