// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/intake/relp_frames.h"
#include "core/metrics/intake/syslog_frames.h"

#include <doctest/doctest.h>
#include <random>
#include <vector>

using namespace cm::metrics::intake;

namespace {

struct Told {
    std::uint32_t number = 0;
    std::string command;
    std::string data;
    std::uint64_t skipped = 0;
    friend bool operator==(const Told &, const Told &) = default;
};

// Everything that is read when the bytes come `piece` at a time, and the most that waited for more of them.
struct RelpRun {
    std::vector<Told> frames;
    bool broken = false;
    std::size_t mostLeft = 0;

    RelpRun(std::string_view bytes, std::size_t piece)
    {
        RelpFrames frames_;
        std::string left;
        while (!bytes.empty() && !broken) {
            left += bytes.substr(0, piece);
            bytes.remove_prefix(std::min(piece, bytes.size()));
            std::string_view view = left;
            RelpFrame frame;
            Framing framing = Framing::Frame;
            while ((framing = frames_.next(view, frame)) == Framing::Frame)
                frames.push_back({frame.number, std::string(frame.command), std::string(frame.data), frame.skipped});
            broken = framing == Framing::Broken;
            left = std::string(view);
            mostLeft = std::max(mostLeft, left.size());
        }
    }
};

struct SyslogRun {
    std::vector<std::string> lines;
    std::vector<std::uint64_t> skipped;
    std::size_t mostLeft = 0;
    bool within = false;

    SyslogRun(std::string_view bytes, std::size_t piece)
    {
        SyslogFrames frames;
        std::string left;
        while (!bytes.empty()) {
            left += bytes.substr(0, piece);
            bytes.remove_prefix(std::min(piece, bytes.size()));
            std::string_view view = left;
            SyslogFrame frame;
            while (frames.next(view, frame) == Framing::Frame) {
                if (frame.skipped > 0)
                    skipped.push_back(frame.skipped);
                else
                    lines.emplace_back(frame.line);
            }
            left = std::string(view);
            mostLeft = std::max(mostLeft, left.size());
        }
        within = frames.within(left);
    }
};

}  // namespace

TEST_CASE("RELP frames are read however the bytes arrive")
{
    const std::string long_(longestLine + 1, 'x');
    const std::string bytes = "1 open 15 commands=syslog\n2 syslog 5 a\nb c\n3 syslog 0\n4 syslog " + std::to_string(long_.size()) + " " + long_ +
                              "\n999999999 syslog 2 ok\n5 close 0\n";
    const std::vector<Told> expected{{1, "open", "commands=syslog", 0}, {2, "syslog", "a\nb c", 0}, {3, "syslog", "", 0},
                                     {4, "syslog", "", long_.size()}, {999'999'999, "syslog", "ok", 0}, {5, "close", "", 0}};
    for (const std::size_t piece : {std::size_t(1), std::size_t(3), std::size_t(1000), bytes.size()}) {
        const RelpRun run(bytes, piece);
        CHECK_FALSE(run.broken);
        CHECK(run.frames == expected);
        CHECK(run.mostLeft <= longestLine + 56);
    }
}

TEST_CASE("what is no RELP is told as soon as it can be known")
{
    for (const std::string_view wrong : {"GET / HTTP/1.1\r\n", "1  syslog 1 a\n", "1 syslog x\n", "1 syslog 3 abcd\n", "1 sys/log 1 a\n", " 1 syslog 1 a\n",
                                         "1234567890 syslog 1 a\n", "1 syslog 1234567890 a\n", "1 abcdefghijklmnopqrstuvwxyzabcdefgh 1 a\n", "1 syslog 0 \n",
                                         "\n", "<134>1 2026"}) {
        CAPTURE(wrong);
        CHECK(RelpRun(wrong, 1).broken);
        CHECK(RelpRun(wrong, 1000).broken);
    }
    // Longer than it may be, and then no end.
    CHECK(RelpRun("1 syslog 20000 " + std::string(20'001, 'x') + "1 syslog 1 a\n", 512).broken);
}

TEST_CASE("a RELP frame of a gigabyte that never comes takes no memory")
{
    RelpFrames frames;
    RelpFrame frame;
    std::string_view head = "1 syslog 999999999 ";
    CHECK(frames.next(head, frame) == Framing::NeedMore);
    CHECK(head.empty());
    const std::string piece(1 << 20, 'z');
    for (int i = 0; i < 200; ++i) {
        std::string_view bytes = piece;
        CHECK(frames.next(bytes, frame) == Framing::NeedMore);
        CHECK(bytes.empty());
        CHECK(frames.within(bytes));
    }
}

TEST_CASE("what a RELP server says")
{
    std::string out;
    appendAcknowledgement(out, 42);
    appendResponse(out, 43, "500 no");
    appendServerClose(out);
    CHECK(out == "42 rsp 6 200 OK\n43 rsp 6 500 no\n0 serverclose 0\n");
    CHECK(offersSyslog("relp_version=0\nrelp_software=librelp\ncommands=syslog"));
    CHECK(offersSyslog("commands=eventlog,syslog\n"));
    CHECK_FALSE(offersSyslog("commands=syslogs"));
    CHECK_FALSE(offersSyslog(""));
}

TEST_CASE("lines and counted octets may follow each other in one stream")
{
    const std::string bytes = "<134>1 one\n8 <134>two<134>three\r\n\n\n11 <1>fo\nur\n \n5 abcde2026-11-26 no count\n0 zero\n12345678 many digits\n";
    const std::vector<std::string> expected{"<134>1 one", "<134>two", "<134>three", "<1>fo\nur\n ", "abcde", "2026-11-26 no count", "0 zero", "12345678 many digits"};
    for (const std::size_t piece : {std::size_t(1), std::size_t(7), bytes.size()}) {
        const SyslogRun run(bytes, piece);
        CHECK(run.lines == expected);
        CHECK(run.skipped.empty());
        CHECK_FALSE(run.within);
    }
}

TEST_CASE("a line without an end is skipped to the next one, with little memory, and counted once")
{
    const std::string endless(5 << 20, 'x');
    for (const std::size_t piece : {std::size_t(1000), std::size_t(65536)}) {
        const SyslogRun run(endless + "\nnext\n" + "100000 " + std::string(100'000, 'y') + "after\n", piece);
        CHECK(run.lines == std::vector<std::string>{"next", "after"});
        CHECK(run.skipped == std::vector<std::uint64_t>{endless.size(), 100'000});
        CHECK(run.mostLeft <= longestLine + 8);
    }
    const std::string longest(longestLine, 'z');
    CHECK(SyslogRun(longest + "\n", 4096).lines == std::vector<std::string>{longest});
    CHECK(SyslogRun(endless, 4096).within);
    CHECK(SyslogRun("half a li", 4096).within);
    CHECK(SyslogRun("12", 4096).within);
}

TEST_CASE("whatever bytes come, both readers keep little and come to an end")
{
    std::mt19937 dice(20261126);
    const std::string letters = "0123456789 \n\r|@<>syslogopen" + std::string(1, '\0') + "\xff\xfe";
    for (int round = 0; round < 300; ++round) {
        std::string bytes;
        const std::size_t length = dice() % 60'000;
        for (std::size_t i = 0; i < length; ++i)
            bytes += dice() % 3 == 0 ? letters[dice() % letters.size()] : static_cast<char>(dice());
        const std::size_t piece = 1 + dice() % 9000;
        CHECK(SyslogRun(bytes, piece).mostLeft <= longestLine + 8);
        CHECK(RelpRun("1 syslog " + bytes, piece).mostLeft <= longestLine + 56 + piece);
    }
}
