// SPDX-License-Identifier: GPL-3.0-or-later
// One ssh session of an upload: reads the client's request, has a node do it, answers, and is done. Nothing of the client
// is looked at but the request: no command, no environment, no Authorization. Owned by the command; one thread, and one
// more that notices when the client goes.
#pragma once

#include "core/ssh/current_form.h"
#include "core/ssh/nodes.h"

#include <filesystem>

namespace cm::ssh {

struct GatewayOptions {
    NodesOptions nodes;
    std::filesystem::path spool;
    std::int64_t places = 64;
    ReadLimits limits;
    std::chrono::milliseconds follow{60'000};
};

// The streams of a session.
struct Session {
    int in = 0;
    int out = 1;
    int notices = 2;
    std::int64_t keyId = 0;
    std::string remoteAddress;
};

class Gateway {
public:
    Gateway(GatewayOptions options, const Secret &secret, const cm::Clock &clock)
        : m_options(std::move(options)), m_secret(secret), m_clock(clock)
    {}

    // An error when nobody could be answered: Cancelled.
    Result<void> serve(const Session &session);
    // The node that would take an upload now.
    Result<std::string> probe();

private:
    struct Said {
        int status = 200;
        std::string words;
        std::vector<std::string> notices;
    };
    Result<Said> answerTo(const Session &session, std::stop_token stop);
    Result<Said> send(const Session &session, const OldRequest &request, std::stop_token stop);

    GatewayOptions m_options;
    const Secret &m_secret;
    const cm::Clock &m_clock;
};

}  // namespace cm::ssh
