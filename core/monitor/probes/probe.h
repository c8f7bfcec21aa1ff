// SPDX-License-Identifier: GPL-3.0-or-later
// One look at one target: blocking, within a deadline, ended early by a stop. A probe is owned by the
// watcher and run by one thread at a time; it may keep a session between looks. Failure says why there
// are no facts; what the target itself says of its ill health are facts.
#pragma once

#include "core/monitor/verdicts/facts.h"

#include <chrono>
#include <stop_token>

namespace cm::monitor {

struct ProbeTime {
    std::chrono::steady_clock::time_point deadline;
    std::stop_token stop;

    [[nodiscard]] std::chrono::milliseconds left() const
    {
        return std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    }
};

template <class Facts>
class Probe {
public:
    virtual ~Probe() = default;
    virtual Result<Facts> look(const ProbeTime &time) = 0;
};

// What a failure tells about the target.
[[nodiscard]] Outcome outcomeOf(const Error &error);
// Facts or failure as the newest try.
template <class Facts>
void record(Watched<Facts> &watched, Result<Facts> looked, Time asked, Time now)
{
    watched.asked = asked;
    watched.tried = now;
    if (looked) {
        watched.facts = std::move(*looked);
        watched.taken = now;
        watched.outcome = Outcome::Answered;
        watched.problem.clear();
        watched.failures = 0;
    } else {
        watched.outcome = outcomeOf(looked.error());
        watched.problem = looked.error().detail;
        ++watched.failures;
    }
}

}  // namespace cm::monitor
