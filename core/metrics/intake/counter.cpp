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

Counter::Counter(Spool &spool, CountStore &store, CounterOptions options, std::function<bool()> listening, const Clock &clock, Log &log)
    : m_spool(spool),
      m_store(store),
      m_options(options),
      m_listening(std::move(listening)),
      m_clock(clock),
      m_log(log),
      m_started(clock.now()),
      m_reader(spool),
      m_aggregator(std::make_unique<Aggregator>(options.mode)),
      m_quietFrom(minuteOf(clock.now()) + 1)
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
            if (m_drainTo && m_reader.place() >= *m_drainTo && m_lines == 0) {
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
        const auto place = m_store.position(m_spool.source());
        if (!place) {
            trouble(place.error(), stop);
            continue;
        }
        fine();
        if (const auto moved = m_spool.goOnFrom(*place); !moved)
            m_log.error("counter.spool_behind", {{"detail", std::string_view(moved.error().detail)}});
        startOver(*place);
        return true;
    }
    return false;
}

void Counter::startOver(std::int64_t place)
{
    m_place = place;
    m_reader.seek(place);
    m_aggregator->take();
    m_lines = 0;
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
    m_spool.waitBeyond(m_reader.place(), m_lines > 0 ? std::min(m_due, steady_clock::now() + lookAgain) : steady_clock::now() + lookAgain, stop);
}

void Counter::count(const Block &block)
{
    if (m_lines == 0) {
        m_firstArrival = block.arrival;
        m_due = steady_clock::now() + m_options.batchAge;
        const std::lock_guard lock(m_mutex);
        m_figures.oldestWaiting = m_firstArrival;
    }
    m_lastArrival = block.arrival;
    Entries entries(block.payload);
    while (const auto entry = entries.next()) {
        if (entry->refused)
            m_aggregator->refuse(entry->text.substr(0, entry->text.find(' ')), block.arrival);
        else
            m_aggregator->add(entry->text, block.arrival);
    }
    m_lines += block.lines;
}

bool Counter::isDue() const
{
    if (m_lines == 0)
        return minuteOf(m_clock.now()) > m_quietFrom;
    const std::lock_guard lock(m_mutex);
    return m_lines >= m_options.batchLines || m_aggregator->cells() >= (m_behind ? m_options.batchCellsBehind : m_options.batchCells) ||
           steady_clock::now() >= m_due || m_drainTo;
}

// A minute that is over, and in which at its end somebody listens.
void Counter::noteQuietMinutes(Batch &batch)
{
    const std::int64_t now = minuteOf(m_clock.now());
    const bool listening = m_listening();
    if (now > m_quietFrom) {
        // Of earlier ones nobody looked.
        const std::int64_t last = now - 1;
        if (m_heard && listening)
            batch.tallies.push_back({last});
        m_quietFrom = now;
        m_heard = listening;
    }
}

void Counter::flush(const std::stop_token &stop)
{
    Batch batch = m_aggregator->take();
    batch.source = m_spool.source();
    batch.from = m_place;
    batch.until = m_reader.place();
    noteQuietMinutes(batch);
    if (batch.tallies.empty() && batch.until == batch.from)
        return;
    if (!store(batch, stop))
        return;
    m_place = batch.until;
    publish(batch);
    m_lines = 0;
    publishWaiting();
    m_spool.release(m_place);
}

// False when it was not this batch that brought the store to where it is, or when we stop.
bool Counter::store(const Batch &batch, const std::stop_token &stop)
{
    publishWaiting();
    while (!stop.stop_requested()) {
        const auto added = m_store.add(batch);
        if (added) {
            fine();
            return true;
        }
        const bool unknown = added.error().code == ErrorCode::Timeout;
        if (!unknown && added.error().code != ErrorCode::Conflict) {
            trouble(added.error(), stop);
            continue;
        }
        auto place = m_store.position(batch.source);
        while (!place && !stop.stop_requested()) {
            trouble(place.error(), stop);
            place = m_store.position(batch.source);
        }
        if (!place)
            return false;
        // One that reaches no further cannot be told from one that did not take place, and adds nothing but minutes.
        if (unknown && *place == batch.until)
            return true;
        if (unknown && *place == batch.from)
            continue;
        m_log.warning("counter.moved", {{"from", batch.from}, {"until", batch.until}, {"store", *place}});
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

void Counter::publish(const Batch &batch)
{
    const std::lock_guard lock(m_mutex);
    m_figures.storedThrough = batch.until;
    m_figures.counted += m_lines;
    ++m_figures.batches;
    if (m_lines > 0)
        m_figures.storedArrival = m_lastArrival;
    for (const Tally &tally : batch.tallies) {
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
    m_figures.oldestWaiting = m_lines > 0 ? std::optional(m_firstArrival) : std::nullopt;
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
