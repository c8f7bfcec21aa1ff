// SPDX-License-Identifier: GPL-3.0-or-later
// A private PostgreSQL for tests: its own folder, socket and loopback port, ended with the object (and
// with the test program, however that ends). Runs as the user postgres when the tests run as root.
// Throws std::runtime_error with the end of the server's log when something fails. One thread.
#pragma once

#include <memory>
#include <string>
#include <sys/types.h>
#include <vector>

namespace cm::test {

class PostgresServer {
public:
    // Makes and starts one whose databases sort by bytes.
    PostgresServer();
    // A streaming standby of another, started.
    explicit PostgresServer(PostgresServer &primary);
    ~PostgresServer();
    PostgresServer(const PostgresServer &) = delete;
    PostgresServer &operator=(const PostgresServer &) = delete;

    [[nodiscard]] std::string url(const std::string &database = "postgres") const;
    [[nodiscard]] int port() const { return m_port; }
    // A fresh database; answers its name. `options` goes behind CREATE DATABASE name TEMPLATE template0.
    std::string makeDatabase(const std::string &options = "");
    // The first column of the first row, empty when there is none.
    std::string ask(const std::string &sql, const std::string &database = "postgres");
    void start();
    // kill -9 of the server's main process.
    void kill();

private:
    void makeFolder();
    void program(const std::string &name, const std::vector<std::string> &arguments);
    pid_t spawn(const std::string &name, const std::vector<std::string> &arguments);
    [[nodiscard]] std::string logEnd() const;

    std::string m_folder;
    int m_port = 0;
    pid_t m_pid = -1;
};

// The one that all cases of a test program share, made at its first use.
PostgresServer &sharedPostgres();

}  // namespace cm::test
