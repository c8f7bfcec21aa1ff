// SPDX-License-Identifier: GPL-3.0-or-later
// The lag table, row by row.
#include "core/monitor/verdicts/replication.h"

#include <doctest/doctest.h>

using namespace cm;
using namespace cm::monitor;
namespace code = cm::api::finding;

namespace {

// A primary at 0/5000000 and a standby that has it all, connected and idle.
struct Pair {
    PostgresFacts primary;
    PostgresFacts standby;
    LagInput in;

    Pair()
    {
        primary.systemIdentifier = standby.systemIdentifier = "7300000000000000001";
        primary.timeline = standby.timeline = 4;
        primary.current = 0x5000000;
        primary.synchronousCommit = "on";
        WalSender row;
        row.application = "db2";
        row.state = "streaming";
        row.syncState = "async";
        row.sent = row.written = row.flushed = row.replayed = 0x5000000;
        row.replyAge = 0.4;
        primary.senders.push_back(row);
        primary.slots.push_back({"db2", true, "reserved", 0.0, std::nullopt});
        standby.inRecovery = true;
        standby.received = standby.replayed = 0x5000000;
        standby.pauseState = "not paused";
        standby.receiver = WalReceiver{"streaming", "10.0.0.1", 5432, "db2", 0.4};
        in = {"db2", "db1", &primary, &standby, "db2", "db2", {}, 0, std::nullopt};
    }
    Pair(const Pair &) = delete;

    WalSender &row() { return primary.senders.front(); }
    // The primary has written on, the standby has not followed.
    void behind(Lsn bytes) { primary.current = *primary.current + bytes; }
    void cut()
    {
        primary.senders.clear();
        standby.receiver.reset();
    }
    LagJudgement judge() const { return judgeLag(in); }
};

}  // namespace

TEST_CASE("row 1: an idle pair has no lag, however old the last replayed commit is")
{
    Pair pair;
    pair.row().replayLag.reset();  // the columns become NULL when idle
    const LagJudgement judged = pair.judge();
    CHECK(judged.row == 1);
    CHECK(judged.verdict == Verdict::Ok);
    CHECK(judged.code.empty());
    CHECK(judged.bytes == 0.0);
    CHECK(judged.seconds == 0.0);
}

TEST_CASE("row 2: bytes to go and replay that moves is lag, by bytes or by seconds")
{
    Pair pair;
    pair.behind(1 << 20);
    pair.row().replayLag = 0.8;
    CHECK(pair.judge().row == 2);
    CHECK(pair.judge().verdict == Verdict::Ok);
    CHECK(pair.judge().bytes == double(1 << 20));
    CHECK(pair.judge().seconds == 0.8);

    pair.row().replayLag = 6;
    CHECK(pair.judge().code == code::lagging);
    CHECK(pair.judge().verdict == Verdict::Warning);
    CHECK(pair.judge().raiseAfter == 30);

    pair.row().replayLag = 31;
    CHECK(pair.judge().verdict == Verdict::Critical);
    CHECK(pair.judge().raiseAfter == 60);
    CHECK(pair.judge().warnAfter == 30);

    pair.row().replayLag = 0.1;
    pair.behind(17 << 20);
    CHECK(pair.judge().verdict == Verdict::Warning);
    pair.behind(Lsn{256} << 20);
    CHECK(pair.judge().verdict == Verdict::Critical);
}

TEST_CASE("row 2: the heartbeat row outweighs a time column that froze")
{
    Pair pair;
    pair.behind(100);
    pair.row().replayLag = 0.0002;
    pair.in.heartbeatLag = 12;
    CHECK(pair.judge().seconds == 12.0);
    CHECK(pair.judge().code == code::lagging);
}

TEST_CASE("row 3: replay that is paused or stands still has stalled")
{
    Pair pair;
    pair.behind(3000664);
    pair.standby.pauseState = "paused";
    CHECK(pair.judge().row == 3);
    CHECK(pair.judge().code == code::stalled);
    CHECK(pair.judge().verdict == Verdict::Warning);
    CHECK(pair.judge().raiseAfter <= 2);
    CHECK(pair.judge().bytes == 3000664.0);

    pair.standby.pauseState = "not paused";
    pair.in.unmovedPolls = 3;
    CHECK(pair.judge().row == 3);
    CHECK(pair.judge().code == code::stalled);
    pair.in.unmovedPolls = 2;
    CHECK(pair.judge().row == 2);

    pair.in.unmovedPolls = 3;
    pair.in.heartbeatLag = 40;
    CHECK(pair.judge().verdict == Verdict::Critical);
}

TEST_CASE("row 3: a pause with nothing to replay is told too")
{
    Pair pair;
    pair.standby.pauseState = "pause requested";
    CHECK(pair.judge().code == code::stalled);
    CHECK(pair.judge().seconds == 0.0);
}

TEST_CASE("row 4: no row and no receiver is disconnected, and its lag is not 0")
{
    Pair pair;
    pair.cut();
    pair.primary.slots.front().retained = 4357760;
    pair.primary.slots.front().active = false;
    const LagJudgement judged = pair.judge();
    CHECK(judged.row == 4);
    CHECK(judged.code == code::disconnected);
    CHECK(judged.verdict == Verdict::Critical);
    CHECK(judged.bytes == 4357760.0);
    CHECK_FALSE(judged.seconds);

    pair.primary.slots.clear();
    CHECK_FALSE(pair.judge().bytes);
}

TEST_CASE("row 4: a connection on which nobody has spoken for long is none")
{
    Pair pair;
    pair.behind(4357760);
    pair.row().replyAge = 16;
    CHECK(pair.judge().code == code::disconnected);
    pair.row().replyAge = 0.3;
    pair.standby.receiver->messageAge = 20;
    CHECK(pair.judge().code == code::disconnected);
}

TEST_CASE("row 5: a standby that streams from somebody else")
{
    Pair pair;
    pair.primary.senders.clear();
    pair.standby.receiver->senderHost = "10.0.0.9";
    const LagJudgement judged = pair.judge();
    CHECK(judged.row == 5);
    CHECK(judged.code == code::followsOther);
    CHECK(judged.verdict == Verdict::Unknown);
    CHECK(judged.statement.find("10.0.0.9") != std::string::npos);
}

TEST_CASE("row 6: a primary that only we cannot see")
{
    Pair pair;
    pair.in.primaryFacts = nullptr;
    CHECK(pair.judge().row == 6);
    CHECK(pair.judge().code == code::monitorBlind);
    CHECK(pair.judge().verdict == Verdict::Unknown);
    CHECK_FALSE(pair.judge().bytes);

    pair.standby.receiver.reset();
    CHECK(pair.judge().row == 0);
    CHECK(pair.judge().code == code::disconnected);
}

TEST_CASE("row 7: two that take writes, at the first sight")
{
    Pair pair;
    pair.standby.inRecovery = false;
    const LagJudgement judged = pair.judge();
    CHECK(judged.row == 7);
    CHECK(judged.code == code::splitBrain);
    CHECK(judged.verdict == Verdict::Critical);
    CHECK(judged.raiseAfter == 1);
}

TEST_CASE("row 8: another timeline without streaming is diverged")
{
    Pair pair;
    pair.primary.timeline = 95;
    pair.standby.timeline = 8;
    CHECK(pair.judge().row == 1);  // it streams: the timeline it tells is merely old
    pair.row().state = "startup";
    CHECK(pair.judge().row == 8);
    CHECK(pair.judge().code == code::diverged);
    pair.cut();
    CHECK(pair.judge().row == 8);

    Pair other;
    other.standby.systemIdentifier = "1";
    CHECK(other.judge().code == code::diverged);
}

TEST_CASE("row 9: a lost slot means a new copy, even while the standby says it is well")
{
    Pair pair;
    pair.primary.slots.front().walStatus = "lost";
    CHECK(pair.judge().row == 9);
    CHECK(pair.judge().code == code::rebuild);
    CHECK(pair.judge().verdict == Verdict::Critical);
    pair.cut();
    CHECK(pair.judge().code == code::rebuild);
}

TEST_CASE("row 10: synchronous in name only")
{
    Pair pair;
    pair.row().syncState = "sync";
    CHECK_FALSE(pair.judge().syncInName);
    for (const char *commit : {"local", "off"}) {
        pair.primary.synchronousCommit = commit;
        CHECK(pair.judge().syncInName);
        CHECK(pair.judge().row == 1);
    }
    pair.row().syncState = "async";
    CHECK_FALSE(pair.judge().syncInName);
}

TEST_CASE("a backup is no standby, and an unnamed standby is found only when it is alone")
{
    Pair pair;
    pair.in.application.clear();
    CHECK(pair.judge().row == 1);
    WalSender backup = pair.row();
    backup.state = "backup";
    pair.primary.senders.push_back(backup);
    CHECK(pair.judge().row == 1);
    pair.primary.senders.push_back(pair.row());
    CHECK(pair.judge().row == 5);
    pair.in.application = "db2";
    CHECK(pair.judge().row == 1);
}

TEST_CASE("polls without movement are counted only while there is something to replay")
{
    Pair pair;
    const Time noon = *parseRfc3339("2026-11-22T12:00:00Z");
    const auto second = std::chrono::seconds(1);
    ReplayTrack track = follow({}, pair.standby, &pair.primary, noon);
    CHECK(follow(track, pair.standby, &pair.primary, noon + second).unmoved == 0);
    pair.behind(1);
    track = follow(track, pair.standby, &pair.primary, noon + second);
    CHECK(track.unmoved == 1);
    CHECK(follow(track, pair.standby, &pair.primary, noon + second).unmoved == 1);  // the same sample
    track = follow(track, pair.standby, &pair.primary, noon + 2 * second);
    CHECK(track.unmoved == 2);
    pair.standby.replayed = *pair.standby.replayed + 1;
    CHECK(follow(track, pair.standby, &pair.primary, noon + 3 * second).unmoved == 0);
}

TEST_CASE("positions in the log are read strictly")
{
    CHECK(parseLsn("16/B374D848") == 0x16B374D848U);
    CHECK(formatLsn(0x16B374D848U) == "16/B374D848");
    for (const char *text : {"", "/", "1/", "/1", "1", "g/1", "1/123456789", "1/2/3", "-1/2"})
        CHECK_FALSE(parseLsn(text));
}
