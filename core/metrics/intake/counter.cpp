// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/intake/counter.h"

#include <algorithm>
#include <pthread.h>

namespace cm::metrics::intake {
namespace {

using std::chrono::steady_clock;

// How long it waits for more, at most: minutes in which nothing comes are looked at as well.
constexpr auto lookAgain = std::chrono::milliseconds(500);

std::int64_t minuteOf(Time time)
{
    return std::chrono::floor<std::chrono::minutes>(time).time_since_epoch().count();
}

void addTo(Tally &sums, const Tally &tally)
{
    sums.received += tally.received;
    sums.downloads += tally.downloads;
    sums.simple += tally.simple;
    sums.ignored += tally.ignored;
    sums.unprocessed += tally.unprocessed;
    sums.refused += tally.refused;
}

}  // namespace

Counter::Counter(Spool &spool, LineLedger &ledger, CounterOptions options, std::function<std::optional<HeardSpan>()> heard, const Clock &clock, Log &log)
    : m_spool(spool),
      m_ledger(ledger),
      m_options(options),
      m_heard(std::move(heard)),
      m_clock(clock),
      m_log(log),
      m_started(clock.now()),
      m_reader(spool),
      m_heardFrom(minuteOf(clock.now()) + 1)
{}

Counter::~Counter()
{
    m_thread.request_stop();
    m_changed.notify_all();
}

void Counter::start()
{
    m_thread = std::jthread([this](const std::stop_token &stop) { run(stop); });
    pthread_setname_np(m_thread.native_handle(), "counter");
}

void Counter::run(const std::stop_token &stop)
{
    if (!findPlace(stop))
        return;
    while (!stop.stop_requested()) {
        {
            const std::lock_guard lock(m_mutex);
            if (m_drainTo && m_reader.place() >= *m_drainTo && m_blocks == 0) {
                m_drained = true;
                m_changed.notify_all();
                return;
            }
        }
        countSome(stop);
    }
}

bool Counter::findPlace(const std::stop_token &stop)
{
    while (!stop.stop_requested()) {
        const auto place = m_ledger.resume(m_spool.source());
        if (!place) {
            trouble(place.error(), stop);
            continue;
        }
        fine();
        if (const auto moved = m_spool.goOnFrom(place->offset); !moved)
            m_log.error("counter.spool_behind", {{"detail", std::string_view(moved.error().detail)}});
        // A store that was restored, or moved behind our back: what it lacks was deleted here when it had it.
        if (const std::int64_t first = m_spool.figures().first; place->offset < first)
            m_log.error("counter.lines_missing", {{"store", place->offset}, {"spool", first}});
        startOver(*place);
        return true;
    }
    return false;
}

void Counter::startOver(const Resume &place)
{
    m_place = place.offset;
    m_mustEnd = place.until;
    m_reader.seek(m_place);
    m_ledger.drop();
    m_blocks = m_lines = 0;
    publishWaiting();
}

void Counter::countSome(const std::stop_token &stop)
{
    const auto block = m_reader.next();
    if (!block)
        return trouble(block.error(), stop);
    m_behind = block->has_value();
    if (*block)
        count(**block);
    if (isDue())
        return flush(stop);
    if (*block)
        return;
    publishWaiting();
    m_spool.waitBeyond(m_reader.place(), m_blocks > 0 ? std::min(m_due, steady_clock::now() + lookAgain) : steady_clock::now() + lookAgain, stop);
}

void Counter::count(const Block &block)
{
    if (m_blocks++ == 0) {
        m_firstArrival = block.arrival;
        m_due = steady_clock::now() + m_options.batchAge;
        const std::lock_guard lock(m_mutex);
        m_figures.oldestWaiting = m_firstArrival;
    }
    m_end = m_reader.place();
    if (block.kind == BlockKind::Lost) {
        if (block.payload.size() == sizeof(std::uint32_t))
            m_ledger.lose(little32(block.payload.data()), block.arrival);
        return;
    }
    if (block.kind == BlockKind::Resumed) {
        // Which stream goes on, and how many lines of its end came again.
        if (block.payload.size() == 2 * sizeof(std::uint32_t))
            m_ledger.repeat(little32(block.payload.data() + sizeof(std::uint32_t)), block.arrival);
        return;
    }
    m_lastArrival = block.arrival;
    Entries entries(block.payload);
    while (const auto entry = entries.next()) {
        if (entry->refused)
            m_ledger.refuse(entry->text.substr(0, entry->text.find(' ')), block.arrival);
        else
            m_ledger.add(entry->text, block.arrival);
    }
    m_lines += block.lines;
}

bool Counter::isDue() const
{
    if (m_mustEnd)
        return m_blocks > 0 && m_end >= *m_mustEnd;
    if (m_blocks == 0)
        return heardMinute().has_value();
    const std::lock_guard lock(m_mutex);
    return m_lines >= m_options.batchLines || m_ledger.size() >= (m_behind ? m_options.batchRowsBehind : m_options.batchRows) ||
           steady_clock::now() >= m_due || m_drainTo;
}

// The next one that is over, and of which every line is counted that came in it.
std::optional<std::int64_t> Counter::heardMinute() const
{
    if (m_reader.place() != m_spool.durable())
        return std::nullopt;
    const auto heard = m_heard();
    if (!heard)
        return std::nullopt;
    const std::int64_t minute = std::max(m_heardFrom, std::chrono::ceil<std::chrono::minutes>(heard->from).time_since_epoch().count());
    return minute < minuteOf(heard->through) ? std::optional(minute) : std::nullopt;
}

void Counter::flush(const std::stop_token &stop)
{
    // Behind its last line, and not behind the spool's own notes that follow: of those there may be more the next time.
    const std::int64_t until = m_blocks > 0 ? m_end : m_place;
    const auto minute = heardMinute();
    if (m_blocks == 0 && !minute)
        return;
    const std::vector<Tally> &tallies = m_ledger.close(m_spool.source(), m_place, until, minute);
    if (!store(until, stop))
        return;
    if (minute)
        m_heardFrom = *minute + 1;
    m_place = until;
    m_mustEnd.reset();
    publish(tallies);
    m_blocks = m_lines = 0;
    publishWaiting();
    m_spool.release(m_place);
}

// False when it was not this batch that brought the store to where it is, or when we stop.
bool Counter::store(std::int64_t until, const std::stop_token &stop)
{
    publishWaiting();
    while (!stop.stop_requested()) {
        const auto added = m_ledger.store();
        if (added) {
            fine();
            return true;
        }
        const bool unknown = added.error().code == ErrorCode::Timeout;
        if (!unknown && added.error().code != ErrorCode::Conflict) {
            trouble(added.error(), stop);
            continue;
        }
        auto place = m_ledger.resume(m_spool.source());
        while (!place && !stop.stop_requested()) {
            trouble(place.error(), stop);
            place = m_ledger.resume(m_spool.source());
        }
        if (!place)
            return false;
        // One that reaches no further cannot be told from one that did not take place, and adds nothing but minutes.
        if (unknown && place->offset == until)
            return true;
        if (unknown && place->offset == m_place)
            continue;
        m_log.warning("counter.moved", {{"from", m_place}, {"until", until}, {"store", place->offset}});
        startOver(*place);
        return false;
    }
    return false;
}

void Counter::trouble(const Error &error, const std::stop_token &stop)
{
    m_retryAfter = std::clamp(2 * m_retryAfter, m_options.retryFirst, m_options.retryMost);
    std::unique_lock lock(m_mutex);
    if (m_figures.problem.empty())
        m_log.error("counter.held_up", {{"code", errorCodeName(error.code)}, {"detail", std::string_view(error.detail)}});
    m_figures.problem = error.detail;
    ++m_figures.retries;
    m_changed.wait_for(lock, stop, m_retryAfter, [] { return false; });
}

void Counter::fine()
{
    m_retryAfter = std::chrono::milliseconds(0);
    const std::lock_guard lock(m_mutex);
    if (!m_figures.problem.empty())
        m_log.info("counter.goes_on");
    m_figures.problem.clear();
}

void Counter::publish(const std::vector<Tally> &tallies)
{
    m_senders.add(m_ledger.reports());
    const std::lock_guard lock(m_mutex);
    m_figures.senders = m_senders.sums();
    m_figures.storedThrough = m_place;
    m_figures.counted += m_lines;
    ++m_figures.batches;
    if (m_lines > 0)
        m_figures.storedArrival = m_lastArrival;
    for (const Tally &tally : tallies) {
        addTo(m_figures.sums, tally);
        const Time time(std::chrono::minutes(tally.minute));
        // Times of the future are somebody's mistake, and would hide that nothing comes.
        if (tally.received > tally.refused && time <= m_clock.now() && (!m_figures.newestLineTime || time > *m_figures.newestLineTime))
            m_figures.newestLineTime = time;
    }
}

void Counter::publishWaiting()
{
    const std::lock_guard lock(m_mutex);
    m_figures.storedThrough = m_place;
    m_figures.oldestWaiting = m_blocks > 0 ? std::optional(m_firstArrival) : std::nullopt;
    m_readThrough = m_reader.place();
    m_figures.damagedBytes = m_reader.damagedBytes();
}

bool Counter::drain(std::chrono::milliseconds limit)
{
    if (!m_thread.joinable())
        return false;
    {
        std::unique_lock lock(m_mutex);
        m_drainTo = m_spool.durable();
        m_changed.wait_for(lock, limit, [this] { return m_drained; });
    }
    m_thread.request_stop();
    m_changed.notify_all();
    m_thread.join();
    const std::lock_guard lock(m_mutex);
    return m_drained;
}

CounterFigures Counter::figures() const
{
    const std::lock_guard lock(m_mutex);
    CounterFigures figures = m_figures;
    const std::int64_t durable = m_spool.durable();
    // What was not read yet came after what is stored, or is as old as this process at least.
    if (!figures.oldestWaiting && durable > m_readThrough)
        figures.oldestWaiting = figures.storedArrival.value_or(m_started);
    // Else nothing waits but notes of the spool's own, which no store hears of before the next line.
    if (figures.oldestWaiting)
        figures.waitingBytes = static_cast<std::uint64_t>(std::max<std::int64_t>(durable - figures.storedThrough, 0));
    return figures;
}

}  // namespace cm::metrics::intake
