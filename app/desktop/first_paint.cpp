// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/desktop/first_paint.h"

#include <QEvent>
#include <QWidget>
#include <ctime>

namespace cm::ui {

FirstPaint::FirstPaint(QWidget &window, QObject *parent) : QObject(parent)
{
    window.installEventFilter(this);
}

long long FirstPaint::now()
{
    timespec time{};
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1'000'000'000LL + time.tv_nsec;
}

bool FirstPaint::eventFilter(QObject *watched, QEvent *event)
{
    // The window is painted before its children and in one go with them; the queued call runs when that is done.
    if (!m_seen && event->type() == QEvent::Paint) {
        m_seen = true;
        watched->removeEventFilter(this);
        QMetaObject::invokeMethod(this, [this] { Q_EMIT painted(now()); }, Qt::QueuedConnection);
    }
    return false;
}

}  // namespace cm::ui
