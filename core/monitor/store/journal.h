// SPDX-License-Identifier: GPL-3.0-or-later
// What a monitor must not forget: events, alerts, silences, notifications on their way, operators'
// actions in a chain of hashes, tokens. Owned by the monitor; any thread; every call may block on the
// disk and answers after what it wrote is there.
#pragma once

#include "core/api/actions.h"
#include "core/api/alerting.h"
#include "core/base/clock.h"
#include "core/sql/database.h"

#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace cm::monitor {

struct StoredDelivery {
    std::int64_t id = 0;
    std::string receiver;
    Time created{};
    std::string body;
};

// Who calls, by token.
struct Operator {
    std::string name;
    api::Role role = api::Role::Observer;
};

class Journal {
public:
    // How far back events are kept.
    static constexpr std::chrono::hours keptEvents{24 * 30};

    explicit Journal(sql::Database &database) : m_database(database) {}
    // Brings the schema up to date.
    Result<void> open(Time now);

    // In one transaction; events and deliveries get their ids. `headed`: by id, which finding headed an alert's last letter.
    Result<void> record(std::vector<api::TimelineEvent> &events, const std::vector<api::Alert> &alerts,
                        const std::vector<api::Silence> &silences, std::vector<StoredDelivery> &deliveries,
                        const std::vector<api::AuditEntry> &audit, const std::map<std::int64_t, std::string> &headed = {});
    Result<std::vector<api::Alert>> openAlerts();
    // Of those open: which finding headed its last letter, as far as that is known.
    Result<std::map<std::int64_t, std::string>> headedAlerts();
    Result<std::vector<api::Silence>> openSilences();
    Result<api::Page<api::Alert>> closedAlerts(std::int64_t offset, std::int64_t limit);
    Result<api::Alert> closedAlert(api::Id id);
    Result<std::vector<api::Silence>> allSilences();
    // The highest id of alerts and silences that was ever given.
    Result<std::int64_t> newestId();

    Result<api::Page<api::TimelineEvent>> timeline(const api::ListTimeline &query);
    Result<std::vector<api::TimelineEvent>> eventsAfter(std::int64_t id, std::int64_t limit);
    // The newest change of verdict of each node.
    Result<std::vector<api::TimelineEvent>> lastVerdicts();
    Result<std::int64_t> newestEvent();
    // The oldest one since which all are there.
    Result<std::int64_t> oldestEvent();

    // In one transaction with what is told of it; an action without an id gets one.
    Result<void> recordAction(api::Action &action, std::vector<api::TimelineEvent> &events,
                              const std::vector<api::AuditEntry> &audit);
    // Newest first.
    Result<api::Page<api::Action>> actions(std::int64_t offset, std::int64_t limit);
    Result<api::Action> action(api::Id id);
    // Those that a monitor left when it ended in their middle.
    Result<std::vector<api::Action>> unfinishedActions();

    Result<std::vector<StoredDelivery>> waiting();
    Result<void> delivered(const std::vector<std::int64_t> &ids);

    Result<api::Page<api::AuditEntry>> audit(const api::ListAudit &query);
    Result<api::AuditProof> verifyAudit();

    // A monitor was there all the time since it started. What one noted before for later than that its clock has made up.
    Result<void> watched(Time start, Time until);
    Result<std::vector<std::pair<Time, Time>>> watches(Time from, Time until);
    // Drops what is past its 30 days; closed alerts and the audit stay, and each node's last change of verdict before.
    Result<void> dropOld(Time now);

    // The secret, once. `days` 0: for ever.
    Result<std::string> createToken(const Operator &who, const std::string &description, std::int64_t days, Time now);
    Result<std::vector<api::Token>> tokens();
    Result<void> revokeTokens(const std::string &person, Time now);
    // Unauthorized for a token that is none of ours, is revoked, or has run out.
    Result<Operator> authenticate(const std::string &secret, Time now);

private:
    static Result<void> appendEvents(sql::Connection &connection, std::vector<api::TimelineEvent> &events);

    sql::Database &m_database;
};

}  // namespace cm::monitor
