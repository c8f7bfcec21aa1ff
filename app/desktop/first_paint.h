// SPDX-License-Identifier: GPL-3.0-or-later
// Tells when a window has painted for the first time; what start-up leaves for later waits for that.
// Owned by the composition root, GUI thread.
#pragma once

#include <QObject>

class QWidget;

namespace cm::ui {

class FirstPaint : public QObject {
    Q_OBJECT
public:
    explicit FirstPaint(QWidget &window, QObject *parent = nullptr);

    // CLOCK_MONOTONIC in nanoseconds, for --paint-report.
    static long long now();

Q_SIGNALS:
    // Once, from the event loop after the paint.
    void painted(long long atNanoseconds);

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    bool m_seen = false;
};

}  // namespace cm::ui
