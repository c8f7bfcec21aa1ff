// SPDX-License-Identifier: GPL-3.0-or-later
// What the machine can do without a registry, as one JSON object.
//   bench_reference upload DIR MEGABYTES         write + SHA-256 + BLAKE2b-256 + fdatasync of the same bytes
//   bench_reference small DIR SECONDS            a loop of: write a small file, fsync, SQLite commit
#include "core/base/hash.h"
#include "tests/bench/wheel_maker.h"

#include <chrono>
#include <cstdio>
#include <fcntl.h>
#include <fmt/format.h>
#include <span>
#include <sqlite3.h>
#include <string>
#include <unistd.h>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

double secondsSince(Clock::time_point start)
{
    return std::chrono::duration<double>(Clock::now() - start).count();
}

bool writeAll(int fd, std::string_view bytes)
{
    while (!bytes.empty()) {
        const ssize_t count = ::write(fd, bytes.data(), bytes.size());
        if (count <= 0)
            return false;
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
}

int upload(const std::string &folder, std::size_t megabytes)
{
    const auto wheel = cm::bench::makeWheel("reference", "1.0", megabytes << 20, 7);
    const std::string path = folder + "/reference.bin";
    const auto start = Clock::now();
    const int fd = ::open(path.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
    cm::Hasher sha(cm::HashKind::Sha256);
    cm::Hasher blake(cm::HashKind::Blake2b256);
    constexpr std::size_t step = 256 * 1024;
    for (std::size_t at = 0; at < wheel.bytes.size(); at += step) {
        const std::string_view piece = std::string_view(wheel.bytes).substr(at, step);
        sha.update(piece);
        blake.update(piece);
        if (!writeAll(fd, piece))
            return 1;
    }
    const std::string digests = sha.finishHex() + blake.finishHex();
    const bool synced = ::fdatasync(fd) == 0;
    ::close(fd);
    const double seconds = secondsSince(start);
    ::unlink(path.c_str());
    fmt::print("{{\"seconds\": {:.6f}, \"mb_per_s\": {:.1f}}}\n", seconds, static_cast<double>(megabytes) / seconds);
    return synced && digests.size() == 128 ? 0 : 1;
}

int small(const std::string &folder, double seconds)
{
    sqlite3 *db = nullptr;
    const std::string path = folder + "/reference.sqlite";
    if (sqlite3_open(path.c_str(), &db) != SQLITE_OK)
        return 1;
    sqlite3_exec(db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT, body TEXT)",
                 nullptr, nullptr, nullptr);
    sqlite3_stmt *insert = nullptr;
    sqlite3_prepare_v2(db, "INSERT INTO t(name, body) VALUES ('a', 'some four rows of text')", -1, &insert, nullptr);
    const std::string bytes = cm::bench::makeWheel("reference", "1.0", 2000, 7).bytes;
    unsigned done = 0;
    const auto start = Clock::now();
    while (secondsSince(start) < seconds) {
        const std::string file = fmt::format("{}/f{}", folder, done);
        const int fd = ::open(file.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
        if (!writeAll(fd, bytes) || ::fsync(fd) != 0)
            return 1;
        ::close(fd);
        sqlite3_exec(db, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr);
        for (int row = 0; row < 4; ++row) {
            sqlite3_step(insert);
            sqlite3_reset(insert);
        }
        if (sqlite3_exec(db, "COMMIT", nullptr, nullptr, nullptr) != SQLITE_OK)
            return 1;
        ++done;
    }
    const double elapsed = secondsSince(start);
    sqlite3_finalize(insert);
    sqlite3_close(db);
    fmt::print("{{\"uploads\": {}, \"per_s\": {:.1f}}}\n", done, done / elapsed);
    return 0;
}

}  // namespace

int main(int argc, char **argv)
{
    const std::vector<std::string> args(argv + 1, argv + argc);
    if (args.size() == 3 && args[0] == "upload")
        return upload(args[1], std::stoul(args[2]));
    if (args.size() == 3 && args[0] == "small")
        return small(args[1], std::stod(args[2]));
    fmt::print(stderr, "usage: bench_reference upload DIR MEGABYTES | small DIR SECONDS\n");
    return 2;
}
