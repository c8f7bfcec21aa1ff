// SPDX-License-Identifier: GPL-3.0-or-later
// libpqxx as this folder uses it, the same over 6.4 (Debian 12) and 7.10 (Debian 13): pqxx_facade.cpp
// alone includes it, and no exception leaves it. A Link is one session of a server, used by one
// thread at a time; it never reconnects by itself. Rows own what was answered; views live as long.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace cm::sql::pg {

struct Failure {
    std::string sqlState;  // five characters; empty when the server did not speak
    std::string message;   // one line
    bool broken = false;   // the session is gone
};

template <class T>
using Outcome = tl::expected<T, Failure>;

class Rows {
public:
    struct Data;

    Rows();
    explicit Rows(std::unique_ptr<Data> data);
    Rows(Rows &&) noexcept;
    Rows &operator=(Rows &&) noexcept;
    ~Rows();

    [[nodiscard]] int size() const;
    [[nodiscard]] int columns() const;
    [[nodiscard]] std::int64_t affected() const;
    [[nodiscard]] bool isNull(int row, int column) const;
    // As the server wrote it; ends with a zero byte behind the view.
    [[nodiscard]] std::string_view text(int row, int column) const;
    [[nodiscard]] std::int64_t integer(int row, int column) const;

private:
    std::unique_ptr<Data> m_data;
};

class Link {
public:
    struct Session;
    // Texts that end with a zero byte; null for NULL.
    using Params = std::vector<const char *>;

    // Waits as long as connect_timeout of `url` says, for each of its hosts.
    static Outcome<std::unique_ptr<Link>> connect(const std::string &url);
    ~Link();
    Link(const Link &) = delete;
    Link &operator=(const Link &) = delete;

    // One or more statements without parameters; the answer of the last.
    Outcome<Rows> run(const std::string &sql);
    Outcome<Rows> run(const std::string &sql, const Params &params);
    Outcome<void> prepare(const std::string &name, const std::string &sql);
    Outcome<Rows> runPrepared(const std::string &name, const Params &params);

private:
    explicit Link(std::unique_ptr<Session> session);

    std::unique_ptr<Session> m_session;
};

}  // namespace cm::sql::pg
