// SPDX-License-Identifier: GPL-3.0-or-later
// cheesemongerd admin monitor-token create | list | revoke: who may read and act on a monitor, kept in its
// own store so that it is known when the registry is down.
#include "app/daemon/command.h"
#include "app/daemon/data_folder.h"
#include "core/monitor/store/journal.h"
#include "core/sql/sqlite/sqlite_database.h"

#include <CLI/CLI.hpp>
#include <cstdio>

namespace cm::daemon {
namespace {

constexpr std::int64_t mostDays = 3650;

struct MonitorTokenFlags {
    std::string data;
    std::string user;
    std::string role = "observer";
    std::string description = "made on the command line";
    std::int64_t expires = 0;
};

// Calls `work` with the journal of the folder's store, also while a monitor runs on it.
template <class Work>
Result<void> withJournal(const MonitorTokenFlags &flags, bool create, Work work)
{
    CM_TRY_ASSIGN(const DataFolder folder, DataFolder::open(flags.data, create));
    CM_TRY_ASSIGN(const auto database, sql::SqliteDatabase::open((folder.path() / "monitor.sqlite").string(), 1));
    const SystemClock clock;
    monitor::Journal journal(*database);
    CM_TRY(journal.open(clock.now()));
    return work(journal, clock.now());
}

// What was done here is in the monitor's audit like what was done over its API.
Result<void> audit(monitor::Journal &journal, const std::string &action, const MonitorTokenFlags &flags, Time now)
{
    api::AuditEntry entry;
    entry.time = now;
    entry.actor = "command line";
    entry.role = "admin";
    entry.channel = "command line";
    entry.action = action;
    entry.subject = flags.user;
    entry.reason = flags.description;
    std::vector<api::TimelineEvent> noEvents;
    std::vector<monitor::StoredDelivery> noLetters;
    return journal.record(noEvents, {}, {}, noLetters, {entry});
}

Result<void> create(const MonitorTokenFlags &flags)
{
    return withJournal(flags, true, [&](monitor::Journal &journal, Time now) -> Result<void> {
        const monitor::Operator who{flags.user, api::enumNamed<api::Role>(flags.role).value_or(api::Role::Observer)};
        CM_TRY_ASSIGN(const std::string secret, journal.createToken(who, flags.description, flags.expires, now));
        CM_TRY(audit(journal, "token.create", flags, now));
        std::printf("%s\n", secret.c_str());
        return {};
    });
}

Result<void> list(const MonitorTokenFlags &flags)
{
    return withJournal(flags, false, [](monitor::Journal &journal, Time) -> Result<void> {
        CM_TRY_ASSIGN(const auto tokens, journal.tokens());
        for (const api::Token &token : tokens)
            std::printf("%s\t%s\t%s\t%s\n", token.user.c_str(), token.description.c_str(), formatRfc3339(token.created).c_str(),
                        token.expires ? formatRfc3339(*token.expires).c_str() : "never");
        return {};
    });
}

Result<void> revoke(const MonitorTokenFlags &flags)
{
    return withJournal(flags, false, [&](monitor::Journal &journal, Time now) -> Result<void> {
        CM_TRY(journal.revokeTokens(flags.user, now));
        return audit(journal, "token.revoke", flags, now);
    });
}

void addAction(CLI::App &parent, const char *name, const char *words, const std::shared_ptr<MonitorTokenFlags> &flags,
               Command &chosen, Result<void> (*action)(const MonitorTokenFlags &), bool named, bool made)
{
    CLI::App *command = parent.add_subcommand(name, words);
    command->add_option("--data", flags->data, "Folder of the monitor's store")->required()->type_name("DIR");
    if (named)
        command->add_option("--user", flags->user, "Whose")->required()->type_name("NAME");
    if (made) {
        command->add_option("--role", flags->role, "admin, operator, moderator or observer")
            ->check(CLI::IsMember({"admin", "operator", "moderator", "observer"}));
        command->add_option("--expires", flags->expires, "Days it is good for; without it, for ever")
            ->type_name("DAYS")
            ->check(CLI::Range(std::int64_t{1}, mostDays));
        command->add_option("--description", flags->description, "What it is for")->type_name("TEXT");
    }
    command->callback([flags, action, &chosen] {
        chosen = [flags, action] {
            const auto done = action(*flags);
            return done ? exitDone : complain(done.error());
        };
    });
}

}  // namespace

void addAdminMonitor(CLI::App &admin, Command &chosen)
{
    auto flags = std::make_shared<MonitorTokenFlags>();
    CLI::App *token = admin.add_subcommand("monitor-token", "Tokens of a monitor, which has its own");
    token->require_subcommand(1);
    addAction(*token, "create", "Make a token; prints it alone, this once", flags, chosen, create, true, true);
    addAction(*token, "list", "One line a token: person, role and purpose, made, ends", flags, chosen, list, false, false);
    addAction(*token, "revoke", "Revoke all tokens of a person", flags, chosen, revoke, true, false);
}

}  // namespace cm::daemon
