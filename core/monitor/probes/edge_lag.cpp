// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/probes/edge_lag.h"

#include "core/pypi/names.h"

#include <algorithm>
#include <boost/json.hpp>
#include <fmt/format.h>

namespace cm::monitor {
namespace {

namespace json = boost::json;

// So many projects that changed are remembered, the newest; and so many are looked at at once.
constexpr std::size_t mostPages = 500, pagesALook = 3, mostShown = 1000;
// Of those that were found old so many are kept in mind: when clients get them is seen soon.
constexpr std::size_t mostOld = 20;
// Where nothing is known yet, what changed last is looked at: it may have been missed before anybody watched.
constexpr std::int64_t lately = 500;
// Lines of the journal in one answer.
constexpr std::size_t mostLines = 1000;

const json::object *objectIn(const json::value *value)
{
    return value && value->is_object() ? &value->get_object() : nullptr;
}

std::optional<std::int64_t> numberIn(const json::object &object, std::string_view key)
{
    const json::value *value = object.if_contains(key);
    return value && value->is_int64() ? std::optional(value->get_int64()) : std::nullopt;
}

}  // namespace

Result<JournalNews> readJournal(std::string_view text)
{
    boost::system::error_code error;
    const json::value root = json::parse({text.data(), text.size()}, error);
    const json::object *told = error ? nullptr : objectIn(&root);
    const json::object *meta = told ? objectIn(told->if_contains("meta")) : nullptr;
    const auto serial = meta ? numberIn(*meta, "_last-serial") : std::nullopt;
    const json::value *changes = told ? told->if_contains("changes") : nullptr;
    if (!serial || !changes || !changes->is_array())
        return fail(ErrorCode::Corrupt, "it answers with no journal");
    JournalNews news{*serial, {}, *serial};
    if (changes->get_array().size() >= mostLines) {
        const json::object *last = objectIn(&changes->get_array().back());
        news.through = (last ? numberIn(*last, "serial") : std::nullopt).value_or(*serial);
    }
    for (const json::value &entry : changes->get_array()) {
        const json::object *line = objectIn(&entry);
        const json::value *name = line ? line->if_contains("name") : nullptr;
        const auto number = line ? numberIn(*line, "serial") : std::nullopt;
        if (!number || !name || !name->is_string() || !pypi::isValidName(std::string_view(name->get_string())))
            continue;
        news.changes.push_back({*number, pypi::normalizeName(std::string_view(name->get_string()))});
    }
    return news;
}

std::string EdgeFollower::question() const
{
    return m_known ? fmt::format("/journal/?since={}&limit={}", *m_known, mostLines) : std::string("/journal/?limit=1");
}

void EdgeFollower::take(const JournalNews &news, Time now)
{
    // Restored from a copy: what was known of it is of another one.
    if (m_known && news.serial < *m_known) {
        m_known.reset();
        m_shown.clear();
        m_pages.clear();
    }
    if ((m_shown.empty() || m_shown.back().second < news.serial) && m_shown.size() < mostShown)
        m_shown.emplace_back(now, news.serial);
    if (!m_known) {
        m_known = std::max<std::int64_t>(0, news.serial - lately);
        return;
    }
    m_known = news.through;
    for (const JournalChange &change : news.changes) {
        const auto known = std::find_if(m_pages.begin(), m_pages.end(), [&](const Page &page) { return page.project == change.project; });
        if (known != m_pages.end()) {
            known->latest = change.serial;
            known->latestSince = now;
        } else {
            m_pages.push_back({change.project, change.serial, now, change.serial, now, false, {}});
        }
    }
    // The oldest go that nobody has found to be old.
    for (auto page = m_pages.begin(); m_pages.size() > mostPages && page != m_pages.end();)
        page = page->old ? page + 1 : m_pages.erase(page);
}

std::vector<EdgeFollower::Page> EdgeFollower::due() const
{
    std::vector<Page> due;
    const auto take = [&](bool old, std::size_t most) {
        for (auto page = m_pages.begin(); page != m_pages.end() && due.size() < most; ++page) {
            const bool taken = std::any_of(due.begin(), due.end(), [&](const Page &one) { return one.project == page->project; });
            if (page->old == old && !taken)
                due.push_back(*page);
        }
    };
    take(true, 1);
    take(false, pagesALook);
    take(true, pagesALook);
    return due;
}

void EdgeFollower::compare(const std::string &project, const PageHead &got, const std::optional<PageHead> &given)
{
    const auto page = std::find_if(m_pages.begin(), m_pages.end(), [&](const Page &one) { return one.project == project; });
    if (page == m_pages.end())
        return;
    if (isNew(*page, got)) {
        // What came later is another matter.
        const bool all = *got.serial >= page->latest;
        Page later{page->project, page->latest, page->latestSince, page->latest, page->latestSince, false, {}};
        m_pages.erase(page);
        if (!all)
            m_pages.push_back(std::move(later));
        return;
    }
    const auto answered = [](const PageHead &head) { return head.status > 0 && head.status < 500; };
    // Others are looked at before it is its turn again.
    const auto lookAgain = [&](bool old) {
        Page again = std::move(*page);
        again.old = old;
        m_pages.erase(page);
        m_pages.push_back(std::move(again));
    };
    // Nobody knows.
    if (!given || !answered(*given) || !answered(got))
        return lookAgain(false);
    // A journal tells also what no page shows, and a project may be gone by now.
    const bool gone = given->status >= 400;
    const bool old = gone ? got.status < 400 : got.status >= 400 || got.serial.value_or(0) < std::min(page->serial, given->serial.value_or(0));
    if (!old) {
        m_pages.erase(page);
        return;
    }
    page->servedBy = got.servedBy;
    const auto known = static_cast<std::size_t>(std::count_if(m_pages.begin(), m_pages.end(), [](const Page &one) { return one.old; }));
    lookAgain(page->old || known < mostOld);
}

EdgeLag EdgeFollower::lag(std::optional<std::int64_t> listed, Time now)
{
    EdgeLag lag;
    const auto since = [now](Time begin) { return std::chrono::duration<double>(now - begin).count(); };
    while (listed && !m_shown.empty() && m_shown.front().second <= *listed)
        m_shown.pop_front();
    if (listed && m_known)
        lag.list = m_shown.empty() ? 0 : since(m_shown.front().first);
    if (m_known)
        lag.pages = 0;
    for (const Page &page : m_pages) {
        if (!page.old || since(page.since) <= *lag.pages)
            continue;
        lag.pages = since(page.since);
        lag.project = page.project;
        lag.servedBy = page.servedBy;
    }
    return lag;
}

}  // namespace cm::monitor
