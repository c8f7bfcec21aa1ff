// SPDX-License-Identifier: GPL-3.0-or-later
// The 26 px at the bottom: how we stand with the registry, the age of what is shown, and the UTC
// clock. Owned by its window.
#pragma once

#include "core/base/clock.h"
#include "ui/theme/marks.h"

#include <QTimer>
#include <QWidget>

class QLabel;

namespace cm::ui {

class Connection;
class StateMark;

class StatusLine : public QWidget {
    Q_OBJECT
public:
    // `monitor` may be null.
    StatusLine(const Connection &connection, const Connection *monitor, const Clock &clock, QWidget *parent = nullptr);
    // What was last notified, for as long as a person needs to read it.
    void say(Mark mark, const QString &text);
    [[nodiscard]] QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent *event) override;
    void showEvent(QShowEvent *event) override;
    void hideEvent(QHideEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;

private:
    void follow();
    void followMonitor();
    void tick();
    void fit();

    const Connection &m_connection;
    const Connection *m_monitor;
    const Clock &m_clock;
    StateMark *m_state;
    StateMark *m_monitorState;
    QLabel *m_age;
    StateMark *m_message;
    QLabel *m_time;
    QTimer m_tick;
    QTimer m_messageEnd;
};

}  // namespace cm::ui
