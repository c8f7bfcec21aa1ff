// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/verdicts/steadiness.h"

#include <algorithm>
#include <fmt/format.h>

namespace cm::monitor {
namespace {

// One that is restarted twice within the time is not meant.
constexpr int fallsToRaise = 3;
constexpr int fallsToKeep = 2;

}  // namespace

void Steadiness::note(Time tried, bool silent)
{
    if (tried <= m_last)
        return;
    m_last = tried;
    m_silent.push_back(silent);
    if (m_silent.size() > looks)
        m_silent.pop_front();
    int falls = 0;
    for (std::size_t i = 1; i < m_silent.size(); ++i)
        falls += m_silent[i] && !m_silent[i - 1] ? 1 : 0;
    m_unsteady = falls >= (m_unsteady ? fallsToKeep : fallsToRaise);
}

void Steadiness::forget()
{
    m_silent.clear();
    m_unsteady = false;
}

std::optional<RawFinding> Steadiness::judge(const std::string &node) const
{
    if (!m_unsteady)
        return {};
    RawFinding out;
    out.node = node;
    out.code = api::finding::unsteady;
    out.verdict = Verdict::Warning;
    out.statement = fmt::format("{} answers now and then: {} of the last {} looks brought nothing", node, std::count(m_silent.begin(), m_silent.end(), true),
                                m_silent.size());
    out.sampled = m_last;
    // It is seen over many looks already.
    out.raiseAfter = out.clearAfter = 1;
    return out;
}

}  // namespace cm::monitor
