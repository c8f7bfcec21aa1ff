// SPDX-License-Identifier: GPL-3.0-or-later
// What was done, with an Undo button, for ten seconds; the time stands still while the pointer or
// the keyboard focus is in it. GUI thread.
#pragma once

#include <QElapsedTimer>
#include <QFrame>
#include <QTimer>

#include <functional>

class QLabel;
class QPushButton;

namespace cm::ui {

class UndoBar : public QFrame {
    Q_OBJECT
public:
    explicit UndoBar(QWidget *parent = nullptr);

    // Replaces what was offered before. Without `undo` it only says what happened.
    void offer(const QString &text, std::function<void()> undo);
    void dismiss();
    // Takes its place at the bottom of `room`: one line where it fits, more where not.
    void placeIn(const QSize &room);
    void setDuration(int milliseconds) { m_duration = milliseconds; }

protected:
    void paintEvent(QPaintEvent *event) override;
    void enterEvent(QEnterEvent *event) override;
    void leaveEvent(QEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;

private:
    void resume();

    QLabel *m_text;
    QPushButton *m_button;
    std::function<void()> m_undo;
    QTimer m_end;
    int m_duration = 10'000;
    int m_left = 0;
};

}  // namespace cm::ui
