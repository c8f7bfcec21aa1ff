// SPDX-License-Identifier: GPL-3.0-or-later
// A topology in which all is well, for plans to be made from and tests to spoil: two web nodes, pg1 with its
// synchronous standby pg2, three pgpools, an agent on every host.
#pragma once

#include "core/monitor/plans/plan.h"

#include <algorithm>
#include <doctest/doctest.h>

namespace cm::monitor {

inline const Time noon = *parseRfc3339("2026-11-22T12:00:00Z");

struct World : Situation {
    World()
    {
        now = stillFresh = noon;
        for (const char *name : {"web1", "web2"}) {
            places.push_back({name, "web", name});
            WebInput web{name, {}};
            WebFacts facts;
            facts.health.status = 200;
            facts.write = HttpFacts{200, 0.01, {}};
            facts.connections = 40;
            facts.mostConnections = 1000;
            answers(web.watched, facts);
            webs.push_back(web);
            agents.push_back({name, api::AgentState(), {}});
        }
        addDatabase("pg1", false);
        addDatabase("pg2", true);
        WalSender row;
        row.application = "pg2";
        row.state = "streaming";
        row.syncState = "quorum";
        row.replayed = 5000;
        facts("pg1").senders.push_back(row);
        for (const char *name : {"pool1", "pool2", "witness"}) {
            PoolInput pool{name, std::string(name) == "witness", {}};
            PoolFacts seen;
            seen.byControl = {backend("pg1", "primary"), backend("pg2", "standby")};
            answers(pool.watched, seen);
            pools.push_back(pool);
        }
    }

    template <class Facts>
    static void answers(Watched<Facts> &watched, const Facts &facts)
    {
        watched.facts = facts;
        watched.taken = watched.tried = noon;
        watched.outcome = Outcome::Answered;
    }

    static PoolBackendFacts backend(const char *host, const char *role)
    {
        PoolBackendFacts facts;
        facts.host = host;
        facts.port = 5432;
        facts.status = facts.actualStatus = "up";
        facts.role = facts.actualRole = role;
        return facts;
    }

    void addDatabase(const char *name, bool inRecovery)
    {
        places.push_back({name, "postgres", name});
        backends.push_back({name, name, 5432});
        DatabaseInput server;
        server.name = server.application = server.slot = server.address = name;
        PostgresFacts facts;
        facts.inRecovery = inRecovery;
        facts.systemIdentifier = "7300000000000000001";
        facts.timeline = 3;
        facts.pauseState = inRecovery ? "not paused" : "";
        facts.synchronousCommit = "on";
        facts.synchronousStandbyNames = "ANY 1 (\"pg1\", \"pg2\")";
        facts.senderCount = inRecovery ? 0 : 1;
        facts.maxSenders = facts.maxSlots = 10;
        if (!inRecovery) {
            facts.slotNames = {"pg2"};
            facts.databaseBytes = 10e9;
        }
        facts.current = inRecovery ? std::nullopt : std::optional<Lsn>(5000);
        facts.received = facts.replayed = inRecovery ? std::optional<Lsn>(5000) : std::nullopt;
        if (inRecovery)
            facts.receiver = WalReceiver{"streaming", "pg1", 5432, name, 0.2};
        answers(server.watched, facts);
        databases.push_back(server);
        api::AgentState agent;
        agent.database = api::AgentDatabase();
        agent.database->running = true;
        agent.database->room = 50e9;
        agent.database->state = inRecovery ? "standby" : "primary, synchronous";
        agents.push_back({name, agent, {}});
    }

    template <class Inputs>
    static auto &named(Inputs &inputs, const std::string &name)
    {
        return *std::find_if(inputs.begin(), inputs.end(), [&](const auto &input) { return input.name == name; });
    }
    DatabaseInput &server(const std::string &name) { return named(databases, name); }
    PostgresFacts &facts(const std::string &name) { return *server(name).watched.facts; }
    WebInput &node(const std::string &name) { return named(webs, name); }
    PoolInput &pool(const std::string &name) { return named(pools, name); }
    HostAgent &agent(const std::string &host)
    {
        return *std::find_if(agents.begin(), agents.end(), [&](const HostAgent &one) { return one.host == host; });
    }
    // Not seen any more since `ago`.
    template <class Facts>
    static void silence(Watched<Facts> &watched, std::chrono::seconds ago)
    {
        watched.outcome = Outcome::Silent;
        watched.problem = "no answer";
        watched.taken = noon - ago;
    }
    void setBackend(const std::string &database, const char *status)
    {
        for (PoolInput &one : pools) {
            for (PoolBackendFacts &facts : one.watched.facts->byControl) {
                if (facts.host == database)
                    facts.status = status;
            }
        }
    }

    // The plan as of now.
    Plan plan(api::ActionWish wish)
    {
        cluster = judgeCluster(databases, stillFresh);
        auto made = planFor(wish, *this);
        REQUIRE(made);
        return std::move(*made);
    }
    // The names of the guards that do not hold, in their order: "agent, one-primary".
    std::string against(const api::ActionWish &wish)
    {
        std::string names;
        for (const api::ActionGuard &guard : plan(wish).shown.guards) {
            if (!guard.holds)
                names += (names.empty() ? "" : ", ") + guard.name;
        }
        return names;
    }
};

// Nothing is known of what the plan of such an action is not said to rest on, nor of the agents there.
inline Situation readAlone(Situation now, api::ActionKind action)
{
    const auto roles = readBy(action);
    const auto reads = [&](std::string_view role) { return std::find(roles.begin(), roles.end(), role) != roles.end(); };
    const auto blind = [&](const char *role, auto &inputs) {
        for (auto &input : inputs) {
            if (!reads(role))
                input.watched = {};
        }
    };
    blind("web", now.webs);
    blind("postgres", now.databases);
    blind("pgpool", now.pools);
    blind("mirror", now.mirrors);
    blind("cdn", now.edges);
    blind("gluster", now.volumes);
    blind("etcd", now.etcds);
    for (CertificateSeen &seen : now.certificates)
        seen.pair = reads("certificate") ? seen.pair : std::nullopt;
    for (HostAgent &agent : now.agents) {
        const bool asked = std::any_of(now.places.begin(), now.places.end(), [&](const Place &place) { return place.host == agent.host && reads(place.role); });
        agent.state = asked ? agent.state : std::nullopt;
    }
    if (!reads("postgres"))
        now.patronis.clear();
    now.cluster = judgeCluster(now.databases, now.stillFresh);
    return now;
}

// Every guard as it is, and the basis.
inline std::string groundOf(const api::ActionWish &wish, const Situation &now)
{
    const auto plan = planFor(wish, now);
    REQUIRE(plan);
    std::string text = plan->shown.basis;
    for (const api::ActionGuard &guard : plan->shown.guards)
        text += "\n" + guard.name + (guard.holds ? " holds: " : " does not hold: ") + guard.statement;
    return text;
}

inline api::ActionWish wish(api::ActionKind action, const char *target)
{
    api::ActionWish wish;
    wish.action = action;
    wish.target = target;
    wish.until = noon + std::chrono::hours(1);
    return wish;
}

// Every action on a node of that role: what its plan rests on is the same where nothing else is known.
inline void checkGrounds(const Situation &world, std::string_view role, const char *target)
{
    std::size_t checked = 0;
    for (const auto &[kind, name] : api::EnumNames<api::ActionKind>::values) {
        if (readBy(kind).front() != role)
            continue;
        api::ActionWish wished = wish(kind, target);
        wished.slot = "pg2";
        wished.project = "demo";
        INFO(api::nameOf(kind), " of ", wished.target);
        CHECK(groundOf(wished, readAlone(world, kind)) == groundOf(wished, world));
        ++checked;
    }
    CHECK(checked > 0);
}

}  // namespace cm::monitor
