// SPDX-License-Identifier: GPL-3.0-or-later
// An address that names several servers, without those that take no connection just now. libpq asks one after the other and
// waits connect_timeout (2 s at least) for each that is silent: a failover that is over would be noticed only with the next
// round. Here all are knocked at together. Immutable, any thread.
// https://www.postgresql.org/docs/current/libpq-connect.html, "Specifying Multiple Hosts"
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <vector>

namespace cm::sql::pg {

class AnsweringHosts {
public:
    explicit AnsweringHosts(const std::string &url);

    // `url` itself where it names one server, a socket in the file system, or is none of libpq's forms; else one that names
    // those that take a connection, in their order. Waits until all have answered, or a moment longer than for the first, at
    // most connect_timeout. Where none does: who refuses and who is silent.
    [[nodiscard]] tl::expected<std::string, std::string> now() const;

private:
    struct Host {
        std::string host;
        std::string address;  // hostaddr; empty: by its name
        std::string port;
    };

    [[nodiscard]] std::string naming(const std::vector<bool> &wanted) const;

    std::string m_url;
    std::string m_rest;  // of the address, in libpq's form of words
    std::vector<Host> m_hosts;  // none: libpq has the choice
    int m_seconds = 3;
};

}  // namespace cm::sql::pg
