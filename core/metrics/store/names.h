// SPDX-License-Identifier: GPL-3.0-or-later
// The ids of texts, projects and versions. What is committed is remembered, some 200,000 names of each kind.
// Owned by a CountDatabase or a CountReader; any thread.
#pragma once

#include "core/sql/database.h"

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace cm::metrics {

// As a database holds it: UTF-8 without control characters, 200 bytes at most.
[[nodiscard]] std::string storedText(std::string_view text);

class Names {
public:
    explicit Names(sql::Database &database) : m_database(database) {}

    // An id for each, made where there was none, in transactions of their own: a name that nothing is counted for
    // is no harm. `texts` are stored texts.
    Result<std::vector<std::int64_t>> texts(std::span<const std::string> texts);
    // Makes none: 0 for a text that has no id.
    Result<std::vector<std::int64_t>> knownTexts(std::span<const std::string> texts);
    Result<std::vector<std::int64_t>> projects(std::span<const std::string> names);
    Result<std::vector<std::int64_t>> versions(std::span<const std::pair<std::int64_t, std::string>> versions);

private:
    class Memory {
    public:
        [[nodiscard]] std::optional<std::int64_t> find(const std::string &name) const;
        void remember(const std::string &name, std::int64_t id);

    private:
        std::unordered_map<std::string, std::int64_t> m_ids;
    };
    // Takes the place of one name in a statement; the key is what `memory` knows it by.
    struct Kind {
        Memory &memory;
        std::string_view find;
        std::string_view insert;
    };
    struct Name {
        std::string key;
        std::optional<std::int64_t> parent;
        std::string text;
    };
    Result<std::vector<std::int64_t>> idsOf(const Kind &kind, const std::vector<Name> &names, bool make = true);
    Result<std::vector<std::int64_t>> textIds(std::span<const std::string> texts, bool make);
    static Result<std::optional<std::int64_t>> find(sql::Connection &connection, const Kind &kind, const Name &name);

    sql::Database &m_database;
    std::mutex m_mutex;  // over the memories
    Memory m_texts;
    Memory m_projects;
    Memory m_versions;
};

}  // namespace cm::metrics
