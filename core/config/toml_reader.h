// SPDX-License-Identifier: GPL-3.0-or-later
// Reading one TOML file into values with every problem and its line kept: a table knows the keys that it
// was asked for and reports the rest. Used inside core/config, one thread.
#pragma once

#ifndef TOML_EXCEPTIONS
#define TOML_EXCEPTIONS 0
#endif
#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <toml++/toml.h>
#include <vector>

namespace cm::config {

class TomlReader;

// One table; made by TomlReader, which outlives it. Reading a key marks it as known.
class TomlSection {
public:
    TomlSection(TomlReader &reader, const toml::table &table, std::string name)
        : m_reader(reader), m_table(table), m_name(std::move(name))
    {}
    // Reports the keys that nobody asked for.
    void end();

    void text(std::string_view key, std::string &out, bool required = false);
    void path(std::string_view key, std::filesystem::path &out);
    void port(std::string_view key, std::uint16_t &out, bool required = false);
    void number(std::string_view key, std::int64_t least, std::int64_t most, std::int64_t &out);
    void flag(std::string_view key, bool &out);
    void texts(std::string_view key, std::vector<std::string> &out);
    void report(std::string problem);
    [[nodiscard]] const toml::table &table() const { return m_table; }
    void knows(std::string_view key) { m_known.insert(std::string(key)); }

private:
    const toml::node *find(std::string_view key, bool required);
    void wrong(const toml::node &node, std::string_view key, std::string_view what);

    TomlReader &m_reader;
    const toml::table &m_table;
    std::string m_name;
    std::set<std::string> m_known;
};

class TomlReader {
public:
    // An empty path reads as an empty file.
    explicit TomlReader(std::filesystem::path file);

    [[nodiscard]] const toml::table &root() const { return m_root; }
    // Calls `read` for the table `key`, or for each of the array of tables; absent is nothing.
    void section(TomlSection &parent, std::string_view key, const std::function<void(TomlSection &)> &read);
    void report(const toml::source_region &source, std::string problem);
    // InvalidInput with every problem.
    [[nodiscard]] Result<void> verdict() const;

private:
    std::filesystem::path m_file;
    toml::table m_root;
    std::vector<FieldProblem> m_problems;
};

}  // namespace cm::config
