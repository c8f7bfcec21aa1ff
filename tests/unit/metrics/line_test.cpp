// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/line.h"

#include "core/metrics/log_time.h"
#include "tests/unit/metrics/lines.h"

#include <deque>
#include <doctest/doctest.h>

using namespace cm::metrics;
using namespace cm::metrics::test;

namespace {

Line strict(std::string text)
{
    // What a line's views point into lives as long as its text and its reader.
    static LineReader reader(Mode::Strict);
    static std::deque<std::string> texts;
    return reader.read(texts.emplace_back(std::move(text)), arrival);
}

std::string quoted(const std::string &request, const std::string &userAgent)
{
    return "192.0.2.7 \"Mon, 20 Jan 2014 02:19:19 GMT\" \"-\" \"" + request + "\" HTTP/1.1 200 200 9000 HIT 1 \"-\" \"-\" \"" + userAgent + "\"";
}

}  // namespace

TEST_CASE("a syslog header is taken off in both modes")
{
    const std::string message = DownloadLine().text();
    for (const char *header :
         {"<134>2018-07-20T02:19:19Z cache-jfk1034 pypi-cdn[12]: ", "<134>2018-07-20T02:19:19Z cache-jfk1034 pypi-cdn: ",
          "<134>Jul 20 02:19:19 cache-jfk1034 pypi-cdn[12]: ", "<134>Jul  2 02:19:19 cache-jfk1034 pypi-cdn[12]:",
          "<134>1 2018-07-20T02:19:19.123Z host app 12 ID - ", "<0>1 - - - - - - ",
          "<191>1 2018-07-20T02:19:19Z host app - - [a@1 b=\"]\\\"\"][c] ", "<134>1 - - - - - - \xEF\xBB\xBF",
                  "some-token_1=<134>2018-07-20T02:19:19Z h a[1]: ",
          "some-token <134>2018-07-20T02:19:19Z h a[1]: ", ""}) {
        for (const Mode mode : {Mode::Compatible, Mode::Strict}) {
            LineReader reader(mode);
            const std::string text = header + message;
            const Line line = reader.read(text, arrival);
            CHECK_MESSAGE(line.outcome == Outcome::Download, text);
            CHECK_MESSAGE(line.project == "cfn-flip", text);
            CHECK_MESSAGE(line.userAgent == pipUserAgent, text);
        }
    }
    for (const char *header : {"<192>2018-07-20T02:19:19Z h a[1]: ", "<>Jul 20 02:19:19 h a: ", "<134>",
            "<134>1 - - - ", "<134>1 - - - - - [a ", "<1x4>Jul 20 02:19:19 h a: "}) {
        for (const Mode mode : {Mode::Compatible, Mode::Strict}) {
            LineReader reader(mode);
            const std::string text = header + message;
            CHECK_MESSAGE(reader.read(text, arrival).outcome == Outcome::Unprocessed, text);
        }
    }
}

TEST_CASE("a line of varnishncsa is read as the client sent it")
{
    const std::string escaped = R"(pip/20.1 {\"installer\":{\"name\":\"pip\"}}\t\xc3\xa9)";
    const std::string unescaped = "pip/20.1 {\"installer\":{\"name\":\"pip\"}}\t\xc3\xa9";
    DownloadLine line;
    line.userAgent = escaped;
    CHECK(strict("<134>2018-07-20T02:19:19Z cdn varnishncsa[5]: " + line.text()).userAgent == unescaped);
    // Of another program a backslash is one.
    CHECK(strict("<134>2018-07-20T02:19:19Z cdn pypi-cdn[5]: " + line.text()).userAgent == escaped);
    CHECK(strict("<134>2018-07-20T02:19:19Z cdn varnishncsa[5]: " + quoted("GET /packages/a/b/c/cfn_flip-1.0.3.tar.gz", escaped)).userAgent == unescaped);
}

TEST_CASE("an access log is read whatever its fields are between those that matter")
{
    const Line download = strict(quoted("GET /packages/a/b/c/cfn_flip-1.0.3-py3-none-any.whl", "pip/1.5.4 CPython/2.7.5 Linux/3.2.0"));
    CHECK(download.outcome == Outcome::Download);
    CHECK(download.project == "cfn_flip");
    CHECK(download.version == "1.0.3");
    CHECK(download.fileType == "bdist_wheel");
    CHECK(download.userAgent == "pip/1.5.4 CPython/2.7.5 Linux/3.2.0");
    CHECK(download.seconds == 1390184359);
    const Line common = strict(R"(192.0.2.7 - - [10/Oct/2013:13:55:36 +0200] "GET /simple/Django/ HTTP/1.1" 304 0 "-" "curl/7")");
    CHECK(common.outcome == Outcome::Simple);
    CHECK(common.project == "Django");
    CHECK(common.seconds == 1381406136);
    for (const char *text : {"", "\"", "\"\"", "[", "192.0.2.7 \"Mon, 20 Jan 2014 02:19:19 GMT\"", "a b c d e f g h",
            "\"Mon, 20 Jan 2014 02:19:19 GMT\" \"GET /packages/x"})
        CHECK_MESSAGE(strict(text).outcome == Outcome::Unprocessed, text);
}

TEST_CASE("escapes of bytes that are no text make no text of them")
{
    DownloadLine line;
    line.userAgent = R"(curl/\xff)";
    const std::string header = "<134>2018-07-20T02:19:19Z cdn varnishncsa[5]: ";
    LineReader compatible(Mode::Compatible);
    const std::string pipes = header + line.text(), access = quoted("GET /packages/a/cfn_flip-1.0.3.tar.gz", R"(curl/\xff)");
    CHECK(compatible.read(pipes, arrival).reason == "UnicodeDecodeError");
    CHECK(strict(pipes).reason == "NotText");
    CHECK(strict(access).reason == "NotText");
    CHECK(strict(quoted("GET /packages/a/cfn_flip-1.0.3.tar.gz", R"(curl/\n)")).reason == "NotText");
    const std::string path = quoted("GET /packages/a/cfn_flip-1.0.3%ff%00.tar.gz", "curl/8");
    const Line read = strict(path);
    CHECK(read.outcome == Outcome::Download);
    CHECK(read.filename == "cfn_flip-1.0.3%ff%00.tar.gz");
}

TEST_CASE("a file says what its line does not")
{
    DownloadLine line;
    line.project = line.version = line.type = "(null)";
    line.url = "/packages/ba/c8/x/my_pkg-1.0%2Blocal.1-py3-none-any.whl";
    const std::string text = line.text();
    const Line read = strict(text);
    CHECK(read.project == "my_pkg");
    CHECK(read.version == "1.0+local.1");
    CHECK(read.fileType == "bdist_wheel");
    // Part of a name is no version, however it is written.
    line.url = "/packages/ba/c8/x/foo%2Dbar-1.2-py3-none-any.whl";
    const std::string odd = line.text();
    CHECK(strict(odd).outcome == Outcome::Unprocessed);
    CHECK(strict(odd).reason == "File");
}

TEST_CASE("versions are kept as the line spells them")
{
    DownloadLine line;
    line.version = "V1.0-ALPHA.1";
    const std::string text = line.text();
    CHECK(strict(text).version == "V1.0-ALPHA.1");
}

TEST_CASE("times that cannot be are refused, and bound nothing to them")
{
    for (const auto &[time, reason] : {std::pair("Thu, 01 Jan 1970 00:00:00 GMT", "TimePast"),
            std::pair("Tue, 31 Dec 2002 23:59:59 GMT", "TimePast"),
                                       std::pair("Fri, 01 Jan 2100 00:00:00 GMT", "TimeAhead"),
                                               std::pair("Fri, 27 Nov 2026 00:00:01 GMT", "TimeAhead")}) {
        DownloadLine line;
        line.time = time;
        const Line read = strict(line.text());
        CHECK(read.outcome == Outcome::Refused);
        CHECK(read.reason == reason);
        CHECK_FALSE(read.timed);
    }
    DownloadLine line;
    line.time = "Fri, 27 Nov 2026 00:00:00 GMT";
    CHECK(strict(line.text()).outcome == Outcome::Download);
}

TEST_CASE("what is no line is told as such, in both modes")
{
    using namespace std::string_literals;
    const std::string good = DownloadLine().text();
    for (const std::string &text : {""s, "\0"s, "|"s, "||||||||||||"s, "@@@@"s, "download"s, "download|"s,
            "download||||||||"s, "simple||||||||||"s, "2@"s, "1@|||"s,
                                    "(null)|(null)|(null)|(null)|(null)|(null)|(null)|(null)|(null)|"s, "<"s, "<1"s,
                                            "<1>"s, std::string(16384, '|'), std::string(16384, '@'), std::string(16384, '<'),
                                    std::string(16384, '"'), std::string(16384, '['), std::string(16384, '\\'), std::string(16384, ' ')}) {
        for (const Mode mode : {Mode::Compatible, Mode::Strict}) {
            LineReader reader(mode);
            const Line line = reader.read(text, arrival);
            const bool told = line.outcome == Outcome::Unprocessed || line.reason == "NotText";
            CHECK_MESSAGE(told, text.substr(0, 40));
        }
    }
    for (const Mode mode : {Mode::Compatible, Mode::Strict}) {
        LineReader reader(mode);
        const std::string invalid = good + "\xFF", tooLong = good + std::string(longestLine, 'x');
        const bool strictly = mode == Mode::Strict;
        CHECK(reader.read(invalid, arrival).outcome == (strictly ? Outcome::Refused : Outcome::Unprocessed));
        CHECK(reader.read(invalid, arrival).reason == (strictly ? "NotText" : "UnicodeDecodeError"));
        CHECK(reader.read(tooLong, arrival).outcome == Outcome::Refused);
        CHECK(reader.read(tooLong, arrival).reason == "TooLong");
    }
}

TEST_CASE("times of the compatible mode are as loose as Python's")
{
    CHECK(compatibleSeconds("xxxxx20 Jul 2018 02:19:19yyyy") == 1532053159);
    CHECK(compatibleSeconds("Fri, 20   jUL  2018 2:9:9 GMT") == 1532052549);
    CHECK(compatibleSeconds("Fri,  2 Jul 2018 02:19:19 GMT") == 1530497959);
    CHECK(compatibleSeconds("Fri, 29 Feb 2020 00:00:00 GMT") == 1582934400);
    for (const char *text : {"", "short", "Fri, 29 Feb 2019 00:00:00 GMT", "Fri, 20 July 2018 02:19:19 GMT",
            "Fri,  20 Jul 2018 02:19:19 GMT", "Fri,  02 Jul 2018 02:19:19 GMT", "Fri, 20 Jul 0000 02:19:19 GMT",
                             "Fri, 20 Jul 2018 24:19:19 GMT", "Fri, 20 Jul 2018 02:19:60 GMT",
                                     "Fri, 20 Jul 2018 02:19 GMT", "Fri, 0 Jul 2018 02:19:19 GMT", "Fri, 20 Jul 2018 02:19:19 xGMT"})
        CHECK_MESSAGE(!compatibleSeconds(text), text);
    CHECK_FALSE(strictSeconds("Fri, 20 Jul 2018 02:19:19 EST"));
    CHECK_FALSE(commonLogSeconds("10/Oct/2013:13:55:36"));
}
