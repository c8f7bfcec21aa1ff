// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/store/buckets.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

namespace cm::monitor {
namespace {

// A bucket whose samples were all the same, as most are, is a count and one figure.
constexpr std::uint16_t constantBit = 0x8000;

template <class T>
void put(std::string &out, T value)
{
    char bytes[sizeof value];
    std::memcpy(bytes, &value, sizeof value);
    out.append(bytes, sizeof value);
}

template <class T>
bool take(std::string_view &in, T &value)
{
    if (in.size() < sizeof value)
        return false;
    std::memcpy(&value, in.data(), sizeof value);
    in.remove_prefix(sizeof value);
    return true;
}

float percentile(const std::vector<float> &sorted, double share)
{
    const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(sorted.size())));
    return sorted[std::clamp<std::size_t>(rank, 1, sorted.size()) - 1];
}

}  // namespace

Bucket summarise(std::span<const float> samples)
{
    std::vector<float> sorted;
    sorted.reserve(samples.size());
    double sum = 0;
    for (const float sample : samples) {
        if (std::isnan(sample))
            continue;
        sorted.push_back(sample);
        sum += sample;
    }
    if (sorted.empty())
        return {};
    std::sort(sorted.begin(), sorted.end());
    return {static_cast<std::uint32_t>(sorted.size()),
            sorted.front(),
            static_cast<float>(sum / static_cast<double>(sorted.size())),
            sorted.back(),
            percentile(sorted, 0.95),
            percentile(sorted, 0.99)};
}

Bucket merge(std::span<const Bucket> buckets)
{
    Bucket out;
    double sum = 0;
    for (const Bucket &bucket : buckets) {
        if (bucket.count == 0)
            continue;
        out.min = out.count == 0 ? bucket.min : std::min(out.min, bucket.min);
        out.max = out.count == 0 ? bucket.max : std::max(out.max, bucket.max);
        out.p95 = out.count == 0 ? bucket.p95 : std::max(out.p95, bucket.p95);
        out.p99 = out.count == 0 ? bucket.p99 : std::max(out.p99, bucket.p99);
        out.count += bucket.count;
        sum += static_cast<double>(bucket.average) * bucket.count;
    }
    if (out.count > 0)
        out.average = static_cast<float>(sum / out.count);
    return out;
}

std::string encodeSamples(std::span<const float> samples)
{
    // A minute in which nothing moved is one figure.
    const bool constant = !samples.empty() && std::all_of(samples.begin(), samples.end(), [&](float sample) {
        return std::memcmp(&sample, &samples.front(), sizeof sample) == 0;
    });
    std::string out;
    put(out, static_cast<std::uint16_t>(samples.size() | (constant ? constantBit : 0)));
    for (const float sample : constant ? samples.first(1) : samples)
        put(out, sample);
    return out;
}

std::vector<float> decodeSamples(std::string_view bytes, std::size_t count)
{
    std::vector<float> out(count, std::numeric_limits<float>::quiet_NaN());
    std::uint16_t head = 0;
    if (!take(bytes, head))
        return out;
    const std::size_t stored = std::min<std::size_t>(head & ~constantBit, count);
    float value = std::numeric_limits<float>::quiet_NaN();
    const bool constant = (head & constantBit) != 0;
    if (constant && !take(bytes, value))
        return out;
    for (std::size_t i = 0; i < stored && (constant || take(bytes, value)); ++i)
        out[i] = value;
    return out;
}

std::string encodeBuckets(std::span<const Bucket> buckets)
{
    std::string out;
    for (const Bucket &bucket : buckets) {
        const auto count = static_cast<std::uint16_t>(std::min<std::uint32_t>(bucket.count, constantBit - 1));
        const bool constant = bucket.count > 0 && bucket.min == bucket.max;
        put(out, static_cast<std::uint16_t>(count | (constant ? constantBit : 0)));
        if (bucket.count == 0)
            continue;
        put(out, bucket.min);
        if (constant)
            continue;
        for (const float figure : {bucket.average, bucket.max, bucket.p95, bucket.p99})
            put(out, figure);
    }
    return out;
}

std::vector<Bucket> decodeBuckets(std::string_view bytes, std::size_t count)
{
    std::vector<Bucket> out(count);
    for (Bucket &bucket : out) {
        std::uint16_t head = 0;
        if (!take(bytes, head))
            break;
        if (head == 0)
            continue;
        Bucket read;
        read.count = head & ~constantBit;
        if (!take(bytes, read.min))
            break;
        if ((head & constantBit) != 0)
            read.average = read.max = read.p95 = read.p99 = read.min;
        else if (!take(bytes, read.average) || !take(bytes, read.max) || !take(bytes, read.p95) || !take(bytes, read.p99))
            break;
        bucket = read;
    }
    return out;
}

}  // namespace cm::monitor
