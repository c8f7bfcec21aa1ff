// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/host/machine_marker.h"

#include "core/api/codec.h"
#include "core/host/json_file.h"
#include "core/host/whole_file.h"

namespace cm::host {
namespace {

constexpr mode_t forOwner = 0600;

struct Marker {
    std::string boot;
    Time seen{};
    BOOST_DESCRIBE_CLASS(Marker, (), (boot, seen), (), ())
};

struct NamedTime {
    std::string name;
    Time time{};
    BOOST_DESCRIBE_CLASS(NamedTime, (), (name, time), (), ())
};

struct NamedTimes {
    std::vector<NamedTime> times;
    BOOST_DESCRIBE_CLASS(NamedTimes, (), (times), (), ())
};

}  // namespace

MachineMarker::MachineMarker(std::filesystem::path folder, std::string identity)
    : m_file(std::move(folder) / "running.json"), m_identity(std::move(identity))
{}

Result<std::optional<Time>> MachineMarker::lastUncleanStop() const
{
    CM_TRY_ASSIGN(const auto marker, readJson<Marker>(m_file));
    return marker && marker->boot != m_identity ? std::optional(marker->seen) : std::nullopt;
}

Result<void> MachineMarker::write(Time now) const
{
    return writeWhole(m_file, api::toJsonText(Marker{m_identity, now}) + "\n", forOwner);
}

Result<void> MachineMarker::remove() const
{
    return removeWhole(m_file);
}

RememberedTimes::RememberedTimes(std::filesystem::path file) : m_file(std::move(file))
{
    // What cannot be read is forgotten: it is about the past, and must not keep anybody from starting.
    const auto text = readWhole(m_file);
    const auto known = text ? api::fromJsonText<NamedTimes>(*text) : Result<NamedTimes>();
    if (known) {
        for (const NamedTime &entry : known->times)
            m_times[entry.name] = entry.time;
    }
}

std::optional<Time> RememberedTimes::at(const std::string &name) const
{
    const auto found = m_times.find(name);
    return found == m_times.end() ? std::nullopt : std::optional(found->second);
}

Result<void> RememberedTimes::remember(const std::string &name, Time time)
{
    m_times[name] = time;
    NamedTimes all;
    for (const auto &[known, when] : m_times)
        all.times.push_back({known, when});
    return writeWhole(m_file, api::toJsonText(all) + "\n", forOwner);
}

}  // namespace cm::host
