// SPDX-License-Identifier: GPL-3.0-or-later
// Tells observers which project pages are out of date, whoever changed them: services of this
// process announce after their commit, poll() finds what other processes committed. Owned by the
// composition root; any thread. Observers run on the announcing thread, must be quick, and may hear
// of the same serial twice. Observe before serving; observers outlive the last announcement.
#pragma once

#include "core/catalog/catalog.h"

#include <functional>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

namespace cm::registry {

struct ChangeObserver {
    // A visible change of a project; `serial` is its last one now.
    std::function<void(std::string_view normalizedProject, catalog::Serial serial)> projectChanged;
    // Something was committed: events may be waiting.
    std::function<void()> committed;
};

class Changes {
public:
    explicit Changes(catalog::Catalog &catalog) : m_catalog(catalog) {}

    void observe(ChangeObserver observer);
    // Announces nothing that was committed before.
    Result<void> start();
    // Costs one cheap question when nothing happened; call it some ten times a second.
    Result<void> poll();
    // Polls, and answers the serial up to which everything has been announced here.
    Result<catalog::Serial> seen();

    void announce(std::string_view normalizedProject, catalog::Serial serial);
    void announceCommit();

private:
    catalog::Catalog &m_catalog;
    std::shared_mutex m_observersMutex;
    std::vector<ChangeObserver> m_observers;
    std::mutex m_pollMutex;
    std::int64_t m_dataVersion = 0;
    catalog::Serial m_serial = 0;
};

}  // namespace cm::registry
