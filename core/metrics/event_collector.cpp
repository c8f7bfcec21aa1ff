// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/event_collector.h"

#include "core/metrics/cell_text.h"
#include "core/pypi/names.h"

#include <limits>

namespace cm::metrics {
namespace {

// Seconds are kept in 32 bits: until 2106.
constexpr std::int64_t lastSecond = std::numeric_limits<std::uint32_t>::max();

std::int64_t minuteOf(Time time)
{
    return std::chrono::floor<std::chrono::minutes>(time).time_since_epoch().count();
}

// Texts that are short lie in the event itself.
std::size_t textBytes(const Event &event)
{
    std::size_t bytes = 0;
    for (const std::string Event::*text : eventTexts) {
        if (const std::size_t size = (event.*text).capacity(); size > std::string().capacity())
            bytes += size + 1;
    }
    return bytes;
}

void copy(std::string &to, const Text &from)
{
    if (from)
        to = cellText(*from);
}

Event eventOf(const Line &line, const Client &client)
{
    Event event;
    event.seconds = line.seconds;
    event.request = line.outcome == Outcome::Simple ? Request::Simple : Request::Download;
    event.clientClass = client.clientClass;
    event.project = cellText(pypi::normalizeName(line.project), longestNameText);
    event.version = cellText(line.version, longestNameText);
    event.fileType = cellText(line.fileType);
    event.filename = cellText(line.filename, longestNameText);
    event.country = cellText(line.country);
    event.tls = cellText(line.tlsProtocol);
    if (client.match != Client::Match::Known)
        return event;
    const Details &details = client.details;
    if (details.installer) {
        copy(event.installer, details.installer->name);
        copy(event.installerVersion, details.installer->version);
    }
    copy(event.python, details.python);
    if (details.implementation)
        copy(event.implementation, details.implementation->name);
    if (details.system) {
        copy(event.system, details.system->name);
        copy(event.systemRelease, details.system->release);
    }
    if (details.distro)
        copy(event.distribution, details.distro->name);
    copy(event.cpu, details.cpu);
    return event;
}

}  // namespace

Tally &EventCollector::tallyOf(std::int64_t minute)
{
    Tally &tally = m_tallies[minute];
    tally.minute = minute;
    return tally;
}

void EventCollector::pass(Outcome outcome, std::string_view reason, std::int64_t minute)
{
    Tally &tally = tallyOf(minute);
    ++tally.received;
    ++(outcome == Outcome::Ignored ? tally.ignored : outcome == Outcome::Unprocessed ? tally.unprocessed : tally.refused);
    ++m_reasons[{minute, std::string(reason)}];
}

void EventCollector::add(std::string_view text, Time arrival)
{
    const Line line = m_reader.read(text, arrival);
    m_senders.add(line, arrival);
    std::string_view refusal = line.timed ? m_limits.refusal(line.seconds, arrival) : std::string_view();
    if (line.timed && line.seconds > lastSecond)
        refusal = "TimeAhead";
    const std::int64_t minute = line.timed && refusal.empty() ? line.seconds / 60 : minuteOf(arrival);
    if (line.outcome != Outcome::Download && line.outcome != Outcome::Simple)
        return pass(line.outcome, line.reason, minute);
    if (!refusal.empty())
        return pass(Outcome::Refused, refusal, minute);
    const Client &client = m_clients.find(line.userAgent);
    if (client.match == Client::Match::Ignored)
        return pass(Outcome::Ignored, ignoredClient, minute);
    if (client.match == Client::Match::Broken)
        return pass(Outcome::Unprocessed, client.reason, minute);
    Tally &tally = tallyOf(minute);
    ++tally.received;
    ++(line.outcome == Outcome::Simple ? tally.simple : tally.downloads);
    m_events.push_back(eventOf(line, client));
    m_bytes += sizeof(Event) + textBytes(m_events.back());
}

void EventCollector::refuse(std::string_view reason, Time arrival)
{
    m_senders.add({}, arrival);
    pass(Outcome::Refused, reason, minuteOf(arrival));
}

void EventCollector::startOver()
{
    take();
    m_senders.lostCount();
}

EventBatch EventCollector::take()
{
    EventBatch batch;
    batch.events = std::exchange(m_events, {});
    m_bytes = 0;
    for (const auto &[minute, tally] : m_tallies)
        batch.tallies.push_back(tally);
    for (const auto &[key, lines] : m_reasons)
        batch.reasons.push_back({key.first, key.second, lines});
    m_tallies.clear();
    m_reasons.clear();
    m_senders.take(batch.senders, batch.reports);
    return batch;
}

}  // namespace cm::metrics
