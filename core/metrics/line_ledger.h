// SPDX-License-Identifier: GPL-3.0-or-later
// Lines on their way into a store, batch by batch: read and kept in memory until close() ends a batch, which store()
// then stores as a whole, as often as it takes. Which store that is, and whether it keeps counts or each line, nobody who
// reads lines needs to know. Owned by the composition root, used by one thread; store() and resume() block. Errors are
// those of CountStore and EventStore.
#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/metrics/counts.h"

#include <string_view>

namespace cm::metrics {

// The reason of what never came.
inline constexpr std::string_view lostOnTheWay = "Lost";
// And that of lines that were sent again, known again and dropped.
inline constexpr std::string_view knownAgain = "Repeated";

class LineLedger {
public:
    virtual ~LineLedger() = default;

    virtual Result<Resume> resume(const std::string &source) = 0;

    // As Aggregator's.
    virtual void add(std::string_view line, Time arrival) = 0;
    virtual void refuse(std::string_view reason, Time arrival) = 0;
    // Lines that were lost on the way, and are counted as nothing but that.
    virtual void lose(std::int64_t lines, Time arrival) = 0;
    // Lines that came again and are there already: as little a part of any other count.
    virtual void repeat(std::int64_t lines, Time arrival) = 0;
    // Of the batch: rows that it will be in the store, about.
    [[nodiscard]] virtual std::size_t size() const = 0;
    // The batch's lines are the bytes of `source` from `from` until `until`. `known`: a minute of which all that came is
    // counted with this batch, were it nothing. Answers what became of its lines, until the next close().
    virtual const std::vector<Tally> &close(const std::string &source, std::int64_t from, std::int64_t until,
                                            std::optional<std::int64_t> known = {}) = 0;
    // What senders said of themselves in it, as long.
    [[nodiscard]] virtual const std::vector<SenderReport> &reports() const = 0;
    virtual Result<void> store() = 0;
    // What was added or closed and not stored.
    virtual void drop() = 0;
};

}  // namespace cm::metrics
