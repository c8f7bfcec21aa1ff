// SPDX-License-Identifier: GPL-3.0-or-later
// A monitor at work: looks, concludes, remembers, alerts. One thread concludes in each interval, another
// writes history. Owned by the composition root; view() and the operators' actions from any thread. It
// needs nothing of what it watches, and goes on concluding and alerting when its own disk does not write.
#pragma once

#include "core/base/clock_watch.h"
#include "core/base/log.h"
#include "core/monitor/alerts/alert_engine.h"
#include "core/monitor/alerts/courier.h"
#include "core/monitor/evaluator.h"
#include "core/monitor/monitor_feed.h"
#include "core/monitor/store/history.h"

#include <atomic>

namespace cm::monitor {

class Monitor {
public:
    Monitor(Surroundings around, std::vector<std::unique_ptr<Receiver>> receivers, sql::Database &database, const Clock &clock, Log &log);
    ~Monitor() { stop(); }
    Monitor(const Monitor &) = delete;
    Monitor &operator=(const Monitor &) = delete;

    // Reads what is remembered. Unavailable when the store cannot be used.
    Result<void> open(const std::string &version);
    void start(const std::string &url);
    void stop();

    // What holds now; null before the first conclusion.
    [[nodiscard]] std::shared_ptr<const View> view() const;
    [[nodiscard]] api::MonitorState state() const;
    [[nodiscard]] std::vector<api::Alert> alerts() const;
    [[nodiscard]] std::vector<api::Silence> silences() const;
    [[nodiscard]] Result<api::SilencePreview> preview(const api::SilenceMatch &match) const;
    [[nodiscard]] std::vector<api::Receiver> receivers() const { return m_courier.state(); }
    [[nodiscard]] Result<api::AvailabilityList> availability(const api::AvailabilityQuery &query);

    // An operator's step: `step` on the engine, then everything it changed and `audit` in one transaction. What cannot be
    // written is not done.
    Result<AlertChanges> act(const std::function<Result<AlertChanges>(AlertEngine &, Time)> &step, api::AuditEntry audit);

    // What every target says now, or those of some roles alone: looks that began after this call, as far as they end
    // within two polls, or within a time.
    [[nodiscard]] Snapshot lookNow(const std::stop_token &stop, const std::vector<std::string_view> &roles = {},
                                   std::optional<std::chrono::milliseconds> within = {});
    // What was seen last, without looking.
    [[nodiscard]] Snapshot board() const { return m_board.copy(); }
    // An action with its events and audit lines, in one transaction and the order of the alerts'.
    Result<void> recordAction(api::Action &action, std::vector<api::TimelineEvent> events, const std::vector<api::AuditEntry> &audit);

    // The newest rehearsal of a cache's fallback.
    void noteDrill(const std::string &edge, const DrillSeen &drill);

    [[nodiscard]] History &history() { return m_history; }
    [[nodiscard]] Journal &journal() { return m_journal; }
    [[nodiscard]] MonitorFeed &feed() { return m_feed; }
    [[nodiscard]] const Surroundings &around() const { return m_around; }
    [[nodiscard]] Time now() const { return m_clock.now(); }

private:
    void pulse(const std::stop_token &stop);
    void keep(const std::stop_token &stop);
    void conclude();
    void watchAnew(Time now);
    Time timeNoticed();
    void forgetUnwatched(Time now);
    void tellOfItself(const char *kind, std::string statement, Time now);
    [[nodiscard]] Time started() const;
    void carryOut(AlertChanges &changes, std::vector<api::TimelineEvent> verdicts, Time now);
    void send(const std::vector<StoredDelivery> &letters);
    std::vector<api::TimelineEvent> verdictChanges(const View &view);
    void tellVersions(const View &view, std::vector<api::TimelineEvent> &events);
    std::vector<StoredDelivery> lettersFor(const AlertChanges &changes, Time now) const;
    void undelivered(const Trouble &trouble);
    void storeFailed(const Error &error);

    const Surroundings m_around;
    const Clock &m_clock;
    Log &m_log;
    History m_history;
    Journal m_journal;
    MonitorFeed m_feed;
    Courier m_courier;
    Board m_board;
    const Time m_opened;
    std::atomic<Time> m_dropFrom;  // by steadyNow()
    ClockWatch m_clockWatch;  // of the concluding thread
    std::unique_ptr<Evaluator> m_evaluator;  // of the concluding thread, once it runs
    std::string m_version, m_url;
    std::vector<std::string> m_blindSpots;

    mutable std::mutex m_alertMutex;  // the engine, and the order in which its changes are written
    std::unique_ptr<AlertEngine> m_alerts;
    mutable std::mutex m_viewMutex;
    std::shared_ptr<const View> m_view;
    std::string m_storeProblem;
    struct Known {
        Verdict verdict = Verdict::Ok;
        std::string finding, role;
    };
    std::map<std::string, Known> m_known;  // what the timeline says of each node; of the concluding thread, once it runs
    std::map<std::string, std::string> m_versions;                   // its as well: of each node, as it said last

    Watcher m_watcher;
    std::mutex m_waitMutex;
    std::condition_variable_any m_wait;
    std::jthread m_pulse, m_keeper;
};

// A role as one from what changed of its nodes, oldest first: it works while one that serves does, and is known to be broken
// while all that were looked at are. Its events have no node. Pure.
[[nodiscard]] std::vector<api::TimelineEvent> roleChanges(const std::vector<NodeInfo> &nodes, const std::string &role,
                                                          const std::vector<api::TimelineEvent> &changes);
// Shares of the watched time from what changed when: of a node, from its first look on. Pure.
[[nodiscard]] api::Availability availabilityOf(const NodeInfo &node, const std::vector<api::TimelineEvent> &changes,
                                               const std::vector<std::pair<Time, Time>> &watches);

}  // namespace cm::monitor
