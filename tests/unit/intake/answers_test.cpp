// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/intake/answers.h"
#include "core/metrics/intake/complaints.h"

#include <cstdlib>
#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>
#include <string>
#include <unistd.h>
#include <vector>

using namespace cm;
using namespace cm::metrics::intake;

TEST_CASE("of the bytes that a sender may not have read, those count that acknowledge lines")
{
    Answers answers;
    CHECK(answers.linesWithin(100) == 0);
    answers.said(90, 0);  // to its open
    answers.said(150, 10);
    CHECK(answers.linesWithin(0) == 0);
    CHECK(answers.linesWithin(15) == 1);
    CHECK(answers.linesWithin(16) == 2);
    CHECK(answers.linesWithin(240) == 10);
    // What says farewell is no line, however much of it is left.
    for (int i = 0; i < 1000; ++i)
        answers.said(30, 0);
    CHECK(answers.linesWithin(20'000) == 0);
    CHECK(answers.linesWithin(1 << 20) == 10);
    // However much was said, the end of it is what may be unread.
    for (int i = 0; i < 100'000; ++i)
        answers.said(1600, 100);
    CHECK(answers.linesWithin(4800) >= 300);
    CHECK(answers.linesWithin(4800) <= 320);
}

TEST_CASE("of what goes wrong over and over a few are told, and how many were not")
{
    char name[] = "/tmp/cheesemonger-log-XXXXXX";
    ::close(::mkstemp(name));
    const std::filesystem::path file = name;
    {
        Log log(LogLevel::Info, file.string());
        Complaints complaints(log);
        Complaints::Moment now;
        for (int i = 0; i < 1000; ++i)
            complaints.tell("a", "tcp", "192.0.2.1", "why", now);
        complaints.tell("b", "tls", "192.0.2.2", "why else", now);
        complaints.tick(now + std::chrono::seconds(59));
        complaints.tick(now + std::chrono::seconds(61));
        complaints.tell("a", "tcp", "192.0.2.1", "why", now + std::chrono::seconds(61));
        log.flush();
    }
    std::ifstream in(file);
    std::vector<std::string> lines;
    for (std::string text; std::getline(in, text);)
        lines.push_back(text);
    std::filesystem::remove(file);
    REQUIRE(lines.size() == 13);
    CHECK(lines[10].find("192.0.2.2") != std::string::npos);
    CHECK(lines[10].find("why else") != std::string::npos);
    CHECK(lines[11].find("\"left_out\":990") != std::string::npos);
    CHECK(lines[12].find("why") != std::string::npos);
}
