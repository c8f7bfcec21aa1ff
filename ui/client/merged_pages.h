// SPDX-License-Identifier: GPL-3.0-or-later
// A list that a server answers page by page, and lines that are known whole, as one list, newest first; of those of one
// moment the server's come first. What lies between is found by counting: the server is asked how many of its own are not
// older than a few of the known lines, and for the page itself. Owned by whoever reads, GUI thread.
#pragma once

#include "core/api/types.h"

#include <QHash>

#include <algorithm>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

namespace cm::ui {

// `Query` has from, offset and limit; `Theirs` is what the server has, with its time; `Row` is a line of the list.
template <class Query, class Theirs, class Row>
class MergedPages {
public:
    using Page = api::Page<Theirs>;
    using Rows = api::Page<Row>;
    // Passes a page on; or never does, where the reading is void.
    using Then = std::function<void(Page)>;
    using Ask = std::function<void(const Query &, const Then &)>;
    using Handler = std::function<void(Rows)>;

    explicit MergedPages(std::function<Row(Theirs)> rowOf) : m_rowOf(std::move(rowOf)) {}

    // Newest first, by a clock that may have been set back.
    template <class TimeOf>
    void setKnown(std::vector<Row> rows, TimeOf timeOf)
    {
        m_rows = std::move(rows);
        m_times.clear();
        for (const Row &row : m_rows)
            m_times.push_back(m_times.empty() ? timeOf(row) : std::min(timeOf(row), m_times.back()));
        m_before.clear();
    }
    [[nodiscard]] bool hasKnown() const { return !m_rows.empty(); }
    // What the server has is another list from now on.
    void forgetCounts() { m_before.clear(); }

    void read(const Query &filter, qint64 offset, qint64 limit, const Ask &ask, const Handler &handler)
    {
        const Reading reading{filter, offset, limit, ask, handler};
        split(reading, offset, 0, known(), [this, reading](qint64 first) { readPage(reading, first); });
    }
    // The known lines alone: the server does not answer.
    [[nodiscard]] Rows alone(qint64 offset, qint64 limit) const
    {
        const qint64 first = std::min(known(), offset), last = std::min(known(), offset + limit);
        Rows rows;
        rows.items.assign(m_rows.begin() + first, m_rows.begin() + last);
        rows.total = known();
        rows.offset = offset;
        return rows;
    }

private:
    struct Reading {
        Query filter;
        qint64 offset = 0;
        qint64 limit = 0;
        Ask ask;
        Handler handler;
    };
    using Split = std::function<void(qint64)>;

    [[nodiscard]] qint64 known() const { return static_cast<qint64>(m_rows.size()); }

    // How many of the known lines stand before a place of the list.
    void split(const Reading &reading, qint64 place, qint64 low, qint64 high, const Split &then)
    {
        if (place == 0)
            high = 0;
        while (low < high) {
            const qint64 middle = low + (high - low) / 2;
            const auto before = m_before.constFind(middle);
            if (before == m_before.cend()) {
                Query query = reading.filter;
                query.from = m_times[static_cast<std::size_t>(middle)];
                query.offset = 0;
                query.limit = 1;
                reading.ask(query, [this, reading, place, low, high, middle, then](const Page &page) {
                    m_before[middle] = page.total;
                    split(reading, place, low, high, then);
                });
                return;
            }
            if (middle + *before < place)
                low = middle + 1;
            else
                high = middle;
        }
        then(low);
    }

    void readPage(const Reading &reading, qint64 first)
    {
        Query query = reading.filter;
        query.offset = reading.offset - first;
        query.limit = reading.limit;
        reading.ask(query, [this, reading, first](Page page) {
            const qint64 end = reading.offset + reading.limit;
            if (end >= page.total + known()) {
                finish(reading, first, known(), std::move(page));
                return;
            }
            split(reading, end, first, known(), [this, reading, first, page = std::move(page)](qint64 last) { finish(reading, first, last, page); });
        });
    }

    void finish(const Reading &reading, qint64 first, qint64 last, Page page)
    {
        Rows rows;
        rows.total = page.total + known();
        rows.offset = reading.offset;
        const auto wanted = static_cast<std::size_t>(std::max<qint64>(0, reading.limit - (last - first)));
        if (page.items.size() > wanted)
            page.items.resize(wanted);
        auto ours = static_cast<std::size_t>(first);
        const auto takeNewer = [&](std::optional<Time> than) {
            for (; ours < static_cast<std::size_t>(last) && (!than || m_times[ours] > *than); ++ours)
                rows.items.push_back(m_rows[ours]);
        };
        for (Theirs &item : page.items) {
            takeNewer(item.time);
            rows.items.push_back(m_rowOf(std::move(item)));
        }
        takeNewer(std::nullopt);
        reading.handler(std::move(rows));
    }

    std::function<Row(Theirs)> m_rowOf;
    std::vector<Row> m_rows;
    std::vector<Time> m_times;       // of each, never rising
    QHash<qint64, qint64> m_before;  // of a known line: how many of the server's stand before it
};

}  // namespace cm::ui
