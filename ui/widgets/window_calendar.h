// SPDX-License-Identifier: GPL-3.0-or-later
// A month in weeks, and windows of time placed in it where they lie, to the minute: those that meet stand one below the
// other. Days are UTC. Arrows move by day and week, Page Up and Page Down by month, Home to today, Ctrl with an arrow to
// the next day with a window, Enter opens the first window of the day. The words are the accessible text. GUI thread.
#pragma once

#include "core/base/clock.h"

#include <QDate>
#include <QList>
#include <QWidget>

namespace cm::ui {

QDate dayOf(Time time);
Time startOf(QDate day);

class WindowCalendar : public QWidget {
    Q_OBJECT
public:
    enum class State { Planned, Running, Over, CutShort, CalledOff };
    struct Window {
        QString key;
        QString name;   // beside its bar
        QString words;  // a sentence about it
        QString tip;
        Time from;
        Time to;
        State state = State::Planned;
        bool chosen = false;
        // Another one that is to come lies in the same time.
        bool collides = false;
        friend bool operator==(const Window &, const Window &) = default;
    };

    // `name` is what assistive technology calls the calendar.
    explicit WindowCalendar(const QString &name, QWidget *parent = nullptr);

    // In any order.
    void setWindows(const QList<Window> &windows);
    void setToday(QDate day);
    // The day that the keys stand on; its month is shown.
    void setDay(QDate day);
    [[nodiscard]] QDate day() const { return m_day; }
    [[nodiscard]] QList<Window> windowsOn(QDate day) const;

    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

Q_SIGNALS:
    void dayChanged(QDate day);
    void opened(const QString &key);

protected:
    void paintEvent(QPaintEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseDoubleClickEvent(QMouseEvent *event) override;
    void wheelEvent(QWheelEvent *event) override;
    void focusInEvent(QFocusEvent *event) override;
    void focusOutEvent(QFocusEvent *event) override;
    void changeEvent(QEvent *event) override;
    bool event(QEvent *event) override;

private:
    // A window in one week: its bar, and its name beside it or on it.
    struct Place {
        qsizetype window = 0;
        QRectF bar;
        QRectF words;
    };

    [[nodiscard]] QDate firstShown() const;
    [[nodiscard]] int weeks() const;
    [[nodiscard]] QRectF weekRect(int week) const;
    [[nodiscard]] QRectF dayRect(QDate day) const;
    [[nodiscard]] QDate dayAt(const QPointF &at) const;
    [[nodiscard]] int laneHeight() const;
    // Of the windows that have room; `more`: of those that have none, by day of the week.
    [[nodiscard]] QList<Place> placesIn(int week, QList<int> &more) const;
    [[nodiscard]] const Window *windowAt(const QPointF &at) const;
    [[nodiscard]] QRectF mirrored(const QRectF &rect) const;
    void paintDays(QPainter &painter, int week) const;
    void paintWindow(QPainter &painter, const Place &place) const;
    void openAt(QDate day);
    void jump(int direction);
    void describe();

    QList<Window> m_windows;  // by when they begin
    QDate m_day;
    QDate m_today;
};

}  // namespace cm::ui
