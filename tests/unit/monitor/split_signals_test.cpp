// SPDX-License-Identifier: GPL-3.0-or-later
// What a server of files tells of each file with two versions.
#include "core/monitor/evaluator.h"

#include <algorithm>
#include <doctest/doctest.h>

using namespace cm;
using namespace cm::monitor;
using std::chrono::seconds;

namespace {

const Time noon = *parseRfc3339("2026-11-22T12:00:00Z");
const Time stillFresh = noon - seconds(5);
const std::string wheel = "/files/packages/b3/c1/a205/demo-1.0-py3-none-any.whl";
const std::string digest(64, 'b');

// Two servers whose bricks both tell of `count` files with two versions.
std::vector<VolumeInput> servers(std::int64_t count, const std::vector<std::string> &listed)
{
    api::AgentVolume seen;
    seen.name = "packages";
    seen.started = seen.healDaemon = true;
    seen.splitFiles = listed;
    std::vector<VolumeInput> out;
    for (const char *name : {"gfs1", "gfs2"}) {
        api::AgentBrick brick;
        brick.host = name;
        brick.path = "/bricks/packages";
        brick.online = true;
        brick.unhealed = brick.splitBrain = count;
        seen.bricks.push_back(brick);
    }
    for (const char *name : {"gfs1", "gfs2"})
        out.push_back({name, name, false, {VolumeFacts{seen}, noon, Outcome::Answered, noon, {}, 0, {}}});
    return out;
}

std::optional<api::Signal> find(const std::vector<api::Signal> &all, const std::string &name)
{
    const auto found = std::find_if(all.begin(), all.end(), [&](const api::Signal &one) { return one.name == name; });
    return found == all.end() ? std::nullopt : std::optional(*found);
}

std::size_t listed(const std::vector<api::Signal> &all)
{
    return static_cast<std::size_t>(std::count_if(all.begin(), all.end(), [](const api::Signal &one) { return one.name.starts_with("split-file-"); }));
}

}  // namespace

TEST_CASE("each file with two versions is told, and which server has the bytes of its digest")
{
    auto all = servers(1, {wheel});
    all[0].watched.facts->volume.copies = {{wheel, 10, std::string(64, '0'), digest, {}}};
    all[1].watched.facts->volume.copies = {{wheel, 15, digest, digest, {}}};
    for (const VolumeInput &server : all) {
        const auto told = find(signalsOf(server, all, stillFresh), "split-file-" + wheel);
        REQUIRE(told);
        CHECK(told->text == "gfs2 has the right bytes");
        CHECK(told->verdict == Verdict::Warning);
        CHECK_FALSE(told->stale);
    }
    CHECK_FALSE(find(signalsOf(all[0], all, stillFresh), "split-unlisted"));
    all[1].watched.facts->volume.copies.front().digest = std::string(64, '1');
    const auto none = find(signalsOf(all[0], all, stillFresh), "split-file-" + wheel);
    REQUIRE(none);
    CHECK(none->text == "no server has the bytes of its digest: take them from the mirror or a backup");
    CHECK(none->verdict == Verdict::Critical);
    // What was told last stays, and is no news.
    const auto old = find(signalsOf(all[0], all, noon + seconds(60)), "split-file-" + wheel);
    REQUIRE(old);
    CHECK(old->stale);
    CHECK(old->verdict == Verdict::Unknown);
    const auto well = servers(0, {});
    CHECK(listed(signalsOf(well[0], well, stillFresh)) == 0);
}

TEST_CASE("what no digest decides is told with what helps")
{
    const std::string gfid = "<gfid:a33c5929-6355-4309-b69b-bd8d89e66c11>";
    auto all = servers(3, {gfid, "/files/packages/b3", "/files/serve.lock"});
    for (VolumeInput &server : all)
        server.watched.facts->volume.copies = {{"/files/packages/b3", {}, {}, {}, "it is a folder"}, {"/files/serve.lock", {}, {}, {}, {}}};
    const auto facts = signalsOf(all[0], all, stillFresh);
    const auto text = [&](const std::string &path) { return find(facts, "split-file-" + path).value_or(api::Signal()).text; };
    CHECK(text(gfid) ==
          "GlusterFS does not know its name: on a server \"find /bricks/packages -samefile "
          "/bricks/packages/.glusterfs/a3/3c/a33c5929-6355-4309-b69b-bd8d89e66c11\" tells it");
    CHECK(text("/files/packages/b3") ==
          "it is a folder, which no digest names; who knows which server has the right one takes that by "
          "\"gluster volume heal packages split-brain source-brick SERVER:BRICK /files/packages/b3\"");
    CHECK(text("/files/serve.lock").starts_with("its name says nothing of its bytes: it is no package; who knows"));
    for (const api::Signal &one : facts) {
        if (one.name.starts_with("split-file-"))
            CHECK(one.verdict == Verdict::Critical);
    }
}

TEST_CASE("no more than a hundred files are told, and how many there are beside them")
{
    std::vector<std::string> files;
    for (int i = 0; i < 120; ++i)
        files.push_back("/x" + std::to_string(i));
    auto all = servers(250, files);
    auto facts = signalsOf(all[0], all, stillFresh);
    CHECK(listed(facts) == 100);
    REQUIRE(find(facts, "split-unlisted"));
    CHECK(find(facts, "split-unlisted")->value == 150);
    // They are counted before anybody has walked over them.
    all = servers(2, {});
    facts = signalsOf(all[0], all, stillFresh);
    CHECK(listed(facts) == 0);
    REQUIRE(find(facts, "split-unlisted"));
    CHECK(find(facts, "split-unlisted")->value == 2);
}
