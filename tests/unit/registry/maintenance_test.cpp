// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/unit/registry/registry_fixture.h"

using namespace cm;
using namespace cm::registry;
using namespace cm::registry::test;
using catalog::RegistryRole;
using std::chrono::hours;
using std::chrono::minutes;

namespace {

struct MaintenanceFixture : RegistryFixture {
    Principal ada = person("ada", RegistryRole::Admin);
    Principal operatorUser = person("op", RegistryRole::Operator);
    Principal uploader = person("bob");

    MaintenanceFixture() { publish(uploader, wheelForm("demo", "1.0")); }

    Change order(minutes time = minutes(60), std::string message = "Back at ten.")
    {
        return must(maintenance.setReadOnly(operatorUser, {clock.now() + time, "new disks", std::move(message)}));
    }
};

}  // namespace

TEST_CASE_FIXTURE(MaintenanceFixture, "The order leaves audit and event, and the serial where it was")
{
    const auto serial = must(pages.serial());
    const Change change = order();
    CHECK(change.serial == 0);
    CHECK(change.audit == lastAudit().id);
    CHECK(lastAudit().action == "registry.set-read-only");
    CHECK(lastAudit().actor == "op");
    CHECK(lastAudit().reason == "new disks");
    CHECK(lastAudit().after ==
          R"({"until":"2026-11-22T10:00:00.000000Z","by":"op","message":"Back at ten."})");
    CHECK(eventNames().back() == "registry.read_only");
    const auto mode = must(browser.summary()).readOnly;
    REQUIRE(mode);
    CHECK(mode->by == "op");
    CHECK(mode->since == clock.now());
    must(maintenance.endReadOnly(ada, "done early"));
    CHECK(lastAudit().action == "registry.end-read-only");
    CHECK(lastAudit().before.find("10:00:00") != std::string::npos);
    CHECK(eventNames().back() == "registry.writable");
    CHECK_FALSE(must(browser.summary()).readOnly);
    CHECK(must(pages.serial()) == serial);
    CHECK(codeOf(maintenance.endReadOnly(ada, "again")) == ErrorCode::Conflict);
}

TEST_CASE_FIXTURE(MaintenanceFixture, "Only operators order it, with an end within a day and a reason")
{
    const Principal moderatorUser = person("mo", RegistryRole::Moderator);
    const Principal watcher = person("eve", RegistryRole::Observer);
    for (const Principal &by : {moderatorUser, watcher, uploader}) {
        CHECK(codeOf(maintenance.setReadOnly(by, {clock.now() + hours(1), "x", ""})) == ErrorCode::Forbidden);
        CHECK(codeOf(maintenance.endReadOnly(by, "x")) == ErrorCode::Forbidden);
    }
    const auto fieldOf = [&](const ReadOnlyOrder &bad) {
        const auto refused = maintenance.setReadOnly(operatorUser, bad);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == ErrorCode::InvalidInput);
        return refused.error().fields.at(0).field;
    };
    CHECK(fieldOf({Time{}, "x", ""}) == "until");
    CHECK(fieldOf({clock.now(), "x", ""}) == "until");
    CHECK(fieldOf({clock.now() + hours(25), "x", ""}) == "until");
    CHECK(fieldOf({clock.now() + hours(1), " ", ""}) == "reason");
    CHECK(fieldOf({clock.now() + hours(1), "x", std::string(3000, 'a')}) == "message");
    CHECK_FALSE(must(browser.summary()).readOnly);
    must(maintenance.setReadOnly(operatorUser, {clock.now() + hours(24), "x", ""}));
}

TEST_CASE_FIXTURE(MaintenanceFixture, "Every change is refused for as long as it holds; people come in, and their tokens are noted")
{
    must(people.setPassword(root, "bob", "correct horse battery"));
    const IssuedToken token = must(people.createToken(uploader, {"ci", {}, 0}));
    order();
    const auto refused = [&](const auto &result) {
        REQUIRE_FALSE(result);
        CHECK(catalog::isReadOnly(result.error()));
        CHECK(result.error().retryAfter == hours(1));
    };
    refused(moderator.yankRelease(uploader, "demo", "1.0", "x"));
    refused(moderator.quarantineProject(ada, "demo", "x"));
    refused(moderator.deleteRelease(ada, "demo", "1.0", "1.0", "x"));
    refused(people.createUser(ada, {"new", "", RegistryRole::User, ""}));
    refused(people.setUserRole(ada, "bob", RegistryRole::Observer, ""));
    refused(people.createToken(uploader, {"ci", {}, 0}));
    refused(people.revokeToken(uploader, token.token.id));
    refused(people.setPassword(uploader, "bob", "another one entirely"));
    const Session session = must(people.signIn("bob", "correct horse battery", origin));
    must(people.signOut(must(access.authenticate(bearer(session.secret), origin))));
    must(access.authenticate(bearer(token.secret), origin));
    must(access.flushLastUsed());
    // Longer, by somebody else: it began when it began.
    clock.advance(minutes(30));
    must(maintenance.setReadOnly(ada, {clock.now() + hours(2), "it takes longer", ""}));
    CHECK(must(browser.summary()).readOnly->since == startTime());
    clock.advance(hours(2));
    CHECK_FALSE(must(browser.summary()).readOnly);
    must(moderator.yankRelease(uploader, "demo", "1.0", "x"));
}

TEST_CASE_FIXTURE(MaintenanceFixture, "An upload is told in words that twine shows, and leaves no bytes")
{
    order();
    const std::string words = "Read-only mode: Uploads are temporarily disabled until 2026-11-22 10:00 UTC. Back at ten.";
    const auto stored = blobCount();
    for (const Form &form : {wheelForm("demo", "2.0"), wheelForm("fresh", "1.0"), wheelForm("demo", "1.0")}) {
        const Receipt receipt = upload(uploader, form);
        REQUIRE(receipt.refusal);
        CHECK(receipt.refusal->status == 403);
        CHECK(receipt.refusal->text == words);
    }
    CHECK(blobCount() == stored);
    const auto verdicts = must(preflight.check(uploader, {{"demo-2.0-py3-none-any.whl", "demo", "2.0", 100, "", ""}}));
    REQUIRE(verdicts.at(0).findings.size() == 1);
    CHECK(verdicts[0].findings[0].checkId == "registry.read-only");
    CHECK(verdicts[0].findings[0].refusal.text == words);
}

TEST_CASE_FIXTURE(MaintenanceFixture, "An order that comes while an upload does refuses it at its end")
{
    const Form form = wheelForm("demo", "2.0");
    auto session = publisher.begin(Identification{uploader, true, {}});
    for (const auto &[name, value] : form.fields)
        session->addField(name, value);
    must(session->beginFile(form.filename, "application/octet-stream"));
    must(session->append(std::as_bytes(std::span(form.bytes))));
    REQUIRE_FALSE(session->refused());
    const auto stored = blobCount();
    order(minutes(60), "");
    const Receipt receipt = must(session->finish());
    REQUIRE(receipt.refusal);
    CHECK(receipt.refusal->text == "Read-only mode: Uploads are temporarily disabled until 2026-11-22 10:00 UTC.");
    CHECK(blobCount() == stored);
}

TEST_CASE_FIXTURE(MaintenanceFixture, "Nothing goes for good meanwhile: who wants it back has to wait as well")
{
    must(moderator.deleteRelease(ada, "demo", "1.0", "1.0", "x"));
    clock.advance(settings.retention - hours(1));
    order(minutes(120));
    clock.advance(minutes(90));
    const auto stored = blobCount();
    CHECK(must(housekeeping.purge()).blobs == 0);
    CHECK(blobCount() == stored);
    clock.advance(hours(1));
    CHECK(must(housekeeping.purge()).blobs > 0);
}
