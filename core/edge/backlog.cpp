// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/edge/backlog.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>
#include <utility>

namespace cm::edge {
namespace {

using std::chrono::milliseconds;

// Caches give a node some seconds for the first byte of a page, and more for the whole of a file.
constexpr std::array<milliseconds, 3> repetitions{milliseconds(400), milliseconds(3'000), milliseconds(30'000)};
// What only adds may be seen late where it overtook its purge; what is gone may not come back.
constexpr std::size_t softRepetitions = 2;
// Repetitions that are due nearly at once go together.
constexpr milliseconds together{200};

constexpr std::string_view serialWord = "serial ";
constexpr std::string_view softWord = "soft ";
constexpr std::string_view hardWord = "hard ";

}  // namespace

Result<Backlog> Backlog::parse(std::string_view text, Time now)
{
    const auto line = [&text] {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view found = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        return found;
    };
    std::string_view first = line();
    std::int64_t serial = 0;
    if (!first.starts_with(serialWord))
        return fail(ErrorCode::InvalidInput, "no serial");
    first.remove_prefix(serialWord.size());
    const auto [end, error] = std::from_chars(first.data(), first.data() + first.size(), serial);
    if (error != std::errc() || end != first.data() + first.size() || serial < 0)
        return fail(ErrorCode::InvalidInput, "no serial");
    Backlog backlog(serial);
    while (!text.empty()) {
        const std::string_view words = line();
        const bool soft = words.starts_with(softWord);
        if (!soft && !words.starts_with(hardWord))
            return fail(ErrorCode::InvalidInput, "neither soft nor hard");
        backlog.order({std::string(words.substr(softWord.size()))}, soft, now);
    }
    return backlog;
}

std::string Backlog::text() const
{
    std::string text = fmt::format("{}{}\n", serialWord, settled());
    const auto append = [&text](const Entry &entry) {
        if (entry.ordered)
            text.append(entry.hard ? hardWord : softWord).append(entry.key).append("\n");
    };
    std::ranges::for_each(m_taken, append);
    std::ranges::for_each(m_pending, append);
    for (const Repetition &repetition : m_repetitions)
        std::ranges::for_each(repetition.entries, append);
    return text;
}

void Backlog::put(Entry entry, bool first)
{
    if (const auto known = m_known.find(entry.key); known != m_known.end()) {
        Entry &there = *known->second;
        there.hard = there.hard || entry.hard;
        there.ordered = there.ordered || entry.ordered;
        there.withdraws = there.withdraws || entry.withdraws;
        // One that only waited to be repeated is as good as the new one from now on.
        if (entry.round < there.round || (entry.round == there.round && entry.since < there.since))
            there.since = entry.since;
        there.round = std::min(there.round, entry.round);
        there.after = std::min(there.after, entry.after);
        return;
    }
    const auto place = m_pending.insert(first ? m_pending.begin() : m_pending.end(), std::move(entry));
    m_known.emplace(place->key, place);
}

void Backlog::add(const Change &change)
{
    put({"project/" + change.project, change.removes, false, change.removes, 0, m_purged, change.time});
    put({"simple-index", change.removes, false, change.removes, 0, m_purged, change.time});
    m_read = std::max(m_read, change.serial);
}

void Backlog::readTo(std::int64_t serial)
{
    m_read = std::max(m_read, serial);
    advance();
}

void Backlog::order(const std::vector<std::string> &keys, bool soft, Time now, bool withdraws)
{
    for (const std::string &key : keys)
        put({key, !soft, true, withdraws, 0, m_purged, now});
}

void Backlog::soften(Time before)
{
    for (Entry &entry : m_pending) {
        if (entry.ordered && !entry.withdraws && entry.since < before)
            entry.hard = false;
    }
}

std::optional<Batch> Backlog::take(std::size_t maxKeys, std::size_t maxBytes, Moment now)
{
    collectDue(now);
    if (m_pending.empty())
        return std::nullopt;
    const bool hard = std::ranges::any_of(m_pending, &Entry::hard);
    Batch batch{{}, !hard};
    std::size_t bytes = 0;
    for (auto entry = m_pending.begin(); entry != m_pending.end() && batch.keys.size() < maxKeys;) {
        if (entry->hard != hard) {
            ++entry;
            continue;
        }
        bytes += entry->key.size() + 1;
        if (bytes > maxBytes && !batch.keys.empty())
            break;
        batch.keys.push_back(entry->key);
        m_known.erase(entry->key);
        m_taken.push_back(std::move(*entry));
        entry = m_pending.erase(entry);
    }
    return batch;
}

void Backlog::done(Moment now)
{
    for (Entry &entry : std::exchange(m_taken, {}))
        repeatLater(std::move(entry), now);
    advance();
}

void Backlog::failed()
{
    std::vector<Entry> taken = std::exchange(m_taken, {});
    for (auto entry = taken.rbegin(); entry != taken.rend(); ++entry) {
        entry->round = 0;
        put(std::move(*entry), true);
    }
}

void Backlog::repeatLater(Entry entry, Moment now)
{
    if (entry.round >= (entry.hard ? repetitions.size() : softRepetitions))
        return;
    const std::size_t round = entry.round + 1;
    const Moment due = now + repetitions[entry.round];
    entry.round = round;
    entry.hard = entry.withdraws;
    const auto fits = [&](const Repetition &open) { return open.round == round && now - open.opened < together; };
    auto found = std::ranges::find_if(m_repetitions, fits);
    if (found == m_repetitions.end()) {
        m_repetitions.push_back({now, due, round, {}});
        found = std::prev(m_repetitions.end());
    }
    const auto same = [&](const Entry &other) { return other.key == entry.key && other.hard == entry.hard && other.ordered == entry.ordered; };
    // Of one key the earlier `after` holds; more of it is said at once.
    if (found->entries.size() < 64 && std::ranges::any_of(found->entries, same))
        return;
    found->entries.push_back(std::move(entry));
}

void Backlog::collectDue(Moment now)
{
    for (auto repetition = m_repetitions.begin(); repetition != m_repetitions.end();) {
        if (repetition->due > now) {
            ++repetition;
            continue;
        }
        for (Entry &entry : repetition->entries)
            put(std::move(entry));
        repetition = m_repetitions.erase(repetition);
    }
}

void Backlog::advance()
{
    const auto isNew = [](const Entry &entry) { return entry.round == 0; };
    if (m_taken.empty() && std::ranges::none_of(m_pending, isNew))
        m_purged = m_read;
}

std::optional<Backlog::Moment> Backlog::nextRepetition() const
{
    if (m_repetitions.empty())
        return std::nullopt;
    return std::ranges::min_element(m_repetitions, {}, &Repetition::due)->due;
}

std::int64_t Backlog::settled() const
{
    std::int64_t serial = m_purged;
    const auto look = [&serial](const Entry &entry) { serial = std::min(serial, entry.after); };
    std::ranges::for_each(m_taken, look);
    std::ranges::for_each(m_pending, look);
    for (const Repetition &repetition : m_repetitions)
        std::ranges::for_each(repetition.entries, look);
    return serial;
}

std::size_t Backlog::pending() const
{
    const auto isNew = [](const Entry &entry) { return entry.round == 0; };
    return static_cast<std::size_t>(std::ranges::count_if(m_pending, isNew) + std::ranges::count_if(m_taken, isNew));
}

std::optional<Time> Backlog::pendingSince() const
{
    std::optional<Time> oldest;
    const auto look = [&oldest](const Entry &entry) {
        if (entry.round == 0 && (!oldest || entry.since < *oldest))
            oldest = entry.since;
    };
    std::ranges::for_each(m_taken, look);
    std::ranges::for_each(m_pending, look);
    return oldest;
}

}  // namespace cm::edge
