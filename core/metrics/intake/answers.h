// SPDX-License-Identifier: GPL-3.0-or-later
// Which of the bytes that were said to a sender acknowledge lines: of the last ones, which it may not have got, how many
// lines these can be. Owned by a connection, on its thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>

namespace cm::metrics::intake {

class Answers {
public:
    void said(std::size_t bytes, std::uint64_t lines)
    {
        if (bytes == 0)
            return;
        if (m_parts.empty() || m_parts.back().bytes >= part)
            m_parts.push_back({});
        m_parts.back().bytes += bytes;
        m_parts.back().lines += lines;
        m_bytes += bytes;
        while (m_bytes - m_parts.front().bytes > mostUnread) {
            m_bytes -= m_parts.front().bytes;
            m_parts.pop_front();
        }
    }
    // At most, in the last `bytes` that were said.
    [[nodiscard]] std::uint64_t linesWithin(std::size_t bytes) const
    {
        std::uint64_t lines = 0;
        for (auto said = m_parts.rbegin(); said != m_parts.rend() && bytes > 0; ++said) {
            // One whose first byte was taken is not told.
            lines += std::min<std::uint64_t>(said->lines, (bytes + shortest - 1) / shortest);
            bytes -= std::min(bytes, said->bytes);
        }
        return lines;
    }

private:
    struct Part {
        std::size_t bytes = 0;
        std::uint64_t lines = 0;
    };
    static constexpr std::size_t part = 4096;
    // More than a kernel keeps for a socket and we beside it.
    static constexpr std::size_t mostUnread = 8 << 20;
    static constexpr std::size_t shortest = sizeof "1 rsp 6 200 OK";  // with its line feed

    std::deque<Part> m_parts;
    std::size_t m_bytes = 0;
};

}  // namespace cm::metrics::intake
