// SPDX-License-Identifier: GPL-3.0-or-later
// What people did to the registry, as events of a timeline: purges, read-only orders, moderation, people and roles,
// deprecations; from its audit, for a monitor knows nothing of them. What publishing and signing in leave there all day is
// none. Plain functions, and a reader that is owned by whoever reads. GUI thread.
#pragma once

#include "core/api/monitoring.h"
#include "core/api/people.h"
#include "ui/client/when_done.h"
#include "ui/shell/page_context.h"

#include <QObject>
#include <QString>

#include <functional>
#include <optional>

namespace cm::ui {

bool isRoutine(const api::AuditEntry &line);
// Ids are those of the registry's audit, negative: the monitor's events have their own.
api::TimelineEvent registryEvent(const api::AuditEntry &line);

struct RegistryLines {
    // Newest first, routine left out.
    std::vector<api::AuditEntry> lines;
    std::int64_t routine = 0;
    // Older lines were not read any more: those from then on are known.
    std::optional<Time> cut;
    // Why they were not read, or not to the end.
    std::optional<Error> problem;
};

class RegistryEvents : public QObject {
    Q_OBJECT
public:
    using Handler = std::function<void(RegistryLines)>;
    static constexpr std::int64_t portion = 1000;
    static constexpr std::int64_t most = 10'000;

    RegistryEvents(const PageContext &context, QObject *parent);

    // At most so many lines of the audit, routine and all. A reading that is under way is void. A registry that is known to
    // be away, or falls silent meanwhile, is not waited for.
    void read(std::optional<Time> from, std::optional<Time> until, std::int64_t atMost, Handler handler);
    // Makes a reading that is under way void: its handler is not called.
    void drop();
    [[nodiscard]] bool isReading() const { return static_cast<bool>(m_handler); }

private:
    void next();
    void giveUp();
    void finish();

    PageContext m_context;
    api::ListAudit m_query;
    std::int64_t m_most = most;
    int m_epoch = 0;
    RegistryLines m_found;
    Handler m_handler;
    LatestCall m_call;
};

}  // namespace cm::ui
