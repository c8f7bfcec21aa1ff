// SPDX-License-Identifier: GPL-3.0-or-later
// Uploads to a running core and says how fast it went, as one JSON object.
//   bench_upload big PORT TOKEN MEGABYTES NAME
//   bench_upload small PORT TOKEN CONNECTIONS SECONDS NAME
#include "tests/bench/http_upload.h"

#include <atomic>
#include <chrono>
#include <cstdio>
#include <fmt/format.h>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace cm::bench;
using Clock = std::chrono::steady_clock;

double secondsSince(Clock::time_point start)
{
    return std::chrono::duration<double>(Clock::now() - start).count();
}

int big(std::uint16_t port, const std::string &token, std::size_t megabytes, const std::string &name)
{
    const Wheel wheel = makeWheel(name, "1.0", megabytes << 20, 7);
    UploadConnection connection(port, token);
    const auto start = Clock::now();
    if (const auto done = connection.upload(wheel); !done) {
        fmt::print(stderr, "bench_upload: {}\n", done.error().detail);
        return 1;
    }
    const double seconds = secondsSince(start);
    fmt::print("{{\"seconds\": {:.6f}, \"mb_per_s\": {:.1f}}}\n", seconds, static_cast<double>(megabytes) / seconds);
    return 0;
}

// Every connection makes its wheels before the clock starts, so that only the server is measured.
int small(std::uint16_t port, const std::string &token, unsigned connections, double seconds, const std::string &name)
{
    constexpr unsigned prepared = 600;
    std::vector<std::vector<Wheel>> wheels(connections);
    for (unsigned c = 0; c < connections; ++c) {
        for (unsigned i = 0; i < prepared; ++i)
            wheels[c].push_back(makeWheel(fmt::format("{}_{}_{}", name, c, i / 50), fmt::format("1.{}", i), 2000, c * 1000 + i));
    }
    std::atomic<unsigned> done{0};
    std::atomic<unsigned> failed{0};
    std::vector<std::thread> threads;
    const auto start = Clock::now();
    for (unsigned c = 0; c < connections; ++c) {
        threads.emplace_back([&, c] {
            UploadConnection connection(port, token);
            for (const Wheel &wheel : wheels[c]) {
                if (secondsSince(start) > seconds)
                    break;
                if (const auto result = connection.upload(wheel)) {
                    ++done;
                } else {
                    if (failed++ == 0)
                        fmt::print(stderr, "bench_upload: {}\n", result.error().detail);
                    break;
                }
            }
        });
    }
    for (std::thread &thread : threads)
        thread.join();
    const double elapsed = secondsSince(start);
    fmt::print("{{\"uploads\": {}, \"failed\": {}, \"per_s\": {:.1f}}}\n", done.load(), failed.load(), done.load() / elapsed);
    return failed.load() == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char **argv)
{
    const std::vector<std::string> args(argv + 1, argv + argc);
    if (args.size() == 5 && args[0] == "big")
        return big(static_cast<std::uint16_t>(std::stoul(args[1])), args[2], std::stoul(args[3]), args[4]);
    if (args.size() == 6 && args[0] == "small")
        return small(static_cast<std::uint16_t>(std::stoul(args[1])), args[2], static_cast<unsigned>(std::stoul(args[3])),
                     std::stod(args[4]), args[5]);
    fmt::print(stderr, "usage: bench_upload big PORT TOKEN MEGABYTES NAME\n"
                       "       bench_upload small PORT TOKEN CONNECTIONS SECONDS NAME\n");
    return 2;
}
