// SPDX-License-Identifier: GPL-3.0-or-later
// Keys for ssh as rows.
#include "tests/contract/catalog_fixture.h"

using namespace cm;
using namespace cm::catalog;
using namespace cm::test;

namespace {

SshKeyRow keyOf(Id user, std::string fingerprint, std::string title)
{
    SshKeyRow key;
    key.userId = user;
    key.type = "ssh-ed25519";
    key.data = "AAAA";
    key.bits = 256;
    key.fingerprint = std::move(fingerprint);
    key.title = std::move(title);
    key.projects = {"a", "b-c"};
    key.created = at(1);
    key.addedBy = "ada";
    return key;
}

Id person(Catalog &catalog, std::string name)
{
    UserRow row;
    row.normalizedName = row.name = std::move(name);
    return must(catalog.write([&](Writer &writer) { return writer.createUser(row); })).id;
}

}  // namespace

TEST_CASE_FIXTURE(CatalogFixture, "a fingerprint is of one key that is not revoked, and rows stay")
{
    const Id ada = person(catalog(), "ada");
    const auto add = [&](const SshKeyRow &key) { return catalog().write([&](Writer &writer) { return writer.addSshKey(key); }); };
    const Id first = must(add(keyOf(ada, "SHA256:one", "laptop")));
    CHECK(codeOf(add(keyOf(ada, "SHA256:one", "again"))) == ErrorCode::Conflict);
    CHECK(codeOf(add(keyOf(ada + 7, "SHA256:two", "nobody's"))) == ErrorCode::Conflict);
    must(catalog().write([&](Writer &writer) { return writer.revokeSshKey(first, at(5), "ada", "lost"); }));
    CHECK(codeOf(catalog().write([&](Writer &writer) { return writer.revokeSshKey(first, at(6), "eve", "again"); })) ==
          ErrorCode::NotFound);
    const Id second = must(add(keyOf(ada, "SHA256:one", "again")));
    const auto both = must(catalog().read([](Reader &reader) { return reader.sshKeysWithFingerprint("SHA256:one"); }));
    REQUIRE(both.size() == 2);
    CHECK(both[0].id == second);
    CHECK(both[1].revoked == at(5));
    CHECK(both[1].revokedBy == "ada");
    CHECK(both[1].revokeReason == "lost");
    CHECK(both[1].userName == "ada");
    CHECK(both[1].projects == std::vector<std::string>{"a", "b-c"});

    must(catalog().write([&](Writer &writer) -> Result<void> {
        CM_TRY(writer.changeSshKey(second, {}, at(50)));
        CM_TRY(writer.touchSshKey(second, at(9), "192.0.2.9"));
        return writer.touchSshKey(second, at(8), "192.0.2.8");
    }));
    const SshKeyRow changed = must(catalog().read([&](Reader &reader) { return reader.sshKey(second); }));
    CHECK(changed.projects.empty());
    CHECK(changed.expires == at(50));
    CHECK(changed.lastUsed == at(9));
    CHECK(changed.lastUsedFrom == "192.0.2.9");
    CHECK(changed.isLive(at(49)));
    CHECK_FALSE(changed.isLive(at(50)));
}

TEST_CASE_FIXTURE(CatalogFixture, "keys are found by person and by parts, live ones or all")
{
    const Id ada = person(catalog(), "ada");
    const Id eve = person(catalog(), "eve");
    must(catalog().write([&](Writer &writer) -> Result<void> {
        SshKeyRow ending = keyOf(ada, "SHA256:one", "Laptop_1");
        ending.expires = at(10);
        CM_TRY(writer.addSshKey(ending));
        CM_TRY(writer.addSshKey(keyOf(ada, "SHA256:two", "desk")));
        CM_TRY(writer.addSshKey(keyOf(eve, "SHA256:three", "laptop")));
        return {};
    }));
    const auto found = [&](SshKeyQuery query) { return must(catalog().read([&](Reader &reader) { return reader.sshKeys(query); })); };
    SshKeyQuery query;
    query.now = at(20);
    CHECK(found(query).total == 2);
    query.ended = true;
    CHECK(found(query).total == 3);
    query.part = "lapTOP_";
    CHECK(found(query).total == 1);
    query.part = "laptop%";
    CHECK(found(query).total == 0);
    query.part = "EV";
    CHECK(found(query).total == 1);
    query.part.clear();
    query.userId = ada;
    query.limit = 1;
    query.offset = 1;
    const SshKeyPage page = found(query);
    CHECK(page.total == 2);
    REQUIRE(page.keys.size() == 1);
    CHECK(page.keys[0].title == "Laptop_1");
    const auto live = [&](int second) { return must(catalog().readNow([&](Reader &reader) { return reader.liveSshKeys(at(second)); })).size(); };
    CHECK(live(9) == 3);
    CHECK(live(10) == 2);
    must(catalog().write([&](Writer &writer) { return writer.setUserActive(eve, false); }));
    CHECK(live(10) == 1);
}
