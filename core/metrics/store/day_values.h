// SPDX-License-Identifier: GPL-3.0-or-later
// Which values that nobody knows (known_values.h) a batch tells by name: those that the registry's counts of that day have, and
// new ones as long as there is room among them, the most frequent first. All others are strangers, in every bucket of the day
// and for every subject alike, so that no step of a chart contradicts another; and no text is kept that nobody could ask for.
// Internal to core/metrics/store; one thread.
#pragma once

#include "core/metrics/counts.h"
#include "core/metrics/store/figures.h"
#include "core/metrics/store/names.h"
#include "core/metrics/store/tiers.h"

#include <map>
#include <tuple>

namespace cm::metrics {

class DayValues {
public:
    // `text` is a stored text.
    void add(Request request, Minute minute, Dimension dimension, const std::string &text, std::int64_t count);
    // Looks at the counts as they are now: where several add to a day at once it may have some more than that.
    Result<void> resolve(sql::Database &database, Names &names);
    // Of what was added, once it is resolved.
    [[nodiscard]] Code codeOf(Request request, Minute minute, Dimension dimension, const std::string &text) const;

private:
    using Place = std::tuple<Request, Minute, Dimension>;
    struct Value {
        std::int64_t count = 0;
        Code code = strangers;
        bool admitted = false;
    };
    using Values = std::map<std::string, Value>;

    [[nodiscard]] std::vector<std::string> texts(bool admittedOnly) const;
    static void admit(Values &values, const CountList &there);

    std::map<Place, Values> m_values;
};

}  // namespace cm::metrics
