// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/registry/guess_limiter.h"

#include <algorithm>
#include <cmath>

namespace cm::registry {

namespace {

constexpr double mostTries = 10;
constexpr double triesPerSecond = 1.0 / 6;
constexpr std::size_t maxBuckets = 50'000;

double triesAt(double tries, Time since, Time now)
{
    const double passed = std::chrono::duration<double>(now - since).count();
    // The wall clock may have been set back.
    return std::min(mostTries, tries + std::max(passed, 0.0) * triesPerSecond);
}

}  // namespace

std::string GuessLimiter::keyOf(std::string_view account, std::string_view address)
{
    return std::string(account).append("\n").append(address);
}

std::optional<std::chrono::seconds> GuessLimiter::take(std::string_view account, std::string_view address, Time now)
{
    const std::lock_guard lock(m_mutex);
    makeRoom(now);
    Bucket &bucket = m_buckets.try_emplace(keyOf(account, address), Bucket{mostTries, now}).first->second;
    bucket.tries = triesAt(bucket.tries, bucket.since, now);
    bucket.since = now;
    if (bucket.tries >= 1) {
        bucket.tries -= 1;
        return std::nullopt;
    }
    return std::chrono::seconds(static_cast<std::int64_t>(std::ceil((1 - bucket.tries) / triesPerSecond)));
}

void GuessLimiter::succeeded(std::string_view account, std::string_view address)
{
    const std::lock_guard lock(m_mutex);
    m_buckets.erase(keyOf(account, address));
}

void GuessLimiter::giveBack(std::string_view account, std::string_view address)
{
    const std::lock_guard lock(m_mutex);
    if (const auto found = m_buckets.find(keyOf(account, address)); found != m_buckets.end())
        found->second.tries = std::min(mostTries, found->second.tries + 1);
}

// What has filled up again says nothing more; when all of so many are fresh, those with most tries go.
void GuessLimiter::makeRoom(Time now)
{
    if (m_buckets.size() < maxBuckets)
        return;
    for (const double enough : {mostTries, mostTries - 1, 0.0}) {
        std::erase_if(m_buckets, [&](const auto &entry) {
            return triesAt(entry.second.tries, entry.second.since, now) >= enough;
        });
        if (m_buckets.size() < maxBuckets)
            return;
    }
}

}  // namespace cm::registry
