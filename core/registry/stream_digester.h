// SPDX-License-Identifier: GPL-3.0-or-later
// The digests of an upload while it comes in. SHA-256 is computed on the caller's thread; beyond 8 MB
// the others move to a thread of their own, so that a large file costs the slower of the two and not
// their sum. Owned by one upload; memory is bounded by a few megabytes whatever the size.
#pragma once

#include "core/base/hash.h"
#include "core/checks/facts.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>

namespace cm::registry {

class StreamDigester {
public:
    struct Extra {
        bool md5 = false;
        bool blake2b512 = false;
    };

    explicit StreamDigester(Extra extra);
    ~StreamDigester();
    StreamDigester(const StreamDigester &) = delete;
    StreamDigester &operator=(const StreamDigester &) = delete;

    void update(std::span<const std::byte> bytes);
    // Once. Digests that were not asked for stay empty.
    checks::BodyFacts finish();

private:
    void updateSecond(std::span<const std::byte> bytes);
    void startThread();
    void handOver();
    void stopThread();
    void run();

    // Of the caller's thread.
    std::uint64_t m_size = 0;
    Hasher m_sha256{HashKind::Sha256};
    std::vector<std::byte> m_filling;

    // Of the second thread from startThread() to stopThread(), else of the caller's.
    Hasher m_blake2b256{HashKind::Blake2b256};
    std::optional<Hasher> m_blake2b512;
    std::optional<Hasher> m_md5;

    std::mutex m_mutex;
    std::condition_variable m_changed;
    std::deque<std::vector<std::byte>> m_full;
    std::vector<std::vector<std::byte>> m_free;
    bool m_ending = false;
    std::thread m_thread;
};

}  // namespace cm::registry
