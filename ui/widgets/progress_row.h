// SPDX-License-Identifier: GPL-3.0-or-later
// One line of long work: what, a bar, rate and estimate, cancel. GUI thread.
#pragma once

#include "ui/theme/marks.h"

#include <QWidget>

class QLabel;
class QProgressBar;
class QToolButton;

namespace cm::ui {

class ElidedLabel;

class ProgressRow : public QWidget {
    Q_OBJECT
public:
    explicit ProgressRow(const QString &name, QWidget *parent = nullptr);

    // `secondsLeft` negative: nobody can know. `total` 0: unknown.
    void setProgress(qint64 done, qint64 total, double bytesPerSecond, double secondsLeft);
    // The end, or a stage such as "Checking".
    void setState(Mark mark, const QString &text);
    void setCancellable(bool cancellable);

Q_SIGNALS:
    void cancelled();

private:
    ElidedLabel *m_name;
    QProgressBar *m_bar;
    QLabel *m_text;
    QToolButton *m_cancel;
    class StateMark *m_mark;
};

}  // namespace cm::ui
