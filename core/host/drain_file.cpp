// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/host/drain_file.h"

#include "core/api/codec.h"
#include "core/host/json_file.h"
#include "core/host/whole_file.h"

#include <tuple>

namespace cm::host {
namespace {

constexpr mode_t forAll = 0644;

auto identity(const struct stat &file)
{
    return std::tuple(file.st_dev, file.st_ino, file.st_size, file.st_mtim.tv_sec, file.st_mtim.tv_nsec,
                      file.st_ctim.tv_sec, file.st_ctim.tv_nsec);
}

}  // namespace

Result<std::optional<api::AgentDrain>> readDrain(const std::filesystem::path &file)
{
    return readJson<api::AgentDrain>(file);
}

Result<void> writeDrain(const std::filesystem::path &file, const api::AgentDrain &drain)
{
    return writeWhole(file, api::toJsonText(drain) + "\n", forAll);
}

std::optional<api::AgentDrain> DrainWatch::at(Time now)
{
    if (m_file.empty())
        return std::nullopt;
    const std::lock_guard lock(m_mutex);
    struct stat found {};
    if (::stat(m_file.c_str(), &found) != 0)
        found = {};
    if (identity(found) != identity(m_seen)) {
        m_seen = found;
        m_drain.reset();
        auto read = readDrain(m_file);
        if (read)
            m_drain = std::move(*read);
        else
            m_log.error("drain.unreadable", {{"detail", std::string_view(read.error().detail)}});
        if (m_drain && m_drain->until > now)
            m_log.info("drain.begun", {{"until", std::string_view(formatRfc3339(m_drain->until))},
                                       {"by", std::string_view(m_drain->by)},
                                       {"reason", std::string_view(m_drain->reason)}});
    }
    return m_drain && m_drain->until > now ? m_drain : std::nullopt;
}

}  // namespace cm::host
