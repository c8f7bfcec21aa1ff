// SPDX-License-Identifier: GPL-3.0-or-later
// The lists by which an upstream tells what changed.
#include "core/mirror/follow.h"
#include "core/mirror/listings.h"

#include <doctest/doctest.h>

using namespace cm;
using namespace cm::mirror;

namespace {

Result<ProjectList> readIndex(std::string_view text, std::size_t piece)
{
    IndexReader reader;
    for (std::size_t at = 0; at < text.size(); at += piece)
        CM_TRY(reader.write(text.substr(at, piece)));
    return reader.finish();
}

constexpr std::string_view wholeIndex = R"({"meta":{"api-version":"1.4","_last-serial":99,"more":{"_last-serial":1}},)"
                                   R"("projects":[{"name":"Zulu.Two","_last-serial":9,"x":{"_last-serial":5,"name":"no"}},{"name":"alpha","_last-serial":"7"}],"z":[1]})";

std::string answer(const std::string &value)
{
    return "<?xml version='1.0'?><methodResponse><params><param><value>" + value + "</value></param></params></methodResponse>";
}

std::string row(const std::string &serial)
{
    return "<value><array><data><value><string>Demo</string></value><value><nil/></value><value><int>5</int></value>"
           "<value>new &lt;release</value><value><i4>" + serial + "</i4></value></data></array></value>";
}

}  // namespace

TEST_CASE("an index is read in pieces of any length, by normalised name")
{
    for (const std::size_t piece : {1UL, 7UL, 10'000UL}) {
        const auto list = readIndex(wholeIndex, piece);
        REQUIRE(list);
        REQUIRE(list->size() == 2);
        CHECK(list->serial == 99);
        CHECK(list->at(0).name == "alpha");
        CHECK(list->at(0).serial == 7);
        CHECK(list->at(1).name == "zulu-two");
        CHECK(list->at(1).display == "Zulu.Two");
        CHECK(list->at(1).serial == 9);
    }
}

TEST_CASE("an index that is cut off, lies or has no serials is no index")
{
    for (std::size_t length = 0; length < wholeIndex.size(); length += 5)
        CHECK(!readIndex(wholeIndex.substr(0, length), 100));
    CHECK(readIndex(R"({"meta":{"_last-serial":1},"projects":[{"name":"../x","_last-serial":1}]})", 100).error().code == ErrorCode::Corrupt);
    CHECK(readIndex(R"({"meta":{"_last-serial":1},"projects":[{"name":"a"}]})", 100).error().code == ErrorCode::Unsupported);
    CHECK(readIndex(R"({"meta":{},"projects":[{"name":"a","_last-serial":1}]})", 100).error().code == ErrorCode::Unsupported);
    CHECK(readIndex(R"({"meta":{"_last-serial":0},"projects":[]})", 100));
    CHECK(!readIndex("<html></html>", 100));
}

TEST_CASE("an entry that is none is left out, and said, and the others are read")
{
    std::string names;
    for (const char *odd : {"foo_", "a b", "é", "", "..", "-x"})
        names += std::string(R"({"name":")") + odd + R"(","_last-serial":3},)";
    for (const std::string &more : {std::string(R"({"name":"q"})"), R"({"name":")" + std::string(99, 'a') + "éé" + std::string(500, 'b') + R"(","_last-serial":1})"}) {
        const auto list = readIndex(R"({"meta":{"_last-serial":9},"projects":[)" + names + more + R"(,{"name":"p","_last-serial":9}]})", 50);
        REQUIRE(list);
        REQUIRE(list->size() == 1);
        CHECK(list->at(0).name == "p");
        CHECK(list->leftOut.find("7 entries") == 0);
        CHECK(list->leftOut.find("'foo_' is no name") != std::string::npos);
    }
    const std::string name = std::string(99, 'a') + "\xc3\xa9" + std::string(500, 'b');
    const auto one = readIndex(R"({"meta":{"_last-serial":9},"projects":[{"name":"p","_last-serial":9},{"name":")" + name + R"(","_last-serial":1}]})", 50);
    CHECK(one->leftOut.find("'" + std::string(99, 'a') + "' is no name") != std::string::npos);
    CHECK(readIndex(wholeIndex, 50)->leftOut.empty());
}

TEST_CASE("a journal has rising serials and ends where it says")
{
    const std::string head = R"({"meta":{"_last-serial":9},"registry":"ab","since":1,"through":3,"changes":[)";
    const auto page = readJournal(head + R"({"serial":2,"name":"A","version":null,"action":"create","time":"t"},{"serial":3,"name":"A","version":"1","action":"new release","time":"t"}]})");
    REQUIRE(page);
    CHECK(page->rows.size() == 2);
    CHECK(page->rows[1].version == "1");
    CHECK(!readJournal(head + R"({"serial":3,"name":"A"},{"serial":2,"name":"A"}]})"));
    CHECK(!readJournal(head + R"({"serial":4,"name":"A"}]})"));
    CHECK(!readJournal(head + R"({"serial":2,"name":"../A"}]})"));
    CHECK(!readJournal(head));
    CHECK(!readJournal(R"({"meta":{"_last-serial":2},"registry":"ab","through":3,"changes":[]})"));
}

TEST_CASE("the last word on a project counts, and only what the filters want")
{
    Filters filters;
    filters.deny = {"not-me"};
    const auto changes = changesIn({{5, "old", "", "create", ""}, {6, "A.b", "", "create", ""}, {7, "A.b", "", "remove project", ""},
                                    {8, "c", "", "remove project", ""}, {9, "c", "", "create", ""}, {10, "not_me", "", "create", ""}},
                                   5, filters);
    REQUIRE(changes.size() == 2);
    CHECK(changes[0].name == "a-b");
    CHECK(changes[0].removed);
    CHECK(changes[0].required == 7);
    CHECK(!changes[1].removed);
}

TEST_CASE("a journal names what it says was withdrawn, whatever it says of it later")
{
    const auto named = [](std::initializer_list<const char *> actions) {
        std::vector<JournalRow> rows;
        for (const char *action : actions)
            rows.push_back({static_cast<std::int64_t>(rows.size()) + 1, "demo", "", action, ""});
        return changesIn(rows, 0, {})[0].named;
    };
    for (const char *action : {"remove project", "remove", "remove release", "remove file demo-1.0.tar.gz", "yank release", "project quarantined"})
        CHECK_MESSAGE(named({action}), action);
    CHECK(named({"remove file demo-1.0.tar.gz", "new release"}));
    for (const char *action : {"create", "new release", "remove Owner ann", "unyank release", "add source file demo-1.0.tar.gz"})
        CHECK_MESSAGE(!named({action}), action);
}

TEST_CASE("a body that comes slowly is told from one that we do not read")
{
    using namespace std::chrono;
    Pace quick(seconds(60)), slow(seconds(60));
    for (int i = 0; i < 300; ++i) {
        quick.came(1024, milliseconds(900));
        slow.came(1024, milliseconds(1100));
        // Not before its time.
        CHECK(slow.isTooSlow() == (i >= 54));
    }
    CHECK(!quick.isTooSlow());
}

TEST_CASE("a change log over XML-RPC is read as registries write it")
{
    const auto rows = readChangelog(answer("<array><data>" + row("12") + row("13") + "</data></array>"));
    REQUIRE_MESSAGE(rows, (rows ? std::string() : rows.error().detail));
    REQUIRE(rows->size() == 2);
    CHECK((*rows)[0] == JournalRow{12, "Demo", "", "new <release", "5"});
    CHECK(readChangelog(answer("<array><data></data></array>"))->empty());
    CHECK(*readSerial(answer("<int>77</int>")) == 77);
}

TEST_CASE("what is no change log is refused")
{
    const auto fault = readChangelog("<methodResponse><fault><value><struct><member><name>faultCode</name><value><int>-32500</int></value></member>"
                                     "<member><name>faultString</name><value><string>gone for good</string></value></member></struct></value></fault></methodResponse>");
    REQUIRE(!fault);
    CHECK(fault.error().code == ErrorCode::Unsupported);
    CHECK(fault.error().detail.find("gone for good") != std::string::npos);
    for (const std::string &text : {std::string(), std::string("<html>"), answer(""), answer("<int>x</int>"), answer("<array><data><value>x</value></data></array>"),
                                    answer("<array><data>" + row("1")), answer("<array><data>" + row("") + "</data></array>"),
                                    "<!DOCTYPE a [<!ENTITY b 'c'>]>" + answer("<string>&b;</string>"), "<value/><value/>" + answer("<int>1</int>")})
        CHECK_MESSAGE(!readChangelog(text), text);
    std::string deep;
    for (int i = 0; i < 200; ++i)
        deep += "<array><data><value>";
    CHECK(!readChangelog(answer(deep)));
}
