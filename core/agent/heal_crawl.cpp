// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/agent/heal_crawl.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

namespace cm::agent {
namespace {

// Two versions do not come without a count that changes; this is for what counts do not tell.
constexpr auto walkEvery = std::chrono::seconds(30);
// What was found longer ago is not believed any more.
constexpr auto believedFor = std::chrono::minutes(5);
constexpr auto stepIn = std::chrono::seconds(1);
// While counts change all the time it walks a quarter of it.
constexpr int pauseTimes = 3;

bool take(std::string_view &line, std::string_view begin)
{
    if (!line.starts_with(begin))
        return false;
    line.remove_prefix(begin.size());
    return true;
}

}  // namespace

Result<HealCounts> readHealCounts(std::string_view text)
{
    HealCounts counts;
    std::string_view rest = text;
    while (!rest.empty()) {
        const auto end = rest.find('\n');
        std::string_view line = rest.substr(0, end);
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
        if (take(line, "Brick ")) {
            counts.emplace_back(std::string(line), std::nullopt);
        } else if (take(line, "Number of entries: ") && !counts.empty()) {
            std::int64_t number = 0;
            const auto [last, error] = std::from_chars(line.data(), line.data() + line.size(), number);
            if (error == std::errc() && last == line.data() + line.size() && number >= 0)
                counts.back().second = number;
        }
    }
    if (counts.empty())
        return fail(ErrorCode::Unavailable, fmt::format("gluster volume heal: {}", text.substr(0, 300)));
    return counts;
}

bool HealCrawl::isDue(Clock::time_point now) const
{
    if (!m_wanted)
        return false;
    // A walk says nothing of a brick that was away then.
    const auto sameBrick = [](const auto &one, const auto &other) { return one.first == other.first && one.second.has_value() == other.second.has_value(); };
    if (m_last && !std::equal(m_last->counts.begin(), m_last->counts.end(), m_wanted->begin(), m_wanted->end(), sameBrick))
        return true;
    if (now < m_next)
        return false;
    // Where nobody counts, a walk alone tells.
    return !m_last || m_wanted->empty() || m_last->counts != *m_wanted || now - m_last->ended >= walkEvery;
}

std::optional<HealCrawl::Walk> HealCrawl::last(const HealCounts &counts, std::chrono::milliseconds patience)
{
    std::unique_lock lock(m_mutex);
    m_wanted = counts;
    m_changed.notify_all();
    m_changed.wait_for(lock, patience, [&] { return m_last && m_last->counts == counts; });
    if (!m_last || Clock::now() - m_last->ended > believedFor)
        return std::nullopt;
    Walk walk = *m_last;
    walk.isOfNow = walk.counts == counts;
    return walk;
}

Result<bool> HealCrawl::step()
{
    HealCounts counts;
    {
        std::unique_lock lock(m_mutex);
        m_changed.wait_for(lock, stepIn, [this] { return isDue(Clock::now()); });
        if (!isDue(Clock::now()))
            return false;
        counts = *m_wanted;
    }
    const auto began = Clock::now();
    auto found = m_walk();
    const std::lock_guard lock(m_mutex);
    const auto ended = Clock::now();
    m_last = Walk{std::move(counts), std::move(found), ended, false};
    m_next = ended + pauseTimes * (ended - began);
    m_changed.notify_all();
    return true;
}

}  // namespace cm::agent
