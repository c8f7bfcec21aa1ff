// SPDX-License-Identifier: GPL-3.0-or-later
// What a mirror plans and remembers.
#include "core/base/hash.h"
#include "core/mirror/plan.h"
#include "core/mirror/state.h"
#include "core/mirror/tree.h"
#include "core/sql/sqlite/sqlite_database.h"
#include "tests/contract/temp_folder.h"

#include <algorithm>
#include <doctest/doctest.h>
#include <fstream>

using namespace cm;
using namespace cm::mirror;
namespace fs = std::filesystem;

namespace {

PageFile file(const std::string &path, char digest = 'a', const std::string &metadata = "")
{
    PageFile out;
    out.path = out.file.filename = path;
    out.file.sha256 = std::string(64, digest);
    out.file.metadataSha256 = metadata;
    return out;
}

ProjectPage page(std::vector<PageFile> files)
{
    ProjectPage out;
    out.name = "demo";
    out.files = std::move(files);
    return out;
}

KnownFile here(const std::string &path, FileState state = FileState::Served)
{
    return {path, "demo", std::string(64, 'a'), 1, "", state, {}};
}

ProjectList list(std::initializer_list<std::pair<const char *, std::int64_t>> projects, std::int64_t serial)
{
    ProjectList out;
    for (const auto &[name, projectSerial] : projects)
        out.add(name, projectSerial);
    out.serial = serial;
    out.sort();
    return out;
}

struct Fixture {
    Fixture() : database(*sql::SqliteDatabase::open(folder.path() + "/state.sqlite")), state(*database) { REQUIRE(state.open(now)); }
    std::vector<std::string> pending()
    {
        std::vector<std::string> names;
        const auto all = state.pendingAfter({}, {1, 1, 1}, 1000);
        for (const Pending &one : *all)
            names.push_back(one.name + (one.removed ? "-" : "") + ":" + std::to_string(one.required));
        return names;
    }
    void publish(const std::string &name, std::int64_t serial, std::vector<KnownFile> files = {})
    {
        KnownProject project{name, serial, true, "aa/" + name + ".1", "", {}, ""};
        REQUIRE(state.settle({{name, project, std::move(files), serial}}, state.facts()));
    }
    test::TempFolder folder;
    const Time now = *parseRfc3339("2026-01-01T00:00:00Z");
    std::unique_ptr<sql::SqliteDatabase> database;
    State state;
};

const auto everything = [](std::string_view) { return true; };

}  // namespace

TEST_CASE("the folder of every published project's pages is told, so that one that is missing is found and pends")
{
    Fixture fixture;
    const KnownProject listed{"Demo", 3, true, "ab/demo.3.x", "", {}, ""}, hidden{"other", 4, false, "cd/other.4.x", "", {}, ""};
    REQUIRE(fixture.state.settle({{"demo", listed, {}, 3}, {"other", hidden, {}, 4}}, {}));
    std::map<std::string, std::string> told;
    REQUIRE(fixture.state.forEachPage([&](std::string_view name, std::string_view page) { told[std::string(name)] = page; }));
    CHECK(told == std::map<std::string, std::string>{{"demo", "ab/demo.3.x"}, {"other", "cd/other.4.x"}});
    REQUIRE(fixture.state.notePagesChecked({}, {"other"}, fixture.now));
    CHECK(fixture.pending() == std::vector<std::string>{"other:0"});
}

TEST_CASE("a plan fetches what is not here, brings back what was set aside and withdraws what is gone")
{
    KnownProject known;
    known.files = {here("kept"), here("gone"), here("aside", FileState::Aside), here("damaged", FileState::Damaged), here("filtered")};
    const auto whole = page({file("kept"), file("aside"), file("damaged"), file("new"), file("filtered")});
    const auto wanted = page({file("kept"), file("aside"), file("damaged"), file("new")});
    const auto plan = planProject(whole, wanted, known);
    REQUIRE(plan);
    CHECK(plan->fetch == std::vector<std::size_t>{2, 3});
    CHECK(plan->bringBack == std::vector<std::size_t>{1});
    REQUIRE(plan->withdrawn.size() == 1);
    CHECK(plan->withdrawn[0].path == "gone");
    REQUIRE(plan->fading.size() == 1);
    CHECK(plan->loses);
    const auto after = filesAfter(wanted, *plan, Time(std::chrono::seconds(9)));
    CHECK(after.size() == 6);
    CHECK(std::ranges::count(after, FileState::Served, &KnownFile::state) == 4);
    CHECK(std::ranges::count(after, FileState::Aside, &KnownFile::state) == 1);
}

TEST_CASE("what is damaged is not served on when its page leaves it out")
{
    KnownProject known;
    known.files = {here("kept"), here("damaged", FileState::Damaged)};
    const auto plan = planProject(page({file("kept"), file("damaged")}), page({file("kept")}), known);
    REQUIRE(plan);
    REQUIRE(plan->withdrawn.size() == 1);
    CHECK(plan->withdrawn[0].path == "damaged");
    CHECK(!plan->loses);
}

TEST_CASE("a file that is offered under another address is not lost")
{
    KnownProject known;
    known.files = {here("old/a.whl"), here("old/b.whl", FileState::Damaged), here("old/c.whl"), here("old/d.whl"), here("older/a.whl", FileState::Fading)};
    auto moved = page({file("new/a.whl"), file("new/b.whl"), file("new/c.whl")});
    for (PageFile &one : moved.files)
        one.file.filename = one.path.substr(4);
    auto wanted = moved;
    wanted.files.pop_back();  // by a filter
    const auto plan = planProject(moved, wanted, known);
    REQUIRE(plan);
    CHECK(plan->fetch == std::vector<std::size_t>{0, 1});
    CHECK(plan->fading == std::vector<KnownFile>{known.files[0], known.files[2]});
    // Damaged bytes are served no longer than they must be, and one is gone.
    CHECK(plan->withdrawn == std::vector<KnownFile>{known.files[1], known.files[3]});
    CHECK(plan->loses);
    known.files.erase(known.files.begin() + 3);
    CHECK(!planProject(moved, wanted, known)->loses);
    // Other bytes of that name are others.
    moved.files[0].file.sha256 = std::string(64, 'b');
    CHECK(planProject(moved, moved, known)->loses);
}

TEST_CASE("bytes do not change under their address")
{
    KnownProject known;
    known.files = {here("demo")};
    CHECK(planProject(page({file("demo", 'b')}), page({file("demo", 'b')}), known).error().code == ErrorCode::Corrupt);
    // Where they were withdrawn, or it is meant, others have an address of their own, and those before are not served.
    auto others = page({file("demo", 'b')});
    giveAddresses(others, known, false);
    CHECK(others.files[0].path == "demo");
    giveAddresses(others, known, true);
    CHECK(others.files[0].path == pathByDigest(std::string(64, 'b'), "demo"));
    const auto meant = planProject(others, others, known);
    REQUIRE(meant);
    CHECK(meant->fetch.size() == 1);
    CHECK(meant->withdrawn == known.files);
    CHECK(!meant->loses);
    known.files[0].state = FileState::Aside;
    others = page({file("demo", 'b')});
    giveAddresses(others, known, false);
    CHECK(!planProject(others, others, known)->loses);
    CHECK(others.files[0].path != "demo");
    others = page({file("demo", 'a')});
    giveAddresses(others, known, true);
    CHECK(others.files[0].path == "demo");
    known.files[0].state = FileState::Served;
    // Metadata that comes later is fetched.
    const auto later = page({file("demo", 'a', std::string(64, 'c'))});
    CHECK(planProject(later, later, known)->fetch.size() == 1);
    CHECK(!planProject(later, later, known)->loses);
}

TEST_CASE("the brake holds what would empty a mirror, and nothing else")
{
    const Brake brake{5, 10, false};
    CHECK(!brakeHolds(brake, 0, 0));
    CHECK(!brakeHolds(brake, 1, 1));
    CHECK(!brakeHolds(brake, 10, 50));
    CHECK(brakeHolds(brake, 11, 100));
    CHECK(!brakeHolds(brake, 11, 1000));
    CHECK(brakeHolds(brake, 5, 5));
    CHECK(!brakeHolds({5, 10, true}, 5, 5));
}

TEST_CASE("a long index is written now and then, and at once when it lists what is gone")
{
    Facts facts;
    facts.projects = 500'000;
    facts.indexWritten = Time(std::chrono::hours(1));
    const Time soon = facts.indexWritten + std::chrono::seconds(60);
    CHECK(!indexIsDue(facts, false, soon, std::chrono::seconds(300)));
    CHECK(indexIsDue(facts, true, soon, std::chrono::seconds(300)));
    CHECK(indexIsDue(facts, false, soon + std::chrono::seconds(300), std::chrono::seconds(300)));
    facts.projects = 100;
    CHECK(indexIsDue(facts, false, soon, std::chrono::seconds(300)));
    facts.indexStale = false;
    CHECK(!indexIsDue(facts, false, soon, std::chrono::seconds(300)));
}

TEST_CASE("what changed is pending with the highest serial until it is settled")
{
    Fixture f;
    Facts facts;
    facts.serial = 9;
    REQUIRE(f.state.follow({{"b", "B", 5, false, false}, {"a", "A", 9, true, false}}, facts, f.now));
    REQUIRE(f.state.follow({{"b", "B", 4, false, false}}, facts, f.now));
    CHECK(f.pending() == std::vector<std::string>{"a-:9", "b:5"});
    // The earlier one is missing as well.
    CHECK(f.state.pending(10)->lowest == 4);
    REQUIRE(f.state.setBack({{"b", "broken"}}, 0));
    CHECK(f.state.pending(1)->first[0].error == "broken");
    f.publish("b", 5);
    CHECK(f.pending() == std::vector<std::string>{"a-:9"});
    State again(*f.database);
    REQUIRE(again.open(f.now));
    CHECK(again.facts() == f.state.facts());
    CHECK(again.facts().serial == 9);
}

TEST_CASE("how far the copy is whole ends before the first change that is not here")
{
    Fixture f;
    Facts facts;
    facts.serial = 6;
    REQUIRE(f.state.follow({{"a", "a", 5, false, false, 3}}, facts, f.now));
    REQUIRE(f.state.follow({{"a", "a", 6, false, false}}, facts, f.now));
    CHECK(f.state.pending(10)->lowest == 3);
    // What is published before all of it is not whole.
    REQUIRE(f.state.settle({{"a", KnownProject{"a", 2, true, "aa/x", "", {}, ""}, {}, std::nullopt}}, f.state.facts()));
    CHECK(f.state.pending(10)->lowest == 3);
    f.publish("a", 5);
    CHECK(f.state.pending(10)->lowest == 6);
    f.publish("a", 6);
    CHECK(f.state.pending(10)->lowest == 0);
}

TEST_CASE("of a project in the list all is missing behind what is here of it")
{
    Fixture f;
    const auto lowest = [&](std::initializer_list<std::pair<const char *, std::int64_t>> listed, State::Look look = State::Look::Newer) {
        REQUIRE(f.state.reconcile(list(listed, 9), [](std::string_view name) { return name != "unwanted"; }, look, f.state.facts(), f.now));
        return f.state.pending(10)->lowest;
    };
    // At the beginning nobody knows which of its changes was the first.
    CHECK(lowest({{"a", 4}}) == 1);
    f.publish("a", 4);
    Facts facts;
    facts.serial = 6;
    REQUIRE(f.state.setFacts(facts));
    CHECK(lowest({{"a", 4}}) == 0);
    CHECK(lowest({{"a", 8}}) == 7);
    f.publish("a", 8);
    CHECK(lowest({{"a", 8}, {"new", 9}}) == 7);
    f.publish("new", 9);
    CHECK(lowest({{"a", 8}, {"new", 9}, {"missed", 5}}) == 1);
    f.publish("missed", 5);
    // What our own filters take out is not missing; what they let in may be.
    f.publish("unwanted", 3);
    CHECK(lowest({{"a", 8}, {"new", 9}, {"missed", 5}, {"unwanted", 3}}) == 0);
    CHECK(lowest({{"a", 8}, {"new", 9}, {"missed", 5}, {"unwanted", 3}}, State::Look::All) == 1);
}

TEST_CASE("what is pending comes in the order of what may have to go, and once in a round")
{
    Fixture f;
    f.publish("here", 1);
    f.publish("named", 1);
    REQUIRE(f.state.follow({{"a-new", "a-new", 2, false, false}, {"here", "here", 3, false, false}, {"named", "named", 4, false, true}}, f.state.facts(), f.now));
    CHECK(f.pending() == std::vector<std::string>{"named:4", "here:3", "a-new:2"});
    const auto names = [&](const Place &place, const Rounds &rounds) {
        std::vector<std::string> found;
        const auto pending = f.state.pendingAfter(place, rounds, 10);
        for (const Pending &one : *pending)
            found.push_back(one.name);
        return found;
    };
    using Names = std::vector<std::string>;
    CHECK(names({Rank::Published, ""}, {1, 1, 1}) == Names{"here", "a-new"});
    // Each tried in round 5: the withdrawal again in the next one, the others later.
    REQUIRE(f.state.setBack({{"named", "x"}, {"here", "x"}, {"a-new", "x"}}, 5));
    CHECK(names({}, {5, 5, 5}).empty());
    CHECK(names({}, {6, 5, 5}) == Names{"named"});
    CHECK(names({}, {9, 6, 5}) == Names{"named", "here"});
    CHECK(names({}, {20, 20, 20}) == Names{"named", "here", "a-new"});
    // A change that is newer is tried at once.
    REQUIRE(f.state.follow({{"a-new", "a-new", 7, false, false}}, f.state.facts(), f.now));
    CHECK(names({}, {5, 5, 5}) == Names{"a-new"});
    // What changed while an older state was published stays pending, as does what is not whole.
    f.publish("a-new", 6);
    CHECK(names({}, {5, 5, 5}) == Names{"a-new"});
    REQUIRE(f.state.settle({{"a-new", KnownProject{"a-new", 7, true, "aa/x", "", {}, ""}, {}, std::nullopt}}, f.state.facts()));
    CHECK(names({}, {5, 5, 5}) == Names{"a-new"});
    f.publish("a-new", 7);
    CHECK(names({}, {5, 5, 5}).empty());
}

TEST_CASE("comparing the whole list finds what is new, newer, hidden and gone")
{
    Fixture f;
    f.publish("gone", 3);
    f.publish("old", 4);
    f.publish("same", 5);
    REQUIRE(f.state.unlist({"same"}, f.state.facts()));
    f.publish("unchanged", 5);
    const auto found = f.state.reconcile(list({{"New", 8}, {"old", 7}, {"same", 5}, {"unchanged", 5}}, 8), everything, State::Look::Newer, f.state.facts(), f.now);
    CHECK(*found == 4);
    CHECK(f.pending() == std::vector<std::string>{"gone-:3", "old:7", "same:5", "new:8"});
}

TEST_CASE("a project that is listed with less than it had is found, and a list that is behind makes nothing older")
{
    Fixture f;
    f.publish("fell", 7);
    f.publish("newer", 9);
    f.publish("same", 5);
    const auto listed = list({{"fell", 4}, {"newer", 6}, {"same", 5}}, 8);
    const auto fallen = f.state.fallen(listed, 10);
    REQUIRE(fallen->size() == 1);
    CHECK((*fallen)[0].name == "fell");
    CHECK((*fallen)[0].serial == 7);
    CHECK((*fallen)[0].listed == 4);
    REQUIRE(f.state.reconcile(listed, everything, State::Look::All, f.state.facts(), f.now));
    CHECK(f.pending() == std::vector<std::string>{"fell:7", "newer:9", "same:5"});
    // What was pending by another history counts for nothing in this one.
    REQUIRE(f.state.follow({{"same", "same", 20, false, false}, {"nowhere", "nowhere", 21, false, false}}, f.state.facts(), f.now));
    REQUIRE(f.state.reconcile(listed, everything, State::Look::Anew, f.state.facts(), f.now));
    CHECK(f.pending() == std::vector<std::string>{"fell:4", "newer:6", "same:5"});
}

TEST_CASE("other filters make every project pending, and those they do not want go")
{
    Fixture f;
    f.publish("wanted", 3);
    f.publish("unwanted", 3);
    const auto wanted = [](std::string_view name) { return name != "unwanted"; };
    REQUIRE(f.state.reconcile(list({{"wanted", 3}, {"unwanted", 3}}, 3), wanted, State::Look::All, f.state.facts(), f.now));
    CHECK(f.pending() == std::vector<std::string>{"unwanted-:3", "wanted:3"});
}

TEST_CASE("what was on its way when a run died is told, and over once")
{
    Fixture f;
    REQUIRE(f.state.follow({{"a", "a", 1, false, false}}, f.state.facts(), f.now));
    std::vector<KnownFile> arriving{here("x/one.whl"), here("x/served.whl")};
    for (KnownFile &file : arriving)
        file.project = "a";
    REQUIRE(f.state.claim({"a"}, arriving));
    CHECK(f.state.known("a")->files.empty());
    const auto left = f.state.leftovers();
    CHECK(left->projects == std::vector<std::string>{"a"});
    REQUIRE(left->files.size() == 2);
    REQUIRE(f.state.settleLeftovers({"x/served.whl"}));
    CHECK(f.state.leftovers()->files.empty());
    // Whoever withdraws the project finds what its page, which was turned, has put in service.
    const auto known = f.state.known("a")->files;
    REQUIRE(known.size() == 1);
    CHECK(known[0].path == "x/served.whl");
    CHECK(known[0].state == FileState::Served);
    CHECK(f.state.facts().files == 1);
    CHECK(f.pending() == std::vector<std::string>{"a:1"});
}

TEST_CASE("damaged files make their project pending")
{
    Fixture f;
    f.publish("demo", 3, {here("one"), here("two")});
    Facts facts;
    facts.serial = 9;
    REQUIRE(f.state.follow({{"late", "late", 8, false, false}}, facts, f.now));
    REQUIRE(f.state.noteChecked({"one"}, {here("two")}, f.now));
    // No change of it is missing: how far the copy has come is not less for that.
    CHECK(f.pending() == std::vector<std::string>{"demo:0", "late:8"});
    CHECK(f.state.pending(10)->lowest == 8);
    CHECK(f.state.known("demo")->files[1].state == FileState::Damaged);
}

TEST_CASE("a project is looked at again whether or not it is known, and once")
{
    Fixture f;
    f.publish("demo", 3);
    REQUIRE(f.state.lookAgain("demo", f.now));
    REQUIRE(f.state.lookAgain("demo", f.now));
    REQUIRE(f.state.lookAgain("nobody", f.now));
    // The upstream may say of what nobody here knows that it is not there.
    CHECK(f.pending() == std::vector<std::string>{"demo:0", "nobody-:0"});
    CHECK(f.state.pending(10)->lowest == 0);
    CHECK((*f.state.pendingOf("demo"))->name == "demo");
    f.publish("demo", 3);
    CHECK_FALSE(*f.state.pendingOf("demo"));
    // What is missing counts for more.
    REQUIRE(f.state.follow({{"demo", "demo", 7, false, false}}, f.state.facts(), f.now));
    REQUIRE(f.state.lookAgain("demo", f.now));
    CHECK(f.pending().front() == "demo:7");
}

TEST_CASE("pages are compared by what they were, the longest unchecked first, and those that differ are made anew")
{
    Fixture f;
    f.publish("demo", 3);
    f.publish("other", 4);
    const Time later = f.now + std::chrono::hours(1);
    CHECK(f.state.pagesLongestUnchecked(later, 10)->size() == 2);
    REQUIRE(f.state.notePagesChecked({{"other", "abc"}}, {"demo"}, later));
    CHECK(f.state.known("other")->digest == "abc");
    CHECK(f.pending() == std::vector<std::string>{"demo:0"});
    CHECK(f.state.pagesLongestUnchecked(later, 10)->empty());
    Tree tree(f.folder.path());
    REQUIRE(tree.open());
    const Rendered pages{"one", "two", "three"};
    REQUIRE(tree.turnProject("demo", *tree.placePages(*tree.stagePages(pages, {}), "demo", 3)));
    CHECK(tree.servedDigest("demo") == digestOf(pages));
    std::ofstream(tree.web() / "simple/demo/legacy.json") << "thref";
    CHECK(tree.servedDigest("demo") != digestOf(pages));
    fs::remove(tree.web() / "simple/demo/index.html");
    CHECK(tree.servedDigest("demo").empty());
}

TEST_CASE("two files with the same bytes are set aside and brought back each for itself")
{
    test::TempFolder folder;
    Tree tree(folder.path());
    REQUIRE(tree.open());
    const std::string sha256 = hashHex(HashKind::Sha256, "bytes"), first = hashHex(HashKind::Sha256, "first"),
                      second = hashHex(HashKind::Sha256, "second");
    const auto put = [&](const std::string &path, const std::string &metadata) {
        for (const bool isMetadata : {false, true}) {
            auto staged = *tree.stage();
            REQUIRE(staged.write(isMetadata ? metadata : "bytes"));
            REQUIRE(staged.close({}));
            REQUIRE(tree.placeFile(staged, path, isMetadata));
        }
    };
    const auto read = [&](const std::string &path) {
        std::ifstream in(tree.filePath(path));
        return std::string(std::istreambuf_iterator<char>(in), {});
    };
    put("x/one.whl", "first");
    put("y/two.whl", "second");
    REQUIRE(tree.setAside("x/one.whl", sha256));
    REQUIRE(tree.setAside("y/two.whl", sha256));
    CHECK(!fs::exists(tree.filePath("x/one.whl")));
    tree.dropAside("x/one.whl", sha256);
    CHECK(!tree.isWholeAside("x/one.whl", sha256, ""));
    CHECK(!tree.bringBack("x/one.whl", sha256, false));
    CHECK(tree.isWholeAside("y/two.whl", sha256, second));
    CHECK(!tree.isWholeAside("y/two.whl", sha256, first));
    CHECK(tree.bringBack("y/two.whl", sha256, true));
    CHECK(read("y/two.whl") == "bytes");
    CHECK(read("y/two.whl.metadata") == "second");
    // Without its metadata it is fetched anew.
    REQUIRE(tree.setAside("y/two.whl", sha256));
    for (const auto &one : fs::directory_iterator(folder.path() + "/aside")) {
        if (one.path().extension() == ".metadata")
            fs::remove(one.path());
    }
    CHECK(tree.isWholeAside("y/two.whl", sha256, ""));
    CHECK(!tree.isWholeAside("y/two.whl", sha256, second));
    for (const auto &one : fs::directory_iterator(folder.path() + "/aside"))
        std::ofstream(one.path()) << "bytez";
    CHECK(!tree.isWholeAside("y/two.whl", sha256, ""));
}

TEST_CASE("a project's forms are turned to together, and a turn that fails changes nothing")
{
    test::TempFolder folder;
    Tree tree(folder.path());
    REQUIRE(tree.open());
    const auto put = [&](const std::string &text, std::int64_t serial) {
        return *tree.placePages(*tree.stagePages({text, text, text}, {}), "demo", serial);
    };
    const auto read = [&](const char *form) {
        std::ifstream in(tree.web() / "simple/demo" / form);
        return std::string(std::istreambuf_iterator<char>(in), {});
    };
    const std::string first = put("one", 5);
    REQUIRE(tree.turnProject("demo", first));
    const std::string second = put("two", 5);
    CHECK(first != second);
    CHECK(read("index.html") == "one");
    REQUIRE(tree.turnProject("demo", second));
    CHECK(read("index.html") == "two");
    CHECK(read("index.v1_json") == "two");
    CHECK(tree.servedPage("demo") == second);
    // Whatever somebody remembers of it: what is served stays.
    tree.dropPages("demo", second);
    tree.sweepPages("demo", first);
    CHECK(read("index.html") == "two");
    const auto isThere = tree.pagesThere();
    CHECK((isThere(first) && isThere(second) && !isThere("00/demo.5")));
    tree.dropPages("demo", first);
    CHECK(!fs::exists(tree.pagePath(first)));
    CHECK(put("three", 5) != first);
    CHECK(*Tree(folder.path()).placePages(*tree.stagePages({"four", "", ""}, {}), "demo", 5) != first);
    tree.sweepPages("demo", second);
    CHECK(std::distance(fs::directory_iterator(tree.pagePath(second).parent_path()), {}) == 1);
    REQUIRE(tree.withdrawProject("demo"));
    REQUIRE(tree.withdrawProject("demo"));
    CHECK(tree.servedPage("demo").empty());
}
