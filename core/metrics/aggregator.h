// SPDX-License-Identifier: GPL-3.0-or-later
// Lines of a CDN's log to counts: reads each line, finds who asked, adds it to the cell of its minute. Knows
// each user agent and each set of texts once. Owned by whoever reads a stream, used by one thread; memory is
// that of the distinct texts and cells since the last take(), and its memories of texts are bounded.
#pragma once

#include "core/base/clock.h"
#include "core/metrics/counts.h"
#include "core/metrics/log_time.h"
#include "core/metrics/mode.h"

#include <memory>
#include <string_view>

namespace cm::metrics {

class Aggregator {
public:
    explicit Aggregator(Mode mode, TimeLimits limits = {});
    ~Aggregator();
    Aggregator(const Aggregator &) = delete;
    Aggregator &operator=(const Aggregator &) = delete;

    // One line without its newline, with or without the syslog header of RFC 5424 or 3164. `arrival` stands for
    // the time of a line that has none, or one beyond the limits: that is refused, whatever the mode makes of it.
    Outcome add(std::string_view line, Time arrival);
    // A line that its reader could not take: "TooLong", "NotText", …
    void refuse(std::string_view reason, Time arrival);
    // How much take() would give: cells, and minutes with a tally, and reasons in them.
    [[nodiscard]] std::size_t cells() const;
    // What is added next has been added before, or does not follow.
    void startOver();
    // What was counted since the last time, source and offsets left to the caller.
    Batch take();

private:
    class Implementation;
    std::unique_ptr<Implementation> m_implementation;
};

}  // namespace cm::metrics
