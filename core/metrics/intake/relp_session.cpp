// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/intake/relp_session.h"

#include <algorithm>

namespace cm::metrics::intake {
namespace {

constexpr std::size_t mostHeld = 8 << 20;
constexpr std::size_t mostAnswers = 64 << 10;
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
        state = State::Broken;
    append();
    m_with.held.relieve();
    return state;
}

Session::State RelpSession::answer(const RelpFrame &frame)
{
    if (m_closing)
        return State::Broken;  // after its own farewell
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
    return m_answers.size() < mostAnswers ? State::Going : State::Broken;
}

Session::State RelpSession::open(const RelpFrame &frame)
{
    if (m_stream || m_refused)
        return State::Broken;
    if (!offersSyslog(frame.data)) {
        appendResponse(m_answers, frame.number, "500 the command syslog is required");
        m_refused = true;
        return State::Going;
    }
    appendOffers(m_answers, frame.number);
    // Their streams have ended then, and can be compared with this one.
    m_with.endDeserted();
    m_repeats.emplace(m_with.spool.endedStreamsOf(m_with.peer));
    m_stream = m_with.spool.openStream(m_with.peer, true);
    if (!m_repeats->undecided())
        m_repeats.reset();
    return State::Going;
}

Session::State RelpSession::line(const RelpFrame &frame)
{
    if (!m_stream)
        return State::Broken;
    const std::string refusal = frame.skipped > 0 ? std::string(tooLong) + " " + std::to_string(frame.skipped) : std::string();
    const Entry entry = frame.skipped > 0 ? Entry{refusal, true} : Entry{withoutLineEnd(frame.data), false};
    if (!m_repeats) {
        keep(frame.number, entry);
        return State::Going;
    }
    const std::size_t bytes = entry.text.size() + sizeof(Held);
    m_with.held.grew(*this, bytes, m_held.empty());
    m_held.push_back({frame.number, std::string(entry.text), entry.refused});
    m_heldBytes += bytes;
    if (!m_repeats->add(digestOfLine(entry.text, entry.refused)) || m_heldBytes > mostHeld)
        settle();
    return State::Going;
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
        for (; at < repeated; ++at)
            noteNumber(m_held[at].number);
        for (Numbers &numbers : m_unplaced)
            m_waiting.push_back({numbers.first, numbers.count, *place});
        m_unplaced.clear();
        m_with.feed.duplicates += repeated;
    }
    for (; at < m_held.size(); ++at)
        keep(m_held[at].number, {m_held[at].text, m_held[at].refused});
    dropHeld();
    m_repeats.reset();
}

void RelpSession::dropHeld()
{
    if (!m_held.empty())
        m_with.held.gone(*this, m_heldBytes);
    m_held = {};
    m_heldBytes = 0;
}

void RelpSession::keep(std::uint32_t number, const Entry &entry)
{
    m_with.block.add(entry);
    noteNumber(number);
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

void RelpSession::append()
{
    const std::uint32_t lines = m_with.block.lines();
    if (lines == 0)
        return;
    const std::int64_t place = m_with.spool.append(*m_stream, m_with.block);
    for (const Numbers &numbers : m_unplaced)
        m_waiting.push_back({numbers.first, numbers.count, place});
    m_unplaced.clear();
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

void RelpSession::quiet()
{
    if (m_repeats && !m_held.empty())
        letGo();
}

void RelpSession::letGo()
{
    m_with.block.clear();
    m_with.block.keepDigests(true);
    settle();
    append();
}

// What is held, and what comes after an unfinished frame, was not acknowledged: it is sent again.
void RelpSession::ended(std::string_view)
{
    dropHeld();
    if (m_stream)
        m_with.spool.endStream(*m_stream);
}

void RelpSession::leaving(std::string &out)
{
    appendServerClose(out);
}

std::uint64_t RelpSession::unacknowledged() const
{
    std::uint64_t lines = m_held.size();
    for (const Numbers &numbers : m_waiting)
        lines += numbers.count;
    return lines;
}

}  // namespace cm::metrics::intake
