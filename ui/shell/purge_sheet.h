// SPDX-License-Identifier: GPL-3.0-or-later
// The sheet that has the CDN let go of one project, of all simple pages or of everything: what that asks of the web
// nodes by the figures of the monitor, what waits already, and whether there is anybody to ask anew. Looks again while it
// is open. Shown with Shell::showSheet(), which owns it. GUI thread.
#pragma once

#include "core/api/cdn.h"
#include "core/api/monitoring.h"
#include "core/api/projects.h"
#include "ui/client/one_call.h"
#include "ui/format/purge_estimate.h"
#include "ui/shell/page_context.h"
#include "ui/widgets/action_sheet.h"

#include <QTimer>

class QAction;
class QCheckBox;
class QComboBox;
class QLineEdit;

namespace cm::ui {

class PurgeSheet : public ActionSheet {
    Q_OBJECT
public:
    // `project`: what it is about at first; empty: a name is asked for.
    PurgeSheet(const PageContext &context, const QString &project, QWidget *parent = nullptr);

    static void open(const PageContext &context, const QString &project);
    // Enables an action that opens one, or says on it why it may not.
    static void allow(QAction &action, const Connection &connection);

protected:
    void showEvent(QShowEvent *event) override;

private:
    void addChoices(const QString &project);
    void choose();
    void lookForProject();
    void ask();
    void showEstimate();
    void showGuards();
    [[nodiscard]] QList<Guard> projectGuards() const;
    [[nodiscard]] QList<Guard> cacheGuards() const;
    [[nodiscard]] QList<Guard> nodeGuards() const;
    [[nodiscard]] PurgeWhat what() const;
    [[nodiscard]] bool isSoft() const;
    [[nodiscard]] std::string project() const;
    void press();

    PageContext m_context;
    QComboBox *m_what;
    QLineEdit *m_project;
    QCheckBox *m_hard;
    std::optional<Result<api::CdnState>> m_caches;
    std::optional<Result<api::MonitorState>> m_watched;
    // Of the name that stands there; absent: not answered yet.
    std::optional<Result<api::ProjectDetail>> m_found;
    OneCall m_cachesCall;
    OneCall m_watchedCall;
    LatestCall m_projectCall;
    QStringList m_estimate;
    QTimer m_again;
    QTimer m_typedSoon;
};

}  // namespace cm::ui
