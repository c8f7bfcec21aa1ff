// SPDX-License-Identifier: GPL-3.0-or-later
// The registry's web nodes as a host of sshd sees them: asked one after the other, and an upload is sent again, to the
// next and to the first one anew, until one has said what became of it. That is safe: the same bytes under the same name
// are stored once. Owned by the command; one thread; blocks.
#pragma once

#include "core/http/client/http_client.h"

#include <chrono>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

namespace cm::ssh {

struct NodesOptions {
    std::vector<std::string> urls;  // without a slash at the end; asked in this order
    std::string caFile;             // empty: the system's roots
};

class Nodes {
public:
    explicit Nodes(NodesOptions options) : m_options(std::move(options)) {}

    struct Answer {
        std::string node;
        http::ClientAnswer answer;
    };
    // What the first node says that answers 200, each asked for `patience` at most; else the last error.
    Result<Answer> ask(const std::function<http::ClientRequest()> &request, std::chrono::milliseconds patience,
                       std::stop_token stop = {});

    // What a node says for good. Unavailable: none did in time, and nothing was stored. Timeout: the same, but an answer
    // was lost on the way. Cancelled. `request` is made anew each time, since what is signed has a time.
    Result<Answer> follow(const std::function<http::ClientRequest()> &request, std::chrono::milliseconds patience,
                          std::stop_token stop);

private:
    Result<http::ClientAnswer> send(const std::string &url, const http::ClientRequest &request, std::chrono::milliseconds connect,
                                    std::chrono::milliseconds total, const std::stop_token &stop) const;

    NodesOptions m_options;
};

}  // namespace cm::ssh
