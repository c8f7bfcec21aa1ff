// SPDX-License-Identifier: GPL-3.0-or-later
// The keeper of this host's PostgreSQL from the agent's side: a line of JSON to its Unix socket, a line back.
// Each question connects anew. Blocking within its patience; any thread. What the keeper refuses comes back as
// the error it names; Unavailable: it does not run; Timeout: whether an order was carried out is not known.
#pragma once

#include "core/api/agent.h"

#include <chrono>
#include <filesystem>
#include <optional>

namespace cm::agent {

struct KeeperState {
    api::AgentDatabase database;
    std::optional<Time> uncleanStop;
};

class KeeperClient {
public:
    explicit KeeperClient(std::filesystem::path socket) : m_socket(std::move(socket)) {}

    [[nodiscard]] Result<KeeperState> state(std::chrono::milliseconds patience) const;
    // `words` holds "do" and what that order needs.
    [[nodiscard]] Result<api::AgentDone> order(const api::Json &words, std::chrono::milliseconds patience) const;

private:
    [[nodiscard]] Result<api::Json> ask(const api::Json &words, std::chrono::milliseconds patience) const;

    std::filesystem::path m_socket;
};

}  // namespace cm::agent
