// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/monitor.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace cm::monitor {
namespace {

constexpr auto flushEvery = std::chrono::seconds(5);
// What is old is dropped each hour, by a clock that was not set within a day: whoever set it wrong may set it right again.
constexpr auto dropEvery = std::chrono::hours(1), trustedAfter = std::chrono::hours(24);
// A clock that is set by less does no harm: what was looked at is as fresh after it as before.
constexpr auto leastSet = std::chrono::milliseconds(1000);
constexpr auto beganToWatch = "monitor.started";

api::TimelineEvent changeOf(const std::string &node, const std::string &role, std::optional<Verdict> before, Verdict after,
                            const std::string &finding, const std::string &statement, Time now)
{
    api::TimelineEvent event;
    event.time = now;
    event.kind = "verdict.changed";
    event.node = node;
    event.role = role;
    event.before = before;
    event.after = after;
    event.finding = finding;
    event.statement = statement;
    return event;
}

}  // namespace

Monitor::Monitor(Surroundings around, std::vector<std::unique_ptr<Receiver>> receivers, sql::Database &database, const Clock &clock,
                 Log &log)
    : m_around(std::move(around)),
      m_clock(clock),
      m_log(log),
      m_history(database),
      m_journal(database),
      m_feed(m_journal, log),
      m_courier(std::move(receivers), clock, log,
                [this](const std::vector<std::int64_t> &ids) {
                    if (const auto done = m_journal.delivered(ids); !done)
                        storeFailed(done.error());
                },
                [this](const Trouble &trouble) { undelivered(trouble); }),
      m_board(emptyBoard(m_around)),
      m_opened(clock.now()),
      m_dropFrom(steadyNow() + dropEvery),
      m_clockWatch(std::max<std::chrono::milliseconds>(m_around.interval, leastSet)),
      m_blindSpots(blindSpotsOf(m_around)),
      m_watcher(targetsOf(m_around, m_board, clock))
{}

Result<void> Monitor::open(const std::string &version)
{
    m_version = version;
    const Time now = m_clock.now();
    CM_TRY(m_journal.open(now));
    CM_TRY(m_history.open(now));
    CM_TRY_ASSIGN(const std::int64_t newestId, m_journal.newestId());
    CM_TRY_ASSIGN(auto alerts, m_journal.openAlerts());
    CM_TRY_ASSIGN(auto silences, m_journal.openSilences());
    CM_TRY_ASSIGN(const auto headed, m_journal.headedAlerts());
    m_alerts = std::make_unique<AlertEngine>(newestId, std::move(alerts), std::move(silences), headed);
    watchAnew(m_opened);
    CM_TRY_ASSIGN(const auto last, m_journal.lastVerdicts());
    for (const api::TimelineEvent &event : last)
        m_known[event.node] = {event.after.value_or(Verdict::Ok), event.finding, event.role};
    CM_TRY_ASSIGN(const auto waiting, m_journal.waiting());
    for (const StoredDelivery &delivery : waiting)
        m_courier.send(delivery.receiver, {{delivery.id, delivery.created, delivery.body}});
    return {};
}

// With nothing seen yet. What is believed is remembered by the alerts, and how a disk fills by its figures; the rehearsals
// of fallbacks are told by whoever carries them out.
void Monitor::watchAnew(Time now)
{
    Snapshot board = emptyBoard(m_around);
    for (DiskInput &disk : board.disks) {
        const auto before = m_history.read({disk.name, "available", now - DiskInput::span, now, std::chrono::seconds(DiskInput::between).count()}, now);
        if (!before)
            continue;
        for (const api::SeriesPoint &point : before->points) {
            if (point.average)
                disk.points.push_back({point.time, *point.average});
        }
    }
    m_board.change([&](Snapshot &all) {
        for (std::size_t i = 0; i < board.edges.size(); ++i)
            board.edges[i].drill = all.edges[i].drill;
        all = std::move(board);
    });
    std::vector<Remembered> before;
    for (const api::Alert &alert : alerts()) {
        before.push_back({alert.node, alert.finding, alert.verdict, alert.started});
        for (const api::AlertConsequence &also : alert.consequences)
            before.push_back({also.node, also.finding, also.verdict, also.since});
    }
    m_evaluator = std::make_unique<Evaluator>(m_around, now, std::move(before));
}

// Times that were noted before somebody set the clock cannot be compared with those that come: what is fresh, how often
// something was seen, what was told when.
Time Monitor::timeNoticed()
{
    const Time steady = steadyNow();
    const Time now = m_clock.now();
    // A thread that stood still between the two knows nothing.
    const auto by = steadyNow() - steady < leastSet / 2 ? m_clockWatch.setBy(now, steady) : std::nullopt;
    if (!by)
        return now;
    const double seconds = std::round(std::chrono::duration<double>(*by).count());
    m_log.warning("clock.set", {{"seconds", static_cast<std::int64_t>(seconds)}});
    m_dropFrom = steady + trustedAfter;
    watchAnew(now);
    tellOfItself(beganToWatch,
                 fmt::format("The clock of {} was set {} by {}: it began to watch anew", m_around.name, seconds < 0 ? "back" : "ahead", secondsText(std::abs(seconds))), now);
    return now;
}

// A node that was taken out of the topology, or has another name there, is not well for that: nobody knows how it is.
void Monitor::forgetUnwatched(Time now)
{
    std::set<std::string> watched{m_around.name};
    for (const NodeInfo &node : landscapeOf(m_around).nodes)
        watched.insert({node.name, node.host});
    std::vector<api::TimelineEvent> events;
    std::erase_if(m_known, [&](const auto &known) {
        if (watched.contains(known.first))
            return false;
        // Else this has been said before.
        if (known.second.verdict != Verdict::Unknown || !known.second.finding.empty())
            events.push_back(changeOf(known.first, known.second.role, known.second.verdict, Verdict::Unknown, {}, notWatched(known.first), now));
        return true;
    });
    const std::lock_guard lock(m_alertMutex);
    AlertChanges changes = m_alerts->drop(watched, now);
    carryOut(changes, std::move(events), now);
}

// A line of the timeline about this monitor.
void Monitor::tellOfItself(const char *kind, std::string statement, Time now)
{
    AlertChanges none;
    api::TimelineEvent event;
    event.time = now;
    event.kind = kind;
    event.node = m_around.name;
    event.role = "monitor";
    event.statement = std::move(statement);
    const std::lock_guard lock(m_alertMutex);
    carryOut(none, {event}, now);
}

Time Monitor::started() const
{
    const auto shown = view();
    return shown ? shown->started : m_opened;
}

void Monitor::start(const std::string &url)
{
    m_url = url;
    const Time now = m_clock.now();
    tellOfItself(beganToWatch, m_around.name + " began to watch", now);
    forgetUnwatched(now);
    m_courier.start();
    m_watcher.start();
    m_pulse = std::jthread([this](const std::stop_token &stop) { pulse(stop); });
    m_keeper = std::jthread([this](const std::stop_token &stop) { keep(stop); });
}

void Monitor::stop()
{
    m_pulse.request_stop();
    m_keeper.request_stop();
    if (m_pulse.joinable())
        m_pulse.join();
    if (m_keeper.joinable())
        m_keeper.join();
    m_watcher.stop();
    m_courier.stop();
    m_feed.stop();
}

void Monitor::pulse(const std::stop_token &stop)
{
    auto due = std::chrono::steady_clock::now();
    while (!stop.stop_requested()) {
        conclude();
        due = std::max(due + m_around.interval, std::chrono::steady_clock::now());
        std::unique_lock lock(m_waitMutex);
        m_wait.wait_until(lock, stop, due, [] { return false; });
    }
}

void Monitor::keep(const std::stop_token &stop)
{
    for (bool last = false;;) {
        // By the time of what was concluded last, and since when: a clock that has been set is noticed there.
        const auto shown = view();
        const Time now = shown ? shown->time : m_opened;
        auto kept = m_history.flush(now);
        if (kept)
            kept = m_journal.watched(shown ? shown->started : m_opened, now);
        Time due = m_dropFrom;
        const Time steady = steadyNow();
        if (kept && shown && steady >= due && m_dropFrom.compare_exchange_strong(due, steady + dropEvery)) {
            kept = m_journal.dropOld(now);
            if (kept)
                kept = m_history.dropOld(now);
        }
        if (!kept) {
            storeFailed(kept.error());
        } else {
            const std::lock_guard lock(m_viewMutex);
            m_storeProblem.clear();
        }
        if (last)
            return;
        std::unique_lock lock(m_waitMutex);
        m_wait.wait_for(lock, stop, flushEvery, [] { return false; });
        last = stop.stop_requested();
    }
}

void Monitor::conclude()
{
    const Time now = timeNoticed();
    std::vector<FigureSample> fresh;
    auto view = std::make_shared<View>(m_evaluator->evaluate(m_board.copy(), now, fresh));
    m_history.add(now, fresh);
    {
        const std::lock_guard lock(m_viewMutex);
        m_view = view;
    }
    // What has hardly been looked at is no reason to wake anybody, nor to call an alert over.
    if (!view->settled)
        return;
    std::vector<api::TimelineEvent> verdicts = verdictChanges(*view);
    tellVersions(*view, verdicts);
    const std::lock_guard lock(m_alertMutex);
    AlertChanges changes = m_alerts->observe(view->nodes, now, view->awaited);
    if (!changes.empty() || !verdicts.empty())
        carryOut(changes, std::move(verdicts), now);
}

std::vector<api::TimelineEvent> Monitor::verdictChanges(const View &view)
{
    std::vector<api::TimelineEvent> events;
    std::map<std::string, Known> seen;
    const auto tell = [&](const std::string &name, const std::string &role, Verdict verdict, const std::string &finding,
                          const std::string &statement) {
        const auto before = m_known.find(name);
        // The first look at a node is told as well: from then on it is watched.
        if (before != m_known.end() && before->second.verdict == verdict && before->second.finding == finding)
            return;
        const auto was = before == m_known.end() ? std::nullopt : std::optional(before->second.verdict);
        events.push_back(changeOf(name, role, was, verdict, finding, statement, view.time));
    };
    for (const api::Node &node : view.nodes) {
        // That it stops by order is what counts of a warning: availability is read from here.
        const api::NodeFinding *stop = stopOf(node);
        const std::string &finding = stop ? stop->code : node.finding;
        tell(node.name, node.role, node.verdict, finding, stop ? stop->statement : node.statement);
        seen[node.name] = {node.verdict, finding, node.role};
    }
    // A host is there only while something is wrong with it.
    for (const auto &[name, known] : m_known) {
        if (!seen.contains(name) && known.verdict != Verdict::Ok)
            tell(name, known.role, Verdict::Ok, {}, name + " answers again");
    }
    m_known = std::move(seen);
    return events;
}

// What changed shortly before is where whoever is woken looks first.
void Monitor::tellVersions(const View &view, std::vector<api::TimelineEvent> &events)
{
    for (const api::Node &node : view.nodes) {
        const auto told = std::find_if(node.facts.begin(), node.facts.end(), [](const api::Signal &fact) { return fact.name == "version" && !fact.stale; });
        if (told == node.facts.end() || told->text.empty())
            continue;
        std::string &known = m_versions[node.name];
        if (!known.empty() && known != told->text) {
            api::TimelineEvent event;
            event.time = view.time;
            event.kind = "version.changed";
            event.node = node.name;
            event.role = node.role;
            event.statement = fmt::format("{} runs {}, was {}", node.name, told->text, known);
            events.push_back(std::move(event));
        }
        known = told->text;
    }
}

std::vector<StoredDelivery> Monitor::lettersFor(const AlertChanges &changes, Time now) const
{
    std::vector<StoredDelivery> letters;
    const std::string &registry = m_around.topology.registryName.empty() ? m_around.topology.name : m_around.topology.registryName;
    for (const api::Alert &alert : changes.notify) {
        for (const Receiver *receiver : m_courier.receivers())
            letters.push_back({0, receiver->name(), now, receiver->letterFor(alert, {registry, m_url, now})});
    }
    return letters;
}

void Monitor::undelivered(const Trouble &trouble)
{
    tellOfItself("delivery.failed", trouble.statement, m_clock.now());
    if (!trouble.givenUp)
        return;
    if (const auto done = m_journal.delivered({*trouble.givenUp}); !done)
        storeFailed(done.error());
}

// With the alert mutex held, so that changes are written in the order in which they were made.
void Monitor::carryOut(AlertChanges &changes, std::vector<api::TimelineEvent> verdicts, Time now)
{
    std::vector<api::TimelineEvent> events = std::move(verdicts);
    events.insert(events.end(), changes.events.begin(), changes.events.end());
    std::vector<StoredDelivery> letters = lettersFor(changes, now);
    const auto written = m_journal.record(events, changes.alerts, changes.silences, letters, {}, changes.headed);
    if (!written)
        storeFailed(written.error());
    // A disk that does not write keeps no alert from being sent.
    send(letters);
    if (written)
        m_feed.publish(events);
}

void Monitor::send(const std::vector<StoredDelivery> &letters)
{
    for (const StoredDelivery &letter : letters)
        m_courier.send(letter.receiver, {{letter.id, letter.created, letter.body}});
}

Result<AlertChanges> Monitor::act(const std::function<Result<AlertChanges>(AlertEngine &, Time)> &step, api::AuditEntry audit)
{
    const Time now = m_clock.now();
    const std::lock_guard lock(m_alertMutex);
    // On a copy, which takes the engine's place once all of it is written: nobody changes what the audit cannot tell.
    AlertEngine changed = *m_alerts;
    CM_TRY_ASSIGN(AlertChanges changes, step(changed, now));
    audit.time = now;
    std::vector<StoredDelivery> letters = lettersFor(changes, now);
    if (const auto written = m_journal.record(changes.events, changes.alerts, changes.silences, letters, {std::move(audit)}, changes.headed); !written) {
        storeFailed(written.error());
        return fail(written.error());
    }
    *m_alerts = std::move(changed);
    send(letters);
    m_feed.publish(changes.events);
    return changes;
}

void Monitor::noteDrill(const std::string &edge, const DrillSeen &drill)
{
    m_board.change([&](Snapshot &all) {
        for (EdgeInput &input : all.edges) {
            if (input.name == edge)
                input.drill = drill;
        }
    });
}

Snapshot Monitor::lookNow(const std::stop_token &stop, const std::vector<std::string_view> &roles, std::optional<std::chrono::milliseconds> within)
{
    // One that is being looked at may take its whole time before it is looked at anew.
    m_watcher.lookNow(within.value_or(2 * m_around.timeout() + m_around.interval), stop, roles);
    return m_board.copy();
}

Result<void> Monitor::recordAction(api::Action &action, std::vector<api::TimelineEvent> events,
                                   const std::vector<api::AuditEntry> &audit)
{
    const std::lock_guard lock(m_alertMutex);
    const auto written = m_journal.recordAction(action, events, audit);
    if (!written) {
        storeFailed(written.error());
        return written;
    }
    m_feed.publish(events);
    return {};
}

void Monitor::storeFailed(const Error &error)
{
    const std::lock_guard lock(m_viewMutex);
    if (m_storeProblem.empty())
        m_log.error("store.failed", {{"detail", std::string_view(error.detail)}});
    m_storeProblem = error.detail;
}

std::shared_ptr<const View> Monitor::view() const
{
    const std::lock_guard lock(m_viewMutex);
    return m_view;
}

api::MonitorState Monitor::state() const
{
    api::MonitorState state;
    const auto shown = view();
    state.time = m_clock.now();
    if (shown) {
        state.time = shown->time;
        state.line = shown->line;
        state.roles = shown->roles;
        state.nodes = shown->nodes;
    }
    state.blindSpots = m_blindSpots;
    state.monitor.name = m_around.name;
    state.monitor.version = m_version;
    state.monitor.started = started();
    state.monitor.intervalMilliseconds = m_around.interval.count();
    state.monitor.targets = shown ? static_cast<std::int64_t>(shown->nodes.size()) : 0;
    state.monitor.overdue = m_watcher.overdue();
    for (const api::Receiver &receiver : m_courier.state())
        state.monitor.alertsWaiting += receiver.waiting;
    const std::lock_guard lock(m_viewMutex);
    state.monitor.storeProblem = m_storeProblem;
    if (m_storeProblem.empty() && m_history.isFull())
        state.monitor.storeProblem = fmt::format("there is no place for more than {} series", History::maxSeries);
    return state;
}

std::vector<api::Alert> Monitor::alerts() const
{
    const std::lock_guard lock(m_alertMutex);
    return m_alerts->alerts();
}

std::vector<api::Silence> Monitor::silences() const
{
    const std::lock_guard lock(m_alertMutex);
    return m_alerts->silences();
}

Result<api::SilencePreview> Monitor::preview(const api::SilenceMatch &match) const
{
    const std::lock_guard lock(m_alertMutex);
    return m_alerts->preview(match);
}

}  // namespace cm::monitor
