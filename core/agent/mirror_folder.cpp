// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/agent/mirror_folder.h"

#include "core/agent/services.h"
#include "core/api/codec.h"
#include "core/host/drain_file.h"
#include "core/host/whole_file.h"

#include <csignal>
#include <fmt/format.h>

namespace cm::agent {
namespace {

constexpr auto longestPause = std::chrono::hours(24);
// Clocks differ a little.
constexpr auto tolerance = std::chrono::minutes(1);
constexpr mode_t forAll = 0644;

// As core/mirror reads the one, and the mirror's web server the other.
std::filesystem::path pauseFile(const config::AgentMirrorConfig &mirror)
{
    return mirror.tree / "pause.json";
}

std::filesystem::path outFile(const config::AgentMirrorConfig &mirror)
{
    return mirror.tree / "out";
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
std::string wake(const config::AgentMirrorConfig &mirror)
{
    const auto process = processOf(mirror);
    const bool told = process && host::signalProcess(*process, SIGUSR1);
    return told ? "" : "; it does not run now, and obeys when it does";
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
    const auto text = host::readWhole(outFile(mirror));
    if (text) {
        // Put there by hand it says nothing of who and why.
        auto told = api::fromJsonText<api::AgentOut>(*text);
        out.out = told ? std::move(*told) : api::AgentOut();
    } else if (text.error().code != ErrorCode::NotFound) {
        out.problem = text.error().detail;
    }
    return out;
}

Result<api::AgentDone> syncMirror(const config::AgentMirrorConfig &mirror, Time now)
{
    CM_TRY(needMirror(mirror));
    const api::AgentMirror seen = lookAtMirror(mirror, now);
    if (seen.paused) {
        const std::string until = fmt::format("it is paused until {}", formatRfc3339(seen.paused->until));
        return fail(Error{ErrorCode::GuardFailed, until, {{"not-paused", until}}, {}});
    }
    const auto process = processOf(mirror);
    if (!process)
        return fail(Error{ErrorCode::GuardFailed, process.error().detail, {{"running", process.error().detail}}, {}});
    CM_TRY(host::signalProcess(*process, SIGUSR1));
    return api::AgentDone{fmt::format("told process {} to run now", process->pid), {}};
}

Result<api::AgentDone> pauseMirror(const config::AgentMirrorConfig &mirror, const api::OrderDrain &order, Time now)
{
    CM_TRY(needMirror(mirror));
    if (order.until <= now || order.until > now + longestPause + tolerance)
        return fail(Error{ErrorCode::InvalidInput, "a pause ends after now and within a day",
                          {{"until", "is not within the next 24 hours"}}, {}});
    CM_TRY(host::writeDrain(pauseFile(mirror), {order.until, order.order.by, order.order.reason}));
    return api::AgentDone{fmt::format("paused until {}{}", formatRfc3339(order.until), wake(mirror)), {}};
}

Result<api::AgentDone> resumeMirror(const config::AgentMirrorConfig &mirror)
{
    CM_TRY(needMirror(mirror));
    CM_TRY(host::removeWhole(pauseFile(mirror)));
    return api::AgentDone{"runs again" + wake(mirror), {}};
}

Result<api::AgentDone> takeMirrorOut(const config::AgentMirrorConfig &mirror, const api::OrderPlain &order, Time now)
{
    CM_TRY(needMirror(mirror));
    CM_TRY(host::writeWhole(outFile(mirror), api::toJsonText(api::AgentOut{now, order.order.by, order.order.reason}) + "\n", forAll));
    return api::AgentDone{"its web server says that it is not ready", {}};
}

Result<api::AgentDone> returnMirror(const config::AgentMirrorConfig &mirror)
{
    CM_TRY(needMirror(mirror));
    CM_TRY(host::removeWhole(outFile(mirror)));
    return api::AgentDone{"its web server says that it is ready", {}};
}

}  // namespace cm::agent
