// SPDX-License-Identifier: GPL-3.0-or-later
// One step of an action: a mark of its state told by form, what it does or what came of it, how long it
// took, and how much of it is done where that is known. GUI thread.
#pragma once

#include "core/api/actions.h"

#include <QWidget>

class QLabel;
class QProgressBar;

namespace cm::ui {

class StepRow : public QWidget {
    Q_OBJECT
public:
    explicit StepRow(QWidget *parent = nullptr);
    // `expected`: what has to come true, which is waited for rather than done.
    void setStep(const api::ActionStep &step, bool expected, Time now);

private:
    class StepMark;

    StepMark *m_mark;
    QLabel *m_statement;
    QLabel *m_figure;
    QProgressBar *m_progress;
};

}  // namespace cm::ui
