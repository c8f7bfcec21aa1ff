// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/edge/lane.h"

#include "core/host/whole_file.h"

#include <algorithm>

namespace cm::edge {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::int64_t rowsAtOnce = 1'000;
// The journal holds the rest.
constexpr std::size_t mostPending = 10'000;
constexpr milliseconds firstPause{200};
// A cache that is back must not wait long for what was withdrawn meanwhile.
constexpr milliseconds longestPause{5'000};
constexpr std::chrono::seconds behindForGood{60};
// Nodes may be gone by then, and what the cache has is all that is left.
constexpr std::chrono::seconds hardFor{60};
// What other nodes do is seen without a word from this one.
constexpr milliseconds lookEvery{250};

}  // namespace

Lane::Lane(std::unique_ptr<PurgeDriver> driver, const Journal &journal, std::filesystem::path file, Log &log,
           const Clock &clock)
    : m_driver(std::move(driver)), m_journal(journal), m_file(std::move(file)), m_log(log), m_clock(clock)
{
    m_state.name = m_driver->name();
    m_state.kind = m_driver->kind();
}

Result<void> Lane::start()
{
    CM_TRY_ASSIGN(const std::int64_t seen, m_journal.seen());
    {
        const std::lock_guard lock(m_mutex);
        m_backlog = Backlog(seen);
        const auto kept = host::readWhole(m_file);
        if (!kept && kept.error().code != ErrorCode::NotFound)
            return fail(kept.error());
        if (kept) {
            auto parsed = Backlog::parse(*kept, m_clock.now());
            if (parsed)
                m_backlog = std::move(*parsed);
            else
                startAgain(seen);
        }
        CM_TRY(write());
    }
    m_thread = std::jthread([this](const std::stop_token &stop) { run(stop); });
    return {};
}

void Lane::stop()
{
    if (!m_thread.joinable())
        return;
    m_thread.request_stop();
    m_thread.join();
}

void Lane::wake()
{
    {
        const std::lock_guard lock(m_mutex);
        m_awake = true;
    }
    m_wake.notify_one();
}

Result<void> Lane::order(const std::vector<std::string> &keys, bool soft)
{
    {
        const std::lock_guard lock(m_mutex);
        m_backlog.order(keys, soft, m_clock.now());
        CM_TRY(write());
        m_awake = true;
    }
    m_wake.notify_one();
    return {};
}

LaneState Lane::state() const
{
    const std::lock_guard lock(m_mutex);
    LaneState state = m_state;
    state.pending = m_backlog.pending();
    state.pendingSince = m_backlog.pendingSince();
    state.purged = m_backlog.purged();
    return state;
}

void Lane::run(const std::stop_token &stop)
{
    while (!stop.stop_requested()) {
        readJournal();
        send(stop);
        keep();
        waitForWork(stop);
    }
    // What was acknowledged last, if the cache takes it at once.
    if (!m_failing) {
        readJournal();
        sendOne({});
        keep();
    }
}

void Lane::waitForWork(const std::stop_token &stop)
{
    std::unique_lock lock(m_mutex);
    const Moment now = steady_clock::now();
    Moment until = now + lookEvery;
    if (m_state.more && m_retryAt <= now)
        return;
    if (const auto again = m_backlog.nextRepetition())
        until = std::min(until, std::max(*again, m_retryAt));
    if (m_retryAt > now)
        until = std::min(until, m_retryAt);
    m_wake.wait_until(lock, stop, until, [this] { return m_awake; });
    m_awake = false;
}

void Lane::readJournal()
{
    const auto seen = m_journal.seen();
    Result<void> result;
    if (!seen)
        result = fail(seen.error());
    for (bool whole = false; result && !whole;) {
        std::int64_t from = 0;
        {
            const std::lock_guard lock(m_mutex);
            watchSerial(*seen);
            from = m_backlog.read();
            m_state.more = from < *seen && m_backlog.pending() >= mostPending;
            if (from >= *seen || m_state.more)
                break;
        }
        auto changes = m_journal.changes(from, rowsAtOnce);
        if (!changes) {
            result = fail(changes.error());
            break;
        }
        const bool last = static_cast<std::int64_t>(changes->size()) < rowsAtOnce;
        // What this node has not left behind yet comes the next time.
        const auto later = std::ranges::find_if(*changes, [&](const Change &change) { return change.serial > *seen; });
        whole = last || later != changes->end();
        const std::lock_guard lock(m_mutex);
        std::for_each(changes->begin(), later, [this](const Change &change) { m_backlog.add(change); });
        if (whole)
            m_backlog.readTo(*seen);
    }
    if (!result && !m_journalFailing)
        m_log.warning("edge.journal", {{"edge", std::string_view(m_state.name)}, {"detail", std::string_view(result.error().detail)}});
    m_journalFailing = !result;
}

// A node that has just started may be told by a standby what is a little old. One that stays behind what it has purged
// is of a registry that went back to an older copy: the cache may hold what that never had.
void Lane::watchSerial(std::int64_t seen)
{
    if (seen >= m_backlog.read()) {
        m_behindSince.reset();
        return;
    }
    const Moment now = steady_clock::now();
    if (!m_behindSince)
        m_behindSince = now;
    if (now - *m_behindSince >= behindForGood)
        startAgain(seen);
}

void Lane::startAgain(std::int64_t seen)
{
    m_log.warning("edge.restarted", {{"edge", std::string_view(m_state.name)}, {"serial", seen}});
    m_behindSince.reset();
    m_backlog = Backlog(seen);
    m_backlog.order({std::string(everything)}, false, m_clock.now(), true);
}

void Lane::send(const std::stop_token &stop)
{
    if (steady_clock::now() < m_retryAt)
        return;
    while (!stop.stop_requested() && sendOne(stop)) {
    }
}

bool Lane::sendOne(const std::stop_token &stop)
{
    const PurgeDriver::Limits limits = m_driver->limits();
    std::optional<Batch> batch;
    {
        const std::lock_guard lock(m_mutex);
        m_backlog.soften(m_clock.now() - hardFor);
        batch = m_backlog.take(limits.keys, limits.bytes, steady_clock::now());
    }
    if (!batch)
        return false;
    const auto purged = m_driver->purge(batch->keys, batch->soft, stop);
    if (!purged) {
        failed(purged.error());
        return false;
    }
    const std::lock_guard lock(m_mutex);
    m_backlog.done(steady_clock::now());
    m_state.lastSuccess = m_clock.now();
    m_pause = milliseconds(0);
    if (m_failing)
        m_log.info("edge.back", {{"edge", std::string_view(m_state.name)}, {"pending", static_cast<std::int64_t>(m_backlog.pending())}});
    m_failing = false;
    return true;
}

void Lane::failed(const Error &error)
{
    const std::lock_guard lock(m_mutex);
    m_backlog.failed();
    m_pause = std::clamp(2 * m_pause, firstPause, longestPause);
    m_retryAt = steady_clock::now() + std::max<milliseconds>(m_pause, error.retryAfter);
    if (error.code == ErrorCode::Cancelled)
        return;
    m_state.lastError = error.detail;
    m_state.lastErrorAt = m_clock.now();
    if (!m_failing)
        m_log.warning("edge.failed", {{"edge", std::string_view(m_state.name)},
                                      {"code", errorCodeName(error.code)},
                                      {"detail", std::string_view(error.detail)},
                                      {"pending", static_cast<std::int64_t>(m_backlog.pending())}});
    m_failing = true;
}

void Lane::keep()
{
    const std::lock_guard lock(m_mutex);
    const auto written = write();
    if (!written && !m_fileFailing)
        m_log.warning("edge.unkept", {{"edge", std::string_view(m_state.name)}, {"detail", std::string_view(written.error().detail)}});
    m_fileFailing = !written;
}

// Behind by what happened in the last seconds at most, which is then purged twice.
Result<void> Lane::write()
{
    std::string text = m_backlog.text();
    if (text == m_written)
        return {};
    CM_TRY(host::writeWhole(m_file, text, 0600));
    m_written = std::move(text);
    return {};
}

}  // namespace cm::edge
