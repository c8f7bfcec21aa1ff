// SPDX-License-Identifier: GPL-3.0-or-later
// Handlers of the admin API: the caches in front of the registry.
#include "core/server/admin_handlers.h"
#include "core/host/drain_file.h"
#include "core/server/convert.h"

#include <fmt/format.h>

namespace cm::server {
namespace {

api::CdnEdge edgeOf(const edge::LaneState &lane)
{
    return {lane.name,
            lane.kind,
            static_cast<std::int64_t>(lane.pending),
            lane.more,
            lane.pendingSince,
            lane.purged,
            lane.lastSuccess,
            lane.lastError,
            lane.lastErrorAt};
}

bool fails(const api::CdnEdge &one)
{
    return one.lastErrorAt && (!one.lastSuccess || *one.lastSuccess < *one.lastErrorAt);
}

void addTo(api::CdnState &state, const api::CdnEdge &one, bool first)
{
    if (state.driver.find(one.driver) == std::string::npos)
        state.driver.append(state.driver.empty() ? "" : ", ").append(one.driver);
    state.pendingKeys += one.pendingKeys;
    if (one.pendingSince && (!state.pendingSince || *one.pendingSince < *state.pendingSince))
        state.pendingSince = one.pendingSince;
    if (first || !one.lastSuccess || (state.lastSuccess && *one.lastSuccess < *state.lastSuccess))
        state.lastSuccess = first || state.lastSuccess ? one.lastSuccess : std::nullopt;
    if (fails(one))
        state.lastError = one.lastError;
}

tl::unexpected<Error> notReady(const std::string &why)
{
    const std::string problem = fmt::format("{}, and a hard purge leaves the caches nothing to serve meanwhile: purge softly, or order it at a web node that is ready. "
                                            "Of the other web nodes this one knows nothing; the monitor tells how they are and what the caches ask of them now",
                                            why);
    return fail(Error{ErrorCode::GuardFailed, problem, {{"node-ready", problem}}, {}});
}

// What is let go of hard must be had from somebody at once. This node can speak for itself alone: whether all are ready, and
// what everything would ask of them, is known to the monitor, on whose word a registry that has none would wait for ever.
Result<void> needReadyNode(const AdminCall &call)
{
    if (!call.options.drainFile.empty()) {
        // One that cannot be read drains nobody, as in what the node says of its health.
        const auto drain = host::readDrain(call.options.drainFile);
        if (drain && *drain && (*drain)->until > call.services.clock.now())
            return notReady(fmt::format("This web node is drained until {} by {}", formatRfc3339((*drain)->until), (*drain)->by));
    }
    if (const auto summary = call.services.browser.summary(); !summary)
        return notReady("The database of this web node does not answer");
    return {};
}

}  // namespace

CM_ANSWER(cdnState)
{
    api::CdnState state;
    state.node = call.options.node;
    for (const edge::LaneState &lane : call.services.purger.state()) {
        state.edges.push_back(edgeOf(lane));
        addTo(state, state.edges.back(), state.edges.size() == 1);
    }
    state.sampled = call.services.clock.now();
    return state;
}

CM_ANSWER(purgeCdn)
{
    if (call.services.purger.state().empty())
        return fail(ErrorCode::Conflict, "this registry knows of no cache in front of it: name it under [serve.cdn]");
    if (!request.soft)
        CM_TRY(needReadyNode(call));
    const registry::PurgeOrder order{request.keys, request.everything, request.soft, request.reason, request.confirm};
    CM_TRY_ASSIGN(const registry::Change change,
                  call.services.maintenance.notePurge(call.by, order, call.services.settings.name));
    const std::vector<std::string> all{std::string(edge::everything)};
    CM_TRY(call.services.purger.order(order.everything ? all : order.keys, order.soft));
    return toApi(change);
}

}  // namespace cm::server
