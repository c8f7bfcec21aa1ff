// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/config/agent_config.h"

#include "core/config/toml_reader.h"

#include <fmt/format.h>

namespace cm::config {
namespace {

class AgentFile {
public:
    explicit AgentFile(const std::filesystem::path &file) : m_reader(file), m_root(m_reader, m_reader.root(), {}) {}

    Result<AgentConfig> load()
    {
        // Read by `serve` and `monitor`.
        m_root.knows("serve");
        m_root.knows("monitor");
        m_root.knows("mirror");
        m_root.knows("ingest");
        m_root.knows("ssh");
        bool there = false;
        m_reader.section(m_root, "agent", [&](TomlSection &section) {
            there = true;
            readAgent(section);
        });
        if (!there)
            m_root.report("there is no section agent");
        m_root.end();
        CM_TRY(m_reader.verdict());
        return std::move(m_config);
    }

private:
    void required(TomlSection &section, std::string_view key, std::filesystem::path &out)
    {
        std::string text;
        section.text(key, text, true);
        out = text;
    }

    void readAgent(TomlSection &section)
    {
        section.text("listen", m_config.listen);
        required(section, "state", m_config.state);
        bool tlsThere = false;
        m_reader.section(section, "tls", [&](TomlSection &tls) {
            tlsThere = true;
            required(tls, "cert", m_config.tlsCert);
            required(tls, "key", m_config.tlsKey);
            required(tls, "client_ca", m_config.clientCa);
        });
        if (!tlsThere)
            section.report("an agent speaks TLS alone: agent.tls needs cert, key and client_ca");
        const auto named = [&](std::string_view key, std::string_view what, std::vector<AgentPath> &out) {
            m_reader.section(section, key, [&](TomlSection &entry) {
                AgentPath path;
                entry.text("name", path.name, true);
                entry.text(what, path.path, true);
                out.push_back(path);
            });
        };
        named("disk", "path", m_config.disks);
        named("certificate", "file", m_config.certificates);
        m_reader.section(section, "service", [&](TomlSection &entry) {
            AgentServiceConfig service;
            entry.text("name", service.name, true);
            entry.path("pid_file", service.pidFile);
            entry.text("process", service.process);
            if (service.pidFile.empty() && service.process.empty())
                entry.report("a service needs a pid_file, a process, or both");
            m_config.services.push_back(service);
        });
        m_reader.section(section, "web", [&](TomlSection &web) {
            web.path("drain_file", m_config.web.drainFile);
            web.path("pid_file", m_config.web.pidFile);
            web.text("process", m_config.web.process);
        });
        m_reader.section(section, "volume", [&](TomlSection &volume) { volume.text("name", m_config.volume, true); });
        m_reader.section(section, "mirror", [&](TomlSection &mirror) {
            required(mirror, "tree", m_config.mirror.tree);
            mirror.path("pid_file", m_config.mirror.pidFile);
            mirror.text("process", m_config.mirror.process);
        });
        m_reader.section(section, "varnish", [&](TomlSection &varnish) {
            m_config.varnish.there = true;
            varnish.text("instance", m_config.varnish.instance);
        });
        m_reader.section(section, "database", [&](TomlSection &database) {
            database.text("name", m_config.databaseName);
            database.path("control", m_config.databaseControl);
        });
    }

    TomlReader m_reader;
    TomlSection m_root;
    AgentConfig m_config;
};

}  // namespace

Result<AgentConfig> loadAgentConfig(const std::filesystem::path &file)
{
    return AgentFile(file).load();
}

}  // namespace cm::config
