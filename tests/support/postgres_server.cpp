// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/postgres_server.h"

#include "core/sql/postgres/pqxx_facade.h"

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <grp.h>
#include <netinet/in.h>
#include <poll.h>
#include <pwd.h>
#include <sstream>
#include <stdexcept>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace cm::test {

namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds patience{60};

// Debian keeps the programs of each version in a folder of its own.
std::string binFolder()
{
    std::string newest;
    std::error_code ignored;
    for (const auto &entry : fs::directory_iterator("/usr/lib/postgresql", ignored)) {
        const std::string bin = entry.path().string() + "/bin";
        if (fs::exists(bin + "/initdb") && (newest.empty() || bin > newest))
            newest = bin;
    }
    if (newest.empty())
        throw std::runtime_error("PostgreSQL is not installed: sh installer/setup/setup.sh --with-tests");
    return newest;
}

int freePort()
{
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    ::bind(fd, reinterpret_cast<sockaddr *>(&address), length);
    ::getsockname(fd, reinterpret_cast<sockaddr *>(&address), &length);
    ::close(fd);
    return ntohs(address.sin_port);
}

// PostgreSQL does not run as root.
const passwd *otherUser()
{
    if (::geteuid() != 0)
        return nullptr;
    const passwd *user = ::getpwnam("postgres");
    return user ? user : ::getpwnam("nobody");
}

void moment()
{
    ::poll(nullptr, 0, 20);
}

}  // namespace

PostgresServer::PostgresServer()
{
    makeFolder();
    program("initdb", {"-D", m_folder + "/data", "-U", "postgres", "-A", "trust", "--no-sync", "--encoding=UTF8",
                       "--locale=C.UTF-8"});
    std::ofstream(m_folder + "/data/pg_hba.conf", std::ios::app) << "host replication all 127.0.0.1/32 trust\n";
    start();
}

PostgresServer::PostgresServer(PostgresServer &primary)
{
    makeFolder();
    program("pg_basebackup", {"-D", m_folder + "/data", "-d", primary.url(), "-X", "stream", "-c", "fast", "-R",
                              "--no-sync"});
    start();
}

PostgresServer::~PostgresServer()
{
    if (m_pid > 0) {
        ::kill(m_pid, SIGQUIT);
        ::waitpid(m_pid, nullptr, 0);
    }
    std::error_code ignored;
    fs::remove_all(m_folder, ignored);
}

void PostgresServer::makeFolder()
{
    std::string pattern = (fs::temp_directory_path() / "cheesemonger-pg-XXXXXX").string();
    if (!::mkdtemp(pattern.data()))
        throw std::runtime_error("cannot make " + pattern);
    m_folder = pattern;
    if (const passwd *user = otherUser(); user && ::chown(m_folder.c_str(), user->pw_uid, user->pw_gid) != 0)
        throw std::runtime_error("cannot give " + m_folder + " away");
    m_port = freePort();
}

pid_t PostgresServer::spawn(const std::string &name, const std::vector<std::string> &arguments)
{
    const std::string path = binFolder() + "/" + name;
    const std::string log = m_folder + "/log";
    std::vector<char *> argv{const_cast<char *>(path.c_str())};
    for (const std::string &argument : arguments)
        argv.push_back(const_cast<char *>(argument.c_str()));
    argv.push_back(nullptr);
    const passwd *user = otherUser();
    const pid_t parent = ::getpid();
    const pid_t pid = ::fork();
    if (pid != 0)
        return pid;
    if (user && (::setgroups(0, nullptr) != 0 || ::setgid(user->pw_gid) != 0 || ::setuid(user->pw_uid) != 0))
        ::_exit(126);
    ::prctl(PR_SET_PDEATHSIG, SIGQUIT);
    if (::getppid() != parent || ::chdir("/") != 0)
        ::_exit(126);
    const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    ::dup2(::open("/dev/null", O_RDONLY), STDIN_FILENO);
    ::dup2(out, STDOUT_FILENO);
    ::dup2(out, STDERR_FILENO);
    ::execv(path.c_str(), argv.data());
    ::_exit(127);
}

void PostgresServer::program(const std::string &name, const std::vector<std::string> &arguments)
{
    int status = 0;
    ::waitpid(spawn(name, arguments), &status, 0);
    if (status != 0)
        throw std::runtime_error(name + " failed: " + logEnd());
}

void PostgresServer::start()
{
    const Clock::time_point end = Clock::now() + patience;
    do {
        // After a kill the old children may hold the folder for a moment.
        if (m_pid < 0)
            m_pid = spawn("postgres", {"-D", m_folder + "/data", "-p", std::to_string(m_port), "-c",
                                       "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=" + m_folder, "-c",
                                       "shared_buffers=32MB", "-c", "wal_receiver_status_interval=1s", "-c",
                                       "wal_retrieve_retry_interval=200ms"});
        if (sql::pg::Link::connect(url()))
            return;
        if (::waitpid(m_pid, nullptr, WNOHANG) == m_pid)
            m_pid = -1;
        moment();
    } while (Clock::now() < end);
    throw std::runtime_error("the server does not start: " + logEnd());
}

void PostgresServer::kill()
{
    ::kill(m_pid, SIGKILL);
    ::waitpid(m_pid, nullptr, 0);
    m_pid = -1;
}

std::string PostgresServer::url(const std::string &database) const
{
    return "host=127.0.0.1 port=" + std::to_string(m_port) + " user=postgres dbname=" + database;
}

std::string PostgresServer::ask(const std::string &sql, const std::string &database)
{
    auto link = sql::pg::Link::connect(url(database));
    if (!link)
        throw std::runtime_error("cannot ask the server: " + link.error().message + "\nits log ends: " + logEnd());
    const auto rows = (*link)->run(sql);
    if (!rows)
        throw std::runtime_error(sql + ": " + rows.error().message + "\nthe server's log ends: " + logEnd());
    return rows->size() > 0 && rows->columns() > 0 ? std::string(rows->text(0, 0)) : std::string();
}

std::string PostgresServer::makeDatabase(const std::string &options)
{
    static std::atomic<int> made{0};
    std::string name = "registry_" + std::to_string(::getpid()) + "_" + std::to_string(++made);
    ask("CREATE DATABASE " + name + " TEMPLATE template0 " + options);
    return name;
}

std::string PostgresServer::logEnd() const
{
    std::ostringstream text;
    text << std::ifstream(m_folder + "/log").rdbuf();
    const std::string all = text.str();
    return all.substr(all.size() > 2000 ? all.size() - 2000 : 0);
}

PostgresServer &sharedPostgres()
{
    static PostgresServer server;
    return server;
}

}  // namespace cm::test
