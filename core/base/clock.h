// SPDX-License-Identifier: GPL-3.0-or-later
// Time as the registry knows it: UTC, microseconds, from a Clock that tests can hold. A Clock is
// owned by the composition root and outlives whoever was given a reference; any thread.
#pragma once

#include "core/base/result.h"

#include <atomic>
#include <chrono>
#include <string>
#include <string_view>

namespace cm {

using Time = std::chrono::sys_time<std::chrono::microseconds>;

class Clock {
public:
    virtual ~Clock() = default;
    [[nodiscard]] virtual Time now() const = 0;
};

class SystemClock final : public Clock {
public:
    [[nodiscard]] Time now() const override;
};

// Stands still until told otherwise.
class ManualClock final : public Clock {
public:
    explicit ManualClock(Time start) : m_now(start.time_since_epoch().count()) {}
    [[nodiscard]] Time now() const override { return Time(std::chrono::microseconds(m_now.load())); }
    void set(Time time) { m_now = time.time_since_epoch().count(); }
    void advance(std::chrono::microseconds by) { m_now += by.count(); }

private:
    std::atomic<std::int64_t> m_now;
};

// RFC 3339 in UTC with six decimals: 2026-11-22T09:44:19.000000Z (PEP 700's upload-time).
std::string formatRfc3339(Time time);
// Accepts any number of decimals and any offset. InvalidInput when it is no RFC 3339 time.
Result<Time> parseRfc3339(std::string_view text);
// RFC 9110 HTTP-date (IMF-fixdate), such as Sun, 22 Nov 2026 09:44:19 GMT.
std::string formatHttpDate(Time time);

}  // namespace cm
