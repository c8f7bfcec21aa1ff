// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/intake/tails.h"

#include "core/metrics/intake/block.h"

#include <algorithm>

namespace cm::metrics::intake {
namespace {

// Streams that have ended and whose sender did not come back to them. Each costs a window of digests. Behind one address
// there may be many senders, and all of them lose their connection with it at once.
constexpr std::size_t mostOfAnAddress = 128;
constexpr std::size_t mostInAll = 512;

}  // namespace

std::span<const std::uint64_t> Tails::endOf(const Tail &tail) const
{
    const std::span<const std::uint64_t> all(tail.last ? *tail.last : tail.digests);
    return all.last(std::min(all.size(), m_window));
}

// Nothing is added any more.
void Tails::settle(Tail &tail) const
{
    const auto end = endOf(tail);
    tail.last = std::make_shared<const std::vector<std::uint64_t>>(end.begin(), end.end());
    tail.digests = {};
}

void Tails::open(std::uint32_t stream, std::string address)
{
    m_tails[stream] = {std::move(address), {}, 0, {}};
}

void Tails::add(std::uint32_t stream, std::span<const std::uint64_t> digests)
{
    const auto found = m_tails.find(stream);
    if (found == m_tails.end() || found->second.last)
        return;
    std::vector<std::uint64_t> &all = found->second.digests;
    digests = digests.last(std::min(digests.size(), m_window));
    if (all.size() + digests.size() > 2 * m_window)
        all.erase(all.begin(), all.end() - static_cast<std::ptrdiff_t>(std::min(all.size(), m_window)));
    all.insert(all.end(), digests.begin(), digests.end());
}

void Tails::resume(std::uint32_t stream, std::uint32_t from, std::size_t count)
{
    const auto old = m_tails.find(from);
    const auto found = m_tails.find(stream);
    if (old == m_tails.end() || found == m_tails.end())
        return;
    const auto end = endOf(old->second);
    const auto again = end.last(std::min(count, end.size()));
    found->second.digests.assign(again.begin(), again.end());
    m_tails.erase(old);
}

void Tails::end(std::uint32_t stream)
{
    const auto found = m_tails.find(stream);
    if (found == m_tails.end() || found->second.ended != 0)
        return;
    if (found->second.digests.empty()) {
        m_tails.erase(found);
        return;
    }
    found->second.ended = ++m_endings;
    settle(found->second);
    forgetOldest();
}

void Tails::endAll()
{
    std::vector<std::uint32_t> living;
    for (const auto &[stream, tail] : m_tails) {
        if (tail.ended == 0)
            living.push_back(stream);
    }
    for (const std::uint32_t stream : living)
        end(stream);
}

bool Tails::hasEnded(std::uint32_t stream) const
{
    const auto found = m_tails.find(stream);
    return found != m_tails.end() && found->second.ended != 0;
}

bool Tails::recalls(std::uint32_t stream, std::uint64_t digest) const
{
    const auto found = m_tails.find(stream);
    if (found == m_tails.end())
        return false;
    const auto end = endOf(found->second);
    return std::find(end.begin(), end.end(), digest) != end.end();
}

// Of the address that has most of them, so that nobody pushes out what others may come back to.
void Tails::forgetOldest()
{
    struct OfAddress {
        std::size_t streams = 0;
        std::map<std::uint32_t, Tail>::const_iterator oldest;
    };
    std::map<std::string_view, OfAddress> addresses;
    std::size_t inAll = 0;
    const OfAddress *most = nullptr;
    for (auto tail = m_tails.cbegin(); tail != m_tails.cend(); ++tail) {
        if (tail->second.ended == 0)
            continue;
        ++inAll;
        OfAddress &of = addresses[tail->second.address];
        if (of.streams++ == 0 || tail->second.ended < of.oldest->second.ended)
            of.oldest = tail;
        if (!most || of.streams > most->streams)
            most = &of;
    }
    if (most && (most->streams > mostOfAnAddress || inAll > mostInAll))
        m_tails.erase(most->oldest);
}

std::vector<EndedStream> Tails::endedOf(const std::string &address) const
{
    std::vector<std::pair<std::uint64_t, EndedStream>> found;
    for (const auto &[stream, tail] : m_tails) {
        if (tail.ended == 0 || tail.address != address)
            continue;
        found.emplace_back(tail.ended, EndedStream{stream, tail.last});
    }
    // The latest first: of two that fit equally it is the likelier one.
    std::sort(found.begin(), found.end(), [](const auto &a, const auto &b) { return a.first > b.first; });
    std::vector<EndedStream> streams;
    for (auto &[ended, stream] : found)
        streams.push_back(std::move(stream));
    return streams;
}

// u32 next stream; for each u32 stream, u64 order of its end, u32 length of the address, the address, u32 lines, digests.
std::string Tails::snapshot(std::uint32_t nextStream) const
{
    std::string out;
    appendLittle32(out, nextStream);
    for (const auto &[stream, tail] : m_tails) {
        const auto end = endOf(tail);
        appendLittle32(out, stream);
        appendLittle64(out, tail.ended);
        appendLittle32(out, static_cast<std::uint32_t>(tail.address.size()));
        out += tail.address;
        appendLittle32(out, static_cast<std::uint32_t>(end.size()));
        out.append(reinterpret_cast<const char *>(end.data()), end.size_bytes());
    }
    return out;
}

bool Tails::restore(std::string_view snapshot, std::uint32_t &nextStream)
{
    const auto take = [&snapshot](std::size_t size) {
        const std::string_view taken = snapshot.substr(0, size);
        snapshot.remove_prefix(size);
        return taken.data();
    };
    if (snapshot.size() < 4)
        return false;
    nextStream = little32(take(4));
    while (!snapshot.empty()) {
        if (snapshot.size() < 16)
            return false;
        const std::uint32_t stream = little32(take(4));
        Tail tail;
        tail.ended = little64(take(8));
        const std::size_t letters = little32(take(4));
        if (snapshot.size() < letters + 4)
            return false;
        tail.address.assign(take(letters), letters);
        const std::size_t lines = little32(take(4));
        if (snapshot.size() / sizeof(std::uint64_t) < lines)
            return false;
        for (std::size_t line = 0; line < lines; ++line)
            tail.digests.push_back(little64(take(8)));
        m_endings = std::max(m_endings, tail.ended);
        if (tail.ended != 0)
            settle(tail);
        m_tails[stream] = std::move(tail);
    }
    return true;
}

Repeats::Repeats(std::vector<EndedStream> ended)
{
    for (EndedStream &stream : ended)
        m_candidates.push_back({std::move(stream)});
    m_matching = m_candidates.size();
}

// What fits before a line and with it, where so much fitted before it. All that was seen fitting is no end: it goes on
// with what fits of that.
std::size_t Repeats::next(std::size_t matched, std::uint64_t digest)
{
    while (matched > 0 && (matched == m_seen.size() || !equal(m_seen[matched], digest)))
        matched = m_borders[matched - 1];
    return matched < m_seen.size() && equal(m_seen[matched], digest) ? matched + 1 : 0;
}

// Up to where all of what was seen fits, unless `whole`; else up to its end, and then it is decided.
void Repeats::follow(Candidate &candidate, bool whole)
{
    const auto &old = *candidate.ended.digests;
    while (candidate.at < old.size() && (whole || candidate.matched < m_seen.size()))
        candidate.matched = next(candidate.matched, old[candidate.at++]);
    if (candidate.at < old.size())
        return;
    candidate.matching = false;
    --m_matching;
    weigh(candidate);
}

void Repeats::weigh(const Candidate &candidate)
{
    if (candidate.matched > m_count) {
        m_count = candidate.matched;
        m_from = candidate.ended.stream;
    }
}

void Repeats::passOver()
{
    std::erase_if(m_candidates, [this](const Candidate &candidate) { return candidate.ended.stream == m_from; });
    m_count = 0;
    for (const Candidate &candidate : m_candidates)
        weigh(candidate);
}

bool Repeats::add(std::uint64_t digest)
{
    // Before it is one of them: the border of one line is none.
    m_borders.push_back(m_seen.empty() ? 0 : next(m_borders.back(), digest));
    m_seen.push_back(digest);
    for (Candidate &candidate : m_candidates) {
        if (candidate.matching)
            follow(candidate, false);
    }
    return undecided();
}

void Repeats::decide()
{
    for (Candidate &candidate : m_candidates) {
        if (candidate.matching)
            follow(candidate, true);
    }
}

}  // namespace cm::metrics::intake
