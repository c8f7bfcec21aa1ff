// SPDX-License-Identifier: GPL-3.0-or-later
// The servers of files: what each view says, and what is concluded of all together.
#include "core/monitor/verdicts/files.h"

#include <algorithm>
#include <doctest/doctest.h>

using namespace cm;
using namespace cm::monitor;
namespace code = cm::api::finding;

namespace {

const Time noon = *parseRfc3339("2026-11-22T12:00:00Z");
const Time stillFresh = noon - std::chrono::seconds(5);

api::AgentBrick brick(const char *host, bool online = true, std::optional<std::int64_t> unhealed = 0, std::optional<std::int64_t> split = 0)
{
    api::AgentBrick out;
    out.host = host;
    out.path = "/bricks/packages";
    out.arbiter = std::string_view(host) == "192.0.2.38";
    out.online = online;
    out.unhealed = unhealed;
    out.splitBrain = split;
    return out;
}

api::AgentVolume volume(std::vector<api::AgentBrick> bricks = {brick("192.0.2.36"), brick("192.0.2.37"), brick("192.0.2.38")})
{
    api::AgentVolume out;
    out.name = "packages";
    out.started = true;
    out.quorum = "auto";
    out.healDaemon = true;
    out.bricks = std::move(bricks);
    return out;
}

// All three with the same view.
std::vector<VolumeInput> servers(const api::AgentVolume &seen)
{
    std::vector<VolumeInput> out;
    for (const auto &[name, address] : {std::pair("gfs1", "192.0.2.36"), {"gfs2", "192.0.2.37"}, {"gfs3", "192.0.2.38"}})
        out.push_back({name, address, std::string_view(name) == "gfs3", {VolumeFacts{seen}, noon, Outcome::Answered, noon, {}, 0, {}}});
    return out;
}

const RawFinding *find(const RawFindings &findings, std::string_view wanted, const std::string &node, const std::string &subject = {})
{
    const auto found = std::find_if(findings.begin(), findings.end(), [&](const RawFinding &finding) {
        return finding.code == wanted && finding.node == node && finding.subject == subject;
    });
    return found == findings.end() ? nullptr : &*found;
}

}  // namespace

TEST_CASE("a volume whose bricks serve and have nothing to heal is well")
{
    CHECK(judgeFiles(servers(volume()), stillFresh).empty());
    CHECK(judgeFiles({}, stillFresh).empty());
}

TEST_CASE("a server without power is told of by the others, and says what is left")
{
    auto all = servers(volume({brick("192.0.2.36", false, std::nullopt, std::nullopt), brick("192.0.2.37", true, 12), brick("192.0.2.38", true, 12)}));
    all[0].watched.taken = noon - std::chrono::minutes(1);  // its last words
    all[0].watched.facts->volume = volume();
    const RawFindings found = judgeFiles(all, stillFresh);
    const RawFinding *down = find(found, code::brickDown, "gfs1");
    REQUIRE(down);
    CHECK(down->verdict == Verdict::Critical);
    CHECK(down->statement == "The brick of gfs1 does not serve: 1 copy of new files is left");
    // What waits is told once, and only when it waits for long.
    const RawFinding *waiting = find(found, code::healPending, "gfs2");
    REQUIRE(waiting);
    CHECK(waiting->verdict == Verdict::Warning);
    CHECK(waiting->raiseAfter >= 60);
    CHECK_FALSE(find(found, code::healPending, "gfs3"));
    CHECK_FALSE(find(found, code::brickDown, "gfs2"));
}

TEST_CASE("losing the arbiter says what it costs")
{
    const RawFindings found = judgeFiles(servers(volume({brick("192.0.2.36"), brick("192.0.2.37"), brick("192.0.2.38", false, std::nullopt, std::nullopt)})), stillFresh);
    REQUIRE(find(found, code::brickDown, "gfs3"));
    CHECK(find(found, code::brickDown, "gfs3")->statement == "The brick of gfs3 does not serve: one more that goes and nobody can write");
}

TEST_CASE("a brick that serves and of which nobody has a figure is unknown, not 0")
{
    auto seen = volume({brick("192.0.2.36", true, std::nullopt, std::nullopt), brick("192.0.2.37"), brick("192.0.2.38")});
    seen.bricks[0].problem = "Transport endpoint is not connected";
    const RawFindings found = judgeFiles(servers(seen), stillFresh);
    REQUIRE(find(found, code::healPending, "gfs1", "unknown"));
    CHECK(find(found, code::healPending, "gfs1", "unknown")->verdict == Verdict::Unknown);
}

TEST_CASE("a file with two versions is critical at once, is named, and is one trouble")
{
    auto seen = volume({brick("192.0.2.36", true, 1, 1), brick("192.0.2.37", true, 1, 1), brick("192.0.2.38", true, 1, 1)});
    seen.splitFiles = {"/files/packages/aa/bb/cc/x-1.0.tar.gz"};
    const RawFindings found = judgeFiles(servers(seen), stillFresh);
    REQUIRE(found.size() == 1);
    CHECK(found[0].code == code::fileSplitBrain);
    CHECK(found[0].verdict == Verdict::Critical);
    CHECK(found[0].raiseAfter == 1);
    CHECK(found[0].statement == "1 file has two versions and cannot be read: x-1.0.tar.gz");
}

TEST_CASE("quorum of two bricks: off, or a first one without which nobody writes")
{
    auto two = volume({brick("192.0.2.36"), brick("192.0.2.37")});
    two.quorum.clear();
    auto all = servers(two);
    all.pop_back();
    RawFindings found = judgeFiles(all, stillFresh);
    REQUIRE(find(found, code::dangerousSetting, "gfs1", "cluster.quorum-type"));
    CHECK(found.size() == 1);
    for (VolumeInput &server : all)
        server.watched.facts->volume.quorum = "auto";
    found = judgeFiles(all, stillFresh);
    REQUIRE(found.size() == 1);
    CHECK(found[0].statement == "packages has two bricks: without 192.0.2.36 nobody can write, without the other one everybody can");
}

TEST_CASE("servers that do not see each other though both work; a healer that is gone; a stopped volume")
{
    auto all = servers(volume());
    all[0].watched.facts->volume.peers = {{"localhost", true}, {"192.0.2.37", false}};
    CHECK(find(judgeFiles(all, stillFresh), code::disagree, "gfs1", "gfs2"));
    all[1].watched.taken = noon - std::chrono::minutes(1);
    CHECK_FALSE(find(judgeFiles(all, stillFresh), code::disagree, "gfs1", "gfs2"));
    all = servers(volume());
    all[2].watched.facts->volume.healDaemon = false;
    CHECK(find(judgeFiles(all, stillFresh), code::brickDown, "gfs3", "healer")->verdict == Verdict::Warning);
    auto stopped = volume();
    stopped.started = false;
    CHECK(find(judgeFiles(servers(stopped), stillFresh), code::brickDown, "gfs1", "volume")->verdict == Verdict::Critical);
}

TEST_CASE("nothing is concluded of what nobody tells")
{
    auto all = servers(volume({brick("192.0.2.36", false), brick("192.0.2.37", false), brick("192.0.2.38", false)}));
    for (VolumeInput &server : all)
        server.watched.taken = noon - std::chrono::minutes(1);
    CHECK(judgeFiles(all, stillFresh).empty());
}

TEST_CASE("a server whose glusterd does not answer is not watched, and its brick is as the others see it")
{
    auto all = servers(volume());
    all[1].watched.outcome = Outcome::Failed;
    all[1].watched.problem = "gluster volume status: Another transaction is in progress";
    const RawFindings found = judgeFiles(all, stillFresh);
    REQUIRE(found.size() == 1);
    CHECK(find(found, code::notWatched, "gfs2", "volume")->verdict == Verdict::Unknown);
    CHECK(found.front().raiseAfter > 2);
    all[0].watched = all[2].watched = {VolumeFacts{volume({brick("192.0.2.36"), brick("192.0.2.37", false), brick("192.0.2.38")})}, noon, Outcome::Answered, noon, {}, 0, {}};
    CHECK(find(judgeFiles(all, stillFresh), code::brickDown, "gfs2")->verdict == Verdict::Critical);
}

TEST_CASE("what waits and grows from minute to minute although every brick serves is critical")
{
    using std::chrono::minutes;
    using std::chrono::seconds;
    struct Row {
        std::vector<std::int64_t> minutes;  // the least of each; -1: nobody knows
        bool grows;
    };
    const Row rows[] = {{{0, 0, 0, 0, 0}, false},         {{0, 20, 40, 60, 80}, true},     {{40, 60, 80, 100}, false},    {{0, 20, 40, 40, 80}, false}, {{80, 60, 40, 20, 0}, false},
                        {{1, 2, 3, 4, 5}, false},         {{0, 20, -1, 60, 80, 90}, false}, {{9, 0, 20, 40, 60, 70}, true}, {{0, 20, 40, 60, 5}, true},   {{0, 20, 40, 60, 5, 80}, false}};
    for (const Row &row : rows) {
        CAPTURE(row.minutes);
        HealTrack track;
        Time now = noon;
        std::vector<VolumeInput> all;
        for (const std::int64_t least : row.minutes) {
            // Looks of one minute, under uploads.
            for (const std::int64_t more : {7, 0, 300}) {
                const auto waits = least < 0 ? std::nullopt : std::optional(least + more);
                all = servers(volume({brick("192.0.2.36", true, waits), brick("192.0.2.37"), brick("192.0.2.38")}));
                track = followHealing(std::move(track), all, stillFresh, now + seconds(more == 7 ? 1 : 30));
            }
            now += minutes(1);
        }
        CHECK(growthOf(track).empty() == !row.grows);
        const RawFindings found = judgeFiles(all, stillFresh, track);
        const RawFinding *waiting = find(found, code::healPending, "gfs1");
        REQUIRE(waiting);
        CHECK((waiting->verdict == Verdict::Critical) == row.grows);
    }
    // A brick that is away is what is wrong then, and a minute that nobody watched begins it anew.
    HealTrack track{100, {0, 20, 40, 60, 80}};
    CHECK_FALSE(growthOf(track).empty());
    const Time then{minutes(100)};
    CHECK(growthOf(followHealing(track, servers(volume({brick("192.0.2.36"), brick("192.0.2.37", false), brick("192.0.2.38")})), stillFresh, then)).empty());
    CHECK(growthOf(followHealing(track, servers(volume()), stillFresh, then + minutes(2))).empty());
}

TEST_CASE("a count without a walk: how many wait is known, and for a while not whether any has two versions")
{
    const auto seen = volume({brick("192.0.2.36", true, 3001, std::nullopt), brick("192.0.2.37"), brick("192.0.2.38")});
    const RawFindings found = judgeFiles(servers(seen), stillFresh);
    CHECK(find(found, code::healPending, "gfs1")->statement == "3001 files wait to be healed");
    CHECK(find(found, code::healPending, "gfs1", "unknown")->raiseAfter == 60);
}
