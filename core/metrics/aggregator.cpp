// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/aggregator.h"

#include "core/metrics/cell_counter.h"
#include "core/metrics/cell_text.h"
#include "core/metrics/line.h"
#include "core/metrics/sender_watch.h"
#include "core/metrics/user_agent_memo.h"
#include "core/pypi/names.h"

namespace cm::metrics {
namespace {

std::int64_t minuteOf(Time time)
{
    return std::chrono::floor<std::chrono::minutes>(time).time_since_epoch().count();
}

std::int64_t minuteOf(std::int64_t seconds)
{
    return minuteOf(Time(std::chrono::seconds(seconds)));
}

// What cells have of a client.
struct CellClient {
    CellClient() = default;
    explicit CellClient(const Client &client) : match(client.match), reason(client.reason), clientClass(client.clientClass)
    {
        const Details &details = client.details;
        if (details.installer && details.installer->name)
            installer = cellText(*details.installer->name);
        if (details.python)
            python = majorAndMinor(*details.python);
        if (details.system && details.system->name)
            system = cellText(*details.system->name);
    }

    Client::Match match = Client::Match::Unknown;
    std::string_view reason;
    api::ClientClass clientClass = api::ClientClass::Unknown;
    std::string installer;
    std::string python;
    std::string system;
    std::uint32_t who = 0;  // the counter's number of it in batch `batch`
    std::uint32_t batch = 0;
};

}  // namespace

class Aggregator::Implementation {
public:
    Implementation(Mode mode, TimeLimits limits) : m_limits(limits), m_reader(mode), m_memo(mode, m_seed), m_counter(m_seed) {}

    Outcome add(std::string_view text, Time arrival)
    {
        const Line line = m_reader.read(text, arrival);
        m_senders.add(line, arrival);
        // What PyPI's parser takes for a time may be none that anybody counted at.
        const std::string_view refusal = line.timed ? m_limits.refusal(line.seconds, arrival) : std::string_view();
        const std::uint32_t minute = m_counter.minute(line.timed && refusal.empty() ? minuteOf(line.seconds) : minuteOf(arrival));
        if (line.outcome != Outcome::Download && line.outcome != Outcome::Simple)
            return tell(minute, line.outcome, line.reason);
        if (!refusal.empty())
            return tell(minute, Outcome::Refused, refusal);
        CellClient &client = m_memo.find(line.userAgent);
        if (client.match == Client::Match::Ignored)
            return tell(minute, Outcome::Ignored, ignoredClient);
        if (client.match == Client::Match::Broken)
            return tell(minute, Outcome::Unprocessed, client.reason);
        if (client.batch != m_counter.batch()) {
            client.who = m_counter.who(client.clientClass, client.installer, client.python, client.system);
            client.batch = m_counter.batch();
        }
        const Request request = line.outcome == Outcome::Simple ? Request::Simple : Request::Download;
        m_project.clear();
        pypi::appendNormalizedName(m_project, line.project);
        m_counter.count(minute, m_counter.what(request, m_project, line.version, line.fileType), client.who, line.country);
        return tell(minute, line.outcome, {});
    }

    void refuse(std::string_view reason, Time arrival)
    {
        m_senders.add({}, arrival);
        tell(m_counter.minute(minuteOf(arrival)), Outcome::Refused, reason);
    }
    [[nodiscard]] std::size_t cells() const { return m_counter.size(); }
    void startOver()
    {
        take();
        m_senders.lostCount();
    }
    Batch take()
    {
        Batch batch = m_counter.take();
        m_senders.take(batch.senders, batch.reports);
        return batch;
    }

private:
    Outcome tell(std::uint32_t minute, Outcome outcome, std::string_view reason)
    {
        Tally &tally = m_counter.tally(minute);
        ++tally.received;
        switch (outcome) {
        case Outcome::Download:
            ++tally.downloads;
            break;
        case Outcome::Simple:
            ++tally.simple;
            break;
        case Outcome::Ignored:
            ++tally.ignored;
            break;
        case Outcome::Unprocessed:
            ++tally.unprocessed;
            break;
        case Outcome::Refused:
            ++tally.refused;
            break;
        }
        if (!reason.empty())
            m_counter.reason(minute, reason);
        return outcome;
    }

    const TimeLimits m_limits;
    const std::uint64_t m_seed = randomSeed();
    LineReader m_reader;
    UserAgentMemo<CellClient> m_memo;
    CellCounter m_counter;
    SenderWatch m_senders;
    std::string m_project;
};

Aggregator::Aggregator(Mode mode, TimeLimits limits) : m_implementation(std::make_unique<Implementation>(mode, limits)) {}

Aggregator::~Aggregator() = default;

Outcome Aggregator::add(std::string_view line, Time arrival)
{
    return m_implementation->add(line, arrival);
}

void Aggregator::refuse(std::string_view reason, Time arrival)
{
    m_implementation->refuse(reason, arrival);
}

std::size_t Aggregator::cells() const
{
    return m_implementation->cells();
}

void Aggregator::startOver()
{
    m_implementation->startOver();
}

Batch Aggregator::take()
{
    return m_implementation->take();
}

}  // namespace cm::metrics
