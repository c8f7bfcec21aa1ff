// SPDX-License-Identifier: GPL-3.0-or-later
// Whom brown-outs have refused.
#include "core/registry/enforcement.h"
#include "core/registry/use_evidence.h"

#include <algorithm>
#include <boost/json.hpp>
#include <set>

namespace cm::registry {

namespace {

namespace json = boost::json;

using catalog::Id;
using deprecation::Entry;

std::int64_t numberIn(const json::object &object, std::string_view name)
{
    const json::value *found = object.if_contains(name);
    return found && found->is_int64() ? found->get_int64() : 0;
}

// The sums of a window whose uses are gone; nothing while they are there.
std::optional<std::pair<BrownOutFigures, std::vector<ClassRefusals>>> keptIn(std::string_view text)
{
    boost::system::error_code broken;
    const json::value parsed = text.empty() ? json::value() : json::parse(text, broken);
    if (broken || !parsed.is_object())
        return std::nullopt;
    const json::object &object = parsed.get_object();
    BrownOutFigures figures{numberIn(object, "refused"), numberIn(object, "people"), numberIn(object, "moved_over"), numberIn(object, "anonymous")};
    std::vector<ClassRefusals> classes;
    const json::value *list = object.if_contains("classes");
    for (const json::value &value : list && list->is_array() ? list->get_array() : json::array()) {
        if (!value.is_object())
            continue;
        const json::value *name = value.get_object().if_contains("class");
        classes.push_back({name && name->is_string() ? std::string(name->get_string()) : std::string(), numberIn(value.get_object(), "refused"),
                           numberIn(value.get_object(), "people")});
    }
    return std::pair(figures, std::move(classes));
}

}  // namespace

Result<BrownOutDetails> brownOutDetails(catalog::Reader &reader, const Entry &entry, Id brownOut)
{
    BrownOutDetails out;
    CM_TRY_ASSIGN(const auto window, reader.brownOut(brownOut));
    if (const auto kept = keptIn(window.figures)) {
        out.classes = kept->second;
        return out;
    }
    CM_TRY_ASSIGN(auto rows, reader.brownOutUses(entry.id));
    std::erase_if(rows, [&](const catalog::BrownOutUseRow &row) { return row.brownOut != brownOut; });
    std::map<std::string, ClassRefusals> classes;
    std::map<std::string, std::set<Id>> peopleOf;
    std::map<Id, PersonRefused> people;
    for (const catalog::BrownOutUseRow &row : rows) {
        classes[row.clientClass].refused += row.refused;
        if (!row.userId)
            continue;
        peopleOf[row.clientClass].insert(*row.userId);
        const auto [found, fresh] = people.try_emplace(*row.userId);
        PersonRefused &person = found->second;
        person.user.id = *row.userId;
        person.refused += row.refused;
        person.first = fresh ? row.first : std::min(person.first, row.first);
        person.last = std::max(person.last, row.last);
    }
    for (auto &[name, one] : classes) {
        one.clientClass = name;
        one.people = static_cast<std::int64_t>(peopleOf[name].size());
        out.classes.push_back(one);
    }
    for (auto &[id, person] : people)
        out.people.push_back(std::move(person));
    std::ranges::stable_sort(out.classes, std::ranges::greater(), &ClassRefusals::refused);
    std::ranges::stable_sort(out.people, std::ranges::greater(), &PersonRefused::refused);
    if (out.people.size() > mostRefused)
        out.people.resize(mostRefused);
    std::vector<Id> users;
    Time first = Time::max();
    for (PersonRefused &person : out.people) {
        users.push_back(person.user.id);
        first = std::min(first, person.first);
        CM_TRY_ASSIGN(person.user, reader.user(person.user.id));
    }
    if (users.empty() || isOfReads(entry))
        return out;
    CM_TRY_ASSIGN(const auto filter, filterOf(reader, entry));
    CM_TRY_ASSIGN(const auto others, reader.otherUses(filter, first, users));
    for (PersonRefused &person : out.people) {
        for (const catalog::OtherUseRow &other : others) {
            const Time time = other.first > person.first ? other.first : other.last;
            if (other.userId != person.user.id || time <= person.first || (person.movedOver && *person.movedOver <= time))
                continue;
            person.movedOver = time;
            person.movedTo = other.channel;
        }
    }
    return out;
}

Result<std::map<Id, BrownOutFigures>> brownOutFigures(catalog::Reader &reader, const Entry &entry)
{
    std::map<Id, BrownOutFigures> out;
    if (entry.windows.empty())
        return out;
    CM_TRY_ASSIGN(const auto windows, reader.brownOuts(entry.id));
    for (const catalog::BrownOutRow &window : windows) {
        if (const auto kept = keptIn(window.figures))
            out[window.id] = kept->first;
    }
    CM_TRY_ASSIGN(const auto rows, reader.brownOutUses(entry.id));
    std::map<std::pair<Id, Id>, Time> people;  // the first refusal, by brown-out and person
    std::set<Id> users;
    Time first = Time::max();
    for (const catalog::BrownOutUseRow &row : rows) {
        (row.userId ? out[row.brownOut].refused : out[row.brownOut].anonymous) += row.refused;
        if (!row.userId)
            continue;
        // One person may come by clients of several classes.
        Time &since = people.try_emplace({row.brownOut, *row.userId}, row.first).first->second;
        since = std::min(since, row.first);
        users.insert(*row.userId);
        first = std::min(first, row.first);
    }
    for (const auto &[key, since] : people)
        ++out[key.first].people;
    if (users.empty() || isOfReads(entry))
        return out;
    CM_TRY_ASSIGN(const auto filter, filterOf(reader, entry));
    CM_TRY_ASSIGN(const auto others, reader.otherUses(filter, first, std::vector<Id>(users.begin(), users.end())));
    std::map<Id, Time> lastOther;
    for (const catalog::OtherUseRow &other : others)
        lastOther[other.userId] = std::max(lastOther[other.userId], other.last);
    for (const auto &[key, since] : people) {
        const auto found = lastOther.find(key.second);
        out[key.first].movedOver += found != lastOther.end() && found->second > since ? 1 : 0;
    }
    return out;
}

Result<void> keepBrownOutFigures(catalog::Writer &writer, Time before)
{
    CM_TRY_ASSIGN(const auto windows, writer.brownOutsWithoutFigures(before));
    for (const catalog::BrownOutRow &window : windows) {
        CM_TRY_ASSIGN(const auto row, writer.deprecation(window.deprecationId));
        const auto entry = entryOf(writer, row);
        // Of a newer program, which will keep them.
        if (!entry && entry.error().code == ErrorCode::Unsupported)
            continue;
        if (!entry)
            return fail(entry.error());
        CM_TRY_ASSIGN(auto all, brownOutFigures(writer, *entry));
        CM_TRY_ASSIGN(const BrownOutDetails details, brownOutDetails(writer, *entry, window.id));
        const BrownOutFigures &figures = all[window.id];
        json::array classes;
        for (const ClassRefusals &one : details.classes)
            classes.push_back(json::object{{"class", one.clientClass}, {"refused", one.refused}, {"people", one.people}});
        CM_TRY(writer.keepBrownOutFigures(window.id, json::serialize(json::object{{"refused", figures.refused},
                                                                                  {"people", figures.people},
                                                                                  {"moved_over", figures.movedOver},
                                                                                  {"anonymous", figures.anonymous},
                                                                                  {"classes", std::move(classes)}})));
    }
    return {};
}

}  // namespace cm::registry
