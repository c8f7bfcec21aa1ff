// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/store/day_values.h"

#include "core/metrics/store/subject.h"

#include <algorithm>
#include <set>

namespace cm::metrics {
namespace {

// All that the registry's row of a day has, nothing where there is none.
Result<Figures> figuresOf(sql::Connection &connection, Request request, Minute day)
{
    CM_TRY_ASSIGN(const auto rows, connection.query("SELECT data FROM download_counts WHERE tier = $1 AND bucket = $2 AND subject = $3",
                                                    {static_cast<int>(Tier::Day), day, registrySubject(request)}));
    CM_TRY_ASSIGN(const bool found, rows->next());
    return found ? decodeFigures(rows->blob(0)) : Figures();
}

}  // namespace

void DayValues::add(Request request, Minute minute, Dimension dimension, const std::string &text, std::int64_t count)
{
    m_values[{request, floorTo(Tier::Day, minute), dimension}][text].count += count;
}

std::vector<std::string> DayValues::texts(bool admittedOnly) const
{
    std::set<std::string> out;
    for (const auto &[place, values] : m_values) {
        for (const auto &[text, value] : values) {
            if (value.admitted || !admittedOnly)
                out.insert(text);
        }
    }
    return {out.begin(), out.end()};
}

void DayValues::admit(Values &values, const CountList &there)
{
    std::vector<Value *> wanting;
    for (auto &[text, value] : values) {
        value.admitted = value.code != strangers && std::ranges::binary_search(there, value.code, {}, &CountList::value_type::first);
        if (!value.admitted)
            wanting.push_back(&value);
    }
    std::ranges::stable_sort(wanting, std::ranges::greater(), [](const Value *value) { return value->count; });
    const std::size_t room = mostValues - std::min(there.size(), mostValues);
    for (std::size_t i = 0; i < std::min(room, wanting.size()); ++i)
        wanting[i]->admitted = true;
}

Result<void> DayValues::resolve(sql::Database &database, Names &names)
{
    if (m_values.empty())
        return {};
    const auto setCodes = [this](const std::vector<std::string> &texts, const std::vector<std::int64_t> &ids) {
        std::map<std::string_view, Code> codes;
        for (std::size_t i = 0; i < texts.size(); ++i)
            codes[texts[i]] = ids[i] == 0 ? strangers : ids[i] + textOffset;
        for (auto &[place, values] : m_values) {
            for (auto &[text, value] : values) {
                if (const auto code = codes.find(text); code != codes.end())
                    value.code = code->second;
            }
        }
    };
    const std::vector<std::string> all = texts(false);
    CM_TRY_ASSIGN(const auto known, names.knownTexts(all));
    setCodes(all, known);
    CM_TRY(database.read([&](sql::Connection &connection) -> Result<void> {
        std::map<std::pair<Request, Minute>, Figures> days;
        for (auto &[place, values] : m_values) {
            const auto &[request, day, dimension] = place;
            auto figures = days.find({request, day});
            if (figures == days.end()) {
                CM_TRY_ASSIGN(Figures read, figuresOf(connection, request, day));
                figures = days.emplace(std::pair(request, day), std::move(read)).first;
            }
            admit(values, figures->second.of(dimension));
        }
        return {};
    }));
    const std::vector<std::string> admitted = texts(true);
    CM_TRY_ASSIGN(const auto ids, names.texts(admitted));
    setCodes(admitted, ids);
    return {};
}

Code DayValues::codeOf(Request request, Minute minute, Dimension dimension, const std::string &text) const
{
    const Value &value = m_values.at({request, floorTo(Tier::Day, minute), dimension}).at(text);
    return value.admitted ? value.code : strangers;
}

}  // namespace cm::metrics
