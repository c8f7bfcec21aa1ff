// SPDX-License-Identifier: GPL-3.0-or-later
// The GlusterFS volume of this host, by what the gluster command tells as XML. A brick that is away has no figures there,
// or a "-": that is unknown, never 0. Any thread; looking blocks as long as the command, at most some seconds.
// Source: GlusterFS 10 and 11, cli/src/cli-xml-output.c and heal/src/glfs-heal.c.
#pragma once

#include "core/agent/heal_crawl.h"
#include "core/api/agent.h"
#include "core/base/result.h"

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace cm::agent {

// One volume, looked at again and again. How it is made up is asked for seldom, for each question costs the server a
// tenth of a second and nobody changes that every minute. One thread at a time.
class VolumeWatch {
public:
    // `crawl` walks on a thread of somebody else's; null: each look walks by itself, for as long as it has.
    explicit VolumeWatch(std::string name, std::shared_ptr<HealCrawl> crawl = nullptr) : m_name(std::move(name)), m_crawl(std::move(crawl)) {}
    // As root, as which alone gluster answers. Without the digests of copies.
    [[nodiscard]] Result<api::AgentVolume> look();

private:
    const std::string m_name;
    const std::shared_ptr<HealCrawl> m_crawl;
    std::string m_info;  // empty: to be asked for
    std::chrono::steady_clock::time_point m_infoUntil{};
};

// One walk over what waits to be healed, for a HealCrawl: up to minutes where it is much.
[[nodiscard]] Result<HealFound> walkOver(const std::string &name);

// Orders for the volume of that name. They block, up to a minute.
[[nodiscard]] Result<api::AgentDone> healVolume(const std::string &name);
// GuardFailed where it runs and another brick does not: nobody could write meanwhile.
[[nodiscard]] Result<api::AgentDone> restartBrick(const std::string &name);
[[nodiscard]] Result<api::AgentDone> resolveSplit(const std::string &name, const std::vector<std::string> &files);

// The brick of this host; null: none is here.
[[nodiscard]] const api::AgentBrick *ownBrickOf(const api::AgentVolume &volume);

// Paths of what waits to be healed on any brick, each once, and "<gfid:…>" for what is told by its identity alone. Corrupt
// where the list is longer than a command may tell.
[[nodiscard]] Result<std::vector<std::string>> pendingOf(const std::string &name);
[[nodiscard]] Result<std::vector<std::string>> readPending(std::string_view xml);

// The same from texts. Pure. Corrupt for what is no answer; with the words of a refusal Unavailable.
struct VolumeTexts {
    std::string_view info, status, peers;
    std::string_view heal, split;  // empty: not asked, or no answer
    HealCounts counts;             // where they say something else, of now and `heal` is not
};
[[nodiscard]] Result<api::AgentVolume> readVolume(const VolumeTexts &texts);

}  // namespace cm::agent
