// SPDX-License-Identifier: GPL-3.0-or-later
// Which keys are live, for sshd: a node is asked; while none answers, the snapshot of the last answer holds as long as it
// is at most five seconds old; then nobody has a key. Owned by the command; one thread; blocks. Errors: Unavailable.
#pragma once

#include "core/ssh/nodes.h"
#include "core/ssh/trust/key_list.h"
#include "core/ssh/trust/statement.h"

#include <filesystem>

namespace cm::ssh {

inline constexpr std::chrono::seconds snapshotLife{5};

class KeySource {
public:
    KeySource(NodesOptions nodes, std::filesystem::path snapshot, const Secret &secret, const cm::Clock &clock);

    // The live key of that fingerprint, if its type and data are these; nothing: there is none.
    Result<std::optional<KnownKey>> find(std::string_view fingerprint, std::string_view type, std::string_view data);
    // Asks a node for all that are live and puts them into the snapshot. How many.
    Result<std::size_t> refresh(std::stop_token stop = {});

private:
    Result<KeyAnswer> ask(Question::About about, std::string_view fingerprint, std::stop_token stop);
    Result<std::vector<KnownKey>> kept() const;

    Nodes m_nodes;
    std::filesystem::path m_snapshot;
    const Secret &m_secret;
    const cm::Clock &m_clock;
};

// The options and the key as a line of an authorized_keys file that runs `command` and nothing else.
[[nodiscard]] std::string authorizedLine(const KnownKey &key, std::string_view command);

}  // namespace cm::ssh
