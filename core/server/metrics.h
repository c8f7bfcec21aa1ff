// SPDX-License-Identifier: GPL-3.0-or-later
// Counts what requests became, by class of address, and writes Prometheus' text format (version
// 0.0.4). Owned by the application; begin() is called on every I/O thread before and count() after every
// answer, and both touch only counters of a slot of its own.
#pragma once

#include "core/http/application.h"

#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

namespace cm::server {

enum class RouteClass { Index, Project, Json, File, Upload, Admin, Other };
inline constexpr std::size_t routeClassCount = 7;
[[nodiscard]] std::string_view routeClassName(RouteClass route) noexcept;
[[nodiscard]] RouteClass classifyPath(std::string_view path) noexcept;

class Metrics {
public:
    void begin(RouteClass route);
    void count(RouteClass route, const http::Exchange &exchange);
    // Requests that have begun and whose answer has not left.
    [[nodiscard]] std::int64_t underWay(RouteClass route) const;
    void append(std::string &out) const;
    // Answers of a kind of address with a status of that class (4: 4xx).
    [[nodiscard]] std::int64_t answered(RouteClass route, std::size_t statusClass) const;

private:
    // Upper bounds in microseconds; the last bucket has none.
    static constexpr std::array<std::uint64_t, 11> bounds{100,     500,     1'000,     5'000,     10'000,    50'000,
                                                          100'000, 500'000, 1'000'000, 5'000'000, 30'000'000};
    struct Route {
        std::atomic<std::uint64_t> begun{0};
        std::array<std::atomic<std::uint64_t>, 6> byClass{};
        std::array<std::atomic<std::uint64_t>, bounds.size() + 1> buckets{};
        std::atomic<std::uint64_t> microseconds{0};
        std::atomic<std::uint64_t> bytesSent{0};
        std::atomic<std::uint64_t> bytesReceived{0};
        std::atomic<std::uint64_t> broken{0};
    };
    struct alignas(64) Slot {
        std::array<Route, routeClassCount> routes;
    };
    static constexpr std::size_t slotCount = 8;

    [[nodiscard]] Route &own(RouteClass route);

    template <class Get>
    [[nodiscard]] std::uint64_t sum(std::size_t route, Get get) const
    {
        std::uint64_t total = 0;
        for (const Slot &slot : m_slots)
            total += get(slot.routes[route]).load(std::memory_order_relaxed);
        return total;
    }

    std::array<Slot, slotCount> m_slots;
};

// One sample with its TYPE and HELP lines; `labels` without braces, may be empty.
void appendMetric(std::string &out, std::string_view name, std::string_view type, std::string_view help, double value);

}  // namespace cm::server
