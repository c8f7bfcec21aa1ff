// SPDX-License-Identifier: GPL-3.0-or-later
// The monitor's events and those of the registry as one list, newest first. The monitor's are read where they are looked at;
// of the registry's the newest of the span, in one call. Where the registry does not answer, the monitor's are the list, and
// that is told. Owned by whoever reads, GUI thread.
#pragma once

#include "core/api/monitor_endpoints.h"
#include "ui/client/merged_pages.h"
#include "ui/pages/incidents/registry_events.h"

#include <QList>

#include <functional>
#include <memory>

namespace cm::ui {

class TimelineEvents : public QObject {
    Q_OBJECT
public:
    using Answer = Result<api::Page<api::TimelineEvent>>;
    using Handler = std::function<void(Answer)>;

    TimelineEvents(const PageContext &context, QObject *parent);

    // What is read from now on; `offset` and `limit` of it mean nothing. Reads that are under way are void: their handlers
    // are not called. The registry's are read again where another span is asked for, or what is known is old.
    void begin(const api::ListTimeline &filter);
    void read(qint64 offset, qint64 limit, Handler handler);
    // Of another registry, or another monitor.
    void forget();
    // What is missing of the registry's; empty: nothing.
    [[nodiscard]] QString missing() const;

Q_SIGNALS:
    void registryRead();

private:
    struct Reading {
        qint64 offset = 0;
        qint64 limit = 0;
        Handler handler;
        int epoch = 0;
    };
    using Shared = std::shared_ptr<Reading>;
    using List = MergedPages<api::ListTimeline, api::TimelineEvent, api::TimelineEvent>;

    [[nodiscard]] bool wantsRegistry() const;
    [[nodiscard]] bool wantsMonitor() const;
    void onRegistry(RegistryLines lines);
    void start(const Shared &reading);
    void answerAlone(const Reading &reading);

    PageContext m_context;
    RegistryEvents m_registry;
    api::ListTimeline m_filter;
    int m_epoch = 0;
    List m_list;  // the registry's are the known ones
    bool m_known = false;
    std::optional<Time> m_readAt;
    std::optional<Time> m_cut;
    std::optional<Error> m_problem;
    QList<Shared> m_waiting;
};

}  // namespace cm::ui
