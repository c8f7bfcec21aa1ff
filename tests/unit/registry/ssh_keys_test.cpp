// SPDX-License-Identifier: GPL-3.0-or-later
// Keys for uploads over ssh: which lines are taken, whose they are, who may do what with them.
#include "core/registry/ssh_keys.h"
#include "core/registry/ssh_public_key.h"
#include "tests/unit/registry/registry_fixture.h"

using namespace cm;
using namespace cm::registry;
using namespace cm::registry::test;
using catalog::RegistryRole;

namespace {

constexpr const char *ed25519 =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDjtJarYBvelivDxdVO07vZWSMMcG7hFBOA6BIdPaRKI ada@laptop";
constexpr const char *ecdsa256 =
    "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBBZ4wD6bUrFhOoBVCHhL2ccpqm5AV6K4pD1U/hubzipo8"
    "tTTl07tw9wDnA1/Eh96ewHZ3arThC6q+ykh2D+kOkQ=";
constexpr const char *ecdsa384 =
    "ecdsa-sha2-nistp384 AAAAE2VjZHNhLXNoYTItbmlzdHAzODQAAAAIbmlzdHAzODQAAABhBEqRiqIpvzQe3Sd4fXffyReLq37Ou362112j5m6/UNPqq"
    "rpVdduZHaIFI1VRcVYsbP8+JKCU+9sjJC54WEPFyFgC/GK5EhCEjXEOaVngKmXdxmjfIIA/zMb8THjkAW85jA==";
constexpr const char *ecdsa521 =
    "ecdsa-sha2-nistp521 AAAAE2VjZHNhLXNoYTItbmlzdHA1MjEAAAAIbmlzdHA1MjEAAACFBAHFDDcMsfwje0Z79kmMWX17I1Ip61kit+5YeL9LZfe+a"
    "VG6Q6+E2y3532/SDPMAsnFphbGhi2bS72hIz4uZPKXThwHJhflzX79V9deF0Mm7FWmkRmo0pHLrAo1qxzFklAFoWtcmTajc3eLiU9U8o5k+HeButQqrLR"
    "sGo2kpiCZOABwu2Q==";
constexpr const char *rsa2048 =
    "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQCo8PQ0xL973l4MLvVgwTTyZYxQaeKO9wjmQBtueNUykRqjxuwEOixU0lPr9Gk8HlJVI+9Geovvh+gEf"
    "F9stnzh7klN6nNF6r5I71SbljX3wdNPzC/6Q9iZO/PpQ91U6NE9s2p+d7B+Jk/ndxDYT3pF9cwhcAuM/TgszHsLpDb+n37Q/xM0lFsm+ett7rUlLkV+FQ"
    "qijyc/aHMy5/G7czoelNuDINFnhLarXl7m3Dtqt1vT4sp5opBDW+ATWoW0oZGuPO0FUhUlP7bqvQXxVyBdt9X1QT/1SDEQsLYUZh5EHgYOM/E15TWpf1S"
    "/zZt1z8ZvEW+erSUiGB1dj0/s5skX";
constexpr const char *rsa1024 =
    "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQCToRbs6N7dSDL3CjUnKJxS7Hji+Frty2gEg08Ea/0Z/BqBIRC5cRio20jE4dU1wg7oVjM/3OYdvYIeS"
    "Dtqli1E1S17B7WkszJBnh1LSpi3Px3Mf/B5eUj9omaTdOchx8VyTPGO3YoCrsNoklu0ykaKqjn9fOvvPWdfJXP+rw4o1Q== ada";
constexpr const char *dsaBeginning = "ssh-dss AAAAB3NzaC1kc3MAAACBAJr0XlzcMeGpv38ac0lvXiPHopCJpLwfIDCv2/A6E/3CVf1rNccOuN8BL+VkSxAd";

std::string problemOf(std::string_view text)
{
    const auto parsed = parseSshPublicKey(text);
    REQUIRE_FALSE(parsed.has_value());
    REQUIRE(parsed.error().fields.size() == 1);
    CHECK(parsed.error().fields.front().field == "public_key");
    return parsed.error().detail;
}

bool says(std::string_view text, std::string_view part)
{
    return text.find(part) != std::string_view::npos;
}

struct KeysFixture : RegistryFixture {
    SshKeys keys{*catalog, changes, clock};

    catalog::SshKeyRow only(const Principal &by, SshKeyListing listing = {})
    {
        const auto page = must(keys.list(by, listing));
        REQUIRE(page.keys.size() == 1);
        return page.keys.front();
    }
};

}  // namespace

TEST_CASE("A line of a .pub file is read as ssh-keygen reads it")
{
    const auto key = must(parseSshPublicKey(std::string("  ") + ed25519 + " work\r\n"));
    CHECK(key.type == "ssh-ed25519");
    CHECK(key.bits == 256);
    CHECK(key.fingerprint == "SHA256:pvAXxfptUDNo0QUgZiDqRTz+st/95GCtsk5/tYQAR6A");
    CHECK(key.comment == "ada@laptop work");
    CHECK(std::string_view(ed25519).find(key.data) != std::string_view::npos);
    CHECK(must(parseSshPublicKey(ecdsa256)).fingerprint == "SHA256:DA6vLxQpxMq5l9G63CJ/EUnjt+N7tNBKMOorpcridZ8");
    CHECK(must(parseSshPublicKey(ecdsa384)).bits == 384);
    CHECK(must(parseSshPublicKey(ecdsa521)).bits == 521);
    const auto rsa = must(parseSshPublicKey(rsa2048));
    CHECK(rsa.bits == 2048);
    CHECK(rsa.fingerprint == "SHA256:QgvPBmZ2/mmaksrhr/39u1yT8k/G0XzVerR58cZKSbk");
}

TEST_CASE("What is no good key is refused with words that never repeat it")
{
    CHECK(says(problemOf(rsa1024), "an RSA key of 1024 bits"));
    CHECK(says(problemOf(dsaBeginning), "a DSA key"));
    const std::string secret = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\n-----END OPENSSH PRIVATE KEY-----\n";
    const std::string told = problemOf(secret);
    CHECK(says(told, "a private key"));
    CHECK_FALSE(says(told, "b3Blbn"));
    CHECK(says(problemOf("PuTTY-User-Key-File-3: ssh-ed25519\nPrivate-Lines: 1\nAAAA"), "a private key"));
    CHECK(says(problemOf("---- BEGIN SSH2 PUBLIC KEY ----\nAAAA"), "another form"));
    CHECK(says(problemOf("ssh-ed25519-cert-v01@openssh.com AAAA"), "a certificate"));
    CHECK(says(problemOf(std::string("no-pty,command=\"id\" ") + ed25519), "without options"));
    CHECK(says(problemOf(std::string(ed25519) + "\n" + ecdsa256), "one line"));
    CHECK(says(problemOf(""), "is needed"));
    CHECK(says(problemOf("ssh-ed25519"), "damaged"));
    CHECK(says(problemOf("ssh-ed25519 !!!!"), "damaged"));
    // The type before the key is another than the one inside.
    CHECK(says(problemOf("ssh-rsa " + std::string(ed25519).substr(12)), "damaged"));
    const std::string whole(ed25519);
    const std::size_t end = whole.find(' ', 12);
    for (std::size_t length = 12; length < end; ++length)
        CHECK_FALSE(parseSshPublicKey(whole.substr(0, length)).has_value());
    CHECK_FALSE(parseSshPublicKey(whole.substr(0, end) + "AAAA").has_value());
    CHECK_FALSE(parseSshPublicKey(std::string("\0ssh-ed25519 ", 13)).has_value());
    CHECK_FALSE(parseSshPublicKey(std::string(20'000, 'a')).has_value());
}

TEST_CASE_FIXTURE(KeysFixture, "A person adds, changes and revokes a key, each with a line in the audit")
{
    const Principal ada = person("Ada");
    must(keys.add(ada, {"", ed25519, "", {"Demo_Lib"}, 30}));
    catalog::SshKeyRow key = only(ada);
    CHECK(key.title == "ada@laptop");
    CHECK(key.projects == std::vector<std::string>{"demo-lib"});
    CHECK(key.userName == "Ada");
    CHECK(key.addedBy == "Ada");
    CHECK(key.expires == clock.now() + std::chrono::days(30));
    must(keys.change(ada, key.id, {}, std::nullopt, "for all of them"));
    CHECK(only(ada).projects.empty());
    CHECK_FALSE(only(ada).expires);
    must(keys.revoke(ada, key.id, "the laptop is gone"));
    CHECK(must(keys.list(ada, {})).keys.empty());
    SshKeyListing all;
    all.ended = true;
    key = only(ada, all);
    CHECK(key.revoked == clock.now());
    CHECK(key.revokedBy == "Ada");
    CHECK(key.revokeReason == "the laptop is gone");
    CHECK(codeOf(keys.revoke(ada, key.id, "")) == ErrorCode::Conflict);
    CHECK(codeOf(keys.change(ada, key.id, {}, std::nullopt, "")) == ErrorCode::Conflict);
    catalog::AuditQuery query;
    query.subjectKind = "ssh-key";
    const auto lines = must(catalog->read([&](catalog::Reader &reader) { return reader.audit(query); }));
    REQUIRE(lines.total == 3);
    CHECK(lines.rows[0].action == "ssh_key.revoke");
    CHECK(lines.rows[0].reason == "the laptop is gone");
    CHECK(says(lines.rows[2].after, key.fingerprint));
    // It was lost and found again: a key that its owner revoked may come back, with a row of its own.
    must(keys.add(ada, {"", ed25519, "again", {}, 0}));
    CHECK(must(keys.list(ada, all)).total == 2);
}

TEST_CASE_FIXTURE(KeysFixture, "A key belongs to one person for good")
{
    const Principal ada = person("ada");
    const Principal eve = person("eve");
    must(keys.add(ada, {"", ed25519, "", {}, 0}));
    CHECK(codeOf(keys.add(ada, {"", ed25519, "again", {}, 0})) == ErrorCode::Conflict);
    CHECK(codeOf(keys.add(eve, {"", ed25519, "", {}, 0})) == ErrorCode::Conflict);
    const auto id = only(ada).id;
    must(keys.revoke(ada, id, ""));
    CHECK(codeOf(keys.add(eve, {"", ed25519, "", {}, 0})) == ErrorCode::Conflict);
}

TEST_CASE_FIXTURE(KeysFixture, "Others' keys are for admins to change and for the staff to read")
{
    const Principal ada = person("ada");
    const Principal eve = person("eve");
    const Principal admin = person("admin", RegistryRole::Admin);
    const Principal watcher = person("watcher", RegistryRole::Observer);
    must(keys.add(admin, {"ada", ed25519, "", {}, 0}));
    const auto key = only(ada);
    CHECK(key.addedBy == "admin");
    CHECK(codeOf(keys.add(eve, {"ada", ecdsa256, "", {}, 0})) == ErrorCode::Forbidden);
    CHECK(codeOf(keys.change(eve, key.id, {}, std::nullopt, "")) == ErrorCode::NotFound);
    CHECK(codeOf(keys.revoke(eve, key.id, "")) == ErrorCode::NotFound);
    SshKeyListing adas;
    adas.user = "ADA";
    CHECK(codeOf(keys.list(eve, adas)) == ErrorCode::Forbidden);
    CHECK(only(watcher, adas).id == key.id);
    CHECK(codeOf(keys.add(watcher, {"", ecdsa256, "", {}, 0})) == ErrorCode::Forbidden);
    CHECK(codeOf(keys.revoke(watcher, key.id, "")) == ErrorCode::Forbidden);
    SshKeyListing everybody;
    everybody.everybody = true;
    CHECK(codeOf(keys.list(eve, everybody)) == ErrorCode::Forbidden);
    must(keys.add(eve, {"", ecdsa256, "100% mine", {}, 0}));
    CHECK(must(keys.list(watcher, everybody)).total == 2);
    everybody.part = "0% M";
    CHECK(only(watcher, everybody).userName == "eve");
    everybody.part = "pvAXxfptUDNo0QU";
    CHECK(only(watcher, everybody).userName == "ada");
    everybody.part = "AD";
    CHECK(only(watcher, everybody).userName == "ada");
    must(keys.revoke(admin, key.id, "left"));
}

TEST_CASE_FIXTURE(KeysFixture, "sshd hears of live keys alone")
{
    const Principal ada = person("ada");
    must(keys.add(ada, {"", ed25519, "", {}, 1}));
    const auto key = only(ada);
    CHECK(must(keys.liveWithFingerprint(key.fingerprint))->id == key.id);
    CHECK(must(keys.live()).size() == 1);
    must(people.setUserActive(root, "ada", false, "away"));
    CHECK_FALSE(must(keys.liveWithFingerprint(key.fingerprint)));
    CHECK(must(keys.live()).empty());
    must(people.setUserActive(root, "ada", true, "back"));
    CHECK(must(keys.liveWithFingerprint(key.fingerprint)));
    clock.advance(std::chrono::hours(24));
    CHECK_FALSE(must(keys.liveWithFingerprint(key.fingerprint)));
    CHECK(must(keys.live()).empty());
    CHECK(must(keys.list(ada, {})).total == 0);
    // An end that has passed can be moved: the key was never revoked.
    must(keys.change(ada, key.id, {}, std::nullopt, ""));
    CHECK(must(keys.liveWithFingerprint(key.fingerprint)));
    must(keys.revoke(ada, key.id, ""));
    CHECK_FALSE(must(keys.liveWithFingerprint(key.fingerprint)));
}

TEST_CASE_FIXTURE(KeysFixture, "A token that ends adds no key that lasts longer")
{
    must(people.createUser(root, {"ada", "", RegistryRole::User, ""}));
    const IssuedToken token = must(people.createTokenFor(root, "ada", {"", {}, 1}));
    const Principal brief = must(access.authenticate(bearer(token.secret), origin));
    CHECK(codeOf(keys.add(brief, {"", ed25519, "", {}, 0})) == ErrorCode::Forbidden);
    must(keys.add(brief, {"", ed25519, "", {}, 1}));
    CHECK(codeOf(keys.change(brief, only(brief).id, {}, std::nullopt, "")) == ErrorCode::Forbidden);
    const IssuedToken scoped = must(people.createTokenFor(root, "ada", {"", {"demo"}, 0}));
    CHECK(codeOf(keys.add(must(access.authenticate(bearer(scoped.secret), origin)), {"", ecdsa256, "", {}, 0})) ==
          ErrorCode::Forbidden);
}
