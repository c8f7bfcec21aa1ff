// SPDX-License-Identifier: GPL-3.0-or-later
// A fast 64-bit hash of a text for tables in memory, with a seed so that nobody can choose texts that collide. Never
// stored. Pure, any thread.
#pragma once

#include <cstdint>
#include <cstring>
#include <random>
#include <string_view>

namespace cm::metrics {

[[nodiscard]] inline std::uint64_t randomSeed()
{
    std::random_device device;
    return static_cast<std::uint64_t>(device()) << 32U | device();
}

[[nodiscard]] inline std::uint64_t folded(std::uint64_t a, std::uint64_t b)
{
    __extension__ using Wide = unsigned __int128;
    const Wide product = static_cast<Wide>(a) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U);
}

[[nodiscard]] inline std::uint64_t hashOf(std::string_view text, std::uint64_t seed)
{
    constexpr std::uint64_t first = 0x9E3779B97F4A7C15U, second = 0xD1B54A32D192ED03U;
    const auto eight = [](const char *at, std::size_t bytes) {
        std::uint64_t value = 0;
        std::memcpy(&value, at, bytes);
        return value;
    };
    std::uint64_t state = seed ^ (text.size() * first);
    const char *at = text.data();
    std::size_t left = text.size();
    for (; left >= 16; at += 16, left -= 16)
        state = folded(eight(at, 8) ^ state ^ first, eight(at + 8, 8) ^ second ^ (state >> 32U));
    if (left >= 8) {
        state = folded(eight(at, 8) ^ state ^ first, second);
        at += 8;
        left -= 8;
    }
    if (left > 0)
        state = folded(eight(at, left) ^ state ^ second, first);
    return folded(state ^ first, seed ^ second);
}

}  // namespace cm::metrics
