// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/config/toml_reader.h"

#include <algorithm>
#include <fmt/format.h>

namespace cm::config {

const toml::node *TomlSection::find(std::string_view key, bool required)
{
    knows(key);
    const toml::node *node = m_table.get(key);
    if (!node && required)
        report(fmt::format("{} needs {}", m_name, key));
    return node;
}

void TomlSection::report(std::string problem)
{
    m_reader.report(m_table.source(), std::move(problem));
}

void TomlSection::wrong(const toml::node &node, std::string_view key, std::string_view what)
{
    m_reader.report(node.source(), fmt::format("{} has to be {}", key, what));
}

void TomlSection::text(std::string_view key, std::string &out, bool required)
{
    const toml::node *node = find(key, required);
    if (!node)
        return;
    const auto value = node->value_exact<std::string>();
    if (!value || (required && value->empty()))
        wrong(*node, key, "text");
    else
        out = *value;
}

void TomlSection::path(std::string_view key, std::filesystem::path &out)
{
    std::string value = out.string();
    text(key, value);
    out = value;
}

void TomlSection::number(std::string_view key, std::int64_t least, std::int64_t most, std::int64_t &out)
{
    const toml::node *node = find(key, false);
    if (!node)
        return;
    const auto value = node->value_exact<std::int64_t>();
    if (!value || *value < least || *value > most)
        wrong(*node, key, fmt::format("a whole number from {} to {}", least, most));
    else
        out = *value;
}

void TomlSection::port(std::string_view key, std::uint16_t &out, bool required)
{
    if (required && !m_table.get(key)) {
        find(key, true);
        return;
    }
    std::int64_t value = out;
    number(key, 1, 65'535, value);
    out = static_cast<std::uint16_t>(value);
}

void TomlSection::flag(std::string_view key, bool &out)
{
    const toml::node *node = find(key, false);
    if (!node)
        return;
    const auto value = node->value_exact<bool>();
    if (!value)
        wrong(*node, key, "true or false");
    else
        out = *value;
}

void TomlSection::texts(std::string_view key, std::vector<std::string> &out)
{
    const toml::node *node = find(key, false);
    if (!node)
        return;
    const toml::array *array = node->as_array();
    if (!array) {
        wrong(*node, key, "a list of texts");
        return;
    }
    for (const toml::node &item : *array) {
        if (const auto value = item.value_exact<std::string>())
            out.push_back(*value);
        else
            wrong(item, key, "a list of texts");
    }
}

void TomlSection::end()
{
    for (const auto &[key, node] : m_table) {
        if (!m_known.contains(std::string(key.str())))
            m_reader.report(key.source(), m_name.empty() ? fmt::format("there is no section {}", key.str())
                                                         : fmt::format("{} has no key {}", m_name, key.str()));
    }
}

TomlReader::TomlReader(std::filesystem::path file) : m_file(std::move(file))
{
    if (m_file.empty())
        return;
    std::error_code error;
    if (!std::filesystem::is_regular_file(m_file, error)) {
        m_problems.push_back({m_file.string(), "there is no such file"});
        return;
    }
    toml::parse_result parsed = toml::parse_file(m_file.string());
    if (!parsed)
        report(parsed.error().source(), std::string(parsed.error().description()));
    else
        m_root = std::move(parsed).table();
}

void TomlReader::section(TomlSection &parent, std::string_view key, const std::function<void(TomlSection &)> &read)
{
    parent.knows(key);
    const toml::node *node = parent.table().get(key);
    if (!node)
        return;
    const auto one = [&](const toml::table &table) {
        TomlSection section(*this, table, std::string(key));
        read(section);
        section.end();
    };
    if (const toml::table *table = node->as_table()) {
        one(*table);
        return;
    }
    const toml::array *array = node->as_array();
    if (!array) {
        report(node->source(), fmt::format("{} has to be a section", key));
        return;
    }
    for (const toml::node &item : *array) {
        if (const toml::table *table = item.as_table())
            one(*table);
        else
            report(item.source(), fmt::format("{} has to be a list of sections", key));
    }
}

void TomlReader::report(const toml::source_region &source, std::string problem)
{
    m_problems.push_back({fmt::format("{}:{}", m_file.string(), source.begin.line), std::move(problem)});
}

Result<void> TomlReader::verdict() const
{
    if (m_problems.empty())
        return {};
    const std::string detail = m_problems.size() == 1 ? m_problems.front().field + ": " + m_problems.front().problem
                                                      : fmt::format("{} problems", m_problems.size());
    return fail(Error{ErrorCode::InvalidInput, detail, m_problems, {}});
}

}  // namespace cm::config
