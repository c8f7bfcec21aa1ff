// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/edge/purger.h"

#include "core/base/hash.h"
#include "core/edge/lane.h"

#include <system_error>

namespace cm::edge {

Purger::Purger(std::vector<std::unique_ptr<PurgeDriver>> drivers, Journal journal, std::filesystem::path folder, Log &log,
               const Clock &clock)
    : m_folder(std::move(folder))
{
    for (std::unique_ptr<PurgeDriver> &driver : drivers) {
        const std::string id = std::string(driver->kind()) + " " + driver->name();
        const std::string file = hashHex(HashKind::Sha256, id).substr(0, 16);
        m_lanes.push_back(std::make_unique<Lane>(std::move(driver), journal, m_folder / file, log, clock));
    }
}

Purger::~Purger() = default;

Result<void> Purger::start()
{
    if (m_lanes.empty())
        return {};
    std::error_code error;
    std::filesystem::create_directories(m_folder, error);
    if (error)
        return fail(ErrorCode::Unavailable, "cannot make the folder " + m_folder.string() + ": " + error.message());
    for (const std::unique_ptr<Lane> &lane : m_lanes)
        CM_TRY(lane->start());
    return {};
}

void Purger::stop()
{
    for (const std::unique_ptr<Lane> &lane : m_lanes)
        lane->stop();
}

void Purger::wake()
{
    for (const std::unique_ptr<Lane> &lane : m_lanes)
        lane->wake();
}

Result<void> Purger::order(const std::vector<std::string> &keys, bool soft)
{
    if (m_lanes.empty())
        return fail(ErrorCode::Conflict, "this registry knows of no CDN: name it under [serve.cdn]");
    for (const std::unique_ptr<Lane> &lane : m_lanes)
        CM_TRY(lane->order(keys, soft));
    return {};
}

std::vector<LaneState> Purger::state() const
{
    std::vector<LaneState> states;
    for (const std::unique_ptr<Lane> &lane : m_lanes)
        states.push_back(lane->state());
    return states;
}

}  // namespace cm::edge
