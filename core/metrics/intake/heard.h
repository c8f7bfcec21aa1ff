// SPDX-License-Identifier: GPL-3.0-or-later
// Since when, and until when, it is sure that somebody who had lines to send sent them: what makes silence a 0 instead of
// a gap. A connection vouches for the time between two lines that came by it, reports of its sender among them, or RELP's open
// and its first line, or its last one and RELP's farewell: what was sent between them would have come between them. That its
// socket is open, or that a kernel answers for it, vouches for nothing: behind it the sender may be stopped. Plain values; one
// owner, one thread.
#pragma once

#include "core/base/clock.h"

#include <algorithm>
#include <optional>

namespace cm::metrics::intake {

struct HeardSpan {
    Time from, through;
};

class Heard {
public:
    // By one connection; spans that touch are one. Of two that do not the later counts.
    void add(HeardSpan span)
    {
        span.from = std::max(span.from, m_notBefore);
        if (span.through < span.from)
            return;
        if (m_span && span.from <= m_span->through && m_span->from <= span.through)
            m_span = {std::min(span.from, m_span->from), std::max(span.through, m_span->through)};
        else if (!m_span || span.through > m_span->through)
            m_span = span;
    }
    // Nobody was listened to: what was heard before `now` does not reach beyond it.
    void interrupt(Time now)
    {
        m_notBefore = now;
        m_span.reset();
    }
    [[nodiscard]] const std::optional<HeardSpan> &span() const { return m_span; }

private:
    Time m_notBefore;
    std::optional<HeardSpan> m_span;
};

}  // namespace cm::metrics::intake
