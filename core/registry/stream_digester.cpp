// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/registry/stream_digester.h"

#include <algorithm>

namespace cm::registry {

namespace {
constexpr std::uint64_t threadFrom = 8U << 20;
constexpr std::size_t chunkBytes = 512U << 10;
constexpr std::size_t chunksWaiting = 8;
}  // namespace

StreamDigester::StreamDigester(Extra extra)
{
    if (extra.blake2b512)
        m_blake2b512.emplace(HashKind::Blake2b512);
    if (extra.md5)
        m_md5.emplace(HashKind::Md5);
}

StreamDigester::~StreamDigester()
{
    stopThread();
}

void StreamDigester::update(std::span<const std::byte> bytes)
{
    m_size += bytes.size();
    if (!m_thread.joinable() && m_size > threadFrom)
        startThread();
    if (!m_thread.joinable()) {
        m_sha256.update(bytes);
        updateSecond(bytes);
        return;
    }
    // The copy goes first, so that both threads work on the same bytes at once.
    for (std::span<const std::byte> rest = bytes; !rest.empty();) {
        const std::size_t length = std::min(rest.size(), chunkBytes - m_filling.size());
        m_filling.insert(m_filling.end(), rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(length));
        rest = rest.subspan(length);
        if (m_filling.size() == chunkBytes)
            handOver();
    }
    m_sha256.update(bytes);
}

checks::BodyFacts StreamDigester::finish()
{
    stopThread();
    checks::BodyFacts facts;
    facts.size = m_size;
    facts.sha256 = m_sha256.finishHex();
    facts.blake2b256 = m_blake2b256.finishHex();
    if (m_blake2b512)
        facts.blake2b512 = m_blake2b512->finishHex();
    if (m_md5)
        facts.md5 = m_md5->finishHex();
    return facts;
}

void StreamDigester::updateSecond(std::span<const std::byte> bytes)
{
    m_blake2b256.update(bytes);
    if (m_blake2b512)
        m_blake2b512->update(bytes);
    if (m_md5)
        m_md5->update(bytes);
}

void StreamDigester::startThread()
{
    m_filling.reserve(chunkBytes);
    m_thread = std::thread([this] { run(); });
}

void StreamDigester::handOver()
{
    std::unique_lock lock(m_mutex);
    m_changed.wait(lock, [this] { return m_full.size() < chunksWaiting; });
    m_full.push_back(std::move(m_filling));
    m_filling = {};
    if (!m_free.empty()) {
        m_filling = std::move(m_free.back());
        m_free.pop_back();
    }
    lock.unlock();
    m_changed.notify_all();
    m_filling.reserve(chunkBytes);
}

void StreamDigester::stopThread()
{
    if (!m_thread.joinable())
        return;
    if (!m_filling.empty())
        handOver();
    {
        const std::lock_guard lock(m_mutex);
        m_ending = true;
    }
    m_changed.notify_all();
    m_thread.join();
}

void StreamDigester::run()
{
    std::unique_lock lock(m_mutex);
    for (;;) {
        m_changed.wait(lock, [this] { return m_ending || !m_full.empty(); });
        if (m_full.empty())
            return;
        std::vector<std::byte> chunk = std::move(m_full.front());
        m_full.pop_front();
        lock.unlock();
        m_changed.notify_all();
        updateSecond(chunk);
        chunk.clear();
        lock.lock();
        m_free.push_back(std::move(chunk));
    }
}

}  // namespace cm::registry
