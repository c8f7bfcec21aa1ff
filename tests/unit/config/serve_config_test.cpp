// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/config/serve_config.h"

#include <cstdlib>
#include <doctest/doctest.h>
#include <fstream>
#include <set>
#include <sstream>
#include <unistd.h>

using namespace cm;
using namespace cm::config;

namespace {

class ConfigFile {
public:
    explicit ConfigFile(const std::string &text)
    {
        char folder[] = "/tmp/cm-config-XXXXXX";
        m_folder = ::mkdtemp(folder);
        m_path = m_folder / "cheesemongerd.toml";
        std::ofstream(m_path) << text;
    }
    ~ConfigFile()
    {
        std::error_code ignored;
        std::filesystem::remove_all(m_folder, ignored);
    }
    ConfigFile(const ConfigFile &) = delete;
    ConfigFile &operator=(const ConfigFile &) = delete;

    [[nodiscard]] Inputs inputs() const
    {
        Inputs inputs;
        inputs.file = m_path;
        inputs.defaultData = "/nowhere/data";
        return inputs;
    }
    [[nodiscard]] std::string line(int number) const { return m_path.string() + ":" + std::to_string(number); }

private:
    std::filesystem::path m_folder;
    std::filesystem::path m_path;
};

std::string documentedText()
{
    const std::filesystem::path file = std::filesystem::path(CHEESEMONGER_TEST_DATA).parent_path().parent_path() /
                                       "resources/config/cheesemongerd.toml";
    std::ifstream in(file);
    REQUIRE(in.good());
    return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

TEST_CASE("Without anything the documented defaults hold")
{
    Inputs inputs;
    inputs.defaultData = "/somewhere";
    const auto config = loadServeConfig(inputs);
    REQUIRE(config.has_value());
    CHECK(config->data == "/somewhere");
    CHECK(config->listen == Listen{"127.0.0.1", 8427});
    CHECK(config->fileLimit == 100ULL << 20);
    CHECK(config->projectLimit == 10ULL << 30);
    CHECK_FALSE(config->passwordUploads);
    CHECK_FALSE(config->uploadWindow.has_value());

    inputs.embedded = true;
    CHECK(loadServeConfig(inputs)->passwordUploads);
    inputs.defaultData.clear();
    CHECK_FALSE(loadServeConfig(inputs).has_value());
}

TEST_CASE("The documented file is valid, names every key and tells its default")
{
    const ConfigFile asShipped(documentedText());
    REQUIRE(loadServeConfig(asShipped.inputs()).has_value());

    std::istringstream in(documentedText());
    std::string text;
    std::string section;
    std::set<std::string> documented;
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with("# Read by `cheesemongerd ingest`"))
            break;  // another test's
        if (line.starts_with("[serve"))
            section = line.substr(6, line.find(']') - 6);
        if (line.size() > 1 && line[0] == '#' && line[1] != ' ') {
            line.erase(0, 1);
            const std::string name = line.substr(0, line.find(' '));
            documented.insert(section.empty() ? name : section.substr(1) + "." + name);
        }
        text += line + "\n";
    }
    for (const std::string_view key : serveKeys())
        CHECK_MESSAGE(documented.contains(std::string(key)), "not documented: ", key);
    CHECK(documented.size() == serveKeys().size());

    const ConfigFile spelledOut(text);
    const auto config = loadServeConfig(spelledOut.inputs());
    REQUIRE(config.has_value());
    const ServeConfig defaults = *loadServeConfig(asShipped.inputs());
    CHECK(config->listen == defaults.listen);
    CHECK(config->baseUrl == defaults.baseUrl);
    CHECK(config->threads == defaults.threads);
    CHECK(config->retention == defaults.retention);
    CHECK(config->tlsCert == defaults.tlsCert);
    CHECK(config->fileLimit == defaults.fileLimit);
    CHECK(config->projectLimit == defaults.projectLimit);
    CHECK(config->passwordUploads == defaults.passwordUploads);
    CHECK(config->sdistNames == defaults.sdistNames);
    CHECK(config->uploadWindow == defaults.uploadWindow);
    CHECK(config->newProjectsPerHour == defaults.newProjectsPerHour);
    CHECK(config->logLevel == defaults.logLevel);
    CHECK(config->logFile == defaults.logFile);
}

TEST_CASE("Flags win over the environment, which wins over the file")
{
    const ConfigFile file("[serve]\nthreads = 1\nretention_days = 1\nlisten = \"127.0.0.1:1\"\n");
    Inputs inputs = file.inputs();
    inputs.environment = [](const std::string &name) -> std::optional<std::string> {
        if (name == "CHEESEMONGER_THREADS")
            return "2";
        if (name == "CHEESEMONGER_LISTEN")
            return "127.0.0.1:2";
        if (name == "CHEESEMONGER_UPLOADS_PASSWORDS")
            return "true";
        return std::nullopt;
    };
    inputs.flags = {{"listen", "[::1]:3", "--listen"}};
    const auto config = loadServeConfig(inputs);
    REQUIRE(config.has_value());
    CHECK(config->retention == std::chrono::days(1));
    CHECK(config->threads == 2);
    CHECK(config->listen == Listen{"::1", 3});
    CHECK(config->passwordUploads);
}

TEST_CASE("All problems are listed, each with its line")
{
    const ConfigFile file("[serve]\n"
                          "listen = \"nonsense\"\n"
                          "colour = \"blue\"\n"
                          "threads = -1\n"
                          "[serve.limits]\n"
                          "file = \"ten\"\n"
                          "[serve.uploads]\n"
                          "passwords = [1]\n"
                          "sdist_names = \"any\"\n"
                          "[serve.tls]\n"
                          "cert = \"only.pem\"\n"
                          "[serf]\n");
    Inputs inputs = file.inputs();
    inputs.flags = {{"log.level", "loud", "--log-level"}};
    const auto config = loadServeConfig(inputs);
    REQUIRE_FALSE(config.has_value());
    CHECK(config.error().code == ErrorCode::InvalidInput);
    std::set<std::string> places;
    for (const FieldProblem &problem : config.error().fields)
        places.insert(problem.field);
    for (const int line : {2, 3, 4, 6, 8, 9, 12})
        CHECK_MESSAGE(places.contains(file.line(line)), "line ", line);
    CHECK(places.contains("--log-level"));
    CHECK(places.contains("tls"));
    CHECK(config.error().fields.size() == 9);
}

TEST_CASE("A file that is missing or no TOML is a problem of its own")
{
    const ConfigFile broken("[serve]\nlisten = \n");
    const auto config = loadServeConfig(broken.inputs());
    REQUIRE_FALSE(config.has_value());
    REQUIRE(config.error().fields.size() == 1);
    CHECK(config.error().fields[0].field.starts_with(broken.line(2)));

    Inputs inputs = broken.inputs();
    inputs.file = "/nowhere/at/all.toml";
    CHECK_FALSE(loadServeConfig(inputs).has_value());
}

TEST_CASE("Sizes are read as people write them")
{
    CHECK(*parseSize("1048576") == 1048576);
    CHECK(*parseSize("100 MiB") == 104857600);
    CHECK(*parseSize("10GB") == 10'000'000'000);
    CHECK(*parseSize(" 1 KiB ") == 1024);
    for (const char *bad : {"", "0", "-1", "1.5 MiB", "MiB", "1 XB", "99999999999 TiB", "99999999999999999999"})
        CHECK_MESSAGE(!parseSize(bad).has_value(), bad);
}

TEST_CASE("Addresses have a host and a port")
{
    CHECK(*parseListen("localhost:80") == Listen{"localhost", 80});
    CHECK(*parseListen("[::1]:0") == Listen{"::1", 0});
    for (const char *bad : {"", ":80", "host", "host:", "host:65536", "host:-1", "::1:80", "a b:1", "host:80x"})
        CHECK_MESSAGE(!parseListen(bad).has_value(), bad);
}

TEST_CASE("The address of a database is taken, and its password shown to nobody")
{
    Inputs inputs;
    inputs.defaultData = "/somewhere";
    inputs.environment = [](const std::string &name) -> std::optional<std::string> {
        if (name == "CHEESEMONGER_DATABASE_URL")
            return "postgresql://me:s3cr3t@a,b/registry";
        return std::nullopt;
    };
    inputs.flags = {{"database.read_url", "host=c dbname=registry", "--x"}, {"database.connections", "20", "--x"}};
    const auto config = loadServeConfig(inputs);
    REQUIRE(config.has_value());
    CHECK(config->database.url == "postgresql://me:s3cr3t@a,b/registry");
    CHECK(config->database.readUrl == "host=c dbname=registry");
    CHECK(config->database.connections == 20);

    // Everyone sees the arguments of a process.
    inputs.flags = {{"database.url", "postgresql://me:0p3n@a/registry", "--database"}};
    auto refused = loadServeConfig(inputs);
    REQUIRE_FALSE(refused.has_value());
    REQUIRE(refused.error().fields.size() == 1);
    CHECK(refused.error().fields[0].field == "--database");
    CHECK(refused.error().fields[0].problem.find("0p3n") == std::string::npos);

    inputs.environment = {};
    inputs.flags = {{"database.read_url", "host=c", "--x"}};
    CHECK_FALSE(loadServeConfig(inputs).has_value());
    inputs.flags = {{"database.url", "registry", "--database"}};
    CHECK_FALSE(loadServeConfig(inputs).has_value());
}

TEST_CASE("Caches in front are addresses, and a service with a token from one place")
{
    const ConfigFile sound("[serve.cdn]\nvarnish = [\"http://192.0.2.10:80/\", \"http://192.0.2.11:80\"]\n"
                           "fastly_service = \"SU1Z0isxPaozGVKXdv0eY\"\nfastly_token_file = \"/etc/token\"\n");
    const auto config = loadServeConfig(sound.inputs());
    REQUIRE(config);
    CHECK(config->cdn.varnish == std::vector<std::string>{"http://192.0.2.10:80", "http://192.0.2.11:80"});
    CHECK(config->cdn.fastlyTokenFile == "/etc/token");
    for (const char *wrong : {"varnish = [\"192.0.2.10:80\"]", "varnish = [\"http://192.0.2.10:80\", \"\"]", "fastly_service = \"a/../b\"\nfastly_token = \"x\"",
                              "fastly_service = \"abc\"", "fastly_service = \"abc\"\nfastly_token = \"x\"\nfastly_token_file = \"/y\"",
                              "fastly_api = \"\""}) {
        const ConfigFile file(std::string("[serve.cdn]\n") + wrong + "\n");
        CHECK_FALSE_MESSAGE(loadServeConfig(file.inputs()), wrong);
    }
}

TEST_CASE("A ClickHouse is an address with a plain name of a database, and its password never crosses a network in clear")
{
    const ConfigFile sound("[serve.clickhouse]\nurl = \"https://clickhouse.example:8443/\"\ndatabase = \"pypi_counts\"\nuser = \"ingest\"\n"
                           "password_file = \"/etc/clickhouse.password\"\nca = \"/etc/ca.pem\"\n");
    const auto config = loadServeConfig(sound.inputs());
    REQUIRE(config);
    CHECK(config->clickHouse.url == "https://clickhouse.example:8443");
    CHECK(config->clickHouse.database == "pypi_counts");
    CHECK(config->clickHouse.passwordFile == "/etc/clickhouse.password");
    for (const char *wrong : {"url = \"clickhouse.example\"", "database = \"a`b\"", "database = \"\"", "password = \"x\"",
                              "url = \"http://clickhouse.example:8123\"\npassword = \"x\"",
                              "url = \"https://a\"\npassword = \"x\"\npassword_file = \"/y\""}) {
        const ConfigFile file(std::string("[serve.clickhouse]\n") + wrong + "\n");
        CHECK_FALSE_MESSAGE(loadServeConfig(file.inputs()), wrong);
    }
    const ConfigFile near("[serve.clickhouse]\nurl = \"http://127.0.0.1:8123\"\npassword = \"x\"\n");
    CHECK(loadServeConfig(near.inputs()));
}

TEST_CASE("Variables that only look like settings are told with the nearest one")
{
    const auto told = strayVariables({"CHEESEMONGER_LISTNE", "CHEESEMONGER_LIMITS_FILES", "CHEESEMONGER_LISTEN", "CHEESEMONGER_BIN",
                                      "HOME", "CHEESEMONGE_DATA", "CHEESEMONGER_"});
    REQUIRE(told.size() == 3);
    CHECK(told[0] == "CHEESEMONGER_LISTNE is no setting and has no effect; the nearest one is CHEESEMONGER_LISTEN");
    CHECK(told[1].ends_with("CHEESEMONGER_LIMITS_FILE"));
}

TEST_CASE("A flag without a value is a mistake, not the default")
{
    Inputs inputs;
    inputs.defaultData = "/nowhere/data";
    for (const char *key : {"listen", "tls.cert", "data"}) {
        inputs.flags = {{key, "", "--flag"}};
        const auto config = loadServeConfig(inputs);
        REQUIRE_FALSE(config.has_value());
        CHECK(config.error().detail == "--flag: is empty");
    }
}
