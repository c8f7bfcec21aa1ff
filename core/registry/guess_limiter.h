// SPDX-License-Identifier: GPL-3.0-or-later
// How often a wrong password may be tried: ten at once, then one each six seconds, of one account
// from one address, so that a stranger elsewhere locks nobody out. Names that do not exist count as
// well. Owned by Access; any thread. Kept in memory only and bounded.
#pragma once

#include "core/base/clock.h"

#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace cm::registry {

class GuessLimiter {
public:
    // Takes one try; or tells how long to wait, at least a second.
    [[nodiscard]] std::optional<std::chrono::seconds> take(std::string_view account, std::string_view address,
                                                           Time now);
    // The password fitted: all tries are there again.
    void succeeded(std::string_view account, std::string_view address);
    // The try was none: nothing was compared.
    void giveBack(std::string_view account, std::string_view address);

private:
    struct Bucket {
        double tries = 0;
        Time since{};
    };

    static std::string keyOf(std::string_view account, std::string_view address);
    void makeRoom(Time now);

    std::mutex m_mutex;
    std::unordered_map<std::string, Bucket> m_buckets;  // only those that are not full
};

}  // namespace cm::registry
