// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/cell_counter.h"

#include "core/metrics/cell_text.h"
#include "core/metrics/text_hash.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

namespace cm::metrics {
namespace {

constexpr std::array<std::string_view, 9> fileTypes{"",          "sdist",    "bdist_wheel", "bdist_dmg",    "bdist_dumb",
                                                    "bdist_egg", "bdist_msi", "bdist_rpm",   "bdist_wininst"};
// Their sizes are kept in a byte.
constexpr std::size_t longestText = longestNameText;
static_assert(longestText <= std::numeric_limits<std::uint8_t>::max());
constexpr std::size_t fewestSlots = 1024;
// Tables and lists that grew beyond these are given back at take(): one burst is not to be remembered in memory.
constexpr std::size_t mostSlotsKept = 1U << 16U;

std::uint8_t fileTypeNumber(std::string_view type)
{
    const auto found = std::ranges::find(fileTypes, type);
    return found == fileTypes.end() ? std::uint8_t{0} : static_cast<std::uint8_t>(found - fileTypes.begin());
}

std::uint32_t countryNumber(std::string_view country)
{
    const auto letter = [](char c) { return c >= 'A' && c <= 'Z'; };
    if (country.size() != 2 || !letter(country[0]) || !letter(country[1]))
        return 0;
    return 1U + static_cast<std::uint32_t>(country[0] - 'A') * 26U + static_cast<std::uint32_t>(country[1] - 'A');
}

std::string countryText(std::uint32_t number)
{
    if (number == 0)
        return {};
    return {static_cast<char>('A' + (number - 1) / 26), static_cast<char>('A' + (number - 1) % 26)};
}

}  // namespace

void NumberTable::clear()
{
    m_used = 0;
    if (m_slots.size() > mostSlotsKept)
        std::exchange(m_slots, {});
    else
        std::ranges::fill(m_slots, Slot{});
}

void NumberTable::grow()
{
    const std::vector<Slot> old = std::exchange(m_slots, std::vector<Slot>(std::max(fewestSlots, m_slots.size() * 2)));
    const std::size_t mask = m_slots.size() - 1;
    for (const Slot &slot : old) {
        if (slot.number == 0)
            continue;
        std::size_t at = slot.place & mask;
        while (m_slots[at].number != 0)
            at = (at + 1) & mask;
        m_slots[at] = slot;
    }
}

std::uint32_t CellCounter::minute(std::int64_t minute)
{
    if (minute == m_lastMinute && !m_tallies.empty())
        return m_lastMinuteNumber;
    const auto next = static_cast<std::uint32_t>(m_tallies.size());
    const std::uint32_t number = m_minuteTable.find(folded(static_cast<std::uint64_t>(minute) ^ m_seed, 0x9E3779B97F4A7C15U), next,
                                                    [&](std::uint32_t other) { return m_tallies[other].minute == minute; });
    if (number == next)
        m_tallies.push_back({minute, 0, 0, 0, 0, 0, 0});
    m_lastMinute = minute;
    m_lastMinuteNumber = number;
    return number;
}

std::uint32_t CellCounter::what(Request request, std::string_view project, std::string_view version, std::string_view fileType)
{
    project = cut(project, longestText);
    version = cut(version, longestText);
    What added{static_cast<std::uint32_t>(m_texts.size()), static_cast<std::uint8_t>(project.size()),
               static_cast<std::uint8_t>(version.size()), fileTypeNumber(fileType), request};
    const std::uint64_t kind = added.fileType * 2U + (request == Request::Simple ? 1U : 0U);
    const auto next = static_cast<std::uint32_t>(m_whats.size());
    const std::uint32_t number = m_whatTable.find(hashOf(version, hashOf(project, m_seed ^ kind)), next, [&](std::uint32_t other) {
        const What &what = m_whats[other];
        return what.fileType == added.fileType && what.request == request && textAt(what.text, what.projectSize) == project &&
               textAt(what.text + what.projectSize, what.versionSize) == version;
    });
    if (number == next) {
        m_texts.append(project).append(version);
        m_whats.push_back(added);
    }
    return number;
}

std::uint32_t CellCounter::who(api::ClientClass clientClass, std::string_view installer, std::string_view python, std::string_view system)
{
    installer = cut(installer, longestText);
    python = cut(python, longestText);
    system = cut(system, longestText);
    const Who added{static_cast<std::uint32_t>(m_texts.size()), static_cast<std::uint8_t>(installer.size()),
                    static_cast<std::uint8_t>(python.size()), static_cast<std::uint8_t>(system.size()), clientClass};
    const std::uint64_t hash = hashOf(system, hashOf(python, hashOf(installer, m_seed ^ static_cast<std::uint64_t>(clientClass))));
    const auto next = static_cast<std::uint32_t>(m_whos.size());
    const std::uint32_t number = m_whoTable.find(hash, next, [&](std::uint32_t other) {
        const Who &who = m_whos[other];
        const std::size_t pythonAt = who.text + who.installerSize;
        return who.clientClass == clientClass && textAt(who.text, who.installerSize) == installer &&
               textAt(pythonAt, who.pythonSize) == python && textAt(pythonAt + who.pythonSize, who.systemSize) == system;
    });
    if (number == next) {
        m_texts.append(installer).append(python).append(system);
        m_whos.push_back(added);
    }
    return number;
}

void CellCounter::count(std::uint32_t minute, std::uint32_t what, std::uint32_t who, std::string_view country)
{
    const CellNumbers added{minute, what, who, countryNumber(country), 1};
    const std::uint64_t first = static_cast<std::uint64_t>(what) << 32U | who;
    const std::uint64_t second = static_cast<std::uint64_t>(minute) << 10U | added.country;
    const auto next = static_cast<std::uint32_t>(m_cells.size());
    const std::uint64_t hash = folded(folded(first ^ m_seed, 0x9E3779B97F4A7C15U) ^ second, 0xD1B54A32D192ED03U);
    const std::uint32_t number = m_cellTable.find(hash, next, [&](std::uint32_t other) {
        const CellNumbers &cell = m_cells[other];
        return cell.what == what && cell.who == who && cell.minute == minute && cell.country == added.country;
    });
    if (number == next)
        m_cells.push_back(added);
    else
        ++m_cells[number].count;
}

void CellCounter::reason(std::uint32_t minute, std::string_view reason)
{
    const std::int64_t own = m_tallies[minute].minute;
    const auto next = static_cast<std::uint32_t>(m_reasons.size());
    const std::uint32_t number = m_reasonTable.find(hashOf(reason, m_seed ^ minute), next, [&](std::uint32_t other) {
        return m_reasons[other].minute == own && m_reasons[other].reason == reason;
    });
    if (number == next)
        m_reasons.push_back({own, std::string(reason), 1});
    else
        ++m_reasons[number].lines;
}

Cell CellCounter::cellOf(const CellNumbers &numbers) const
{
    const What &what = m_whats[numbers.what];
    const Who &who = m_whos[numbers.who];
    const std::size_t pythonAt = who.text + who.installerSize;
    Cell cell;
    cell.minute = m_tallies[numbers.minute].minute;
    cell.request = what.request;
    cell.clientClass = who.clientClass;
    cell.project = textAt(what.text, what.projectSize);
    cell.version = textAt(what.text + what.projectSize, what.versionSize);
    cell.fileType = fileTypes[what.fileType];
    cell.country = countryText(numbers.country);
    cell.installer = textAt(who.text, who.installerSize);
    cell.python = textAt(pythonAt, who.pythonSize);
    cell.system = textAt(pythonAt + who.pythonSize, who.systemSize);
    cell.count = numbers.count;
    return cell;
}

Batch CellCounter::take()
{
    // The tables go first: cells with their texts are several times as large.
    for (NumberTable *const table : {&m_whatTable, &m_whoTable, &m_cellTable, &m_minuteTable, &m_reasonTable})
        table->clear();
    Batch batch;
    batch.cells.reserve(m_cells.size());
    for (const CellNumbers &numbers : m_cells)
        batch.cells.push_back(cellOf(numbers));
    batch.tallies = std::exchange(m_tallies, {});
    batch.reasons = std::exchange(m_reasons, {});
    const auto emptied = [](auto &list) {
        list.clear();
        if (list.capacity() > mostSlotsKept)
            list.shrink_to_fit();
    };
    emptied(m_texts);
    emptied(m_whats);
    emptied(m_whos);
    emptied(m_cells);
    ++m_batch;
    return batch;
}

}  // namespace cm::metrics
