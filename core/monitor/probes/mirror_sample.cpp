// SPDX-License-Identifier: GPL-3.0-or-later
// One file of a mirror now and then: whether the origin lists it so, and whether its bytes are what the page promises.
#include "core/base/hash.h"
#include "core/monitor/probes/mirror_probe.h"

#include <algorithm>
#include <fmt/format.h>

namespace cm::monitor {
namespace {

constexpr std::size_t bagSize = 512;
constexpr std::int64_t mostBytes = 8 << 20;
constexpr std::size_t mostWrong = 20;
constexpr std::string_view key = "\"name\"";
constexpr std::size_t longestName = 300;

Result<SimplePage> pageIn(const Result<http::ClientAnswer> &answered, const std::string &target)
{
    CM_TRY_ASSIGN(const http::ClientAnswer answer, answered);
    if (answer.status != 200)
        return fail(ErrorCode::NotFound, fmt::format("{} answers {}", target, answer.status));
    CM_TRY_ASSIGN(SimplePage page, readSimplePage(answer.body));
    if (const auto serial = serialIn(answer))
        page.serial = serial;
    return page;
}

// Of the bytes at an address; a status that is none of success is told in place of a digest.
Result<std::string> digestAt(http::HttpClient &client, const std::string &target, const std::stop_token &stop)
{
    Hasher hasher(HashKind::Sha256);
    CM_TRY_ASSIGN(const http::ClientAnswer answer, client.send({"GET", target, {}, {}},
                                                               [&](std::string_view piece) -> Result<void> {
                                                                   hasher.update(piece);
                                                                   return {};
                                                               },
                                                               stop));
    return answer.status == 200 ? hasher.finishHex() : fmt::format("status {}", answer.status);
}

}  // namespace

void NameDraw::draw(std::string name)
{
    ++m_seen;
    if (m_names.size() < m_most) {
        m_names.push_back(std::move(name));
        return;
    }
    const std::size_t place = std::uniform_int_distribution<std::size_t>(0, m_seen - 1)(m_random);
    if (place < m_most)
        m_names[place] = std::move(name);
}

void NameDraw::take(std::string_view piece)
{
    m_rest += piece;
    std::size_t from = 0;
    for (;;) {
        const std::size_t at = m_rest.find(key, from);
        if (at == std::string::npos) {
            from = std::max(from, m_rest.size() - std::min(m_rest.size(), key.size()));
            break;
        }
        const std::size_t begin = m_rest.find('"', at + key.size());
        const std::size_t end = begin == std::string::npos ? begin : m_rest.find('"', begin + 1);
        if (end == std::string::npos) {
            from = m_rest.size() - at > longestName ? at + key.size() : at;
            break;
        }
        if (end - begin > 1)
            draw(m_rest.substr(begin + 1, end - begin - 1));
        from = end + 1;
    }
    m_rest.erase(0, from);
}

SampleProbe::SampleProbe(MirrorTarget target, std::chrono::milliseconds every, const Clock &clock)
    : m_target(std::move(target)), m_every(every), m_clock(clock), m_random(std::random_device()())
{}

Result<void> SampleProbe::fillBag(const ProbeTime &time)
{
    http::HttpClient client(optionsFor(m_target, time));
    NameDraw draw(m_random, bagSize);
    CM_TRY_ASSIGN(const http::ClientAnswer answer, client.send(pageRequest(m_target.prefix + "/simple/"),
                                                               [&](std::string_view piece) -> Result<void> {
                                                                   draw.take(piece);
                                                                   return {};
                                                               },
                                                               time.stop));
    if (answer.status != 200)
        return fail(ErrorCode::Unavailable, fmt::format("its list answers {}", answer.status));
    m_bag = draw.names();
    std::shuffle(m_bag.begin(), m_bag.end(), m_random);
    return {};
}

Result<std::optional<SampledFile>> SampleProbe::sample(const std::string &project, const std::string &wanted, const ProbeTime &time)
{
    http::HttpClient client(optionsFor(m_target, time));
    const std::string address = m_target.prefix + "/simple/" + project + "/";
    const auto page = pageIn(client.send(pageRequest(address), time.stop), address);
    if (!page)
        return page.error().code == ErrorCode::NotFound ? Result<std::optional<SampledFile>>(std::nullopt) : fail(page.error());
    const std::string target = "/simple/" + project + "/";
    const Result<SimplePage> origin = pageIn(askOrigin(m_target.origin, pageRequest(target), time), target);
    SampledFile out{project, {}, m_clock.now(), {}, false, false};
    const bool sameSerial = origin && origin->serial && page->serial && *origin->serial == *page->serial;
    if (page->files.empty()) {
        out.empty = sameSerial && !origin->files.empty();
        if (out.empty)
            out.problem = fmt::format("the page of {} with no file, and the origin has {}", project, origin->files.size());
        return out;
    }
    auto chosen = std::find_if(page->files.begin(), page->files.end(), [&](const SimpleFile &file) { return file.name == wanted; });
    if (chosen == page->files.end())
        chosen = page->files.begin() + static_cast<std::ptrdiff_t>(std::uniform_int_distribution<std::size_t>(0, page->files.size() - 1)(m_random));
    out.file = chosen->name;
    // A filter of the mirror may leave files out; it makes none up, and their digests never change.
    if (sameSerial) {
        const auto listed = std::find_if(origin->files.begin(), origin->files.end(), [&](const SimpleFile &file) { return file.name == chosen->name; });
        if (listed == origin->files.end())
            out.problem = fmt::format("{}, which the origin's page of the same serial does not list", chosen->name);
        else if (!listed->sha256.empty() && listed->sha256 != chosen->sha256)
            out.problem = fmt::format("a page that gives {} another digest than the origin's", chosen->name);
    }
    if (out.problem.empty() && !chosen->sha256.empty() && chosen->size.value_or(0) <= mostBytes) {
        CM_TRY_ASSIGN(const std::string digest, digestAt(client, pathOf(address, chosen->url), time.stop));
        out.hashed = digest.find(' ') == std::string::npos;
        if (digest != chosen->sha256)
            out.problem = out.hashed ? fmt::format("{} with other bytes than its page promises (sha256 {}…)", chosen->name, digest.substr(0, 12))
                                     : fmt::format("a page that leads to {}, for which it answers {}", chosen->name, digest);
    }
    return out;
}

Result<SampleFacts> SampleProbe::look(const ProbeTime &time)
{
    const auto now = std::chrono::steady_clock::now();
    if (now < m_next)
        return fail(ErrorCode::Cancelled, "not yet");
    m_next = now + m_every;
    // The canary is among them, for it is what everybody looks at.
    if (m_bag.empty())
        CM_TRY(fillBag(time));
    std::vector<SampledFile> again = std::move(m_facts.wrong);
    m_facts.wrong.clear();
    const auto keep = [this](SampledFile file) {
        const bool known = std::any_of(m_facts.wrong.begin(), m_facts.wrong.end(),
                                       [&](const SampledFile &other) { return other.project == file.project && other.file == file.file; });
        if (!file.problem.empty() && !known && m_facts.wrong.size() < mostWrong)
            m_facts.wrong.push_back(std::move(file));
    };
    for (SampledFile &file : again) {
        auto looked = sample(file.project, file.file, time);
        // Not seen to be right it stays as it was.
        if (!looked)
            keep(std::move(file));
        else if (*looked)
            keep(std::move(**looked));
    }
    if (m_bag.empty())
        return m_facts;
    const std::string project = std::move(m_bag.back());
    m_bag.pop_back();
    CM_TRY_ASSIGN(auto looked, sample(project, {}, time));
    if (looked) {
        ++m_facts.checked;
        m_facts.last = *looked;
        keep(std::move(*looked));
    }
    return m_facts;
}

}  // namespace cm::monitor
