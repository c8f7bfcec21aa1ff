// SPDX-License-Identifier: GPL-3.0-or-later
// What all sessions together hold back while it is not known whether it is a repetition: one bound for the memory of it,
// however many connect. Beyond it whoever holds most has to decide with what it has. Owned by the intake, on the I/O thread
// alone.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace cm::metrics::intake {

class Holder {
public:
    virtual ~Holder() = default;
    [[nodiscard]] virtual std::size_t heldBytes() const = 0;
    // Holds nothing any more.
    virtual void letGo() = 0;
};

class HeldLines {
public:
    static constexpr std::size_t most = 64 << 20;

    // `first`: it held nothing before.
    void grew(Holder &holder, std::size_t bytes, bool first)
    {
        if (first)
            m_holders.push_back(&holder);
        m_bytes += bytes;
    }
    // It holds nothing any more; `bytes` is what it held.
    void gone(Holder &holder, std::size_t bytes)
    {
        std::erase(m_holders, &holder);
        m_bytes -= bytes;
    }
    void relieve()
    {
        while (m_bytes > most)
            (*std::max_element(m_holders.begin(), m_holders.end(), [](auto *a, auto *b) { return a->heldBytes() < b->heldBytes(); }))->letGo();
    }
    [[nodiscard]] std::size_t bytes() const { return m_bytes; }

private:
    std::vector<Holder *> m_holders;
    std::size_t m_bytes = 0;
};

}  // namespace cm::metrics::intake
