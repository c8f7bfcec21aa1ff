// SPDX-License-Identifier: GPL-3.0-or-later
// One section of the configuration whose keys are plain values: flags over CHEESEMONGER_* over TOML, every problem with
// its place. Used inside core/config by the commands whose settings are all flags too; one thread.
#pragma once

#ifndef TOML_EXCEPTIONS
#define TOML_EXCEPTIONS 0
#endif
#include "core/base/database_url.h"
#include "core/config/serve_config.h"

#include <fmt/core.h>
#include <span>
#include <toml++/toml.h>

namespace cm::config {

// What is wrong with a value, or nothing.
using Problem = std::optional<std::string>;

[[nodiscard]] Problem setNumber(std::string_view text, std::int64_t least, std::int64_t most, std::int64_t &out);
[[nodiscard]] Problem setSize(std::string_view text, std::uint64_t &out);
[[nodiscard]] Problem setFlag(std::string_view text, bool &out);
[[nodiscard]] Problem setPath(std::string_view text, std::filesystem::path &out);
[[nodiscard]] Problem setLevel(std::string_view text, LogLevel &out);
[[nodiscard]] Problem setDuration(std::string_view text, std::chrono::seconds least, std::chrono::seconds &out);

template <class Config>
struct FlatKey {
    std::string_view name;
    Problem (*set)(Config &, std::string_view);
};

template <class Config>
class FlatSection {
public:
    // `environmentPrefix` stands before the key in the names of variables ("mirror." or nothing).
    FlatSection(const Inputs &inputs, Config &config, std::string_view section, std::string_view environmentPrefix,
                std::span<const FlatKey<Config>> keys)
        : m_inputs(inputs), m_config(config), m_section(section), m_environmentPrefix(environmentPrefix), m_keys(keys)
    {}

    void read()
    {
        if (!m_inputs.file.empty())
            readFile();
        readEnvironment();
        for (const Override &flag : m_inputs.flags) {
            if (flag.key.ends_with("url") && !passwordOf(flag.value).empty())
                report(flag.origin, "shows its password to everyone on this machine: put it into a pass file"
                                    " (passfile=…, ~/.pgpass), the configuration file or the environment");
            else
                set(flag.key, flag.value, flag.origin);
        }
    }
    void report(std::string where, std::string what) { m_problems.push_back({std::move(where), std::move(what)}); }
    // InvalidInput with every problem.
    Result<void> verdict()
    {
        if (m_problems.empty())
            return {};
        const std::string detail = m_problems.size() == 1 ? m_problems.front().field + ": " + m_problems.front().problem
                                                          : fmt::format("{} problems", m_problems.size());
        return fail(Error{ErrorCode::InvalidInput, detail, std::move(m_problems), {}});
    }

private:
    void set(std::string_view name, std::string_view text, const std::string &where)
    {
        // A flag without a value is a mistake, most often a variable of a script that is not set.
        if (text.empty() && where.starts_with("--")) {
            report(where, "is empty");
            return;
        }
        for (const FlatKey<Config> &key : m_keys) {
            if (key.name != name)
                continue;
            if (auto problem = key.set(m_config, text))
                report(where, fmt::format("{} {}", name, *problem));
            return;
        }
        report(where, fmt::format("there is no key {}", name));
    }

    [[nodiscard]] std::string at(const toml::source_region &source) const
    {
        return fmt::format("{}:{}", m_inputs.file.string(), source.begin.line);
    }

    void readFile()
    {
        std::error_code error;
        if (!std::filesystem::is_regular_file(m_inputs.file, error)) {
            report(m_inputs.file.string(), std::filesystem::exists(m_inputs.file, error) ? "is not a file"
                                                                                         : "there is no such file");
            return;
        }
        const toml::parse_result parsed = toml::parse_file(m_inputs.file.string());
        if (!parsed) {
            report(at(parsed.error().source()), std::string(parsed.error().description()));
            return;
        }
        for (const auto &[name, node] : parsed.table()) {
            if (name.str() != m_section) {
                // Read by other commands.
                if (name.str() != "serve" && name.str() != "monitor" && name.str() != "agent" && name.str() != "mirror" &&
                    name.str() != "ingest" && name.str() != "ssh")
                    report(at(name.source()), fmt::format("there is no section {}", name.str()));
            } else if (!node.is_table()) {
                report(at(name.source()), fmt::format("{} has to be a section", m_section));
            } else {
                readTable(*node.as_table(), {});
            }
        }
    }

    void readTable(const toml::table &table, const std::string &prefix)
    {
        for (const auto &[name, node] : table) {
            const std::string key = prefix + std::string(name.str());
            const std::string where = at(name.source());
            const toml::node &value = node;
            if (const toml::table *inner = value.as_table())
                readTable(*inner, key + ".");
            else if (const auto text = value.value_exact<std::string>())
                set(key, *text, where);
            else if (const auto number = value.value_exact<std::int64_t>())
                set(key, std::to_string(*number), where);
            else if (const auto flag = value.value_exact<bool>())
                set(key, *flag ? "true" : "false", where);
            else if (const auto fraction = value.value_exact<double>())
                set(key, fmt::format("{}", *fraction), where);
            else if (const toml::array *list = value.as_array(); list && (list->empty() || list->is_homogeneous(toml::node_type::string)))
                set(key, joined(*list), where);
            else
                report(where, fmt::format("{} has to be text, a whole number, true or false", key));
        }
    }

    // As the flag and the variable spell it.
    static std::string joined(const toml::array &list)
    {
        std::string text;
        for (const toml::node &node : list)
            text.append(text.empty() ? "" : ",").append(node.value_or(std::string_view()));
        return text;
    }

    void readEnvironment()
    {
        if (!m_inputs.environment)
            return;
        for (const FlatKey<Config> &key : m_keys) {
            const std::string name = environmentName(std::string(m_environmentPrefix) + std::string(key.name));
            if (const auto value = m_inputs.environment(name))
                set(key.name, *value, name);
        }
    }

    const Inputs &m_inputs;
    Config &m_config;
    std::string_view m_section;
    std::string_view m_environmentPrefix;
    std::span<const FlatKey<Config>> m_keys;
    std::vector<FieldProblem> m_problems;
};

}  // namespace cm::config
