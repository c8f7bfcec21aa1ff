// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/agent/mirror_folder.h"

#include "core/agent/services.h"
#include "core/base/hash.h"
#include "core/host/drain_file.h"
#include "core/host/mirror_orders.h"
#include "core/host/out_file.h"
#include "core/host/whole_file.h"
#include "core/pypi/names.h"

#include <csignal>
#include <fmt/format.h>

namespace cm::agent {
namespace {

constexpr auto longest = std::chrono::hours(24);
// Clocks differ a little.
constexpr auto tolerance = std::chrono::minutes(1);

// As core/mirror reads it.
std::filesystem::path pauseFile(const config::AgentMirrorConfig &mirror)
{
    return mirror.tree / "pause.json";
}

Result<host::Process> processOf(const config::AgentMirrorConfig &mirror)
{
    return agent::processOf(mirror.pidFile.empty() ? mirror.tree / "mirror.pid" : mirror.pidFile, mirror.process);
}

Result<void> needMirror(const config::AgentMirrorConfig &mirror)
{
    return mirror.tree.empty() ? Result<void>(fail(ErrorCode::Unsupported, "there is no mirror here")) : Result<void>();
}

// It looks at its folder anew; one that does not run does so when it starts.
bool wake(const config::AgentMirrorConfig &mirror)
{
    const auto process = processOf(mirror);
    return process && host::signalProcess(*process, SIGUSR1);
}

std::string obeys(bool woken)
{
    return woken ? "" : "; it does not run now, and obeys when it does";
}

// GuardFailed while it is paused or does not run.
Result<host::Process> runningMirror(const config::AgentMirrorConfig &mirror, Time now)
{
    CM_TRY(needMirror(mirror));
    const api::AgentMirror seen = lookAtMirror(mirror, now);
    if (seen.paused) {
        const std::string until = fmt::format("it is paused until {}", formatRfc3339(seen.paused->until));
        return fail(Error{ErrorCode::GuardFailed, until, {{"not-paused", until}}, {}});
    }
    auto process = processOf(mirror);
    if (!process)
        return fail(Error{ErrorCode::GuardFailed, process.error().detail, {{"running", process.error().detail}}, {}});
    return process;
}

Result<void> needEnd(Time until, Time now, std::string_view what)
{
    if (until > now && until <= now + longest + tolerance)
        return {};
    return fail(Error{ErrorCode::InvalidInput, fmt::format("{} ends after now and within a day", what), {{"until", "is not within the next 24 hours"}}, {}});
}

}  // namespace

api::AgentMirror lookAtMirror(const config::AgentMirrorConfig &mirror, Time now)
{
    api::AgentMirror out;
    if (const auto process = processOf(mirror)) {
        out.running = true;
        out.pid = process->pid;
    } else {
        out.problem = process.error().detail;
    }
    auto paused = host::readDrain(pauseFile(mirror));
    if (!paused)
        out.problem = paused.error().detail;
    else if (*paused && (*paused)->until > now)
        out.paused = std::move(*paused);
    if (auto taken = host::readOut(mirror.tree))
        out.out = std::move(*taken);
    else
        out.problem = taken.error().detail;
    return out;
}

Result<api::AgentDone> syncMirror(const config::AgentMirrorConfig &mirror, Time now)
{
    CM_TRY_ASSIGN(const host::Process process, runningMirror(mirror, now));
    CM_TRY(host::signalProcess(process, SIGUSR1));
    return api::AgentDone{fmt::format("told process {} to run now", process.pid), {}};
}

Result<api::AgentDone> allowDeletions(const config::AgentMirrorConfig &mirror, const api::OrderAllow &order, Time now)
{
    CM_TRY_ASSIGN(const host::Process process, runningMirror(mirror, now));
    CM_TRY(needEnd(order.until, now, "what is allowed once"));
    const auto held = host::readWhole(host::heldFile(mirror.tree), host::mostHeld);
    if (!held && held.error().code != ErrorCode::NotFound)
        return fail(held.error());
    const auto refuse = [](std::string why) { return fail(Error{ErrorCode::GuardFailed, why, {{"held", why}}, {}}); };
    if (!held)
        return refuse("nothing is held back any more");
    if (hashHex(HashKind::Sha256, *held) != order.digest)
        return refuse("another set is held back by now: look at it before it is allowed");
    CM_TRY(host::writeAllow(mirror.tree, {order.digest, now, order.until, order.order.by, order.order.reason}));
    CM_TRY(host::signalProcess(process, SIGUSR1));
    return api::AgentDone{fmt::format("told process {} to follow these deletions now", process.pid), {}};
}

Result<api::AgentDone> syncProject(const config::AgentMirrorConfig &mirror, const api::OrderProject &order, Time now)
{
    CM_TRY_ASSIGN(const host::Process process, runningMirror(mirror, now));
    if (!pypi::isValidName(order.project) || order.project.size() > host::longestProject)
        return fail(Error{ErrorCode::InvalidInput, "that is no name of a project", {{"project", "is no name of a project"}}, {}});
    const std::string name = pypi::normalizeName(order.project);
    CM_TRY(host::writeAgain(mirror.tree, {name, now, order.order.by, order.order.reason}));
    CM_TRY(host::signalProcess(process, SIGUSR1));
    return api::AgentDone{fmt::format("told process {} to look at {} anew", process.pid, name), {}};
}

Result<api::AgentDone> pauseMirror(const config::AgentMirrorConfig &mirror, const api::OrderDrain &order, Time now)
{
    CM_TRY(needMirror(mirror));
    CM_TRY(needEnd(order.until, now, "a pause"));
    CM_TRY(host::writeDrain(pauseFile(mirror), {order.until, order.order.by, order.order.reason}));
    return api::AgentDone{fmt::format("paused until {}{}", formatRfc3339(order.until), obeys(wake(mirror))), {}};
}

Result<api::AgentDone> resumeMirror(const config::AgentMirrorConfig &mirror)
{
    CM_TRY(needMirror(mirror));
    CM_TRY(host::removeWhole(pauseFile(mirror)));
    return api::AgentDone{"runs again" + obeys(wake(mirror)), {}};
}

Result<api::AgentDone> takeMirrorOut(const config::AgentMirrorConfig &mirror, const api::OrderDrain &order, Time now)
{
    CM_TRY(needMirror(mirror));
    CM_TRY(needEnd(order.until, now, "what is out of rotation"));
    CM_TRY(host::writeOut(mirror.tree, {now, order.order.by, order.order.reason, order.until}));
    wake(mirror);  // to end it to the second; nothing is lost when it does not run
    return api::AgentDone{fmt::format("its web server says until {} that it is not ready", formatRfc3339(order.until)), {}};
}

Result<api::AgentDone> returnMirror(const config::AgentMirrorConfig &mirror)
{
    CM_TRY(needMirror(mirror));
    CM_TRY(host::removeWhole(host::outFile(mirror.tree)));
    wake(mirror);
    return api::AgentDone{"its web server says that it is ready", {}};
}

Result<std::optional<api::AgentOut>> endMirrorOut(const config::AgentMirrorConfig &mirror, Time now)
{
    if (mirror.tree.empty())
        return std::nullopt;
    return host::endOut(mirror.tree, now);
}

}  // namespace cm::agent
