// SPDX-License-Identifier: GPL-3.0-or-later
// Alerts as a state machine over node states: one alert for each node at the root of some trouble, with
// all that follows from it inside; acknowledged until a time, silenced, released, closed. No clock, no
// I/O: each step answers what has to be written, told and sent. Owned by the monitor, one thread at a time.
#pragma once

#include "core/api/alerting.h"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace cm::monitor {

// What a step changed.
struct AlertChanges {
    std::vector<api::Alert> alerts;
    std::map<std::int64_t, std::string> headed;  // by id, of each of them: the code that headed its last letter; empty: none did
    std::vector<api::Silence> silences;
    std::vector<api::TimelineEvent> events;
    std::vector<api::Alert> notify;  // as it is to be sent: firing or closed

    [[nodiscard]] bool empty() const { return alerts.empty() && silences.empty() && events.empty(); }
};

class AlertEngine {
public:
    // How long an acknowledgement or silence may last.
    static constexpr auto longest = std::chrono::hours(24 * 7);
    // What was told of an alert is told again only when it has been away, or lighter, for so long: what flutters is no news.
    static constexpr auto repeatAfter = std::chrono::minutes(10);

    // What the store remembers; ids go on above `newestId`. Of an alert that is not in `headed` receivers are taken to know.
    AlertEngine(std::int64_t newestId, std::vector<api::Alert> open, std::vector<api::Silence> silences,
                const std::map<std::int64_t, std::string> &headed = {});

    // All node states of this moment. An alert that concerns one of `awaited` is not over for being missing among them: these
    // were not looked at often enough yet.
    AlertChanges observe(const std::vector<api::Node> &nodes, Time now, const std::set<std::string> &awaited = {});

    // Ends the alerts of what is not watched any more, which says nothing of how it is. `watched`: all names of nodes and hosts.
    AlertChanges drop(const std::set<std::string> &watched, Time now);

    // NotFound, InvalidInput for a time that is past or too far, Conflict for an alert that is closed.
    Result<AlertChanges> acknowledge(const api::AcknowledgeAlert &request, const std::string &who, Time now);
    Result<AlertChanges> acknowledgeAll(const api::AcknowledgeAll &request, const std::string &who, Time now);
    Result<AlertChanges> release(const api::ReleaseAlert &request, const std::string &who, Time now);
    [[nodiscard]] Result<api::SilencePreview> preview(const api::SilenceMatch &match) const;
    Result<AlertChanges> silence(const api::CreateSilence &request, const std::string &who, Time now);
    Result<AlertChanges> endSilence(const api::EndSilence &request, const std::string &who, Time now);

    // Worst first, then newest.
    [[nodiscard]] std::vector<api::Alert> alerts() const;
    [[nodiscard]] std::vector<api::Silence> silences() const;

private:
    // One finding as receivers were told of it, or as whoever owns the alert has seen it.
    struct Known {
        api::Verdict verdict = api::Verdict::Ok;
        Time seen{};                 // the last look with at least that weight
        std::optional<Time> said{};  // when a letter was headed with it, last
    };
    struct Open {
        api::Alert alert;
        std::string site;
        std::vector<api::NodeFinding> own;  // its own findings of the last look, worst first
        std::map<std::string, Known> known;  // by code
        std::string headed;  // the code that headed the last letter; empty: no receiver knows of it, nor is told of its end
    };

    void follow(Open &open, AlertChanges &changes, bool isNew, Time now);
    std::vector<api::NodeFinding> newsOf(Open &open, Time now) const;
    void tell(Open &open, AlertChanges &changes, Time now) const;
    void settle(Open &open, AlertChanges &changes, Time now);
    void settleAll(AlertChanges &changes, Time now);
    void expire(AlertChanges &changes, Time now);
    void close(Open &open, AlertChanges &changes, Time now);
    static void keep(const Open &open, AlertChanges &changes);
    // Of an alert of which every own finding is silenced; null: one at least is not.
    [[nodiscard]] const api::Silence *silenceOf(const Open &open) const;
    [[nodiscard]] const api::Silence *silenceOn(const Open &open, const std::string &finding) const;
    // Whether `match` means one of its own findings.
    [[nodiscard]] static bool means(const api::SilenceMatch &match, const Open &open);
    void say(AlertChanges &changes, const api::Alert &alert, std::string kind, std::string actor, Time now) const;
    Result<void> own(Open &open, const std::string &who, const std::string &note, Time until, AlertChanges &changes, Time now);

    std::int64_t m_newestId;
    std::map<std::string, Open> m_open;  // by node
    std::map<std::int64_t, api::Silence> m_silences;
    std::vector<api::Node> m_nodes;
};

// Whether `match` means a node with that finding; matching nothing at all by being empty.
[[nodiscard]] bool matches(const api::SilenceMatch &match, const std::string &node, const std::string &role,
                           const std::string &finding, const std::string &site);

}  // namespace cm::monitor
