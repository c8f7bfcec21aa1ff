// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/unit/registry/registry_fixture.h"

using namespace cm;
using namespace cm::registry;
using namespace cm::registry::test;
using catalog::ProjectRole;
using catalog::RegistryRole;

namespace {

struct ModerationFixture : RegistryFixture {
    Principal ada = person("ada");
    Principal bob = person("bob");
    Principal moderatorUser = person("mo", RegistryRole::Moderator);
    Principal watcher = person("watcher", RegistryRole::Observer);

    ModerationFixture()
    {
        publish(ada, wheelForm("demo", "1.0"));
        publish(ada, sdistForm("demo", "1.0"));
        publish(ada, wheelForm("demo", "2.0"));
    }
    std::string lastAction() { return journalActions("demo").back(); }
};

}  // namespace

TEST_CASE_FIXTURE(ModerationFixture, "Yank and unyank, with reason, records and undo")
{
    const Change change = must(moderator.yankRelease(ada, "DEMO", "2.0.0", " broken\nbuild "));
    CHECK(change.serial == must(pages.serial()));
    CHECK(change.audit == lastAudit().id);
    const auto page = must(pages.simple("demo"));
    for (const pypi::SimpleFile &file : page.files) {
        CHECK(file.yanked == file.filename.starts_with("demo-2.0"));
        CHECK(file.yankedReason == (file.yanked ? "broken build" : ""));
    }
    CHECK(page.serial == change.serial);
    CHECK(lastAction() == "yank release");
    CHECK(lastAudit().action == "release.yank");
    CHECK(lastAudit().subject == "demo/2.0");
    CHECK(lastAudit().before == R"({"yanked":false,"reason":""})");
    CHECK(lastAudit().after == R"({"yanked":true,"reason":"broken build"})");
    CHECK(eventNames().back() == "release.yanked");
    // The project now stands for its other release.
    CHECK(must(browser.project(ada, "demo")).line.latestVersion == "1.0");
    CHECK(must(pages.json("demo")).version == "1.0");
    CHECK(codeOf(moderator.yankRelease(ada, "demo", "2.0", "broken build")) == ErrorCode::Conflict);
    must(moderator.unyankRelease(moderatorUser, "demo", "2.0", ""));
    CHECK(lastAction() == "unyank release");
    CHECK(must(pages.json("demo")).version == "2.0");
    CHECK(codeOf(moderator.unyankRelease(ada, "demo", "2.0", "")) == ErrorCode::Conflict);
    CHECK(codeOf(moderator.yankRelease(ada, "demo", "3.0", "")) == ErrorCode::NotFound);
    CHECK(codeOf(moderator.yankRelease(ada, "nothing", "1.0", "")) == ErrorCode::NotFound);
}

TEST_CASE_FIXTURE(ModerationFixture, "Quarantine hides the files and refuses uploads; lifting restores what was")
{
    must(moderator.setProjectStatus(ada, "demo", pypi::ProjectStatus::Deprecated, "use other"));
    CHECK(codeOf(moderator.quarantineProject(moderatorUser, "demo", "  ")) == ErrorCode::InvalidInput);
    must(moderator.quarantineProject(moderatorUser, "demo", "malware report 7"));
    const auto page = must(pages.simple("demo"));
    CHECK(page.files.empty());
    CHECK(page.status == pypi::ProjectStatus::Quarantined);
    CHECK(page.statusReason == "malware report 7");
    CHECK(lastAction() == "project quarantined");
    CHECK(must(pages.index()).projects.empty());
    CHECK(codeOf(pages.json("demo")) == ErrorCode::NotFound);
    CHECK(refusalOf(ada, wheelForm("demo", "3.0")).starts_with("403 "));
    const auto file = must(catalog->read([](catalog::Reader &reader) { return reader.findFile("demo-1.0.tar.gz"); }));
    CHECK_FALSE(must(pages.fileAt(file.path)).offered);
    CHECK(codeOf(moderator.quarantineProject(moderatorUser, "demo", "again")) == ErrorCode::Conflict);
    CHECK(codeOf(moderator.setProjectStatus(ada, "demo", pypi::ProjectStatus::Active, "")) == ErrorCode::Conflict);
    const ProjectDetail detail = must(browser.project(watcher, "demo"));
    CHECK(detail.statusActor == "mo");
    CHECK(detail.statusSince == clock.now());

    must(moderator.liftQuarantine(moderatorUser, "demo", "false alarm"));
    const auto after = must(pages.simple("demo"));
    CHECK(after.files.size() == 3);
    CHECK(after.status == pypi::ProjectStatus::Deprecated);
    CHECK(after.statusReason == "use other");
    CHECK(lastAction() == "project quarantine cleared");
    CHECK(lastAudit().after == R"({"status":"deprecated","reason":"use other"})");
    CHECK(codeOf(moderator.liftQuarantine(moderatorUser, "demo", "")) == ErrorCode::Conflict);
    publish(ada, wheelForm("demo", "3.0"));
}

TEST_CASE_FIXTURE(ModerationFixture, "An archived project takes no uploads and every status moves the serial")
{
    const catalog::Serial before = must(pages.serial());
    const Change change = must(moderator.setProjectStatus(ada, "demo", pypi::ProjectStatus::Archived, "done"));
    CHECK(change.serial == before + 1);
    CHECK(lastAction() == "change status to archived");
    CHECK(must(pages.simple("demo")).files.size() == 3);
    CHECK(refusalOf(ada, wheelForm("demo", "3.0")).starts_with("403 "));
    must(moderator.setProjectStatus(ada, "demo", pypi::ProjectStatus::Active, ""));
    publish(ada, wheelForm("demo", "3.0"));
    CHECK(codeOf(moderator.setProjectStatus(ada, "demo", pypi::ProjectStatus::Quarantined, "x")) ==
          ErrorCode::InvalidInput);
}

TEST_CASE_FIXTURE(ModerationFixture,
                  "Deleting needs a reason and the name, and can be undone within the retention time")
{
    const std::string file = "demo-1.0.tar.gz";
    CHECK(codeOf(moderator.deleteFile(ada, file, file, "")) == ErrorCode::InvalidInput);
    CHECK(codeOf(moderator.deleteFile(ada, file, "demo", "why")) == ErrorCode::GuardFailed);
    must(moderator.deleteFile(ada, file, file, "wrong file"));
    CHECK(lastAction() == "remove file demo-1.0.tar.gz");
    CHECK(must(pages.simple("demo")).files.size() == 2);
    CHECK(refusalOf(ada, sdistForm("demo", "1.0")).find("previously used") != std::string::npos);
    must(moderator.restoreFile(ada, file, ""));
    CHECK(must(pages.simple("demo")).files.size() == 3);

    CHECK(codeOf(moderator.deleteRelease(ada, "demo", "1.0", "1", "why")) == ErrorCode::GuardFailed);
    must(moderator.deleteRelease(ada, "demo", "1.0", "1.0", "wrong release"));
    CHECK(must(pages.simple("demo")).files.size() == 1);
    CHECK(codeOf(moderator.restoreFile(ada, file, "")) == ErrorCode::Conflict);
    must(moderator.deleteProject(ada, "demo", "demo", "wrong project"));
    CHECK(codeOf(pages.simple("demo")) == ErrorCode::NotFound);
    CHECK(refusalOf(bob, wheelForm("demo", "9.0")).find("isn't allowed") != std::string::npos);
    const catalog::DeletedPage deleted = must(browser.deleted(watcher, 0, 10));
    REQUIRE(deleted.total == 2);
    CHECK(deleted.things[0].deletion.by == "ada");
    CHECK(deleted.things[0].deletion.purgeAfter == clock.now() + std::chrono::days(30));

    CHECK(codeOf(moderator.restoreProject(bob, "demo", "")) == ErrorCode::Forbidden);
    must(moderator.restoreProject(ada, "demo", "sorry"));
    CHECK(must(pages.simple("demo")).files.size() == 1);
    must(moderator.restoreRelease(ada, "demo", "1.0", ""));
    CHECK(must(pages.simple("demo")).files.size() == 3);
    CHECK(must(browser.deleted(watcher, 0, 10)).total == 0);
    CHECK(must(housekeeping.fsck({true, false})).sound());
    CHECK(must(browser.verifyAudit(watcher)).intact);
}

TEST_CASE_FIXTURE(ModerationFixture, "After the retention time the bytes go and the file name stays reserved")
{
    must(moderator.deleteRelease(ada, "demo", "1.0", "1.0", "wrong"));
    const std::size_t blobsBefore = blobCount();
    clock.advance(std::chrono::days(29));
    CHECK(must(housekeeping.purge()).blobs == 0);
    clock.advance(std::chrono::days(2));
    CHECK(must(housekeeping.purge()).blobs == 3);  // wheel, its metadata, sdist
    CHECK(blobCount() == blobsBefore - 3);
    CHECK(codeOf(moderator.restoreRelease(ada, "demo", "1.0", "")) == ErrorCode::NotFound);
    CHECK(refusalOf(ada, wheelForm("demo", "1.0")).find("previously used") != std::string::npos);
    CHECK(must(housekeeping.fsck()).sound());
    CHECK(must(housekeeping.fsck()).orphans.empty());

    must(moderator.deleteProject(ada, "demo", "demo", "all wrong"));
    clock.advance(std::chrono::days(31));
    must(housekeeping.purge());
    CHECK(blobCount() == 0);
    publish(bob, wheelForm("demo", "5.0"));  // the name is free again, the file names are not
    CHECK(refusalOf(bob, wheelForm("demo", "2.0")).find("previously used") != std::string::npos);
}

TEST_CASE_FIXTURE(ModerationFixture, "Roles are given and taken, but never the last owner's")
{
    CHECK(codeOf(moderator.yankRelease(bob, "demo", "1.0", "")) == ErrorCode::Forbidden);
    must(moderator.setRole(ada, "demo", "Bob", ProjectRole::Maintainer, "helps"));
    CHECK(lastAction() == "add Maintainer bob");
    must(moderator.yankRelease(bob, "demo", "1.0", "now I may"));
    publish(bob, wheelForm("demo", "4.0"));
    CHECK(codeOf(moderator.setRole(bob, "demo", "bob", ProjectRole::Owner, "")) == ErrorCode::Forbidden);
    CHECK(codeOf(moderator.deleteProject(bob, "demo", "demo", "mine")) == ErrorCode::Forbidden);
    CHECK(codeOf(moderator.removeRole(ada, "demo", "ada", "")) == ErrorCode::GuardFailed);
    CHECK(codeOf(moderator.setRole(ada, "demo", "ada", ProjectRole::Maintainer, "")) == ErrorCode::GuardFailed);
    CHECK(codeOf(moderator.setRole(ada, "demo", "nobody", ProjectRole::Owner, "")) == ErrorCode::NotFound);
    must(moderator.setRole(ada, "demo", "bob", ProjectRole::Owner, ""));
    CHECK(lastAction() == "change Owner bob");
    must(moderator.removeRole(bob, "demo", "ada", "left"));
    CHECK(lastAction() == "remove Owner ada");
    CHECK(codeOf(moderator.removeRole(bob, "demo", "ada", "")) == ErrorCode::NotFound);
}

TEST_CASE_FIXTURE(ModerationFixture, "An observer reads everything and changes nothing, even as an owner")
{
    must(moderator.setRole(ada, "demo", "watcher", ProjectRole::Owner, ""));
    CHECK(must(browser.project(watcher, "demo")).allowed == std::vector<std::string_view>{"get-project"});
    CHECK(codeOf(moderator.yankRelease(watcher, "demo", "1.0", "")) == ErrorCode::Forbidden);
    CHECK(codeOf(moderator.quarantineProject(watcher, "demo", "x")) == ErrorCode::Forbidden);
    CHECK(codeOf(moderator.setProjectStatus(watcher, "demo", pypi::ProjectStatus::Archived, "")) ==
          ErrorCode::Forbidden);
    CHECK(codeOf(moderator.setProjectLimits(watcher, "demo", std::nullopt, std::nullopt, "")) == ErrorCode::Forbidden);
    CHECK(codeOf(moderator.deleteProject(watcher, "demo", "demo", "x")) == ErrorCode::Forbidden);
    CHECK(codeOf(moderator.deleteRelease(watcher, "demo", "1.0", "1.0", "x")) == ErrorCode::Forbidden);
    CHECK(codeOf(moderator.deleteFile(watcher, "demo-1.0.tar.gz", "demo-1.0.tar.gz", "x")) == ErrorCode::Forbidden);
    CHECK(codeOf(moderator.setRole(watcher, "demo", "bob", ProjectRole::Owner, "")) == ErrorCode::Forbidden);
    CHECK(codeOf(moderator.removeRole(watcher, "demo", "ada", "")) == ErrorCode::Forbidden);
    CHECK(refusalOf(watcher, wheelForm("demo", "8.0")).starts_with("403 "));
}

TEST_CASE_FIXTURE(ModerationFixture, "Lists, details and logs show what is there to those who may see it")
{
    publish(bob, wheelForm("bobs_thing", "0.1rc1"));
    const ProjectLines all = must(browser.projects(watcher, {}));
    CHECK(all.total == 2);
    CHECK(must(browser.projects(bob, {})).total == 1);
    CHECK(must(browser.projects(bob, {})).projects[0].latestVersion == "0.1rc1");
    ProjectListQuery query;
    query.query.search = "BOBS_";
    CHECK(must(browser.projects(watcher, query)).total == 1);
    query.mine = true;
    CHECK(must(browser.projects(ada, query)).total == 0);
    CHECK(codeOf(browser.project(bob, "demo")) == ErrorCode::Forbidden);
    CHECK(codeOf(browser.audit(bob, {})) == ErrorCode::Forbidden);
    CHECK(codeOf(browser.deleted(bob, 0, 1)) == ErrorCode::Forbidden);
    CHECK(must(browser.roleOn(ada, "Demo")) == ProjectRole::Owner);
    CHECK_FALSE(must(browser.roleOn(bob, "demo")).has_value());

    const ProjectDetail detail = must(browser.project(ada, "demo"));
    REQUIRE(detail.releases.size() == 2);
    CHECK(detail.releases[0].release.version == "2.0");
    CHECK(detail.releases[1].files == 2);
    const ReleaseDetail release = must(browser.release(ada, "demo", "1.0"));
    CHECK(release.files.size() == 2);
    CHECK(must(pypi::metadataFromJsonText(release.metadataJson)).name == "demo");

    const JournalPage newest = must(browser.journal("", 0, 0, 2));
    REQUIRE(newest.rows.size() == 2);
    CHECK(newest.rows[0].serial == newest.serial);
    CHECK(newest.rows[0].normalizedName == "bobs-thing");
    const JournalPage next = must(browser.journal("", 0, 2, 2));
    CHECK(next.rows.at(0).serial == newest.serial - 2);
    CHECK(must(browser.journal("", newest.serial - 1, 0, 100)).rows.size() == 1);
    CHECK(must(browser.journal("demo", 0, 1, 3)).rows.size() == 3);
    const RegistrySummary summary = must(browser.summary());
    CHECK(summary.counters.files == 4);
    CHECK(summary.counters.uploadsSince == 4);
}

TEST_CASE_FIXTURE(ModerationFixture, "What lies inside a file can be listed and read")
{
    const Form wheel = wheelForm("demo", "7.0");
    publish(ada, wheel);
    const ArchiveListing listing = must(inspector.members(ada, wheel.filename));
    CHECK_FALSE(listing.truncated);
    const std::string metadata = "demo-7.0.dist-info/METADATA";
    CHECK(std::any_of(listing.members.begin(), listing.members.end(),
                      [&](const auto &member) { return member.path == metadata; }));
    const MemberContent content = must(inspector.member(ada, wheel.filename, metadata));
    CHECK_FALSE(content.binary);
    CHECK(content.text.find("Name: demo") != std::string::npos);
    CHECK(codeOf(inspector.member(ada, wheel.filename, "no/such")) == ErrorCode::NotFound);
    CHECK(codeOf(inspector.members(bob, wheel.filename)) == ErrorCode::Forbidden);
    CHECK(codeOf(inspector.members(ada, "demo-9.9.tar.gz")) == ErrorCode::NotFound);

    const std::string info = "odd-1.0.dist-info/";
    Form odd("odd-1.0-py3-none-any.whl",
             cm::test::makeZip({{"odd/latin.py", "# caf\xe9\n"},
                                {"odd/picture.png", std::string("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16)},
                                {info + "METADATA", cm::test::metadataText("odd", "1.0")},
                                {info + "WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"},
                                {info + "RECORD", info + "RECORD,,\n"}}));
    publish(bob, odd);
    CHECK(must(inspector.member(bob, odd.filename, "odd/latin.py")).text == "# caf\xc3\xa9\n");
    CHECK(must(inspector.member(bob, odd.filename, "odd/picture.png")).binary);

    // Damaged before it was sent: told of the archive, not as a failure of the registry.
    std::string bytes = cm::test::makeZip({{"hurt/code.py", "print('whole')\n"},
                                           {"hurt-1.0.dist-info/METADATA", cm::test::metadataText("hurt", "1.0")},
                                           {"hurt-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\n"},
                                           {"hurt-1.0.dist-info/RECORD", "\n"}});
    const std::size_t at = bytes.find("hurt/code.py") + std::string("hurt/code.py").size() + 3;
    bytes[at] = static_cast<char>(bytes[at] ^ 0x20);
    publish(bob, Form("hurt-1.0-py3-none-any.whl", bytes));
    CHECK(codeOf(inspector.member(bob, "hurt-1.0-py3-none-any.whl", "hurt/code.py")) == ErrorCode::InvalidInput);
}

TEST_CASE_FIXTURE(ModerationFixture, "What an admin took down stays down until an admin restores it")
{
    const Principal chief = person("chief", RegistryRole::Admin);
    const std::string file = "demo-1.0.tar.gz";
    must(moderator.deleteFile(chief, file, file, "malware"));
    clock.advance(std::chrono::minutes(1));
    CHECK(codeOf(moderator.restoreFile(ada, file, "")) == ErrorCode::Forbidden);
    // Nor by making the admin a member afterwards.
    must(moderator.setRole(ada, "demo", "chief", ProjectRole::Maintainer, ""));
    CHECK(codeOf(moderator.restoreFile(ada, file, "")) == ErrorCode::Forbidden);
    must(moderator.removeRole(ada, "demo", "chief", ""));
    must(moderator.restoreFile(chief, file, "it was clean"));

    must(moderator.deleteRelease(chief, "demo", "2.0", "2.0", "malware"));
    CHECK(codeOf(moderator.restoreRelease(ada, "demo", "2.0", "")) == ErrorCode::Forbidden);
    must(moderator.deleteProject(chief, "demo", "demo", "malware"));
    CHECK(codeOf(moderator.restoreProject(ada, "demo", "")) == ErrorCode::Forbidden);
    must(moderator.restoreProject(chief, "demo", ""));
    CHECK(must(pages.simple("demo")).files.size() == 2);

    // Another owner's deletion is the project's own affair.
    must(moderator.setRole(ada, "demo", "bob", ProjectRole::Owner, ""));
    clock.advance(std::chrono::minutes(1));
    must(moderator.deleteFile(bob, file, file, "wrong"));
    must(moderator.restoreFile(ada, file, ""));
}

TEST_CASE_FIXTURE(ModerationFixture, "A restoration keeps one sdist to a release and the project within its limit")
{
    const std::string old = "demo-1.0.tar.gz";
    must(moderator.deleteFile(ada, old, old, "wrong"));
    Form other = sdistForm("demo", "1.0", "Keywords: other\n");
    other.filename = "Demo-1.0.tar.gz";
    publish(ada, other);
    CHECK(codeOf(moderator.restoreFile(ada, old, "")) == ErrorCode::Conflict);
    CHECK(must(pages.simple("demo")).files.size() == 3);
    must(moderator.deleteFile(ada, other.filename, other.filename, "wrong"));
    must(moderator.restoreFile(ada, old, ""));

    must(moderator.deleteRelease(ada, "demo", "1.0", "1.0", "wrong"));
    settings.policies.projectLimit = static_cast<std::uint64_t>(wheelForm("demo", "2.0").bytes.size()) + 10;
    CHECK(codeOf(moderator.restoreRelease(ada, "demo", "1.0", "")) == ErrorCode::Conflict);
    CHECK(must(pages.simple("demo")).files.size() == 1);
    settings.policies.projectLimit *= 100;
    must(moderator.restoreRelease(ada, "demo", "1.0", ""));
    CHECK(must(pages.simple("demo")).files.size() == 3);
}
