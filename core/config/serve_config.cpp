// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/config/serve_config.h"

#include "core/base/database_url.h"
#include "core/base/loopback.h"
#include "core/config/flat_section.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace cm::config {

namespace {

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

Problem setSdistNames(ServeConfig &config, std::string_view text)
{
    if (text != "normalised" && text != "pep625")
        return "has to be \"normalised\" or \"pep625\"";
    config.sdistNames = text;
    return std::nullopt;
}

Problem setLogLevel(ServeConfig &config, std::string_view text)
{
    return setLevel(text, config.logLevel);
}

Problem setWindow(ServeConfig &config, std::string_view text)
{
    std::int64_t days = 0;
    if (auto problem = setNumber(text, 0, 36'500, days))
        return problem;
    config.uploadWindow = days == 0 ? std::nullopt : std::optional(std::chrono::days(days));
    return std::nullopt;
}

// Part of statements, in quotes of ClickHouse's own.
Problem setClickHouseDatabase(ServeConfig &config, std::string_view text)
{
    const bool plain = !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](char sign) {
        return (sign >= 'a' && sign <= 'z') || (sign >= 'A' && sign <= 'Z') || (sign >= '0' && sign <= '9') || sign == '_';
    });
    if (!plain)
        return "has to be a name of letters, digits and _";
    config.clickHouse.database = text;
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

// Separated by commas, as a list of the file is put together.
Problem setVarnish(ServeConfig &config, std::string_view text)
{
    config.cdn.varnish.clear();
    while (!text.empty()) {
        const std::size_t comma = text.find(',');
        std::string url;
        if (auto problem = setUrl(text.substr(0, comma), url); problem || url.empty() || comma == text.size() - 1)
            return "has to be a list of http addresses, such as [\"http://192.0.2.10:80\"]";
        config.cdn.varnish.push_back(std::move(url));
        text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
    }
    return std::nullopt;
}

Problem setFastlyService(ServeConfig &config, std::string_view text)
{
    const auto plain = [](unsigned char c) { return std::isalnum(c) != 0; };
    if (!std::all_of(text.begin(), text.end(), plain))
        return "has to be the id of a service: letters and digits";
    config.cdn.fastlyService = text;
    return std::nullopt;
}

// Separated by commas, as a list of the file is put together.
Problem setOwnTexts(ServeConfig &config, std::string_view text)
{
    config.ownTexts.clear();
    while (!text.empty()) {
        const std::size_t comma = text.find(',');
        if (comma == 0)
            return "has to be a list of files";
        config.ownTexts.emplace_back(text.substr(0, comma));
        text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
    }
    return std::nullopt;
}

Problem setMailTls(ServeConfig &config, std::string_view text)
{
    if (!text.empty() && text != "required" && text != "never")
        return "has to be \"required\" or \"never\"";
    config.mail.tls = text;
    return std::nullopt;
}

using Key = FlatKey<ServeConfig>;

constexpr std::array keys{
    Key{"data", setData},
    Key{"files", [](ServeConfig &config, std::string_view text) { return setPath(text, config.files); }},
    Key{"files_mount", [](ServeConfig &config, std::string_view text) { return setPath(text, config.filesMount); }},
    Key{"files_patience", [](ServeConfig &config, std::string_view text) { return setNumber(text, 1, 600, config.filesPatience); }},
    Key{"node_key", [](ServeConfig &config, std::string_view text) { return setPath(text, config.nodeKey); }},
    Key{"database.url",
        [](ServeConfig &config, std::string_view text) { return setDatabase(text, config.database.url); }},
    Key{"database.read_url",
        [](ServeConfig &config, std::string_view text) { return setDatabase(text, config.database.readUrl); }},
    Key{"database.connections", setConnections},
    Key{"listen", setListen},
    Key{"base_url", [](ServeConfig &config, std::string_view text) { return setUrl(text, config.baseUrl); }},
    Key{"threads", setThreads},
    Key{"retention_days", setRetention},
    Key{"tls.cert", [](ServeConfig &config, std::string_view text) { return setPath(text, config.tlsCert); }},
    Key{"tls.key", [](ServeConfig &config, std::string_view text) { return setPath(text, config.tlsKey); }},
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
    Key{"drain_file", [](ServeConfig &config, std::string_view text) { return setPath(text, config.drainFile); }},
    Key{"cdn.varnish", setVarnish},
    Key{"cdn.fastly_service", setFastlyService},
    Key{"cdn.fastly_api", [](ServeConfig &config, std::string_view text) { return setUrl(text, config.cdn.fastlyApi); }},
    Key{"cdn.fastly_token",
        [](ServeConfig &config, std::string_view text) {
            config.cdn.fastlyToken = text;
            return Problem();
        }},
    Key{"cdn.fastly_token_file",
        [](ServeConfig &config, std::string_view text) { return setPath(text, config.cdn.fastlyTokenFile); }},
    Key{"ssh.key_file", [](ServeConfig &config, std::string_view text) { return setPath(text, config.sshKeyFile); }},
    Key{"ssh.new_projects", [](ServeConfig &config, std::string_view text) { return setFlag(text, config.sshNewProjects); }},
    Key{"clickhouse.url", [](ServeConfig &config, std::string_view text) { return setUrl(text, config.clickHouse.url); }},
    Key{"clickhouse.database", setClickHouseDatabase},
    Key{"clickhouse.user",
        [](ServeConfig &config, std::string_view text) {
            config.clickHouse.user = text;
            return Problem();
        }},
    Key{"clickhouse.password",
        [](ServeConfig &config, std::string_view text) {
            config.clickHouse.password = text;
            return Problem();
        }},
    Key{"clickhouse.password_file",
        [](ServeConfig &config, std::string_view text) { return setPath(text, config.clickHouse.passwordFile); }},
    Key{"clickhouse.ca", [](ServeConfig &config, std::string_view text) { return setPath(text, config.clickHouse.ca); }},
    Key{"monitor.url", [](ServeConfig &config, std::string_view text) { return setUrl(text, config.monitor.url); }},
    Key{"monitor.token_file",
        [](ServeConfig &config, std::string_view text) { return setPath(text, config.monitor.tokenFile); }},
    Key{"monitor.ca", [](ServeConfig &config, std::string_view text) { return setPath(text, config.monitor.ca); }},
    Key{"mail.server",
        [](ServeConfig &config, std::string_view text) {
            config.mail.server = text;
            return Problem();
        }},
    Key{"mail.from",
        [](ServeConfig &config, std::string_view text) {
            config.mail.from = text;
            return Problem();
        }},
    Key{"mail.user",
        [](ServeConfig &config, std::string_view text) {
            config.mail.user = text;
            return Problem();
        }},
    Key{"mail.password_file",
        [](ServeConfig &config, std::string_view text) { return setPath(text, config.mail.passwordFile); }},
    Key{"mail.ca", [](ServeConfig &config, std::string_view text) { return setPath(text, config.mail.ca); }},
    Key{"mail.tls", setMailTls},
    Key{"own_texts", setOwnTexts},
    Key{"log.level", setLogLevel},
    Key{"log.file",
        [](ServeConfig &config, std::string_view text) {
            config.logFile = text;
            return Problem();
        }},
};

void checkTogether(const ServeConfig &config, FlatSection<ServeConfig> &section)
{
    if (config.data.empty())
        section.report("data", "has to name a folder");
    if (config.database.url.empty() && !config.database.readUrl.empty())
        section.report("database", "read_url needs an url");
    if (config.tlsCert.empty() != config.tlsKey.empty())
        section.report("tls", "cert and key go together");
    if (!config.docsBaseUrl.empty() && config.docsBaseUrl == config.baseUrl)
        section.report("docs", "base_url is that of the registry, on whose behalf its pages could act: give the"
                               " documentation a host or a port of its own");
    const Cdn &cdn = config.cdn;
    if (!cdn.fastlyService.empty() && cdn.fastlyToken.empty() == cdn.fastlyTokenFile.empty())
        section.report("cdn", "fastly_service needs fastly_token_file, or CHEESEMONGER_CDN_FASTLY_TOKEN, and not both");
    if (cdn.fastlyApi.empty())
        section.report("cdn", "fastly_api has to be an address");
    const ClickHouse &clickHouse = config.clickHouse;
    const bool secret = !clickHouse.password.empty() || !clickHouse.passwordFile.empty();
    if (clickHouse.url.empty() && secret)
        section.report("clickhouse", "a password needs an url");
    if (!clickHouse.password.empty() && !clickHouse.passwordFile.empty())
        section.report("clickhouse", "has a password and a password_file: one of them");
    if (secret && clickHouse.url.starts_with("http://") && !isPlainLoopbackUrl(clickHouse.url))
        section.report("clickhouse", "a password goes over https alone, unless the server is on this machine");
    if (config.monitor.url.empty() != config.monitor.tokenFile.empty())
        section.report("monitor", "url and token_file go together");
    if (config.mail.server.empty() != config.mail.from.empty())
        section.report("mail", "server and from go together");
    if (config.mail.user.empty() != config.mail.passwordFile.empty())
        section.report("mail", "user and password_file go together");
    if (config.fileLimit > config.projectLimit)
        section.report("limits", "the limit of a file is above that of a project");
}

}  // namespace

Result<ServeConfig> loadServeConfig(const Inputs &inputs)
{
    ServeConfig config;
    config.data = inputs.defaultData;
    config.passwordUploads = inputs.embedded;
    FlatSection<ServeConfig> section(inputs, config, "serve", "", keys);
    section.read();
    checkTogether(config, section);
    CM_TRY(section.verdict());
    return config;
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
