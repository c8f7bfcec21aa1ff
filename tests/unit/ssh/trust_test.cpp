// SPDX-License-Identifier: GPL-3.0-or-later
// What web nodes and hosts of sshd sign for each other.
#include "core/ssh/trust/key_list.h"
#include "core/ssh/trust/statement.h"

#include <cstdlib>
#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>

using namespace cm;
using namespace cm::ssh;

namespace {

const Time now = *parseRfc3339("2026-11-22T09:00:00Z");

Secret secretOf(char digit)
{
    return *Secret::parse(std::string(64, digit));
}

Statement upload()
{
    return {7, "2001:db8::1", now, "file_upload", "De mo&=%", "1.0", "démo-1.0.tar.gz", std::string(64, 'a')};
}

}  // namespace

TEST_CASE("a secret is a file of its own group")
{
    std::string folder = (std::filesystem::temp_directory_path() / "cheesemonger-test-XXXXXX").string();
    const std::filesystem::path file = std::filesystem::path(::mkdtemp(folder.data())) / "secret";
    CHECK(Secret::read(file).error().code == ErrorCode::NotFound);
    std::ofstream(file) << Secret::generate() << "\n";
    std::filesystem::permissions(file, std::filesystem::perms(0640));
    const auto read = Secret::read(file);
    REQUIRE(read);
    CHECK(read->verifies("text", read->sign("text")));
    CHECK_FALSE(read->verifies("texts", read->sign("text")));
    CHECK_FALSE(secretOf('a').verifies("text", read->sign("text")));
    std::filesystem::permissions(file, std::filesystem::perms(0644));
    CHECK(Secret::read(file).error().code == ErrorCode::Forbidden);
    std::filesystem::permissions(file, std::filesystem::perms(0600));
    std::ofstream(file) << "short";
    CHECK(Secret::read(file).error().code == ErrorCode::Corrupt);
    std::filesystem::remove_all(folder);
}

TEST_CASE("a statement comes back as it was made, for a minute before and after")
{
    const Secret secret = secretOf('a');
    const std::string header = headerOf(upload(), secret);
    CHECK(isSshHeader(header));
    const auto read = statementOf(header, secret, now + std::chrono::seconds(59));
    REQUIRE(read);
    CHECK(*read == upload());
    CHECK(statementOf(header, secret, now - std::chrono::seconds(59)));
    CHECK(statementOf(header, secret, now + std::chrono::seconds(61)).error().code == ErrorCode::Unauthorized);
    CHECK(statementOf(header, secret, now - std::chrono::seconds(61)).error().code == ErrorCode::Unauthorized);
    CHECK(statementOf(header, secretOf('b'), now).error().code == ErrorCode::Unauthorized);
}

TEST_CASE("whatever is changed in a statement, it is none")
{
    const Secret secret = secretOf('a');
    const std::string header = headerOf(upload(), secret);
    for (std::size_t at = scheme.size() + 1; at < header.size(); ++at) {
        std::string other = header;
        other[at] = other[at] == '0' ? '1' : '0';
        CHECK_FALSE(statementOf(other, secret, now));
        CHECK_FALSE(statementOf(header.substr(0, at), secret, now));
    }
    for (const std::string odd : {"", "Cheesemonger-Ssh", "Cheesemonger-Ssh ", "Cheesemonger-Ssh &mac=", "Basic x"})
        CHECK_FALSE(statementOf(odd, secret, now));
    CHECK_FALSE(statementOf(std::string(scheme) + " " + std::string(20'000, 'a'), secret, now));
    // A question is no statement, nor the other way round.
    const Question question{Question::About::Key, "SHA256:x", std::string(32, 'f'), now};
    CHECK_FALSE(statementOf(headerOf(question, secret), secret, now));
    CHECK_FALSE(questionOf(header, secret, now));
    const auto asked = questionOf(headerOf(question, secret), secret, now);
    REQUIRE(asked);
    CHECK(*asked == question);
    CHECK_FALSE(questionOf(headerOf(question, secret), secret, now + std::chrono::minutes(2)));
}

TEST_CASE("an answer with keys is for the question that was asked")
{
    const Secret secret = secretOf('a');
    const KeyAnswer answer{std::string(32, 'e'), now, {{7, "ssh-ed25519", "AAAA+/=", now + std::chrono::hours(1)}, {9, "sk-ssh-ed25519@openssh.com", "BBBB", {}}}};
    const std::string text = textOf(answer, secret);
    const auto read = keyAnswerOf(text, answer.nonce, secret);
    REQUIRE(read);
    CHECK(read->keys == answer.keys);
    CHECK(read->at == now);
    CHECK(keyAnswerOf(text, std::string(32, 'd'), secret).error().code == ErrorCode::Conflict);
    CHECK_FALSE(keyAnswerOf(text, answer.nonce, secretOf('b')));
    for (std::size_t length = 0; length < text.size(); ++length)
        CHECK_FALSE(keyAnswerOf(text.substr(0, length), answer.nonce, secret));
    CHECK(keyAnswerOf(textOf(KeyAnswer{answer.nonce, now, {}}, secret), answer.nonce, secret)->keys.empty());
}

TEST_CASE("nothing that could end an option of sshd comes out of a list, even a signed one")
{
    const Secret secret = secretOf('a');
    for (const std::string type : {"ssh-ed25519\"", "ssh ed25519", "ssh-ed25519\nkey 1 0 ssh-rsa AAAA", ""}) {
        const KeySnapshot snapshot{"boot", std::chrono::microseconds(5), now, {{7, type, "AAAA", {}}}};
        const auto read = keySnapshotOf(textOf(snapshot, secret), secret);
        CHECK((!read || read->keys.size() == 2));
    }
    const KeySnapshot odd{"boot", std::chrono::microseconds(5), now, {{7, "ssh-ed25519", "AA\",command=\"sh", {}}}};
    CHECK_FALSE(keySnapshotOf(textOf(odd, secret), secret));
    const KeySnapshot sound{"boot-1", std::chrono::microseconds(5), now, {{7, "ssh-ed25519", "AAAA", {}}}};
    const auto read = keySnapshotOf(textOf(sound, secret), secret);
    REQUIRE(read);
    CHECK(read->boot == "boot-1");
    CHECK(read->asked == std::chrono::microseconds(5));
    CHECK(read->keys == sound.keys);
    // The one does not pass for the other.
    CHECK_FALSE(keyAnswerOf(textOf(sound, secret), "", secret));
}
