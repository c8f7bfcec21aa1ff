// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/second_word.h"

#include <utility>

namespace cm::monitor {

template <class Holds>
std::optional<SecondWord::Asked> SecondWord::take(const Holds &holds)
{
    const std::lock_guard lock(m_mutex);
    return m_asked && holds(*m_asked) ? std::exchange(m_asked, std::nullopt) : std::nullopt;
}

std::optional<SecondWord::Asked> SecondWord::ask(Asked asked)
{
    const std::lock_guard lock(m_mutex);
    return std::exchange(m_asked, std::move(asked));
}

std::optional<SecondWord::Asked> SecondWord::standing(const api::ActionWish &wish, const std::string &basis, Instant now) const
{
    const std::lock_guard lock(m_mutex);
    return m_asked && m_asked->wish == wish && m_asked->basis == basis && now <= m_asked->ends ? m_asked : std::nullopt;
}

std::optional<SecondWord::Asked> SecondWord::agree(const api::ActionWish &wish, const std::string &basis, const std::string &by, Instant now)
{
    return take([&](const Asked &asked) { return asked.wish == wish && asked.basis == basis && asked.by != by && now <= asked.ends; });
}

std::optional<SecondWord::Asked> SecondWord::withdraw(api::Id action)
{
    return take([&](const Asked &asked) { return asked.action == action; });
}

std::optional<SecondWord::Asked> SecondWord::lapsed(Instant now)
{
    return take([&](const Asked &asked) { return now > asked.ends; });
}

}  // namespace cm::monitor
