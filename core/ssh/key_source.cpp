// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ssh/key_source.h"

#include "core/base/hash.h"
#include "core/host/whole_file.h"

#include <algorithm>
#include <ctime>
#include <fmt/chrono.h>
#include <fmt/core.h>
#include <sys/stat.h>

namespace cm::ssh {

namespace {

// sshd asks twice for each login, and waits.
constexpr std::chrono::milliseconds patience{1'500};
constexpr std::size_t mostSnapshot = 16U << 20;

// Goes on while the machine sleeps, and never back; the same for all processes of the host.
std::chrono::microseconds sinceBoot()
{
    timespec now{};
    ::clock_gettime(CLOCK_BOOTTIME, &now);
    return std::chrono::seconds(now.tv_sec) + std::chrono::microseconds(now.tv_nsec / 1'000);
}

Result<std::string> bootId()
{
    CM_TRY_ASSIGN(std::string id, host::readWhole("/proc/sys/kernel/random/boot_id"));
    while (!id.empty() && id.back() == '\n')
        id.pop_back();
    return id;
}

std::optional<KnownKey> chosen(const std::vector<KnownKey> &keys, std::string_view type, std::string_view data, Time now)
{
    for (const KnownKey &key : keys) {
        if (key.type == type && key.data == data && (!key.expires || now < *key.expires))
            return key;
    }
    return std::nullopt;
}

}  // namespace

KeySource::KeySource(NodesOptions nodes, std::filesystem::path snapshot, const Secret &secret, const cm::Clock &clock)
    : m_nodes(std::move(nodes)), m_snapshot(std::move(snapshot)), m_secret(secret), m_clock(clock)
{}

Result<KeyAnswer> KeySource::ask(Question::About about, std::string_view fingerprint, std::stop_token stop)
{
    std::string nonce;
    const auto question = [&] {
        nonce = toHex(randomBytes(16));
        http::ClientRequest request;
        request.target = "/ssh/keys";
        request.headers.push_back({"Authorization", headerOf(Question{about, std::string(fingerprint), nonce, m_clock.now()}, m_secret)});
        return request;
    };
    CM_TRY_ASSIGN(const Nodes::Answer answer, m_nodes.ask(question, patience, std::move(stop)));
    auto keys = keyAnswerOf(answer.answer.body, nonce, m_secret);
    if (!keys)
        return fail(ErrorCode::Unavailable, answer.node + ": " + keys.error().detail);
    return keys;
}

Result<std::vector<KnownKey>> KeySource::kept() const
{
    CM_TRY_ASSIGN(const std::string text, host::readWhole(m_snapshot, mostSnapshot));
    CM_TRY_ASSIGN(KeySnapshot snapshot, keySnapshotOf(text, m_secret));
    CM_TRY_ASSIGN(const std::string boot, bootId());
    const auto age = sinceBoot() - snapshot.asked;
    if (snapshot.boot != boot || age < std::chrono::microseconds(0) || age > snapshotLife)
        return fail(ErrorCode::Unavailable, "the snapshot of the keys is too old");
    return std::move(snapshot.keys);
}

Result<std::optional<KnownKey>> KeySource::find(std::string_view fingerprint, std::string_view type, std::string_view data)
{
    auto asked = ask(Question::About::Key, fingerprint, {});
    if (asked)
        return chosen(asked->keys, type, data, m_clock.now());
    auto keys = kept();
    if (!keys)
        return fail(ErrorCode::Unavailable, asked.error().detail + "; " + keys.error().detail);
    return chosen(*keys, type, data, m_clock.now());
}

Result<std::size_t> KeySource::refresh(std::stop_token stop)
{
    KeySnapshot snapshot;
    CM_TRY_ASSIGN(snapshot.boot, bootId());
    snapshot.asked = sinceBoot();
    CM_TRY_ASSIGN(KeyAnswer answer, ask(Question::About::Keys, {}, std::move(stop)));
    snapshot.at = answer.at;
    snapshot.keys = std::move(answer.keys);
    // What sshd's helper runs as reads it by the group of the folder; everything in it is public but for who has a key.
    CM_TRY(host::writeWhole(m_snapshot, textOf(snapshot, m_secret), 0640));
    return snapshot.keys.size();
}

std::string authorizedLine(const KnownKey &key, std::string_view command)
{
    std::string line = "restrict,";
    if (key.expires) {
        const std::time_t end = std::chrono::system_clock::to_time_t(std::chrono::floor<std::chrono::seconds>(*key.expires));
        line += fmt::format("expiry-time=\"{:%Y%m%d%H%M%S}Z\",", fmt::gmtime(end));
    }
    return line + fmt::format("command=\"{}\" {} {}\n", command, key.type, key.data);
}

}  // namespace cm::ssh
