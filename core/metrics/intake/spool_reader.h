// SPDX-License-Identifier: GPL-3.0-or-later
// Reads a spool from a place on, block by block, as far as it is on disk. Any number of them on one spool, each with
// its own place: what is read is kept until the spool is told that nobody needs it. One thread; blocks on the disk.
#pragma once

#include "core/metrics/intake/spool.h"

namespace cm::metrics::intake {

class SpoolReader {
public:
    explicit SpoolReader(const Spool &spool) : m_spool(spool) {}
    ~SpoolReader();
    SpoolReader(const SpoolReader &) = delete;
    SpoolReader &operator=(const SpoolReader &) = delete;

    void seek(std::int64_t place);
    // Behind the block that was read last.
    [[nodiscard]] std::int64_t place() const { return m_place; }
    // Lines, what was lost or came again, valid until the next call; nothing when there is no more on disk yet. What cannot be read is passed over
    // up to the next file, and counted. Unavailable when the disk fails.
    Result<std::optional<Block>> next();
    [[nodiscard]] std::uint64_t damagedBytes() const { return m_damaged; }

private:
    Result<bool> fill(std::size_t size);
    Result<bool> openFile();
    void passOver();

    const Spool &m_spool;
    std::int64_t m_place = 0;
    SpoolFile m_at;
    int m_file = -1;
    std::string m_buffer;
    std::size_t m_used = 0;  // of the buffer
    std::uint64_t m_damaged = 0;
};

}  // namespace cm::metrics::intake
