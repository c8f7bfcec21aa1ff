// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/intake/relp_session.h"

#include <algorithm>
#include <utility>

namespace cm::metrics::intake {
namespace {

constexpr std::size_t mostHeld = 32 << 20;  // a window of long lines
constexpr std::size_t mostAnswers = 64 << 10;
constexpr std::size_t mostSuccessors = 16;
constexpr std::uint32_t lastNumber = 999'999'999;

std::uint32_t after(std::uint32_t number, std::uint32_t count)
{
    const std::uint64_t next = std::uint64_t(number) + count;
    return static_cast<std::uint32_t>(next > lastNumber ? next - lastNumber : next);
}

}  // namespace

Session::State RelpSession::take(std::string_view &bytes)
{
    m_with.block.clear();
    m_with.block.keepDigests(true);
    RelpFrame frame;
    State state = State::Going;
    Framing framing = Framing::NeedMore;
    while (state == State::Going && (framing = m_frames.next(bytes, frame)) == Framing::Frame)
        state = answer(frame);
    if (framing == Framing::Broken)
        state = broken("this is no frame of RELP");
    append();
    m_with.held.relieve();
    return state;
}

Session::State RelpSession::broken(std::string_view complaint)
{
    m_complaint = complaint;
    return State::Broken;
}

Session::State RelpSession::answer(const RelpFrame &frame)
{
    if (m_closing)
        return broken("something came after close");
    if (frame.command == "syslog")
        return line(frame);
    if (frame.command == "open")
        return open(frame);
    if (frame.command == "close") {
        if (m_repeats)
            settle();
        m_closing = frame.number;
        return State::Going;
    }
    appendResponse(m_answers, frame.number, "500 command not known");
    return m_answers.size() < mostAnswers ? State::Going : broken("too many commands that are not known");
}

Session::State RelpSession::open(const RelpFrame &frame)
{
    if (m_stream || m_refused)
        return broken("it was opened before");
    if (!offersSyslog(frame.data)) {
        appendResponse(m_answers, frame.number, "500 the command syslog is required");
        m_refused = true;
        return State::Going;
    }
    appendOffers(m_answers, frame.number);
    m_stream = m_with.spool.openStream(m_with.peer, true);
    return State::Going;
}

Session::State RelpSession::line(const RelpFrame &frame)
{
    if (!m_stream)
        return broken("a line came before open");
    const std::string refusal = frame.skipped > 0 ? std::string(tooLong) + " " + std::to_string(frame.skipped) : std::string();
    const Entry entry = frame.skipped > 0 ? Entry{refusal, true} : Entry{withoutLineEnd(frame.data), false};
    const bool compared = !m_begun || m_repeats || !m_successors.empty();
    const std::uint64_t digest = compared ? digestOfLine(entry.text, entry.refused) : 0;
    // What the link had swallowed when the sender gave it up.
    if (std::find(m_successors.begin(), m_successors.end(), digest) != m_successors.end())
        return State::Succeeded;
    m_successors.clear();
    if (!entry.refused)
        ++m_lines;
    if (!std::exchange(m_begun, true))
        begin(digest);
    if (!m_repeats) {
        keep(entry);
        noteNumber(frame.number);
        return State::Going;
    }
    const std::size_t bytes = entry.text.size() + sizeof(Held);
    m_with.held.grew(*this, bytes, m_held.empty());
    m_held.push_back({frame.number, std::string(entry.text), entry.refused});
    m_heldBytes += bytes;
    if (!m_repeats->add(digest) || m_heldBytes > mostHeld)
        settle();
    return State::Going;
}

void RelpSession::begin(std::uint64_t digest)
{
    // Their streams have ended then, and can be compared with this one.
    m_with.succeed(digest);
    m_repeats.emplace(m_with.spool.endedStreamsOf(m_with.peer));
    if (!m_repeats->undecided())
        m_repeats.reset();
}

void RelpSession::settle()
{
    m_repeats->decide();
    std::size_t at = 0;
    // Of several that begin like one that ended, one is its sender come back.
    std::optional<std::int64_t> place;
    while (m_repeats->count() > 0 && !(place = m_with.spool.resumeStream(*m_stream, m_repeats->from(), m_repeats->count())))
        m_repeats->passOver();
    const std::size_t repeated = m_repeats->count();
    if (repeated > 0) {
        for (; at < repeated; ++at) {
            if (at >= m_told)
                noteNumber(m_held[at].number);
        }
        awaitDisk(*place);
        m_with.feed.duplicates += repeated;
    }
    for (; at < m_held.size(); ++at) {
        keep({m_held[at].text, m_held[at].refused});
        if (at >= m_told)
            noteNumber(m_held[at].number);
    }
    dropHeld();
}

void RelpSession::dropHeld()
{
    if (!m_held.empty())
        m_with.held.gone(*this, m_heldBytes);
    m_held = {};
    m_heldBytes = 0;
    m_told = 0;
    m_repeats.reset();
}

void RelpSession::keep(const Entry &entry)
{
    m_with.block.add(entry);
    if (entry.refused)
        ++m_with.feed.tooLong;
}

void RelpSession::noteNumber(std::uint32_t number)
{
    if (!m_unplaced.empty() && number == after(m_unplaced.back().first, m_unplaced.back().count))
        ++m_unplaced.back().count;
    else
        m_unplaced.push_back({number, 1, 0});
}

void RelpSession::awaitDisk(std::int64_t place)
{
    for (const Numbers &numbers : m_unplaced)
        m_waiting.push_back({numbers.first, numbers.count, place});
    m_unplaced.clear();
}

void RelpSession::append()
{
    const std::uint32_t lines = m_with.block.lines();
    if (lines == 0)
        return;
    const std::int64_t place = m_with.spool.append(*m_stream, m_with.block);
    awaitDisk(place);
    m_received += lines;
    m_with.feed.received += lines;
}

Session::State RelpSession::durable(std::int64_t place, std::string &out)
{
    out += m_answers;
    m_answers.clear();
    for (; !m_waiting.empty() && m_waiting.front().place <= place; m_waiting.pop_front()) {
        const Numbers &numbers = m_waiting.front();
        for (std::uint32_t i = 0; i < numbers.count; ++i)
            appendAcknowledgement(out, after(numbers.first, i));
        m_answered += numbers.count;
    }
    if (m_refused) {
        appendServerClose(out);
        return State::Leave;
    }
    if (m_closing && m_waiting.empty()) {
        appendResponse(out, *m_closing, "200 OK");
        appendServerClose(out);
        if (m_stream)
            m_with.spool.closeStream(*m_stream);
        m_stream.reset();
        return State::Leave;
    }
    return State::Going;
}

// Whoever waits for the answers before it sends more would wait for ever.
void RelpSession::quiet()
{
    if (m_told == m_held.size())
        return;
    for (; m_told < m_held.size(); ++m_told)
        noteNumber(m_held[m_told].number);
    // The streams that these lines were part of have ended: all of theirs is before it.
    awaitDisk(m_with.spool.place());
}

void RelpSession::letGo()
{
    m_with.block.clear();
    m_with.block.keepDigests(true);
    settle();
    append();
}

// Held lines of which nothing said that they are new.
void RelpSession::stopped()
{
    if (m_told > 0) {
        m_with.spool.noteRepeated(*m_stream, m_told);
        m_with.feed.duplicates += m_told;
    }
    dropHeld();
}

bool RelpSession::isSucceededBy(std::uint64_t digest)
{
    if (!isOpen())
        return false;
    if (m_repeats ? m_repeats->recalls(digest) : m_with.spool.recalls(*m_stream, digest))
        return true;
    if (m_successors.size() >= mostSuccessors)
        m_successors.erase(m_successors.begin());
    m_successors.push_back(digest);
    return false;
}

// What is held, and what comes after an unfinished frame, was not acknowledged: it is sent again.
void RelpSession::ended(std::string_view)
{
    stopped();
    if (m_stream)
        m_with.spool.endStream(*m_stream);
}

void RelpSession::leaving(std::string &out)
{
    appendServerClose(out);
}

std::uint64_t RelpSession::unacknowledged() const
{
    std::uint64_t lines = m_held.size() - m_told;
    for (const Numbers &numbers : m_waiting)
        lines += numbers.count;
    return lines;
}

}  // namespace cm::metrics::intake
