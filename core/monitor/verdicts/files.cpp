// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/verdicts/files.h"

#include "core/monitor/verdicts/parts.h"

#include <algorithm>
#include <fmt/format.h>

namespace cm::monitor {
namespace {

namespace code = api::finding;

// Looks come each second. Under uploads there are always some files of which one server has more than the other for the
// moment, and they count: only a quarter of an hour without a look that found none is worth a word.
constexpr int healPolls = 900;
// An agent looks each two seconds and may wait five for an answer: three of them.
constexpr int untoldPolls = 10;
// Who has two versions is told by a walk over all that waits, twenty seconds for some thousand.
constexpr int walkPolls = 60;
// Rises one after the other, from minute to minute.
constexpr std::size_t risesToTell = 3;
// Less is what uploads under way make of it now and then.
constexpr std::int64_t leastGrowth = 10;

SeenBrick brickIn(const VolumeInput &view, const std::string &address)
{
    const auto &bricks = view.watched.facts->volume.bricks;
    const auto found = std::find_if(bricks.begin(), bricks.end(), [&](const api::AgentBrick &brick) { return brick.host == address; });
    return found == bricks.end() ? SeenBrick() : SeenBrick{&*found, view.watched.taken};
}

class Files {
public:
    Files(const std::vector<VolumeInput> &servers, Time stillFresh, const HealTrack &healing) : m_servers(servers), m_stillFresh(stillFresh), m_healing(healing) {}

    RawFindings judge()
    {
        for (const VolumeInput &server : m_servers) {
            judgeTelling(server);
            if (isFresh(server, m_stillFresh))
                judgeServer(server);
            judgeBrick(server);
        }
        judgeHealing();
        return std::move(m_out);
    }

private:
    void add(const std::string &node, Verdict verdict, std::string_view found, std::string statement, Time taken, std::string subject = {},
             int raiseAfter = 2)
    {
        m_out.push_back({node, std::string(found), verdict, std::move(statement), taken, raiseAfter, 2, {}, std::move(subject)});
    }

    // glusterd that is busy, away or slow says nothing of the brick, which is a program of its own: the others tell of that.
    void judgeTelling(const VolumeInput &server)
    {
        if (server.watched.outcome == Outcome::Failed) {
            add(server.name, Verdict::Unknown, code::notWatched, fmt::format("{} tells nothing of the volume: {}", server.name, server.watched.problem),
                server.watched.tried, "volume", untoldPolls);
            return;
        }
        RawFindings unanswered = judgeAnswer(server.name, server.watched);
        m_out.insert(m_out.end(), unanswered.begin(), unanswered.end());
    }

    // What it says of itself and of its volume.
    void judgeServer(const VolumeInput &server)
    {
        const api::AgentVolume &volume = server.watched.facts->volume;
        const Time taken = server.watched.taken;
        if (!volume.started)
            add(server.name, Verdict::Critical, code::brickDown, fmt::format("The volume {} is stopped: nobody can read or write files", volume.name), taken,
                "volume");
        else if (!volume.healDaemon)
            add(server.name, Verdict::Warning, code::brickDown,
                fmt::format("Nothing heals on {}: its self-heal daemon does not run", server.name), taken, "healer");
        for (const api::AgentPeer &peer : volume.peers) {
            const auto other = std::find_if(m_servers.begin(), m_servers.end(), [&](const VolumeInput &one) { return one.address == peer.host; });
            if (!peer.connected && other != m_servers.end() && isFresh(*other, m_stillFresh))
                add(server.name, Verdict::Warning, code::disagree,
                    fmt::format("{} does not see {}, which works: something is between them", server.name, other->name), taken, other->name, 4);
        }
        judgeQuorum(server, volume, taken);
    }

    void judgeQuorum(const VolumeInput &server, const api::AgentVolume &volume, Time taken)
    {
        const std::size_t bricks = volume.bricks.size();
        const bool first = &server == &*std::find_if(m_servers.begin(), m_servers.end(), [&](const VolumeInput &one) { return isFresh(one, m_stillFresh); });
        if (bricks < 2 || !first)
            return;
        // With two bricks it is off as long as nobody sets it.
        const bool off = volume.quorum == "none" || (volume.quorum.empty() && bricks == 2);
        // A quorum has GlusterFS take the larger copy of a file that has two versions for the right one.
        const bool whole = std::all_of(volume.bricks.begin(), volume.bricks.end(), [](const api::AgentBrick &brick) { return brick.splitBrain == 0; });
        if (off)
            add(server.name, Verdict::Warning, code::dangerousSetting,
                fmt::format("cluster.quorum-type of {} is none: a partition makes two versions of one file{}", volume.name,
                            whole ? "" : "; resolve what has two before it is set to auto"), taken, "cluster.quorum-type");
        else if (bricks == 2)
            add(server.name, Verdict::Warning, code::dangerousSetting,
                fmt::format("{} has two bricks: without {} nobody can write, without the other one everybody can", volume.name, volume.bricks.front().host), taken,
                "cluster.quorum-type");
    }

    void judgeBrick(const VolumeInput &server)
    {
        const SeenBrick seen = brickOf(server, m_servers, m_stillFresh);
        if (!seen.brick || seen.brick->online)
            return;
        const std::size_t left = static_cast<std::size_t>(std::count_if(m_servers.begin(), m_servers.end(), [&](const VolumeInput &one) {
            const api::AgentBrick *other = brickOf(one, m_servers, m_stillFresh).brick;
            return !one.arbiter && other && other->online;
        }));
        const std::string effect = server.arbiter ? std::string("one more that goes and nobody can write")
                                   : left == 0    ? std::string("nobody can read or write files")
                                                  : fmt::format("{} cop{} of new files {} left", left, left == 1 ? "y" : "ies", left == 1 ? "is" : "are");
        add(server.name, Verdict::Critical, code::brickDown, fmt::format("The brick of {} does not serve: {}", server.name, effect), seen.taken);
    }

    // Of each brick the most that anybody tells; one trouble is told once, of the first server that has it.
    void judgeHealing()
    {
        struct Most {
            const VolumeInput *server = nullptr;
            std::int64_t count = 0;
            Time taken{};
            void take(const VolumeInput &from, const std::optional<std::int64_t> &told, Time when)
            {
                if (told.value_or(0) > count)
                    *this = {&from, *told, when};
            }
        };
        Most split;
        Most waiting;
        for (const VolumeInput &server : m_servers) {
            const auto [brick, taken] = brickOf(server, m_servers, m_stillFresh);
            if (!brick)
                continue;
            if (brick->online && brick->unhealed && !brick->splitBrain)
                add(server.name, Verdict::Unknown, code::healPending,
                    fmt::format("Nobody knows yet whether files of {} have two versions: {}", server.name, brick->problem.empty() ? "no figure" : brick->problem), taken,
                    "unknown", walkPolls);
            else if (brick->online && !brick->unhealed)
                add(server.name, Verdict::Unknown, code::healPending,
                    fmt::format("Nobody knows what is to be healed of {}: {}", server.name, brick->problem.empty() ? "no figure" : brick->problem), taken,
                    "unknown", 4);
            split.take(server, brick->splitBrain, taken);
            waiting.take(server, brick->unhealed, taken);
        }
        if (split.server)
            add(split.server->name, Verdict::Critical, code::fileSplitBrain, splitStatement(split.count), split.taken, {}, 1);
        else if (const auto growth = growthOf(m_healing); waiting.server && !growth.empty())
            add(waiting.server->name, Verdict::Critical, code::healPending,
                fmt::format("{} files wait to be healed, and more in each minute, although every brick serves: {}", waiting.count, fmt::join(growth, ", ")), waiting.taken, {},
                1);
        else if (waiting.server)
            add(waiting.server->name, Verdict::Warning, code::healPending,
                fmt::format("{} wait{} to be healed", countText(waiting.count, "file"), waiting.count == 1 ? "s" : ""), waiting.taken, {},
                healPolls);
    }

    std::string splitStatement(std::int64_t count) const
    {
        std::string which;
        for (const VolumeInput &server : m_servers) {
            if (which.empty() && isFresh(server, m_stillFresh) && !server.watched.facts->volume.splitFiles.empty())
                which = server.watched.facts->volume.splitFiles.front();
        }
        const std::string statement = fmt::format("{} file{} two versions and cannot be read", count, count == 1 ? " has" : "s have");
        return which.empty() ? statement : fmt::format("{}: {}", statement, fileName(which));
    }

    const std::vector<VolumeInput> &m_servers;
    const Time m_stillFresh;
    const HealTrack &m_healing;
    RawFindings m_out;
};

}  // namespace

bool isFresh(const VolumeInput &server, Time stillFresh)
{
    return server.watched.answers() && server.watched.taken >= stillFresh;
}

std::string fileName(const std::string &path)
{
    return path.substr(path.rfind('/') + 1);
}

SeenBrick brickOf(const VolumeInput &server, const std::vector<VolumeInput> &servers, Time stillFresh)
{
    SeenBrick seen = isFresh(server, stillFresh) ? brickIn(server, server.address) : SeenBrick();
    for (const VolumeInput &view : servers) {
        if (!seen.brick && isFresh(view, stillFresh))
            seen = brickIn(view, server.address);
    }
    return seen;
}

HealTrack followHealing(HealTrack track, const std::vector<VolumeInput> &servers, Time stillFresh, Time now)
{
    std::int64_t most = 0;
    for (const VolumeInput &server : servers) {
        const api::AgentBrick *brick = brickOf(server, servers, stillFresh).brick;
        if (!brick || !brick->online || !brick->unhealed)
            return {};
        most = std::max(most, *brick->unhealed);
    }
    const std::int64_t minute = std::chrono::floor<std::chrono::minutes>(now).time_since_epoch().count();
    if (servers.empty() || minute < track.minute || minute > track.minute + 1)
        track = {};
    if (minute == track.minute) {
        track.least.back() = std::min(track.least.back(), most);
        return track;
    }
    track.minute = minute;
    track.least.push_back(most);
    // Those that a rise needs, and the one that is not over.
    if (track.least.size() > risesToTell + 2)
        track.least.erase(track.least.begin());
    return track;
}

std::vector<std::int64_t> growthOf(const HealTrack &track)
{
    if (track.least.size() < risesToTell + 2)
        return {};
    const auto end = track.least.end() - 1;
    if (std::adjacent_find(track.least.begin(), end, [](std::int64_t before, std::int64_t after) { return after <= before; }) != end ||
        *(end - 1) - track.least.front() < leastGrowth)
        return {};
    return {track.least.begin(), end};
}

RawFindings judgeFiles(const std::vector<VolumeInput> &servers, Time stillFresh, const HealTrack &healing)
{
    return Files(servers, stillFresh, healing).judge();
}

}  // namespace cm::monitor
