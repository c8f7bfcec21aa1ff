// SPDX-License-Identifier: GPL-3.0-or-later
// The memory that the fields of all uploads under way may hold together. Made by the application and
// outliving its uploads; any thread.
#pragma once

#include <atomic>
#include <cstddef>

namespace cm::server {

class FormBudget {
public:
    // So much of each form is free: an upload with ordinary fields never waits for those of others.
    static constexpr std::size_t freeBytes = 64 * 1024;

    explicit FormBudget(std::size_t bytes) : m_left(static_cast<std::ptrdiff_t>(bytes)) {}
    FormBudget(const FormBudget &) = delete;
    FormBudget &operator=(const FormBudget &) = delete;

    // False when there is not so much left; nothing is taken then.
    [[nodiscard]] bool take(std::size_t bytes)
    {
        const auto wanted = static_cast<std::ptrdiff_t>(bytes);
        if (m_left.fetch_sub(wanted) >= wanted)
            return true;
        m_left.fetch_add(wanted);
        return false;
    }
    void giveBack(std::size_t bytes) { m_left.fetch_add(static_cast<std::ptrdiff_t>(bytes)); }

private:
    std::atomic<std::ptrdiff_t> m_left;
};

}  // namespace cm::server
