// SPDX-License-Identifier: GPL-3.0-or-later
// The audit of the registry and that of the monitor as one list, newest first. The registry's is read where it is
// looked at; the monitor's, which few people write, as a whole. Where one of them is away the lines of the other are
// the list, and which one is missing is told. Owned by whoever reads, GUI thread.
#pragma once

#include "core/api/people.h"
#include "ui/client/merged_pages.h"
#include "ui/client/when_done.h"
#include "ui/shell/page_context.h"

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
    using Shared = std::shared_ptr<Reading>;
    using Answer = Result<api::Page<api::AuditEntry>>;
    using List = MergedPages<api::ListAudit, api::AuditEntry, AuditLine>;

    void readMonitor();
    void onMonitor(const Answer &answer);
    void know();
    void start(const Shared &reading);
    void answerAlone(const Reading &reading, const Error &problem);

    PageContext m_context;
    api::ListAudit m_filter;
    int m_epoch = 0;
    bool m_begun = false;
    List m_list;                     // the monitor's lines are the known ones
    std::vector<AuditLine> m_lines;  // of the monitor, while they are read
    bool m_monitorKnown = false;
    LatestCall m_monitorCall;
    QList<Shared> m_waiting;
    std::optional<Error> m_registryProblem;
    std::optional<Error> m_monitorProblem;
};

}  // namespace cm::ui
