// SPDX-License-Identifier: GPL-3.0-or-later
// Requests to endpoints that are read, as uses of things that retire: whether each is told or refused, for how long its
// answer may be kept, and how it is remembered. Judging and counting wait for nothing. ReadGate is owned by the site; any
// thread.
#pragma once

#include "core/http/request_head.h"
#include "core/http/response.h"
#include "core/server/services.h"

#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace cm::server {

// One of them. Without anything where there is no record of its endpoint.
struct ReadUse {
    std::optional<catalog::UseRow> row;
    std::optional<http::Response> refusal;
    http::Headers headers;     // of an answer that is given
    std::string cacheControl;  // in the place of the usual one, where that is not empty
    // By what the answer differs from others of the same page.
    std::string variant;

    // Onto an answer that has its usual headers.
    void applyTo(http::Response &answer) const;
};

// The key by which a cache in front lets go of all answers of one endpoint.
[[nodiscard]] std::string endpointKey(std::string_view endpoint);

class ReadGate {
public:
    explicit ReadGate(const Services &services) : m_services(services) {}
    ReadGate(const ReadGate &) = delete;
    ReadGate &operator=(const ReadGate &) = delete;

    // Whether there is a record of it at all.
    [[nodiscard]] bool isConcerned(std::string_view endpoint) const;
    // `who`: as whom the request has proved to come; nothing: nobody is known. `usual`: for how long such an answer is kept.
    [[nodiscard]] ReadUse judge(const http::RequestHead &head, std::string_view endpoint, std::chrono::seconds usual,
                                const registry::Principal *who);
    // It was answered so.
    void count(const ReadUse &use, int status);

private:
    struct Agent {
        std::string client;
        std::string version;
        std::string strangersClient;
        std::string clientClass;
    };
    Agent agentOf(std::string_view userAgent);

    const Services &m_services;
    std::mutex m_mutex;
    std::unordered_map<std::string, Agent> m_agents;  // those that came lately
};

}  // namespace cm::server
