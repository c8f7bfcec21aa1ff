// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/store/names.h"

#include "core/base/utf8.h"

#include <fmt/format.h>

namespace cm::metrics {
namespace {

constexpr std::size_t mostRemembered = 200'000;
constexpr std::size_t longestText = 200;

}  // namespace

std::string storedText(std::string_view text)
{
    std::string out(text.substr(0, longestText));
    // What was cut in the middle of a character.
    if (text.size() > out.size()) {
        while (!out.empty() && (static_cast<unsigned char>(out.back()) & 0xc0U) == 0x80)
            out.pop_back();
        if (!out.empty() && (static_cast<unsigned char>(out.back()) & 0x80U) != 0)
            out.pop_back();
    }
    const bool utf8 = isUtf8(out);
    for (char &c : out) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7f || (!utf8 && byte >= 0x80))
            c = '?';
    }
    return out;
}

std::optional<std::int64_t> Names::Memory::find(const std::string &name) const
{
    const auto found = m_ids.find(name);
    return found == m_ids.end() ? std::nullopt : std::optional(found->second);
}

void Names::Memory::remember(const std::string &name, std::int64_t id)
{
    if (m_ids.size() >= mostRemembered)
        m_ids.clear();
    m_ids[name] = id;
}

Result<std::optional<std::int64_t>> Names::find(sql::Connection &connection, const Kind &kind, const Name &name)
{
    CM_TRY_ASSIGN(const auto rows, name.parent ? connection.query(kind.find, {*name.parent, name.text})
                                               : connection.query(kind.find, {name.text}));
    CM_TRY_ASSIGN(const bool found, rows->next());
    return found ? std::optional(rows->integer(0)) : std::nullopt;
}

Result<std::vector<std::int64_t>> Names::idsOf(const Kind &kind, const std::vector<Name> &names, bool make)
{
    std::vector<std::int64_t> ids(names.size(), 0);
    std::vector<std::size_t> missing;
    {
        const std::lock_guard lock(m_mutex);
        for (std::size_t i = 0; i < names.size(); ++i) {
            if (const auto id = kind.memory.find(names[i].key))
                ids[i] = *id;
            else
                missing.push_back(i);
        }
    }
    if (missing.empty())
        return ids;
    bool all = true;
    CM_TRY(m_database.read([&](sql::Connection &connection) -> Result<void> {
        for (const std::size_t i : missing) {
            CM_TRY_ASSIGN(const auto id, find(connection, kind, names[i]));
            ids[i] = id.value_or(0);
            all = all && id;
        }
        return {};
    }));
    if (!all && make) {
        CM_TRY(m_database.write([&](sql::Connection &connection) -> Result<void> {
            for (const std::size_t i : missing) {
                if (ids[i] != 0)
                    continue;
                const Name &name = names[i];
                CM_TRY(name.parent ? connection.execute(kind.insert, {*name.parent, name.text})
                                   : connection.execute(kind.insert, {name.text}));
                CM_TRY_ASSIGN(const auto id, find(connection, kind, name));
                ids[i] = id.value_or(0);
            }
            return {};
        }));
    }
    const std::lock_guard lock(m_mutex);
    for (const std::size_t i : missing) {
        if (ids[i] != 0)
            kind.memory.remember(names[i].key, ids[i]);
    }
    return ids;
}

Result<std::vector<std::int64_t>> Names::textIds(std::span<const std::string> texts, bool make)
{
    std::vector<Name> names;
    for (const std::string &text : texts)
        names.push_back({text, std::nullopt, text});
    return idsOf({m_texts, "SELECT id FROM download_texts WHERE text = $1",
                  "INSERT INTO download_texts (text) VALUES ($1) ON CONFLICT (text) DO NOTHING"},
                 names, make);
}

Result<std::vector<std::int64_t>> Names::texts(std::span<const std::string> texts)
{
    return textIds(texts, true);
}

Result<std::vector<std::int64_t>> Names::knownTexts(std::span<const std::string> texts)
{
    return textIds(texts, false);
}

Result<std::vector<std::int64_t>> Names::projects(std::span<const std::string> projects)
{
    std::vector<Name> names;
    for (const std::string &name : projects)
        names.push_back({name, std::nullopt, name});
    return idsOf({m_projects, "SELECT id FROM download_projects WHERE name = $1",
                  "INSERT INTO download_projects (name) VALUES ($1) ON CONFLICT (name) DO NOTHING"},
                 names);
}

Result<std::vector<std::int64_t>> Names::versions(std::span<const std::pair<std::int64_t, std::string>> versions)
{
    std::vector<Name> names;
    for (const auto &[project, version] : versions)
        names.push_back({fmt::format("{}/{}", project, version), project, version});
    return idsOf({m_versions, "SELECT id FROM download_versions WHERE project_id = $1 AND version = $2",
                  "INSERT INTO download_versions (project_id, version) VALUES ($1, $2)"
                  " ON CONFLICT (project_id, version) DO NOTHING"},
                 names);
}

}  // namespace cm::metrics
