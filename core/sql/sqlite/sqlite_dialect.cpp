// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sql/sqlite/sqlite_dialect.h"

#include <algorithm>
#include <fmt/format.h>

namespace cm::sql {

namespace {

// detail=none and columnsize=0 keep the index at a third of its size; the price is that a longer
// text is an AND of its trigrams, checked again by instr().
std::string substringIndex(const std::string &table, const std::string &column)
{
    return fmt::format(
        "CREATE VIRTUAL TABLE {0}_{1}_trigrams USING fts5({1}, content='{0}', content_rowid='id',"
        " tokenize='trigram', detail='none', columnsize=0);\n"
        "CREATE TRIGGER {0}_{1}_trigrams_insert AFTER INSERT ON {0} BEGIN"
        " INSERT INTO {0}_{1}_trigrams (rowid, {1}) VALUES (new.id, new.{1}); END;\n"
        "CREATE TRIGGER {0}_{1}_trigrams_delete AFTER DELETE ON {0} BEGIN"
        " INSERT INTO {0}_{1}_trigrams ({0}_{1}_trigrams, rowid, {1}) VALUES ('delete', old.id, old.{1}); END;\n"
        "CREATE TRIGGER {0}_{1}_trigrams_update AFTER UPDATE OF {1} ON {0} BEGIN"
        " INSERT INTO {0}_{1}_trigrams ({0}_{1}_trigrams, rowid, {1}) VALUES ('delete', old.id, old.{1});"
        " INSERT INTO {0}_{1}_trigrams (rowid, {1}) VALUES (new.id, new.{1}); END;\n",
        table, column);
}

}  // namespace

Result<std::string> SqliteDialect::placeholder(const std::vector<std::string> &words) const
{
    if (words.size() == 1 && words[0] == "identity")
        return "INTEGER PRIMARY KEY AUTOINCREMENT";
    if (words.size() == 1 && words[0] == "blob")
        return "BLOB";
    if (words.size() == 1 && words[0] == "clustered")
        return "WITHOUT ROWID";
    if (words.size() == 3 && words[0] == "substring_index")
        return substringIndex(words[1], words[2]);
    // Rows lie in the order of their key anyway, and what is oldest lies together.
    if (words.size() == 1 && words[0] == "sliced_counts")
        return "";
    return fail(ErrorCode::Internal, "SQL text: unknown placeholder " + (words.empty() ? std::string() : words[0]));
}

Condition SqliteDialect::substringMatch(std::string_view table, std::string_view column, std::string_view alias,
                                        std::string_view text, int firstParam) const
{
    const std::string contains = fmt::format("instr({}.{}, ${}) > 0", alias, column, firstParam);
    const bool plain = std::all_of(text.begin(), text.end(), [](unsigned char c) { return c >= 0x20 && c < 0x7f; });
    // Fewer than three characters have no trigram: a scan of the narrowest index answers.
    if (text.size() < 3 || !plain)
        return {contains, {std::string(text)}};
    std::string match;
    for (std::size_t i = 0; i + 3 <= text.size(); ++i) {
        match += match.empty() ? "\"" : " AND \"";
        for (const char c : text.substr(i, 3))
            match += c == '"' ? std::string("\"\"") : std::string(1, c);
        match += '"';
    }
    return {fmt::format("{3} AND {2}.id IN (SELECT rowid FROM {0}_{1}_trigrams WHERE {0}_{1}_trigrams MATCH ${4})",
                        table, column, alias, contains, firstParam + 1),
            {std::string(text), match}};
}

std::string SqliteDialect::highestIdentity(std::string_view table, std::string_view) const
{
    return fmt::format("SELECT max(seq) FROM sqlite_sequence WHERE name = '{}'", table);
}

std::vector<std::string> SqliteDialect::continueIdentity(std::string_view table, std::string_view) const
{
    return {fmt::format("DELETE FROM sqlite_sequence WHERE name = '{}'", table),
            fmt::format("INSERT INTO sqlite_sequence (name, seq) VALUES ('{}', $1)", table)};
}

}  // namespace cm::sql
