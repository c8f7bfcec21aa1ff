// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/config/serve_config.h"

#define TOML_EXCEPTIONS 0
#include "core/base/database_url.h"

#include <array>
#include <cctype>
#include <charconv>
#include <fmt/core.h>
#include <toml++/toml.h>

namespace cm::config {

namespace {

using Problem = std::optional<std::string>;

Problem setNumber(std::string_view text, std::int64_t least, std::int64_t most, std::int64_t &out)
{
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || number < least || number > most)
        return fmt::format("has to be a whole number from {} to {}", least, most);
    out = number;
    return std::nullopt;
}

Problem setSize(std::string_view text, std::uint64_t &out)
{
    const auto size = parseSize(text);
    if (!size)
        return size.error().detail;
    out = *size;
    return std::nullopt;
}

Problem setData(ServeConfig &config, std::string_view text)
{
    if (text.empty())
        return "has to name a folder";
    config.data = text;
    return std::nullopt;
}

Problem setListen(ServeConfig &config, std::string_view text)
{
    const auto listen = parseListen(text);
    if (!listen)
        return listen.error().detail;
    config.listen = *listen;
    return std::nullopt;
}

Problem setUrl(std::string_view text, std::string &out)
{
    const bool http = text.starts_with("http://") || text.starts_with("https://");
    if (!text.empty() && (!http || text.find_first_of(" \t\"<>?#") != std::string_view::npos || text.ends_with("//")))
        return "has to be an http or https address without query";
    while (text.ends_with('/'))
        text.remove_suffix(1);
    out = text;
    return std::nullopt;
}

// An origin: projects follow at its root.
Problem setDocsBaseUrl(ServeConfig &config, std::string_view text)
{
    if (auto problem = setUrl(text, config.docsBaseUrl))
        return problem;
    const std::size_t host = config.docsBaseUrl.find("//");
    if (host != std::string::npos && config.docsBaseUrl.find_first_of("/@", host + 2) != std::string::npos)
        return "has to be an address without a path, such as \"https://docs.example.org\"";
    return std::nullopt;
}

Problem setDocsListen(ServeConfig &config, std::string_view text)
{
    if (!text.empty() && text != "none") {
        if (const auto listen = parseListen(text); !listen)
            return listen.error().detail;
    }
    config.docsListen = text;
    return std::nullopt;
}

Problem setDatabase(std::string_view text, std::string &out)
{
    if (!text.empty() && !isDatabaseUri(text) && text.find('=') == std::string_view::npos)
        return "has to be an address such as \"postgresql://user@host/name\"";
    out = text;
    return std::nullopt;
}

Problem setConnections(ServeConfig &config, std::string_view text)
{
    std::int64_t connections = 0;
    if (auto problem = setNumber(text, 1, 500, connections))
        return problem;
    config.database.connections = static_cast<std::size_t>(connections);
    return std::nullopt;
}

Problem setFlag(std::string_view text, bool &out)
{
    if (text != "true" && text != "false")
        return "has to be true or false";
    out = text == "true";
    return std::nullopt;
}

Problem setSdistNames(ServeConfig &config, std::string_view text)
{
    if (text != "normalised" && text != "pep625")
        return "has to be \"normalised\" or \"pep625\"";
    config.sdistNames = text;
    return std::nullopt;
}

Problem setLogLevel(ServeConfig &config, std::string_view text)
{
    constexpr std::array<std::pair<std::string_view, LogLevel>, 4> levels{{{"debug", LogLevel::Debug},
                                                                           {"info", LogLevel::Info},
                                                                           {"warning", LogLevel::Warning},
                                                                           {"error", LogLevel::Error}}};
    for (const auto &[name, level] : levels) {
        if (text == name) {
            config.logLevel = level;
            return std::nullopt;
        }
    }
    return "has to be \"debug\", \"info\", \"warning\" or \"error\"";
}

Problem setWindow(ServeConfig &config, std::string_view text)
{
    std::int64_t days = 0;
    if (auto problem = setNumber(text, 0, 36'500, days))
        return problem;
    config.uploadWindow = days == 0 ? std::nullopt : std::optional(std::chrono::days(days));
    return std::nullopt;
}

Problem setNewProjects(ServeConfig &config, std::string_view text)
{
    std::int64_t count = 0;
    if (auto problem = setNumber(text, 0, 1'000'000, count))
        return problem;
    config.newProjectsPerHour = count == 0 ? std::nullopt : std::optional(count);
    return std::nullopt;
}

Problem setRetention(ServeConfig &config, std::string_view text)
{
    std::int64_t days = 0;
    if (auto problem = setNumber(text, 0, 36'500, days))
        return problem;
    config.retention = std::chrono::days(days);
    return std::nullopt;
}

Problem setThreads(ServeConfig &config, std::string_view text)
{
    std::int64_t threads = 0;
    if (auto problem = setNumber(text, 0, 1024, threads))
        return problem;
    config.threads = static_cast<unsigned>(threads);
    return std::nullopt;
}

Problem setText(std::string_view text, std::filesystem::path &out)
{
    out = text;
    return std::nullopt;
}

struct Key {
    std::string_view name;
    Problem (*set)(ServeConfig &, std::string_view);
};

constexpr std::array keys{
    Key{"data", setData},
    Key{"files", [](ServeConfig &config, std::string_view text) { return setText(text, config.files); }},
    Key{"node_key", [](ServeConfig &config, std::string_view text) { return setText(text, config.nodeKey); }},
    Key{"database.url",
        [](ServeConfig &config, std::string_view text) { return setDatabase(text, config.database.url); }},
    Key{"database.read_url",
        [](ServeConfig &config, std::string_view text) { return setDatabase(text, config.database.readUrl); }},
    Key{"database.connections", setConnections},
    Key{"listen", setListen},
    Key{"base_url", [](ServeConfig &config, std::string_view text) { return setUrl(text, config.baseUrl); }},
    Key{"threads", setThreads},
    Key{"retention_days", setRetention},
    Key{"tls.cert", [](ServeConfig &config, std::string_view text) { return setText(text, config.tlsCert); }},
    Key{"tls.key", [](ServeConfig &config, std::string_view text) { return setText(text, config.tlsKey); }},
    Key{"limits.file", [](ServeConfig &config, std::string_view text) { return setSize(text, config.fileLimit); }},
    Key{"limits.project",
        [](ServeConfig &config, std::string_view text) { return setSize(text, config.projectLimit); }},
    Key{"uploads.passwords",
        [](ServeConfig &config, std::string_view text) { return setFlag(text, config.passwordUploads); }},
    Key{"uploads.sdist_names", setSdistNames},
    Key{"uploads.window_days", setWindow},
    Key{"uploads.new_projects_per_hour", setNewProjects},
    Key{"docs.hosting", [](ServeConfig &config, std::string_view text) { return setFlag(text, config.docsHosting); }},
    Key{"docs.listen", setDocsListen},
    Key{"docs.base_url", setDocsBaseUrl},
    Key{"docs.archive", [](ServeConfig &config, std::string_view text) { return setSize(text, config.docsArchive); }},
    Key{"docs.unpacked", [](ServeConfig &config, std::string_view text) { return setSize(text, config.docsUnpacked); }},
    Key{"docs.files",
        [](ServeConfig &config, std::string_view text) { return setNumber(text, 1, 100'000, config.docsFiles); }},
    Key{"docs.path",
        [](ServeConfig &config, std::string_view text) { return setNumber(text, 16, 4'000, config.docsPath); }},
    Key{"drain_file", [](ServeConfig &config, std::string_view text) { return setText(text, config.drainFile); }},
    Key{"log.level", setLogLevel},
    Key{"log.file",
        [](ServeConfig &config, std::string_view text) {
            config.logFile = text;
            return Problem();
        }},
};

class Loader {
public:
    explicit Loader(const Inputs &inputs) : m_inputs(inputs)
    {
        m_config.data = inputs.defaultData;
        m_config.passwordUploads = inputs.embedded;
    }

    Result<ServeConfig> load()
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
        checkTogether();
        if (m_problems.empty())
            return std::move(m_config);
        const std::string detail = m_problems.size() == 1 ? m_problems.front().field + ": " + m_problems.front().problem
                                                          : fmt::format("{} problems", m_problems.size());
        return fail(Error{ErrorCode::InvalidInput, detail, std::move(m_problems), {}});
    }

private:
    void report(std::string where, std::string what) { m_problems.push_back({std::move(where), std::move(what)}); }

    void set(std::string_view name, std::string_view text, const std::string &where)
    {
        // A flag without a value is a mistake, most often a variable of a script that is not set.
        if (text.empty() && where.starts_with("--")) {
            report(where, "is empty");
            return;
        }
        for (const Key &key : keys) {
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
            if (name.str() == "monitor" || name.str() == "agent")  // read by those commands
                continue;
            if (name.str() != "serve")
                report(at(name.source()), fmt::format("there is no section {}", name.str()));
            else if (!node.is_table())
                report(at(name.source()), "serve has to be a section");
            else
                readTable(*node.as_table(), {});
        }
    }

    void readTable(const toml::table &table, const std::string &prefix)
    {
        for (const auto &[name, node] : table) {
            const std::string key = prefix + std::string(name.str());
            const std::string where = at(name.source());
            if (const toml::table *inner = node.as_table())
                readTable(*inner, key + ".");
            else if (const auto text = node.value_exact<std::string>())
                set(key, *text, where);
            else if (const auto number = node.value_exact<std::int64_t>())
                set(key, std::to_string(*number), where);
            else if (const auto flag = node.value_exact<bool>())
                set(key, *flag ? "true" : "false", where);
            else
                report(where, fmt::format("{} has to be text, a whole number, true or false", key));
        }
    }

    void readEnvironment()
    {
        if (!m_inputs.environment)
            return;
        for (const Key &key : keys) {
            const std::string name = environmentName(key.name);
            if (const auto value = m_inputs.environment(name))
                set(key.name, *value, name);
        }
    }

    void checkTogether()
    {
        if (m_config.data.empty())
            report("data", "has to name a folder");
        if (m_config.database.url.empty() && !m_config.database.readUrl.empty())
            report("database", "read_url needs an url");
        if (m_config.tlsCert.empty() != m_config.tlsKey.empty())
            report("tls", "cert and key go together");
        if (!m_config.docsBaseUrl.empty() && m_config.docsBaseUrl == m_config.baseUrl)
            report("docs", "base_url is that of the registry, on whose behalf its pages could act: give the"
                           " documentation a host or a port of its own");
        if (m_config.fileLimit > m_config.projectLimit)
            report("limits", "the limit of a file is above that of a project");
    }

    const Inputs &m_inputs;
    ServeConfig m_config;
    std::vector<FieldProblem> m_problems;
};

}  // namespace

Result<ServeConfig> loadServeConfig(const Inputs &inputs)
{
    return Loader(inputs).load();
}

std::vector<std::string_view> serveKeys()
{
    std::vector<std::string_view> names;
    for (const Key &key : keys)
        names.push_back(key.name);
    return names;
}

std::string environmentName(std::string_view key)
{
    std::string name = "CHEESEMONGER_";
    for (const char c : key)
        name.push_back(c == '.' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c))));
    return name;
}

}  // namespace cm::config
