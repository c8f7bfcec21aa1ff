// SPDX-License-Identifier: GPL-3.0-or-later
// The configuration of `cheesemongerd serve`: flags over CHEESEMONGER_* over the [serve] section of
// one TOML file over the defaults below (resources/config/cheesemongerd.toml says what each means).
// Values, any thread; reading blocks on the file. InvalidInput lists all problems at once: `field` is
// where ("cheesemongerd.toml:12", "--listen", "CHEESEMONGER_LISTEN"), `problem` is what.
#pragma once

#include "core/base/log.h"
#include "core/base/result.h"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cm::config {

struct Listen {
    std::string host = "127.0.0.1";
    std::uint16_t port = 8427;  // 0: any free one
    friend bool operator==(const Listen &, const Listen &) = default;
};

struct Database {
    std::string url;      // of PostgreSQL; empty: SQLite in the data folder
    std::string readUrl;  // empty: as `url`
    std::size_t connections = 8;
};

// The caches in front that are told what has changed; none by default.
struct Cdn {
    std::vector<std::string> varnish;  // "http://192.0.2.10:80"
    std::string fastlyService;
    std::string fastlyApi = "https://api.fastly.com";
    std::string fastlyToken;  // or
    std::filesystem::path fastlyTokenFile;
};

// A ClickHouse that keeps downloads line by line, in place of counts in the database; none by default.
struct ClickHouse {
    std::string url;
    std::string database = "cheesemonger";
    std::string user = "default";
    std::string password;  // or
    std::filesystem::path passwordFile;
    std::filesystem::path ca;  // PEM; empty: the system's roots
};

// A monitor that is asked whether an alert is open before something is switched off; none by default.
struct AskedMonitor {
    std::string url;  // "https://192.0.2.20:8428"
    std::filesystem::path tokenFile;  // of an observer
    std::filesystem::path ca;  // PEM; empty: the system's roots
};

// The server by which the registry writes to people; none by default.
struct Mail {
    std::string server;  // "smtp://host:587", "smtps://host:465"
    std::string from;
    std::string user;  // empty: none is asked for
    std::filesystem::path passwordFile;
    std::filesystem::path ca;  // PEM; empty: the system's roots
    std::string tls;  // "required" or "never"; empty: as the server is near or far
};

struct ServeConfig {
    std::filesystem::path data;
    Database database;
    std::filesystem::path files;    // empty: in the data folder
    std::filesystem::path filesMount;  // where something has to be mounted before files are touched; empty: nowhere
    std::int64_t filesPatience = 20;   // seconds that one call to their file system may take
    std::filesystem::path nodeKey;  // empty: in the data folder
    Listen listen;
    std::filesystem::path tlsCert;  // PEM; both or none
    std::filesystem::path tlsKey;
    std::string baseUrl;  // without a slash at the end; empty: as the client addresses us
    bool docsHosting = true;
    std::string docsListen;   // host:port; empty: beside a loopback registry, else none; "none"
    std::string docsBaseUrl;  // scheme and host, no path; empty: as docsListen says
    std::uint64_t docsArchive = 100ULL << 20;
    std::uint64_t docsUnpacked = 500ULL << 20;
    std::int64_t docsFiles = 10'000;
    std::int64_t docsPath = 512;
    std::filesystem::path sshKeyFile;  // shared with the hosts of sshd; empty: nothing comes over ssh
    bool sshNewProjects = false;
    std::uint64_t fileLimit = 100ULL << 20;
    std::uint64_t projectLimit = 10ULL << 30;
    bool passwordUploads = true;            // default: on when embedded, else off
    std::string sdistNames = "normalised";  // or pep625
    std::optional<std::chrono::days> uploadWindow;
    std::optional<std::int64_t> newProjectsPerHour;
    std::chrono::days retention{30};
    std::filesystem::path drainFile;  // empty: nobody drains this node
    Cdn cdn;
    ClickHouse clickHouse;
    AskedMonitor monitor;
    Mail mail;
    std::vector<std::string> ownTexts;  // files of the registry's own documentation
    LogLevel logLevel = LogLevel::Info;
    std::string logFile;   // empty: standard error
    unsigned threads = 0;  // 0: one a processor
};

struct Override {
    std::string key;     // "listen", "limits.file"
    std::string value;   // as typed
    std::string origin;  // "--listen"
};

struct Inputs {
    std::filesystem::path file;  // empty: none. A file named here must exist.
    std::function<std::optional<std::string>(const std::string &)> environment;  // empty: none is read
    std::vector<Override> flags;
    std::filesystem::path defaultData;  // when nothing says where
    bool embedded = false;              // started by a desktop, for itself
};

Result<ServeConfig> loadServeConfig(const Inputs &inputs);
// Every key, as it stands below [serve] ("limits.file").
std::vector<std::string_view> serveKeys();
// "limits.file" is CHEESEMONGER_LIMITS_FILE.
std::string environmentName(std::string_view key);
// A sentence for each of these names of variables that looks like a setting and is none, with the setting
// that it comes nearest to. Told, not refused: container systems set CHEESEMONGER_PORT and the like by
// themselves for a service of that name.
std::vector<std::string> strayVariables(const std::vector<std::string> &names);

// "100 MiB", "10GB", "1048576": bytes. InvalidInput.
Result<std::uint64_t> parseSize(std::string_view text);
// "127.0.0.1:8427", "[::1]:0", "localhost:80". InvalidInput.
Result<Listen> parseListen(std::string_view text);

}  // namespace cm::config
