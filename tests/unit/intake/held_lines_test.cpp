// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/intake/held_lines.h"

#include <doctest/doctest.h>
#include <memory>

using namespace cm::metrics::intake;

namespace {

class Sender final : public Holder {
public:
    explicit Sender(HeldLines &held) : m_held(held) {}
    [[nodiscard]] std::size_t heldBytes() const override { return m_bytes; }
    void letGo() override
    {
        m_held.gone(*this, m_bytes);
        m_bytes = 0;
        ++lettings;
    }
    void hold(std::size_t bytes)
    {
        m_held.grew(*this, bytes, m_bytes == 0);
        m_bytes += bytes;
        m_held.relieve();
    }
    int lettings = 0;

private:
    HeldLines &m_held;
    std::size_t m_bytes = 0;
};

}  // namespace

TEST_CASE("however many hold lines back, all together stay within the bound, and who holds little is left alone")
{
    HeldLines held;
    std::vector<std::unique_ptr<Sender>> greedy;
    for (int i = 0; i < 1000; ++i)
        greedy.push_back(std::make_unique<Sender>(held));
    Sender modest(held);
    modest.hold(50'000);
    for (int round = 0; round < 20; ++round) {
        for (const auto &sender : greedy) {
            sender->hold(100'000);
            CHECK(held.bytes() <= HeldLines::most);
        }
    }
    CHECK(modest.lettings == 0);
    int lettings = 0;
    for (const auto &sender : greedy)
        lettings += sender->lettings;
    CHECK(lettings > 1000);
    for (const auto &sender : greedy) {
        if (sender->heldBytes() > 0)
            sender->letGo();
    }
    CHECK(held.bytes() == 50'000);
}
