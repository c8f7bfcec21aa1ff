// SPDX-License-Identifier: GPL-3.0-or-later
// What is known about one file to upload: state, checks with their remedies, progress, and what can
// be done next. GUI thread.
#pragma once

#include "ui/pages/upload/upload_job.h"
#include "ui/widgets/card.h"

#include <QPointer>

class QAction;
class QGridLayout;
class QLabel;
class QPushButton;

namespace cm::ui {

class ElidedLabel;
class ProgressRow;
class StateMark;

class UploadCard : public Card {
    Q_OBJECT
public:
    UploadCard(const PageContext &context, UploadJob *job, QWidget *parent = nullptr);

    [[nodiscard]] UploadJob *job() const { return m_job; }

Q_SIGNALS:
    void removeRequested();

private:
    struct Row {
        StateMark *mark;
        QLabel *text;
    };

    void build();
    QWidget *buildResult();
    void update();
    void updateLines();
    void updateProgress();
    void updateResult();

    PageContext m_context;
    QPointer<UploadJob> m_job;
    StateMark *m_state = nullptr;
    QGridLayout *m_grid = nullptr;
    QList<Row> m_rows;
    ProgressRow *m_progress = nullptr;
    QWidget *m_result = nullptr;
    QLabel *m_resultText = nullptr;
    ElidedLabel *m_install = nullptr;
    QPushButton *m_send = nullptr;
    QPushButton *m_retry = nullptr;
    QPushButton *m_cancel = nullptr;
    QPushButton *m_remove = nullptr;
    QPushButton *m_open = nullptr;
    QPushButton *m_copy = nullptr;
};

}  // namespace cm::ui
