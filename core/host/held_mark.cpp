// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/host/held_mark.h"

#include "core/host/whole_file.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

namespace cm::host {
namespace {

constexpr mode_t forOwner = 0600;
constexpr std::size_t longest = 256;
// Of a process that was killed: what it held it would have let go by then.
constexpr std::chrono::milliseconds aMoment{500};
// Of a machine that lost its power: sync() is called that often while something may be held.
constexpr std::chrono::seconds betweenSyncs{15};

// "BOOT SINCE SEEN", in microseconds since 1970, "-" for nothing; blanks to the end of the line, so that a shorter one
// leaves nothing of a longer.
std::string lineOf(std::string_view identity, std::optional<Time> since, Time seen)
{
    return fmt::format("{:<120}\n", fmt::format("{} {} {}", identity, since ? std::to_string(since->time_since_epoch().count()) : "-",
                                                seen.time_since_epoch().count()));
}

std::optional<Time> timeIn(std::string_view text)
{
    char *end = nullptr;
    const std::string number(text);
    const long long value = std::strtoll(number.c_str(), &end, 10);
    return number.empty() || *end != '\0' ? std::nullopt : std::optional(Time(std::chrono::microseconds(value)));
}

}  // namespace

HeldMark::~HeldMark()
{
    if (m_fd >= 0)
        ::close(m_fd);
}

Result<std::optional<HeldStretch>> HeldMark::left() const
{
    const auto text = readWhole(m_file, longest);
    if (!text && (text.error().code == ErrorCode::NotFound || text.error().code == ErrorCode::TooLarge))
        return std::nullopt;
    if (!text)
        return fail(text.error());
    std::string_view line = std::string_view(*text).substr(0, text->find('\n'));
    line = line.substr(0, line.find_last_not_of(' ') + 1);
    const auto first = line.find(' ');
    const auto second = first == std::string_view::npos ? first : line.find(' ', first + 1);
    if (second == std::string_view::npos)
        return std::nullopt;
    const auto seen = timeIn(line.substr(second + 1));
    const auto since = timeIn(line.substr(first + 1, second - first - 1));
    if (!seen)
        return std::nullopt;
    if (line.substr(0, first) != m_identity)
        return HeldStretch{since.value_or(*seen), *seen + betweenSyncs};
    return since ? std::optional(HeldStretch{*since, *seen + aMoment}) : std::nullopt;
}

Result<std::optional<HeldStretch>> HeldMark::begin(Time now)
{
    CM_TRY_ASSIGN(auto before, left());
    // Whatever was lost was lost before.
    if (before)
        before->to = std::max(before->from, std::min(before->to, now));
    // It is held in memory alone once more, until somebody notes that it is elsewhere.
    CM_TRY(writeWhole(m_file, lineOf(m_identity, before ? std::optional(before->from) : std::nullopt, now), forOwner));
    m_fd = ::open(m_file.c_str(), O_WRONLY | O_CLOEXEC);
    if (m_fd < 0)
        return fail(ErrorCode::Unavailable, fmt::format("{}: {}", m_file.string(), std::strerror(errno)));
    return before;
}

void HeldMark::note(std::optional<Time> since, Time now)
{
    const std::string line = lineOf(m_identity, since, now);
    if (m_fd < 0)
        return;
    // A full disk has room for what is there already; what fails all the same is told again in half a second.
    [[maybe_unused]] const ssize_t written = ::pwrite(m_fd, line.data(), line.size(), 0);
}

void HeldMark::sync()
{
    if (m_fd >= 0)
        ::fdatasync(m_fd);
}

void HeldMark::end()
{
    if (m_fd >= 0)
        ::close(m_fd);
    m_fd = -1;
    // Left behind it would tell of nothing that was held.
    static_cast<void>(removeWhole(m_file));
}

}  // namespace cm::host
