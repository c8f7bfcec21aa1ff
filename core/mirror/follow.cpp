// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mirror/follow.h"

#include "core/pypi/names.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>

namespace cm::mirror {
namespace {

constexpr std::string_view journalWay = "journal";
constexpr std::string_view changelogWay = "changelog";
constexpr std::string_view indexWay = "index";
// So many rows one answer of changelog_since_serial has; with fewer there are no more.
constexpr std::size_t changelogRows = 50'000;

constexpr std::string_view advice = " If that is meant, run `cheesemongerd mirror --once --accept-upstream` once: every project is then"
                                    " looked at anew. Nothing was changed now";

// Of a registry that is known by its address, whose copy it is where that is told.
constexpr std::string_view copyOf = ", a copy of ";
// So many projects whose serial fell are asked for at most: one page that says so is enough.
constexpr std::size_t askedOfFallen = 5;

bool tellsMore(const std::string &identity, const std::string &than)
{
    return identity.starts_with(than) && std::string_view(identity).substr(than.size()).starts_with(copyOf);
}

// Removed, yanked or quarantined, in the words of Warehouse, of a Cheesemonger and of registries before them.
bool namesWithdrawal(std::string_view action)
{
    for (const std::string_view word : {"remove project", "remove release", "remove file", "yank "}) {
        if (action.starts_with(word))
            return true;
    }
    return action == "remove" || action.find("quarantine") != std::string_view::npos;
}

}  // namespace

std::string markOf(const JournalRow &row)
{
    return fmt::format("{} {} {} {} {}", row.serial, row.name, row.version, row.action, row.time);
}

std::vector<Change> changesIn(const std::vector<JournalRow> &rows, std::int64_t serial, const Filters &filters)
{
    std::map<std::string, Change> latest;
    for (const JournalRow &row : rows) {
        if (row.serial <= serial || !pypi::isValidName(row.name))
            continue;
        std::string name = pypi::normalizeName(row.name);
        if (!filters.wantsProject(name))
            continue;
        Change &change = latest[name];
        change.named = change.named || namesWithdrawal(row.action);
        change.missing = std::min(change.missing.value_or(row.serial), row.serial);
        if (row.serial < change.required)
            continue;
        change = {name, row.name, row.serial, row.action == "remove project" || row.action == "remove", change.named, change.missing};
    }
    std::vector<Change> out;
    for (auto &[name, change] : latest)
        out.push_back(std::move(change));
    return out;
}

Result<void> Follower::run(const std::stop_token &stop)
{
    m_facts = m_state.facts();
    m_facts.upstream = m_options.upstream;
    if (m_options.acceptUpstream) {
        m_adopt = true;
        m_facts.way.clear();
        m_facts.mark.clear();
        m_facts.etag.clear();
    }
    if (m_facts.way.empty())
        return chooseWay(stop);
    if (m_facts.way == journalWay)
        return byJournal(stop);
    return m_facts.way == changelogWay ? byChangelog(stop) : byIndex(stop);
}

Result<void> Follower::chooseWay(const std::stop_token &stop)
{
    m_facts.way = journalWay;
    auto followed = byJournal(stop);
    if (followed || followed.error().code != ErrorCode::Unsupported)
        return followed;
    m_facts.way = changelogWay;
    followed = byChangelog(stop);
    if (followed || followed.error().code != ErrorCode::Unsupported)
        return followed;
    m_facts.way = indexWay;
    return byIndex(stop);
}

Result<void> Follower::checkIdentity(const std::string &identity)
{
    const std::string &before = m_state.facts().identity;
    // Whose copy it is may be learnt later, and not be told for a while.
    if (!m_adopt && tellsMore(before, identity))
        return {};
    const bool learnt = !m_adopt && tellsMore(identity, before);
    if (learnt && m_facts.indexIdentity == before)
        m_facts.indexIdentity = identity;
    if (!before.empty() && before != identity && !m_adopt && !learnt)
        return fail(ErrorCode::Conflict, fmt::format("the upstream {} is another registry than the one this is a mirror of ({}, and was {}).{}",
                                                     m_options.upstream, identity, before, advice));
    m_facts.identity = identity;
    return {};
}

Result<void> Follower::checkHistory(const std::vector<JournalRow> &rows, std::int64_t upstreamSerial)
{
    if (m_adopt || m_facts.serial == 0)
        return {};
    if (upstreamSerial < m_facts.serial)
        return fail(ErrorCode::Conflict, fmt::format("the serial of the upstream fell from {} to {}: was it restored from a backup?{}",
                                                     m_facts.serial, upstreamSerial, advice));
    const auto row = std::ranges::find(rows, m_facts.serial, &JournalRow::serial);
    const std::string mark = row == rows.end() ? std::string() : markOf(*row);
    if (!m_facts.mark.empty() && m_facts.mark != mark)
        return fail(ErrorCode::Conflict, fmt::format("the history of the upstream is not the one that was followed: its change {} was '{}' and is"
                                                     " '{}'. Was it restored from a backup?{}",
                                                     m_facts.serial, m_facts.mark, mark, advice));
    m_facts.mark = mark;
    return {};
}

// A copy says whose it is, so that those who follow it notice another registry behind it as it does itself.
Result<void> Follower::checkOrigin(const std::stop_token &stop)
{
    const auto origin = m_upstream.origin(stop);
    // Nobody has to tell that.
    if (!origin)
        return origin.error().code == ErrorCode::Cancelled ? Result<void>(fail(origin.error())) : Result<void>();
    return origin->empty() ? Result<void>() : checkIdentity(fmt::format("url {}{}{}", m_options.upstream, copyOf, *origin));
}

// What is listed with a lower serial than its page had, in a list that is as new as that, is of another history; unless its page says
// that it is the list which is behind.
Result<void> Follower::checkListed(const ProjectList &list, const std::stop_token &stop)
{
    CM_TRY_ASSIGN(const auto fallen, m_state.fallen(list, askedOfFallen));
    for (const State::Fallen &one : fallen) {
        const auto page = m_upstream.project(one.name, true, stop);
        if (page && page->serial < one.serial)
            return fail(ErrorCode::Conflict, fmt::format("the serial of {} fell from {} to {} at the upstream: was that restored from a backup?{}", one.name,
                                                         one.serial, page->serial, advice));
    }
    return {};
}

bool Follower::mustStartOver() const
{
    return m_adopt || m_facts.serial == 0 || m_facts.filters != m_filters.fingerprint();
}

// A list as it came. `all`: also what is not newer in it is looked at.
Result<void> Follower::take(const Upstream::Index &index, bool all)
{
    m_facts.etag = index.etag;
    m_facts.leftOut = index.list->leftOut;
    const State::Look look = m_adopt ? State::Look::Anew : all ? State::Look::All : State::Look::Newer;
    return m_state.reconcile(*index.list, [this](std::string_view name) { return m_filters.wantsProject(name); }, look, m_facts, m_now)
        .map([](std::int64_t) {});
}

Result<bool> Follower::compareWhenDue(const std::stop_token &stop)
{
    m_facts = m_state.facts();
    const bool due = m_options.reconcileEvery.count() > 0 && m_now - m_facts.reconciled >= m_options.reconcileEvery;
    if (!due || m_facts.serial == 0 || m_facts.way == indexWay)
        return false;
    CM_TRY(compareAll(stop));
    return true;
}

// Journals and change logs alike.
Result<void> Follower::move(const std::vector<JournalRow> &rows, std::int64_t through)
{
    const std::vector<Change> changes = changesIn(rows, m_facts.serial, m_filters);
    if (!rows.empty() && rows.back().serial == through)
        m_facts.mark = markOf(rows.back());
    else if (through > m_facts.serial)
        m_facts.mark.clear();
    m_facts.serial = std::max(m_facts.serial, through);
    return m_state.follow(changes, m_facts, m_now);
}

Result<void> Follower::byJournal(const std::stop_token &stop)
{
    for (bool first = true;; first = false) {
        const std::int64_t since = m_adopt ? 0 : std::max<std::int64_t>(m_facts.serial - 1, 0);
        CM_TRY_ASSIGN(const JournalPage page, m_upstream.journal(since, stop));
        CM_TRY(checkIdentity(page.identity));
        CM_TRY(checkHistory(page.rows, page.serial));
        m_facts.upstreamSerial = page.serial;
        if (first && mustStartOver() && page.serial > 0)
            return compareAll(stop);
        CM_TRY(move(page.rows, page.through));
        if (page.through >= page.serial)
            return {};
        if (page.rows.empty())
            return fail(ErrorCode::Corrupt, "the upstream's journal does not go on");
    }
}

Result<void> Follower::byChangelog(const std::stop_token &stop)
{
    for (bool first = true;; first = false) {
        const std::int64_t since = std::max<std::int64_t>(m_facts.serial - 1, 0);
        const bool whole = m_adopt || m_facts.serial == 0;
        std::vector<JournalRow> rows;
        std::int64_t last = m_facts.serial;
        if (whole) {
            CM_TRY_ASSIGN(last, m_upstream.changelogSerial(stop));
        } else {
            CM_TRY_ASSIGN(rows, m_upstream.changelog(since, stop));
            std::ranges::sort(rows, {}, &JournalRow::serial);
            // With the row it is known by it need not be asked for its serial.
            if (!rows.empty()) {
                last = rows.back().serial;
            } else {
                CM_TRY_ASSIGN(last, m_upstream.changelogSerial(stop));
            }
        }
        CM_TRY(checkIdentity("url " + m_options.upstream));
        CM_TRY(checkHistory(rows, last));
        m_facts.upstreamSerial = last;
        if (first && mustStartOver())
            return compareAll(stop);
        const bool more = rows.size() >= changelogRows;
        CM_TRY(move(rows, last));
        if (!more)
            return {};
    }
}

Result<void> Follower::byIndex(const std::stop_token &stop)
{
    CM_TRY(checkIdentity("url " + m_options.upstream));
    const bool all = m_adopt || m_facts.filters != m_filters.fingerprint();
    CM_TRY_ASSIGN(const Upstream::Index index, m_upstream.index(all ? std::string() : m_facts.etag, stop));
    if (!index.list)
        return m_state.setFacts(m_facts);
    CM_TRY(checkOrigin(stop));
    if (!m_adopt && index.list->serial < m_facts.serial)
        return checkHistory({}, index.list->serial);
    if (!m_adopt)
        CM_TRY(checkListed(*index.list, stop));
    m_facts.serial = m_facts.upstreamSerial = index.list->serial;
    m_facts.reconciled = m_now;
    m_facts.filters = m_filters.fingerprint();
    return take(index, all && m_state.facts().serial != 0);
}

// The list of all projects beside a journal: at the beginning, when other filters hold, and now and then.
Result<void> Follower::compareAll(const std::stop_token &stop)
{
    const bool all = m_state.facts().serial != 0 && (m_adopt || m_facts.filters != m_filters.fingerprint());
    const bool fresh = m_facts.serial == 0 || m_adopt;
    CM_TRY_ASSIGN(const Upstream::Index index, m_upstream.index(all || fresh ? std::string() : m_facts.etag, stop));
    m_facts.reconciled = m_now;
    m_facts.filters = m_filters.fingerprint();
    if (!index.list)
        return m_state.setFacts(m_facts);
    // The journal goes on from where it was: the list may be some moments older.
    if (fresh) {
        m_facts.serial = index.list->serial;
        m_facts.mark.clear();
    }
    return take(index, all);
}

}  // namespace cm::mirror
