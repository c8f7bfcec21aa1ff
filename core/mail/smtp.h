// SPDX-License-Identifier: GPL-3.0-or-later
// Sends one mail to a server by SMTP (RFC 5321), over libcurl, which no other folder knows. Blocks until the
// server has taken it, or half a minute; any thread, one connection a mail. Errors: Unavailable (not reached, or
// refused for now), Timeout, Cancelled, Unauthorized (user and password, or its certificate), InvalidInput (the
// server refuses this mail or all of its recipients for good).
#pragma once

#include "core/base/result.h"

#include <stop_token>
#include <string>
#include <vector>

namespace cm::mail {

struct SmtpServer {
    enum class Tls { Required, Never };
    std::string url;  // "smtp://host:587", or "smtps://host:465", which is TLS from the beginning
    std::string user;  // empty: none is asked for
    std::string password;
    Tls tls = Tls::Required;
    std::string caFile;  // with which its certificate is checked; empty: the system's
};

struct Refused {
    std::string address;
    std::string reply;  // of the server
};

// InvalidInput unless it is an smtp:// or smtps:// address with a host.
[[nodiscard]] Result<void> checkServer(const SmtpServer &server);
// Whether that is this very machine, so that nobody listens in between.
[[nodiscard]] bool isLoopback(const std::string &serverUrl);

// `message` as composeMessage() makes it. Answers who was left out while others have got it.
[[nodiscard]] Result<std::vector<Refused>> sendMail(const SmtpServer &server, const std::string &from,
                                                    const std::vector<std::string> &to, const std::string &message,
                                                    const std::stop_token &stop);

}  // namespace cm::mail
