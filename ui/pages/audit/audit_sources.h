// SPDX-License-Identifier: GPL-3.0-or-later
// The audit of the registry and that of the monitor as one list, newest first. The registry's is read where it is
// looked at; the monitor's, which few people write, as a whole. Where one of them is away the lines of the other are
// the list, and which one is missing is told. Owned by whoever reads, GUI thread.
#pragma once

#include "core/api/people.h"
#include "ui/client/when_done.h"
#include "ui/shell/page_context.h"

#include <QHash>
#include <QList>
#include <QObject>

#include <functional>
#include <memory>
#include <optional>

namespace cm::ui {

enum class AuditSource { Registry, Monitor };

// Ids are unique within their source.
struct AuditLine {
    AuditSource source = AuditSource::Registry;
    api::AuditEntry entry;
    friend bool operator==(const AuditLine &, const AuditLine &) = default;
};

class AuditSources : public QObject {
    Q_OBJECT
public:
    using Handler = std::function<void(Result<api::Page<AuditLine>>)>;

    AuditSources(const PageContext &context, QObject *parent);

    // What is read from now on; `offset` and `limit` of it mean nothing. Reads that are under way are void: their
    // handlers are not called. The monitor's lines are kept where nothing says that they changed.
    void begin(const api::ListAudit &filter, bool monitorChanged);
    // Fails only where neither has any line to show.
    void read(qint64 offset, qint64 limit, Handler handler);
    // Why the lines of one are missing from what was read last.
    [[nodiscard]] const std::optional<Error> &missing(AuditSource source) const
    {
        return source == AuditSource::Registry ? m_registryProblem : m_monitorProblem;
    }

private:
    struct Reading {
        qint64 offset = 0;
        qint64 limit = 0;
        Handler handler;
        int epoch = 0;
    };
    using Split = std::function<void(qint64)>;
    using Answer = Result<api::Page<api::AuditEntry>>;

    void readMonitor();
    void onMonitor(const Answer &answer);
    void startWaiting();
    void start(const std::shared_ptr<Reading> &reading);
    void readRegistry(const std::shared_ptr<Reading> &reading, qint64 first);
    // How many of the monitor's lines stand before a place of the list. Asks the registry for no more than the count
    // of its lines that are newer than a few of them.
    void split(const std::shared_ptr<Reading> &reading, qint64 place, qint64 low, qint64 high, const Split &then);
    void finish(const Reading &reading, qint64 first, qint64 last, api::Page<api::AuditEntry> registry);
    void answerAlone(const Reading &reading, const Error &problem);
    template <class Then>
    void ask(const std::shared_ptr<Reading> &reading, const api::ListAudit &query, Then then);

    PageContext m_context;
    api::ListAudit m_filter;
    int m_epoch = 0;
    bool m_begun = false;
    std::vector<api::AuditEntry> m_lines;  // of the monitor
    std::vector<Time> m_times;             // of each, never rising: a clock may have been set back
    QHash<qint64, qint64> m_newer;         // of a line of the monitor: how many lines of the registry stand before it
    bool m_monitorKnown = false;
    LatestCall m_monitorCall;
    QList<std::shared_ptr<Reading>> m_waiting;
    std::optional<Error> m_registryProblem;
    std::optional<Error> m_monitorProblem;
};

}  // namespace cm::ui
