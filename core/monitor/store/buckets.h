// SPDX-License-Identifier: GPL-3.0-or-later
// Samples in buckets of time, and the bytes in which they are kept. A missing second is NaN, a bucket
// without samples has the count 0. Pure, any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cm::monitor {

struct Bucket {
    std::uint32_t count = 0;
    float min = 0, average = 0, max = 0, p95 = 0, p99 = 0;
    friend bool operator==(const Bucket &, const Bucket &) = default;
};

// One bucket of all samples that are no NaN.
[[nodiscard]] Bucket summarise(std::span<const float> samples);
// Several buckets as one. Percentiles cannot be merged: the highest stands for all, so that a bad one is
// never averaged away.
[[nodiscard]] Bucket merge(std::span<const Bucket> buckets);

[[nodiscard]] std::string encodeSamples(std::span<const float> samples);
// NaN for what the bytes do not have; never more than `count`.
[[nodiscard]] std::vector<float> decodeSamples(std::string_view bytes, std::size_t count);
[[nodiscard]] std::string encodeBuckets(std::span<const Bucket> buckets);
[[nodiscard]] std::vector<Bucket> decodeBuckets(std::string_view bytes, std::size_t count);

}  // namespace cm::monitor
