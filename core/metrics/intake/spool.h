// SPDX-License-Identifier: GPL-3.0-or-later
// Lines that have arrived, on disk until they are counted: a folder of files to which is only appended, each called
// after the place of its first byte, which only rises, also over files that are deleted and over restarts. What has
// gathered is written and synchronised together, by a thread of its own; then whoever waits for it is told. After a
// crash the unfinished end of the last file is cut off. When `limit` bytes wait on the disk, or it is full, takes() is
// false: nobody reads sockets then, and nothing piles up in memory.
//
// Owned by the composition root; any thread. append() and what opens and ends streams never wait for the disk.
#pragma once

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/result.h"
#include "core/metrics/intake/block.h"
#include "core/metrics/intake/tails.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>

namespace cm::metrics::intake {

struct SpoolOptions {
    std::filesystem::path folder;
    std::uint64_t limit = 10ULL << 30;  // bytes on disk
    std::uint64_t segment = 64ULL << 20;  // bytes of a file, about
    std::size_t window = 4096;            // see Tails
    std::size_t pending = 16 << 20;       // bytes in memory that wait for the disk, about
    // The same, where nobody sends again what is lost with the process.
    std::size_t pendingUnacknowledged = 4 << 20;
};

struct SpoolFigures {
    std::int64_t first = 0;    // place of the first byte that is kept
    std::int64_t durable = 0;  // up to where it is on disk
    std::uint64_t bytes = 0;   // on disk
    std::uint64_t limit = 0;
    std::uint64_t groups = 0;  // synchronisations since the start
    std::uint64_t cut = 0;     // bytes that the start took off the last file: what was being written when it ended, or is damaged
    bool takes = true;
    std::string trouble;  // why nothing can be written; empty: nothing is wrong
};

// Where a byte lies: `path` holds the places from `start` until `end`, as far as they are written.
struct SpoolFile {
    std::filesystem::path path;
    std::int64_t start = 0;
    std::int64_t end = 0;
};

class Spool {
public:
    // Makes the folder. Corrupt when what lies there is no spool; Unavailable with the reason.
    static Result<std::unique_ptr<Spool>> open(SpoolOptions options, const Clock &clock, Log &log);
    // Writes what is pending.
    ~Spool();
    Spool(const Spool &) = delete;
    Spool &operator=(const Spool &) = delete;

    // Of this folder alone, and for as long as it is there: the name of its bytes in a store.
    [[nodiscard]] const std::string &source() const { return m_source; }

    // Called by the writing thread: `durable` whenever more is on disk, `room` (also by who releases) when takes()
    // becomes true again, `failed` once when the disk can no longer be trusted. Set before anything is appended.
    struct Listener {
        std::function<void()> durable, room, failed;
    };
    void listen(Listener listener);

    // A stream of lines from one connection; `tracked` when its sender may send lines again (see Tails).
    [[nodiscard]] std::uint32_t openStream(const std::string &address, bool tracked);
    [[nodiscard]] std::vector<EndedStream> endedStreamsOf(const std::string &address) const;
    // The place up to which it has to be on disk; nothing when another has gone on with `from` meanwhile.
    [[nodiscard]] std::optional<std::int64_t> resumeStream(std::uint32_t stream, std::uint32_t from, std::size_t count);
    // Lines were sent again and dropped, by a stream that broke off before it was at the end of another one.
    void noteRepeated(std::uint32_t stream, std::size_t count);
    // Whether the line is among the last ones of the stream.
    [[nodiscard]] bool recalls(std::uint32_t stream, std::uint64_t digest) const;
    // Of an untracked one.
    void noteLost(std::uint32_t stream, std::uint32_t datagrams);
    void closeStream(std::uint32_t stream);
    void endStream(std::uint32_t stream);

    [[nodiscard]] bool takes() const { return m_takes.load(std::memory_order_acquire); }
    // From senders that do not wait to be told. Becomes true again with takes(), or when more is on disk.
    [[nodiscard]] bool takesUnacknowledged() const { return m_takesUnacknowledged.load(std::memory_order_acquire); }
    // The place up to which it has to be on disk. Takes it whatever takes() says.
    std::int64_t append(std::uint32_t stream, BlockBuilder &block);
    // Of the next byte: all that was taken up to now is before it.
    [[nodiscard]] std::int64_t place() const;
    [[nodiscard]] std::int64_t durable() const { return m_durable.load(std::memory_order_acquire); }
    // Whether there is more on disk than up to `place`; waits until then or the time is over.
    bool waitBeyond(std::int64_t place, std::chrono::steady_clock::time_point until, std::stop_token stop);
    // Of the byte at `place`, or the next one that is kept; NotFound when that is not on disk yet.
    [[nodiscard]] Result<SpoolFile> fileAt(std::int64_t place) const;
    // Nobody needs what is before it.
    void release(std::int64_t place);
    // A store has more of this folder than the disk has kept: places go on from there, so that none is used twice.
    // Conflict when lines have come since.
    Result<void> goOnFrom(std::int64_t place);

    [[nodiscard]] SpoolFigures figures() const;
    // Writes what is pending, and nothing more.
    void stop();

private:
    struct Chunk {
        bool beginsFile = false;
        std::int64_t start = 0;
        std::string bytes;
    };
    struct Recovered;

    Spool(SpoolOptions options, Recovered recovered, const Clock &clock, Log &log);
    static Result<Recovered> recover(const SpoolOptions &options, Log &log);
    std::int64_t appendLocked(std::string_view block);
    void beginFileLocked();
    void judgeRoomLocked();
    void run();
    bool writeChunk(const Chunk &chunk);
    Result<void> tryWrite(const Chunk &chunk);
    void told(bool wasTaking);
    void failed(const std::string &what);

    const SpoolOptions m_options;
    const Clock &m_clock;
    Log &m_log;
    std::string m_id;  // 32 hexadecimal digits
    std::string m_source;

    mutable std::mutex m_mutex;
    std::condition_variable_any m_more;       // for the writing thread
    std::condition_variable_any m_moreOnDisk;
    std::vector<Chunk> m_pending;
    std::size_t m_pendingBytes = 0;
    std::vector<std::int64_t> m_starts;  // of the files
    std::int64_t m_firstBlock = 0;       // of the last file, behind its head; before anything was begun: its start
    std::int64_t m_end = 0;              // place of the next byte
    std::int64_t m_released = 0;         // nobody needs what is before it
    Tails m_tails;
    std::uint32_t m_nextStream = 1;
    std::vector<Listener> m_listeners;
    std::string m_trouble;
    bool m_stopping = false;
    bool m_broken = false;
    std::uint64_t m_groups = 0;
    std::uint64_t m_cut = 0;
    std::atomic<bool> m_takes = true;
    std::atomic<bool> m_takesUnacknowledged = true;
    std::atomic<std::int64_t> m_durable = 0;

    int m_file = -1;  // the writing thread's
    std::thread m_thread;
};

}  // namespace cm::metrics::intake
