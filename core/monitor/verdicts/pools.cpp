// SPDX-License-Identifier: GPL-3.0-or-later
// pgpool: what each believes beside what it measured, all views beside each other, quorum, settings.
#include "core/monitor/verdicts/parts.h"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <set>

namespace cm::monitor {
namespace {

namespace code = api::finding;

// What differs in how two call one backend; empty: nothing. `first` and `second` are who says it.
std::string differenceOf(const std::string &first, const PoolBackendFacts &ours, const std::string &second, const PoolBackendFacts &theirs, const std::string &name)
{
    // Its own words, for a look at it: "quarantine" is none of ours.
    const auto apart = [&](const std::string &uses, const std::string &without, const std::string &word) {
        return fmt::format("{} uses {}, {} has set it aside (it says: {})", uses, name, without, word);
    };
    if (ours.isUp() != theirs.isUp())
        return ours.isUp() ? apart(first, second, theirs.status) : apart(second, first, ours.status);
    return ours.role == theirs.role ? std::string() : fmt::format("{} takes {} for {}, {} for {}", first, name, ours.role, second, theirs.role);
}

// The same of all backends that both know, each with its backend.
std::vector<std::pair<std::string, std::string>> differencesOf(const std::string &first, const std::vector<PoolBackendFacts> &ours, const std::string &second,
                                                               const std::vector<PoolBackendFacts> &theirs, const std::vector<KnownBackend> &databases)
{
    std::vector<std::pair<std::string, std::string>> out;
    for (const PoolBackendFacts &other : theirs) {
        for (const PoolBackendFacts &own : ours) {
            if (own.host != other.host || own.port != other.port)
                continue;
            const std::string name = backendName(own, databases);
            if (std::string words = differenceOf(first, own, second, other, name); !words.empty())
                out.emplace_back(name, std::move(words));
        }
    }
    return out;
}

// One pgpool by its control port and by SQL, each difference with its backend: clients get what SQL says, orders go to the other.
std::vector<std::pair<std::string, std::string>> contradictions(const PoolInput &pool, const std::vector<KnownBackend> &databases)
{
    const PoolFacts &facts = *pool.watched.facts;
    return differencesOf(fmt::format("{} by its control port", pool.name), facts.byControl, fmt::format("{} by SQL", pool.name), facts.bySql, databases);
}

// Of those that are fresh, each beside the first of them.
std::vector<std::string> differencesBetween(const std::vector<PoolInput> &pools, const std::vector<KnownBackend> &databases, Time stillFresh)
{
    std::vector<std::string> out;
    const PoolInput *first = nullptr;
    for (const PoolInput &pool : pools) {
        if (!pool.watched.answers() || pool.watched.taken < stillFresh)
            continue;
        if (!first) {
            first = &pool;
            continue;
        }
        for (auto &[backend, words] : differencesOf(first->name, first->watched.facts->backends(), pool.name, pool.watched.facts->backends(), databases))
            out.push_back(std::move(words));
    }
    return out;
}

class Pools {
public:
    Pools(const std::vector<PoolInput> &pools, const std::vector<KnownBackend> &databases, Time stillFresh)
        : m_pools(pools), m_databases(databases), m_stillFresh(stillFresh)
    {}

    RawFindings judge()
    {
        for (const PoolInput &pool : m_pools) {
            const RawFindings unanswered = judgeAnswer(pool.name, pool.watched);
            m_out.insert(m_out.end(), unanswered.begin(), unanswered.end());
            if (isUsable(pool))
                judgePool(pool, *pool.watched.facts);
        }
        const auto differences = differencesBetween(m_pools, m_databases, m_stillFresh);
        const PoolInput *first = nullptr;
        for (const PoolInput &pool : m_pools) {
            if (differences.empty() || !isUsable(pool) || pool.witness)
                continue;
            // Which of them is wrong cannot be told: both are, and it is one trouble.
            add(pool, Verdict::Critical, code::disagree, differences.front(), 2, first ? first->name : std::string());
            if (!first)
                first = &pool;
        }
        return std::move(m_out);
    }

    bool isUsable(const PoolInput &pool) const { return pool.watched.answers() && pool.watched.taken >= m_stillFresh; }

private:
    void add(const PoolInput &pool, Verdict verdict, std::string_view found, std::string statement, int raiseAfter = 2,
             std::string cause = {})
    {
        m_out.push_back({pool.name, std::string(found), verdict, std::move(statement), pool.watched.taken, raiseAfter, 2,
                         std::move(cause)});
    }

    void judgePool(const PoolInput &pool, const PoolFacts &facts)
    {
        for (const PoolBackendFacts &backend : facts.backends())
            judgeBackend(pool, backend);
        for (const auto &[backend, words] : contradictions(pool, m_databases)) {
            add(pool, Verdict::Warning, code::disagree, words);
            m_out.back().subject = backend;
            m_out.back().remedy = fmt::format("See whether both ports of {} lead to one pgpool. If they do, and it lasts, restart that one once the others work.", pool.name);
        }
        // It serves, and what only the control port tells nobody knows: quorum, and who would take an order.
        if (!facts.controlProblem.empty()) {
            add(pool, Verdict::Unknown, code::refused,
                fmt::format("{} serves clients, and not the monitor at its control port: {}. What it says of its databases is by SQL", pool.name, facts.controlProblem));
            m_out.back().subject = "control";
            m_out.back().remedy = fmt::format("Check pcp.conf, pcp_listen_addresses and the monitor's password on {}: until then its watchdog is not seen, and it takes no orders from here.",
                                              pool.name);
        }
        if (!facts.sqlProblem.empty() && !pool.witness)
            add(pool, Verdict::Critical, code::channelBroken,
                fmt::format("{} answers its control port, not SQL: {}", pool.name, facts.sqlProblem));
        if (facts.watchdog && facts.watchdog->quorum.find("ABSENT") != std::string::npos)
            judgeQuorum(pool, *facts.watchdog);
        else if (facts.watchdog && facts.watchdog->needed > 0 && facts.watchdog->alive < facts.watchdog->members &&
                 facts.watchdog->alive <= facts.watchdog->needed)
            add(pool, Verdict::Warning, code::noSpare,
                fmt::format("{} sees {} of {} watchdogs: the loss of one more ends automatic failover", pool.name,
                            facts.watchdog->alive, facts.watchdog->members));
        for (const JudgedSetting &setting : judgeSettings(facts.settings, m_pools.size(), facts.backends().size())) {
            if (setting.verdict == Verdict::Ok)
                continue;
            add(pool, setting.verdict, code::dangerousSetting,
                fmt::format("{}: {} = {}: {}", pool.name, setting.name, setting.value, setting.statement));
            m_out.back().subject = setting.name;
        }
    }

    // Whom to start, and how many of them are enough.
    void judgeQuorum(const PoolInput &pool, const WatchdogFacts &watchdog)
    {
        std::vector<std::string> missing;
        for (const PoolInput &other : m_pools) {
            if (other.watched.wasTried() && !other.watched.answers())
                missing.push_back(other.name);
        }
        const std::string seen = fmt::format("Automatic failover is off: {} sees {} of {} watchdogs", pool.name, watchdog.alive, watchdog.members);
        add(pool, Verdict::Critical, code::noQuorum,
            missing.empty() ? seen : fmt::format("{}; {} {} not answer", seen, listOf(missing), missing.size() == 1 ? "does" : "do"));
        if (missing.empty())
            return;
        const auto lacking = std::max<std::int64_t>(1, (watchdog.needed > 0 ? watchdog.needed : watchdog.members / 2 + 1) - watchdog.alive);
        const bool any = static_cast<std::int64_t>(missing.size()) > lacking;
        m_out.back().remedy = any ? fmt::format("Start {}: {} enough for a majority. Until then nobody takes over from a primary that fails.", fmt::join(missing, " or "),
                                                lacking == 1 ? "one is" : fmt::format("{} are", lacking))
                                  : fmt::format("Start {}: that makes a majority. Until then nobody takes over from a primary that fails.", listOf(missing));
    }

    void judgeBackend(const PoolInput &pool, const PoolBackendFacts &backend)
    {
        const std::string name = backendName(backend, m_databases);
        const std::size_t before = m_out.size();
        const bool believed = backend.isUp();
        const bool measured = backend.actualStatus == "up";
        const bool known = backend.actualStatus == "up" || backend.actualStatus == "down";
        if (!believed && known && measured)
            add(pool, Verdict::Warning, code::statusMismatch,
                fmt::format("{} has set {} aside (it says: {}), and it works", pool.name, name, backend.status));
        else if (believed && known && !measured)
            add(pool, Verdict::Critical, code::statusMismatch,
                fmt::format("{} counts on {}, and does not reach it", pool.name, name), 2, nodeOf(backend));
        else if (!believed)
            add(pool, Verdict::Warning, code::backendDown, fmt::format("{} does without {}", pool.name, name), 2,
                nodeOf(backend));
        const bool roleKnown = backend.actualRole == "primary" || backend.actualRole == "standby";
        if (believed && roleKnown && !backend.role.empty() && backend.role != backend.actualRole)
            add(pool, Verdict::Critical, code::roleMismatch,
                fmt::format("{} takes {} for {}, and it is {}", pool.name, name, backend.role, backend.actualRole));
        for (std::size_t added = before; added < m_out.size(); ++added)
            m_out[added].subject = name;
    }

    std::string nodeOf(const PoolBackendFacts &backend) const
    {
        for (const KnownBackend &database : m_databases) {
            if (database.port == backend.port && (database.host == backend.host || database.name == backend.host))
                return database.name;
        }
        return {};
    }

    const std::vector<PoolInput> &m_pools;
    const std::vector<KnownBackend> &m_databases;
    Time m_stillFresh;
    RawFindings m_out;
};

std::string settingOf(const PoolInput &pool, const std::string &name)
{
    if (!pool.watched.facts)
        return {};
    const auto found = pool.watched.facts->settings.find(name);
    return found == pool.watched.facts->settings.end() ? std::string() : found->second;
}

}  // namespace

std::string backendName(const PoolBackendFacts &backend, const std::vector<KnownBackend> &databases)
{
    for (const KnownBackend &database : databases) {
        if (database.port == backend.port && (database.host == backend.host || database.name == backend.host))
            return database.name;
    }
    return fmt::format("{}:{}", backend.host, backend.port);
}

RawFindings judgePools(const std::vector<PoolInput> &pools, const std::vector<KnownBackend> &databases, Time stillFresh,
                       const Thresholds &)
{
    return Pools(pools, databases, stillFresh).judge();
}

std::vector<std::string> comparePools(const std::vector<PoolInput> &pools, const std::vector<KnownBackend> &databases,
                                      Time stillFresh)
{
    std::vector<std::string> out = differencesBetween(pools, databases, stillFresh);
    for (const PoolInput &pool : pools) {
        if (!pool.watched.answers() || pool.watched.taken < stillFresh)
            continue;
        for (auto &[backend, words] : contradictions(pool, databases))
            out.push_back(std::move(words));
    }
    return out;
}

std::string quorumStatement(const std::vector<PoolInput> &pools)
{
    std::size_t watchdogs = 0;
    bool halfVotes = false;
    for (const PoolInput &pool : pools) {
        watchdogs += settingOf(pool, "use_watchdog") == "on" ? 1 : 0;
        halfVotes = halfVotes || settingOf(pool, "enable_consensus_with_half_votes") == "on";
    }
    if (watchdogs == 0)
        return "The pgpools have no watchdog: each fails over by itself";
    if (watchdogs == 1)
        return "One watchdog alone has nobody to agree with";
    if (watchdogs % 2 == 0)
        return halfVotes ? "Half of the watchdogs may act alone: a partition makes two primaries; add a third, and turn "
                           "enable_consensus_with_half_votes off"
                         : fmt::format("Losing {} of {} watchdogs ends automatic failover; add one more", watchdogs / 2,
                                       watchdogs);
    return fmt::format("{} of {} watchdogs may be lost", (watchdogs - 1) / 2, watchdogs);
}

std::vector<JudgedSetting> judgeSettings(const std::map<std::string, std::string> &settings, std::size_t watchdogs, std::size_t backends)
{
    std::vector<JudgedSetting> out;
    for (const auto &[name, value] : settings) {
        JudgedSetting setting{name, value, Verdict::Ok, {}};
        const bool zero = value == "0" || value.starts_with("0 ") || value == "0s" || value == "0ms";
        if (name == "health_check_period" && zero)
            setting = {name, value, Verdict::Warning, "a dead database is not noticed"};
        else if (name == "failover_on_backend_error" && value == "on")
            setting = {name, value, Verdict::Warning, "one broken connection can start a failover"};
        else if (name == "delay_threshold" && zero)
            setting = {name, value, Verdict::Warning, "reads go to a standby however far it is behind"};
        else if (name == "enable_consensus_with_half_votes" && value == "on" && watchdogs % 2 == 0)
            setting = {name, value, Verdict::Warning, "a partition makes two primaries"};
        else if (name == "auto_failback" && value == "on")
            setting = {name, value, Verdict::Warning, "a standby that streams is attached before it holds every commit, also one that somebody has detached"};
        // It asks the standbys whom they follow. Where there is none to ask, of two primaries the one with the lower number stays.
        else if (name == "detach_false_primary" && value == "on" && backends == 2)
            setting = {name, value, Verdict::Warning, "of two primaries it lets go of the one with the higher number, be it the right one"};
        else if (name == "detach_false_primary" && value == "off" && backends > 2)
            setting = {name, value, Verdict::Warning, "a second primary stays in use, though the standbys tell which one is false"};
        else if (name == "sr_check_period" && zero)
            setting = {name, value, Verdict::Warning, "pgpool does not know how far standbys are behind"};
        out.push_back(std::move(setting));
    }
    return out;
}

}  // namespace cm::monitor
