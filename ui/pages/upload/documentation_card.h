// SPDX-License-Identifier: GPL-3.0-or-later
// An archive of documentation to upload: for which project and version, what speaks against it, progress and
// result. GUI thread.
#pragma once

#include "core/api/projects.h"
#include "ui/shell/documentation_job.h"
#include "ui/widgets/card.h"

#include <QTimer>

#include <optional>

class QComboBox;
class QLabel;
class QPushButton;

namespace cm::ui {

class ProgressRow;
class StateMark;

class DocumentationCard : public Card {
    Q_OBJECT
public:
    DocumentationCard(const PageContext &context, const QString &path, QWidget *parent = nullptr);

    [[nodiscard]] DocumentationJob *job() const { return m_job; }
    // The archive is sound, and the project takes it.
    [[nodiscard]] bool isReady() const;
    void send();

Q_SIGNALS:
    void changed();
    void removeRequested();

private:
    void build();
    QWidget *buildTarget();
    void connectSignals();
    void readProjects();
    void readProject();
    void update();
    void updateTarget();
    [[nodiscard]] bool mayPut() const;

    PageContext m_context;
    DocumentationJob *m_job;
    LatestCall m_projects;
    LatestCall m_call;
    QTimer m_askSoon;
    std::optional<Result<api::ProjectDetail>> m_detail;
    StateMark *m_state = nullptr;
    StateMark *m_archiveMark = nullptr;
    QLabel *m_archive = nullptr;
    StateMark *m_targetMark = nullptr;
    QLabel *m_target = nullptr;
    QComboBox *m_project = nullptr;
    QComboBox *m_version = nullptr;
    ProgressRow *m_progress = nullptr;
    QLabel *m_result = nullptr;
    QPushButton *m_send = nullptr;
    QPushButton *m_retry = nullptr;
    QPushButton *m_cancel = nullptr;
    QPushButton *m_remove = nullptr;
    QPushButton *m_open = nullptr;
};

}  // namespace cm::ui
