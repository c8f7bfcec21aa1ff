// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/agent/services.h"

#include "core/host/whole_file.h"

#include <fmt/format.h>

namespace cm::agent {
namespace {

// Tells two pid files of one dead process apart from one that is looked at again.
std::string deathOf(const config::AgentServiceConfig &service, std::int64_t pid)
{
    std::error_code error;
    const auto written = std::filesystem::last_write_time(service.pidFile, error);
    return fmt::format("{} {} {}", service.name, pid, written.time_since_epoch().count());
}

}  // namespace

Result<host::Process> processOf(const std::filesystem::path &pidFile, const std::string &words)
{
    if (!pidFile.empty()) {
        CM_TRY_ASSIGN(const std::int64_t pid, host::pidIn(pidFile));
        auto process = host::processAt(pid);
        if (!process || (!words.empty() && !host::isCalled(*process, words)))
            return fail(ErrorCode::NotFound, fmt::format("process {} of {} has ended", pid, pidFile.string()));
        return std::move(*process);
    }
    auto found = host::processesCalled(words);
    if (found.empty())
        return fail(ErrorCode::NotFound, fmt::format("there is no process {}", words));
    if (found.size() > 1)
        return fail(ErrorCode::Conflict, fmt::format("there are {} processes {}", found.size(), words));
    return std::move(found.front());
}

api::AgentService lookAtService(const config::AgentServiceConfig &service, host::RememberedTimes &stops, Time now)
{
    api::AgentService out;
    out.name = service.name;
    auto process = processOf(service.pidFile, service.process);
    // Of several, as of a server with a process for each client, the first is told.
    if (!process && process.error().code == ErrorCode::Conflict)
        process = host::processesCalled(service.process).front();
    if (process) {
        out.running = true;
        out.pid = process->pid;
        out.started = process->started;
        out.statement = fmt::format("{} runs as process {}", service.name, process->pid);
    } else {
        out.statement = process.error().detail;
        const auto pid = service.pidFile.empty() ? Result<std::int64_t>(fail(ErrorCode::NotFound, {})) : host::pidIn(service.pidFile);
        if (pid && !stops.at(deathOf(service, *pid))) {
            // Both are told from memory when they cannot be written.
            (void)stops.remember(deathOf(service, *pid), now);
            (void)stops.remember(service.name, now);
        }
    }
    out.uncleanStop = stops.at(service.name);
    return out;
}

}  // namespace cm::agent
