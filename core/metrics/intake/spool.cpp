// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/intake/spool.h"

#include "core/host/whole_file.h"
#include "core/metrics/intake/spool_files.h"
#include "core/metrics/intake/spool_recovery.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <pthread.h>
#include <unistd.h>

namespace cm::metrics::intake {
namespace {

constexpr auto retryAfter = std::chrono::seconds(1);

Result<void> writeAll(int fd, std::string_view bytes, const std::filesystem::path &file)
{
    while (!bytes.empty()) {
        const ssize_t written = ::write(fd, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0) {
            // Room may come back; anything else of a disk does not.
            const ErrorCode code = errno == ENOSPC || errno == EDQUOT ? ErrorCode::TooLarge : ErrorCode::Unavailable;
            return fail(code, fmt::format("{}: {}", file.string(), std::strerror(errno)));
        }
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

}  // namespace

Result<std::unique_ptr<Spool>> Spool::open(SpoolOptions options, const Clock &clock, Log &log)
{
    // Room for several files, so that those that are done with can go.
    options.segment = std::clamp<std::uint64_t>(options.limit / 8, 4096, options.segment);
    CM_TRY_ASSIGN(Recovered recovered, recover(options, log));
    std::unique_ptr<Spool> spool(new Spool(std::move(options), std::move(recovered), clock, log));
    if (!spool->m_starts.empty()) {
        const auto file = spoolFile(spool->m_options.folder, spool->m_starts.back());
        spool->m_file = ::open(file.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
        if (spool->m_file < 0)
            return diskError(file);
    }
    spool->m_thread = std::thread([raw = spool.get()] { raw->run(); });
    pthread_setname_np(spool->m_thread.native_handle(), "spool");
    return spool;
}

Spool::Spool(SpoolOptions options, Recovered recovered, const Clock &clock, Log &log)
    : m_options(std::move(options)),
      m_clock(clock),
      m_log(log),
      m_id(std::move(recovered.id)),
      m_source("spool-" + m_id),
      m_starts(std::move(recovered.starts)),
      m_firstBlock(m_starts.empty() ? 0 : m_starts.back()),
      m_end(recovered.end),
      m_tails(std::move(recovered.tails)),
      m_nextStream(recovered.nextStream),
      m_durable(recovered.end)
{
    const std::lock_guard lock(m_mutex);
    m_cut = recovered.cut;
    judgeRoomLocked();
}

Spool::~Spool()
{
    stop();
    if (m_file >= 0)
        ::close(m_file);
}

void Spool::listen(Listener listener)
{
    const std::lock_guard lock(m_mutex);
    m_listeners.push_back(std::move(listener));
}

std::uint32_t Spool::openStream(const std::string &address, bool tracked)
{
    const std::lock_guard lock(m_mutex);
    const std::uint32_t stream = m_nextStream++;
    if (tracked) {
        appendLocked(noteBlock(BlockKind::Opened, stream, m_clock.now(), address));
        m_tails.open(stream, address);
    }
    return stream;
}

std::vector<EndedStream> Spool::endedStreamsOf(const std::string &address) const
{
    const std::lock_guard lock(m_mutex);
    return m_tails.endedOf(address);
}

std::optional<std::int64_t> Spool::resumeStream(std::uint32_t stream, std::uint32_t from, std::size_t count)
{
    std::string payload;
    appendLittle32(payload, from);
    appendLittle32(payload, static_cast<std::uint32_t>(count));
    const std::lock_guard lock(m_mutex);
    if (!m_tails.hasEnded(from))
        return std::nullopt;
    const std::int64_t place = appendLocked(noteBlock(BlockKind::Resumed, stream, m_clock.now(), payload));
    m_tails.resume(stream, from, count);
    return place;
}

void Spool::noteRepeated(std::uint32_t stream, std::size_t count)
{
    std::string payload;
    appendLittle32(payload, 0);
    appendLittle32(payload, static_cast<std::uint32_t>(count));
    const std::lock_guard lock(m_mutex);
    appendLocked(noteBlock(BlockKind::Resumed, stream, m_clock.now(), payload));
}

bool Spool::recalls(std::uint32_t stream, std::uint64_t digest) const
{
    const std::lock_guard lock(m_mutex);
    return m_tails.recalls(stream, digest);
}

std::int64_t Spool::place() const
{
    const std::lock_guard lock(m_mutex);
    return m_end;
}

void Spool::noteLost(std::uint32_t stream, std::uint32_t datagrams)
{
    std::string payload;
    appendLittle32(payload, datagrams);
    const std::lock_guard lock(m_mutex);
    appendLocked(noteBlock(BlockKind::Lost, stream, m_clock.now(), payload));
}

void Spool::closeStream(std::uint32_t stream)
{
    const std::lock_guard lock(m_mutex);
    appendLocked(noteBlock(BlockKind::Closed, stream, m_clock.now(), {}));
    m_tails.close(stream);
}

void Spool::endStream(std::uint32_t stream)
{
    const std::lock_guard lock(m_mutex);
    m_tails.end(stream);
}

std::int64_t Spool::append(std::uint32_t stream, BlockBuilder &block)
{
    const std::string_view bytes = block.finish(stream, m_clock.now());
    const std::lock_guard lock(m_mutex);
    const std::int64_t place = appendLocked(bytes);
    m_tails.add(stream, block.digests());
    return place;
}

std::int64_t Spool::appendLocked(std::string_view block)
{
    if (m_starts.empty() || m_end - m_firstBlock >= static_cast<std::int64_t>(m_options.segment))
        beginFileLocked();
    if (m_pending.empty())
        m_pending.push_back({false, m_end, {}});
    m_pending.back().bytes += block;
    m_pendingBytes += block.size();
    m_end += static_cast<std::int64_t>(block.size());
    judgeRoomLocked();
    m_more.notify_one();
    return m_end;
}

// Each file begins with what has to be known of the lines before it, so that those may be deleted. Tails learn of a
// block after it was appended: else they would hold it twice when they are read again.
void Spool::beginFileLocked()
{
    Chunk chunk{true, m_end, fileHeadOf(m_end, m_id)};
    chunk.bytes += noteBlock(BlockKind::Tails, 0, m_clock.now(), m_tails.snapshot(m_nextStream));
    m_starts.push_back(m_end);
    m_end += static_cast<std::int64_t>(chunk.bytes.size());
    // However long the head is, a file holds more than it.
    m_firstBlock = m_end;
    m_pendingBytes += chunk.bytes.size();
    m_pending.push_back(std::move(chunk));
}

void Spool::judgeRoomLocked()
{
    // What is released already may still lie in the last file: it must not stop what would bring the next one.
    const std::uint64_t needed = m_starts.empty() ? 0 : static_cast<std::uint64_t>(m_end - std::max(m_starts.front(), m_released));
    const bool room = needed < m_options.limit && m_trouble.empty() && !m_broken;
    m_takes.store(room && m_pendingBytes < m_options.pending, std::memory_order_release);
    m_takesUnacknowledged.store(room && m_pendingBytes < m_options.pendingUnacknowledged, std::memory_order_release);
}

void Spool::run()
{
    std::unique_lock lock(m_mutex);
    for (;;) {
        m_more.wait(lock, [this] { return m_stopping || !m_pending.empty(); });
        if (m_pending.empty() || m_broken)
            return;
        const std::vector<Chunk> chunks = std::exchange(m_pending, {});
        std::size_t bytes = 0;
        for (const Chunk &chunk : chunks)
            bytes += chunk.bytes.size();
        lock.unlock();
        bool written = true;
        for (const Chunk &chunk : chunks)
            written = written && writeChunk(chunk);
        if (written && ::fdatasync(m_file) != 0) {
            failed(std::string("cannot synchronise: ") + std::strerror(errno));
            written = false;
        }
        lock.lock();
        if (!written)
            return;
        const bool wasTaking = takes();
        m_pendingBytes -= bytes;
        ++m_groups;
        m_durable.store(chunks.back().start + static_cast<std::int64_t>(chunks.back().bytes.size()), std::memory_order_release);
        judgeRoomLocked();
        m_moreOnDisk.notify_all();
        lock.unlock();
        told(wasTaking);
        lock.lock();
    }
}

void Spool::told(bool wasTaking)
{
    for (const Listener &listener : m_listeners) {
        listener.durable();
        if (!wasTaking && takes())
            listener.room();
    }
}

// As long as it takes; false when it is in vain.
bool Spool::writeChunk(const Chunk &chunk)
{
    for (;;) {
        const auto written = tryWrite(chunk);
        std::unique_lock lock(m_mutex);
        if (written) {
            m_trouble.clear();
            return true;
        }
        if (written.error().code != ErrorCode::TooLarge || m_stopping) {
            lock.unlock();
            failed(written.error().detail);
            return false;
        }
        if (m_trouble.empty())
            m_log.error("spool.full", {{"detail", std::string_view(written.error().detail)}});
        m_trouble = written.error().detail;
        judgeRoomLocked();
        m_more.wait_for(lock, retryAfter, [this] { return m_stopping; });
    }
}

// TooLarge when there is no room: nothing of the chunk is in the file then.
Result<void> Spool::tryWrite(const Chunk &chunk)
{
    std::filesystem::path file;
    off_t before = 0;
    if (chunk.beginsFile) {
        // What follows is read only by who has found all of what comes before.
        if (m_file >= 0 && ::fdatasync(m_file) != 0)
            return diskError(m_options.folder);
        file = spoolFile(m_options.folder, chunk.start);
        const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
        if (fd < 0)
            return fail(errno == ENOSPC ? ErrorCode::TooLarge : ErrorCode::Unavailable, fmt::format("{}: {}", file.string(), std::strerror(errno)));
        const auto written = writeAll(fd, chunk.bytes, file);
        if (!written || ::fdatasync(fd) != 0) {
            ::close(fd);
            ::unlink(file.c_str());
            return written ? Result<void>(diskError(file)) : written;
        }
        if (m_file >= 0)
            ::close(m_file);
        m_file = fd;
        return synchroniseFolder(m_options.folder);
    }
    before = ::lseek(m_file, 0, SEEK_END);
    const auto written = writeAll(m_file, chunk.bytes, m_options.folder);
    if (!written && (before < 0 || ::ftruncate(m_file, before) != 0))
        return diskError(m_options.folder);
    return written;
}

void Spool::failed(const std::string &what)
{
    {
        const std::lock_guard lock(m_mutex);
        m_trouble = what;
        m_broken = true;
        judgeRoomLocked();
        m_moreOnDisk.notify_all();
    }
    m_log.error("spool.failed", {{"detail", std::string_view(what)}});
    for (const Listener &listener : m_listeners)
        listener.failed();
}

bool Spool::waitBeyond(std::int64_t place, std::chrono::steady_clock::time_point until, std::stop_token stop)
{
    std::unique_lock lock(m_mutex);
    return m_moreOnDisk.wait_until(lock, stop, until, [&] { return durable() > place; });
}

Result<SpoolFile> Spool::fileAt(std::int64_t place) const
{
    const std::lock_guard lock(m_mutex);
    auto file = std::upper_bound(m_starts.begin(), m_starts.end(), place);
    if (file != m_starts.begin())
        --file;
    if (file == m_starts.end() || std::max(place, *file) >= durable())
        return fail(ErrorCode::NotFound, "not on disk yet");
    const auto next = file + 1;
    return SpoolFile{spoolFile(m_options.folder, *file), *file, next == m_starts.end() ? durable() : std::min(*next, durable())};
}

void Spool::release(std::int64_t place)
{
    std::vector<std::int64_t> done;
    bool wasTaking = true;
    {
        const std::lock_guard lock(m_mutex);
        place = std::min(place, durable());
        m_released = std::max(m_released, place);
        // The last one stays: it knows the place of what comes next.
        while (m_starts.size() > 1 && m_starts[1] < place) {
            done.push_back(m_starts.front());
            m_starts.erase(m_starts.begin());
        }
        wasTaking = takes();
        judgeRoomLocked();
    }
    for (const std::int64_t start : done) {
        if (const auto removed = host::removeWhole(spoolFile(m_options.folder, start)); !removed)
            m_log.warning("spool.file_kept", {{"detail", std::string_view(removed.error().detail)}});
    }
    if (!wasTaking && takes()) {
        for (const Listener &listener : m_listeners)
            listener.room();
    }
}

Result<void> Spool::goOnFrom(std::int64_t place)
{
    const std::lock_guard lock(m_mutex);
    if (place <= m_end)
        return {};
    if (!m_pending.empty() || m_end != durable())
        return fail(ErrorCode::Conflict, "lines came already");
    m_log.error("spool.behind", {{"spool", m_end}, {"store", place}});
    m_end = place;
    beginFileLocked();
    m_more.notify_one();
    return {};
}

SpoolFigures Spool::figures() const
{
    const std::lock_guard lock(m_mutex);
    SpoolFigures figures;
    figures.durable = durable();
    figures.first = m_starts.empty() ? figures.durable : m_starts.front();
    figures.bytes = static_cast<std::uint64_t>(std::max<std::int64_t>(figures.durable - figures.first, 0));
    figures.limit = m_options.limit;
    figures.groups = m_groups;
    figures.cut = m_cut;
    figures.takes = takes();
    figures.trouble = m_trouble;
    return figures;
}

void Spool::stop()
{
    {
        const std::lock_guard lock(m_mutex);
        m_stopping = true;
        m_more.notify_all();
    }
    if (m_thread.joinable())
        m_thread.join();
}

}  // namespace cm::metrics::intake
