// SPDX-License-Identifier: GPL-3.0-or-later
// A place where alerts go, whatever the way there. Made by the composition root, owned by the courier, which
// calls deliver() on that receiver's own thread; the rest is for any thread.
#pragma once

#include "core/api/alerting.h"
#include "core/base/clock.h"

#include <stop_token>
#include <string>

namespace cm::monitor {

// What a letter says besides its alert.
struct LetterContext {
    std::string registry;    // the name of what is watched
    std::string monitorUrl;  // where to look
    Time now{};
};

class Receiver {
public:
    virtual ~Receiver() = default;
    [[nodiscard]] virtual const std::string &name() const = 0;
    // Of api::Receiver.
    [[nodiscard]] virtual std::string_view kind() const = 0;
    // What is stored, and delivered sooner or later: the alert as it is now.
    [[nodiscard]] virtual std::string letterFor(const api::Alert &alert, const LetterContext &context) const = 0;
    // Blocks for some seconds at most. Answers what was not quite right with a letter that has arrived, or nothing.
    // InvalidInput: this letter will not be taken as it is, others may; any other error: try again later.
    virtual Result<std::string> deliver(const std::string &letter, const std::stop_token &stop) = 0;
};

}  // namespace cm::monitor
