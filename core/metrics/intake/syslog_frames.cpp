// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/intake/syslog_frames.h"

#include <algorithm>

namespace cm::metrics::intake {
namespace {

// A count of more digits is the beginning of a line.
constexpr std::size_t mostDigits = 7;

struct Count {
    std::uint64_t octets = 0;
    std::size_t digits = 0;    // 0: no count
    bool undecided = false;
};

Count countOf(std::string_view bytes)
{
    Count count;
    std::size_t at = 0;
    for (; at < bytes.size() && at <= mostDigits && bytes[at] >= '0' && bytes[at] <= '9'; ++at) {
        if (at == 0 && bytes[at] == '0')
            return {};
        count.octets = count.octets * 10 + static_cast<std::uint64_t>(bytes[at] - '0');
    }
    if (at == 0 || at > mostDigits)
        return {};
    if (at == bytes.size())
        return {0, 0, true};
    count.digits = bytes[at] == ' ' ? at : 0;
    return count;
}

}  // namespace

Framing SyslogFrames::next(std::string_view &bytes, SyslogFrame &frame)
{
    frame = {};
    if (m_skipping != Skipping::Nothing)
        return skip(bytes, frame) ? Framing::Frame : Framing::NeedMore;
    while (!bytes.empty() && (bytes.front() == '\n' || bytes.front() == '\r'))
        bytes.remove_prefix(1);
    if (bytes.empty())
        return Framing::NeedMore;
    const Count count = countOf(bytes);
    if (count.undecided)
        return Framing::NeedMore;
    if (count.digits > 0) {
        if (count.octets > longestLine) {
            bytes.remove_prefix(count.digits + 1);
            m_skipping = Skipping::Counted;
            m_left = count.octets;
            return skip(bytes, frame) ? Framing::Frame : Framing::NeedMore;
        }
        if (bytes.size() < count.digits + 1 + count.octets)
            return Framing::NeedMore;
        frame.line = withoutLineEnd(bytes.substr(count.digits + 1, count.octets));
        bytes.remove_prefix(count.digits + 1 + count.octets);
        return Framing::Frame;
    }
    const std::size_t end = bytes.substr(0, longestLine + 1).find('\n');
    if (end != std::string_view::npos) {
        frame.line = withoutLineEnd(bytes.substr(0, end));
        bytes.remove_prefix(end + 1);
        return Framing::Frame;
    }
    if (bytes.size() <= longestLine)
        return Framing::NeedMore;
    m_skipping = Skipping::ToLineEnd;
    return skip(bytes, frame) ? Framing::Frame : Framing::NeedMore;
}

bool SyslogFrames::skip(std::string_view &bytes, SyslogFrame &frame)
{
    bool ended = false;
    std::size_t taken = 0;
    if (m_skipping == Skipping::Counted) {
        taken = static_cast<std::size_t>(std::min<std::uint64_t>(m_left, bytes.size()));
        m_left -= taken;
        ended = m_left == 0;
        m_skipped += taken;
    } else {
        const std::size_t end = bytes.find('\n');
        ended = end != std::string_view::npos;
        taken = ended ? end + 1 : bytes.size();
        m_skipped += ended ? end : taken;
    }
    bytes.remove_prefix(taken);
    if (!ended)
        return false;
    frame = {{}, m_skipped};
    m_skipping = Skipping::Nothing;
    m_skipped = 0;
    return true;
}

}  // namespace cm::metrics::intake
