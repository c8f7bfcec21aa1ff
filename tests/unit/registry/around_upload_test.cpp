// SPDX-License-Identifier: GPL-3.0-or-later
// What is around an upload: crashes, observers, the pre-flight, policies over time.
#include "tests/unit/registry/registry_fixture.h"

using namespace cm;
using namespace cm::registry;
using namespace cm::registry::test;

TEST_CASE_FIXTURE(RegistryFixture, "An upload given up half-way leaves nothing; what a crash leaves is swept")
{
    const Principal ada = person("ada");
    {
        const auto session = publisher.begin({ada, true, {}});
        must(session->beginFile("demo-1.0-py3-none-any.whl", ""));
        must(session->append(std::vector<std::byte>(100'000)));
        CHECK(stagedCount() == 1);
    }
    CHECK(stagedCount() == 0);
    std::ofstream(folder.path() / "blobs/tmp/left-by-a-crash") << "bytes";
    CHECK(must(housekeeping.sweep()) == 1);
    CHECK(stagedCount() == 0);

    // Killed between blob and row: fsck finds the blob, and the same upload then succeeds.
    const Form form = wheelForm("demo", "1.0");
    const std::string path = must(blobs::blobPath(hashHex(HashKind::Blake2b256, form.bytes), form.filename));
    must(blobs->put(path, form.bytes));
    const FsckReport report = must(housekeeping.fsck());
    CHECK(report.orphans == std::vector<std::string>{path});
    CHECK(report.sound());
    publish(ada, form);
    CHECK(must(housekeeping.fsck()).orphans.empty());
    must(blobs->remove(path));
    CHECK(must(housekeeping.fsck()).missing == std::vector<std::string>{path});
}

TEST_CASE_FIXTURE(RegistryFixture, "Observers hear of uploads here at once and of other processes' when polled")
{
    std::vector<std::pair<std::string, catalog::Serial>> heard;
    int commits = 0;
    changes.observe({[&](std::string_view project, catalog::Serial serial) { heard.emplace_back(project, serial); },
                     [&] { ++commits; }});
    must(changes.start());
    const Principal ada = person("ada");
    const Receipt receipt = publish(ada, wheelForm("demo", "1.0"));
    REQUIRE(heard.size() == 1);
    CHECK(heard[0] == std::pair<std::string, catalog::Serial>("demo", receipt.serial));
    must(changes.poll());
    heard.clear();
    commits = 0;
    must(changes.poll());
    CHECK(commits == 0);
    {
        const auto otherDatabase = must(sql::SqliteDatabase::open((folder.path() / "catalog.db").string()));
        const auto otherCatalog = must(catalog::Catalog::open(*otherDatabase, clock));
        Changes otherChanges(*otherCatalog);
        must(Moderator(*otherCatalog, otherChanges, clock, settings).quarantineProject(root, "demo", "malware"));
    }
    must(changes.poll());
    REQUIRE(heard.size() == 1);
    CHECK(heard[0].first == "demo");
    CHECK(heard[0].second == receipt.serial + 1);
    CHECK(commits == 1);
}

TEST_CASE_FIXTURE(RegistryFixture, "The pre-flight says what an upload would meet")
{
    const Principal ada = person("ada");
    const Principal eve = person("eve");
    const Form form = wheelForm("demo", "1.0");
    const auto ask = [&](const Principal &who, const Form &f, const char *version) {
        return must(
                   preflight.check(who, {{f.filename, "demo", version, static_cast<std::int64_t>(f.bytes.size()),
                                          hashHex(HashKind::Sha256, f.bytes), hashHex(HashKind::Blake2b256, f.bytes)}}))
            .at(0);
    };
    const PreflightVerdict fresh = ask(ada, form, "1.0");
    CHECK(fresh.createsProject);
    CHECK(fresh.createsRelease);
    CHECK(fresh.findings.empty());
    publish(ada, form);
    CHECK(ask(ada, form, "1.0").alreadyThere);
    CHECK(ask(ada, form, "1.0").findings.empty());
    CHECK_FALSE(ask(eve, form, "1.0").findings.empty());
    const Form other = wheelForm("demo", "1.0", "Summary: other\n");
    const PreflightVerdict taken = ask(ada, other, "1.0");
    CHECK_FALSE(taken.alreadyThere);
    REQUIRE_FALSE(taken.findings.empty());
    CHECK(taken.findings[0].refusal.text.starts_with("File already exists"));
    CHECK(ask(ada, wheelForm("demo", "2.0"), "2.0").createsRelease);
    settings.policies.fileLimit = 10;
    CHECK_FALSE(ask(ada, wheelForm("demo", "2.0"), "2.0").findings.empty());
}

TEST_CASE_FIXTURE(RegistryFixture, "Policies: the window, and how many projects a person may create")
{
    const Principal ada = person("ada");
    publish(ada, wheelForm("demo", "1.0"));
    settings.policies.window = std::chrono::days(14);
    settings.newProjectsPerHour = 2;
    clock.advance(std::chrono::days(15));
    CHECK(refusalOf(ada, sdistForm("demo", "1.0")) ==
          "400 Uploading new files to releases older than 14 days is not allowed.");
    publish(ada, wheelForm("second", "1.0"));
    publish(ada, wheelForm("third", "1.0"));
    CHECK(refusalOf(ada, wheelForm("fourth", "1.0")) == "429 Too many new projects created");
    clock.advance(std::chrono::minutes(61));
    publish(ada, wheelForm("fourth", "1.0"));
}
