// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/window_calendar.h"

#include "ui/format/format.h"
#include "ui/theme/colors.h"
#include "ui/theme/fonts.h"
#include "ui/theme/marks.h"
#include "ui/theme/metrics.h"

#include <QAccessible>
#include <QHelpEvent>
#include <QLocale>
#include <QPainter>
#include <QToolTip>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>

namespace cm::ui {

namespace {

constexpr int daysOfWeek = 7;
constexpr double leastBar = 4;       // of a window of minutes
constexpr double besideBar = 4;
constexpr int markSize = 9;
constexpr double mostNameDays = 2.2;  // as wide as a name may be, in days
constexpr int lanesAtLeast = 1;
constexpr int lanesWished = 2;

bool isToCome(WindowCalendar::State state)
{
    return state == WindowCalendar::State::Planned || state == WindowCalendar::State::Running;
}

QFont nameFont(const WindowCalendar::Window &window, const QFont &base)
{
    QFont font = smallFont(base);
    font.setBold(window.chosen);
    font.setStrikeOut(window.state == WindowCalendar::State::CalledOff);
    return font;
}

}  // namespace

QDate dayOf(Time time)
{
    return QDate(1970, 1, 1).addDays(std::chrono::floor<std::chrono::days>(time).time_since_epoch().count());
}

Time startOf(QDate day)
{
    return Time(std::chrono::days(QDate(1970, 1, 1).daysTo(day)));
}

WindowCalendar::WindowCalendar(const QString &name, QWidget *parent) : QWidget(parent)
{
    setAccessibleName(name);
    setFocusPolicy(Qt::StrongFocus);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
}

void WindowCalendar::setWindows(const QList<Window> &windows)
{
    QList<Window> sorted = windows;
    std::stable_sort(sorted.begin(), sorted.end(), [](const Window &a, const Window &b) { return a.from < b.from; });
    if (sorted == m_windows)
        return;
    m_windows = sorted;
    describe();
    update();
}

void WindowCalendar::setToday(QDate day)
{
    if (std::exchange(m_today, day) == day)
        return;
    if (!m_day.isValid())
        setDay(day);
    update();
}

void WindowCalendar::setDay(QDate day)
{
    if (!day.isValid() || day == m_day)
        return;
    m_day = day;
    describe();
    update();
    Q_EMIT dayChanged(day);
}

QList<WindowCalendar::Window> WindowCalendar::windowsOn(QDate day) const
{
    QList<Window> found;
    const Time from = startOf(day), to = startOf(day.addDays(1));
    std::copy_if(m_windows.begin(), m_windows.end(), std::back_inserter(found), [&](const Window &one) { return one.from < to && one.to > from; });
    return found;
}

QDate WindowCalendar::firstShown() const
{
    const QDate first(m_day.year(), m_day.month(), 1);
    return first.addDays(-((first.dayOfWeek() - QLocale().firstDayOfWeek() + daysOfWeek) % daysOfWeek));
}

int WindowCalendar::weeks() const
{
    const QDate last(m_day.year(), m_day.month(), m_day.daysInMonth());
    return static_cast<int>(firstShown().daysTo(last)) / daysOfWeek + 1;
}

int WindowCalendar::laneHeight() const
{
    return QFontMetrics(smallFont(font())).height() + 2;
}

QRectF WindowCalendar::weekRect(int week) const
{
    const double head = laneHeight();
    const double high = (height() - head - 1) / std::max(1, weeks());
    return {0, head + week * high, static_cast<double>(width() - 1), high};
}

QRectF WindowCalendar::mirrored(const QRectF &rect) const
{
    return isRightToLeft() ? QRectF(width() - 1 - rect.right(), rect.top(), rect.width(), rect.height()) : rect;
}

QRectF WindowCalendar::dayRect(QDate day) const
{
    const auto at = static_cast<int>(firstShown().daysTo(day));
    const QRectF week = weekRect(at / daysOfWeek);
    const double wide = week.width() / daysOfWeek;
    return mirrored({(at % daysOfWeek) * wide, week.top(), wide, week.height()});
}

QDate WindowCalendar::dayAt(const QPointF &at) const
{
    for (int i = 0; i < weeks() * daysOfWeek; ++i) {
        if (const QDate day = firstShown().addDays(i); dayRect(day).contains(at))
            return day;
    }
    return {};
}

QList<WindowCalendar::Place> WindowCalendar::placesIn(int week, QList<int> &more) const
{
    more = QList<int>(daysOfWeek, 0);
    QList<Place> places;
    if (!m_day.isValid())
        return places;
    const QRectF area = weekRect(week);
    const Time begin = startOf(firstShown().addDays(week * daysOfWeek));
    const double wide = area.width() / daysOfWeek;
    const auto xOf = [&](Time time) {
        return std::clamp(std::chrono::duration<double>(time - begin).count() / 86'400 * wide, 0.0, area.width());
    };
    const int lanes = std::max(lanesAtLeast, static_cast<int>((area.height() - laneHeight()) / laneHeight()));
    QList<double> ends;
    for (qsizetype i = 0; i < m_windows.size(); ++i) {
        const Window &one = m_windows[i];
        if (one.to <= begin || one.from >= begin + std::chrono::days(daysOfWeek))
            continue;
        const double left = xOf(one.from);
        const double right = std::min(area.width(), std::max(xOf(one.to), left + leastBar));
        const double marked = one.collides || one.state == State::Running ? markSize + besideBar : 0;
        const double needed = std::min(QFontMetricsF(nameFont(one, font())).horizontalAdvance(one.name) + 2, mostNameDays * wide) + marked;
        // On a bar that is long enough, else behind it, else before it.
        double words = left + besideBar;
        if (right - left < needed + 2 * besideBar)
            words = right + besideBar + needed <= area.width() ? right + besideBar : std::max(0.0, left - besideBar - needed);
        const double from = std::min(left, words), to = std::max(right, words + needed);
        qsizetype lane = 0;
        while (lane < ends.size() && ends[lane] > from)
            ++lane;
        if (lane >= lanes) {
            ++more[std::clamp(static_cast<int>(left / wide), 0, daysOfWeek - 1)];
            continue;
        }
        if (lane == ends.size())
            ends << 0;
        ends[lane] = to + besideBar;
        const double top = area.top() + laneHeight() * static_cast<double>(lane + 1);
        places << Place{i, mirrored({left, top + 2, right - left, laneHeight() - 4.0}), mirrored({words, top, needed, static_cast<double>(laneHeight())})};
    }
    return places;
}

const WindowCalendar::Window *WindowCalendar::windowAt(const QPointF &at) const
{
    QList<int> more;
    for (int week = 0; m_day.isValid() && week < weeks(); ++week) {
        for (const Place &place : placesIn(week, more)) {
            if (place.bar.adjusted(-2, -2, 2, 2).contains(at) || place.words.contains(at))
                return &m_windows[place.window];
        }
    }
    return nullptr;
}

void WindowCalendar::paintEvent(QPaintEvent *)
{
    if (!m_day.isValid())
        return;
    const Colors colors = colorsOf(palette());
    QPainter painter(this);
    painter.setFont(smallFont(font()));
    painter.setPen(colors.dim);
    for (int i = 0; i < daysOfWeek; ++i) {
        const QDate day = firstShown().addDays(i);
        const QRectF below = dayRect(day);
        painter.drawText(QRectF(below.left() + 4, 0, below.width() - 8, laneHeight()), (isRightToLeft() ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignAbsolute,
                         QLocale().standaloneDayName(day.dayOfWeek(), below.width() > 90 ? QLocale::LongFormat : QLocale::ShortFormat));
    }
    for (int week = 0; week < weeks(); ++week)
        paintDays(painter, week);
    painter.setRenderHint(QPainter::Antialiasing);
    for (int week = 0; week < weeks(); ++week) {
        QList<int> more;
        for (const Place &place : placesIn(week, more))
            paintWindow(painter, place);
        painter.setFont(smallFont(font()));
        painter.setPen(colors.text);
        for (int i = 0; i < daysOfWeek; ++i) {
            if (more[i] > 0)
                painter.drawText(dayRect(firstShown().addDays(week * daysOfWeek + i)).adjusted(4, 0, -4, 0),
                                 (isRightToLeft() ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignTop | Qt::AlignAbsolute, tr("+%1").arg(more[i]));
        }
    }
    painter.setRenderHint(QPainter::Antialiasing, false);
    painter.setPen(QPen(hasFocus() ? colors.accent : colors.dim, hasFocus() ? 2 : 1));
    painter.setBrush(Qt::NoBrush);
    painter.drawRect(dayRect(m_day).adjusted(1, 1, -1, -1));
}

void WindowCalendar::paintDays(QPainter &painter, int week) const
{
    const Colors colors = colorsOf(palette());
    for (int i = 0; i < daysOfWeek; ++i) {
        const QDate day = firstShown().addDays(week * daysOfWeek + i);
        const QRectF place = dayRect(day);
        const bool inMonth = day.month() == m_day.month();
        if (inMonth && day.dayOfWeek() >= Qt::Saturday)
            painter.fillRect(place, blend(colors.panel, colors.raised, 0.5));
        painter.setPen(colors.line);
        painter.drawRect(place);
        QFont font = smallFont(this->font());
        font.setBold(day == m_today);
        font.setUnderline(day == m_today);
        painter.setFont(font);
        painter.setPen(inMonth ? colors.text : colors.dim);
        // The first of a month says of which.
        const QString number = day.day() == 1 ? day.toString(QStringLiteral("yyyy-MM-dd")) : QString::number(day.day());
        painter.drawText(place.adjusted(4, 1, -4, 0), (isRightToLeft() ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignTop | Qt::AlignAbsolute, number);
    }
}

void WindowCalendar::paintWindow(QPainter &painter, const Place &place) const
{
    const Colors colors = colorsOf(palette());
    const Window &one = m_windows[place.window];
    const QColor color = one.chosen ? colors.series[0] : colors.series[5];
    painter.setPen(QPen(color, 1.4, one.state == State::CalledOff ? Qt::DotLine : Qt::SolidLine));
    // Hollow is what has not been; hatched what was cut short.
    painter.setBrush(one.state == State::Planned || one.state == State::CalledOff ? QBrush(colors.panel) : QBrush(color));
    if (one.state == State::CutShort)
        painter.setBrush(QBrush(color, Qt::BDiagPattern));
    painter.drawRoundedRect(place.bar, 2, 2);
    QRectF words = place.words;
    if (one.collides || one.state == State::Running) {
        const QRectF mark(isRightToLeft() ? words.right() - markSize : words.left(), words.center().y() - markSize / 2.0, markSize, markSize);
        drawMark(painter, mark, Mark::Warning, colors);
        words = isRightToLeft() ? words.adjusted(0, 0, -markSize - besideBar, 0) : words.adjusted(markSize + besideBar, 0, 0, 0);
    }
    const bool on = place.bar.contains(place.words.center());
    const bool filled = on && (one.state == State::Running || one.state == State::Over);
    painter.setFont(nameFont(one, font()));
    painter.setPen(filled ? readableOn(color, colors.panel, isDark(palette()) ? QColor(Qt::black) : QColor(Qt::white)) : isToCome(one.state) ? colors.text : colors.dim);
    painter.drawText(words, Qt::AlignLeft | Qt::AlignVCenter | Qt::AlignAbsolute | Qt::TextSingleLine,
                     painter.fontMetrics().elidedText(one.name, Qt::ElideRight, static_cast<int>(std::ceil(words.width()))));
}

void WindowCalendar::openAt(QDate day)
{
    if (const QList<Window> there = windowsOn(day); !there.isEmpty())
        Q_EMIT opened(there.first().key);
}

void WindowCalendar::jump(int direction)
{
    QDate best;
    for (const Window &one : std::as_const(m_windows)) {
        const QDate day = dayOf(one.from);
        const bool beyond = direction > 0 ? day > m_day : day < m_day;
        if (beyond && (!best.isValid() || (direction > 0 ? day < best : day > best)))
            best = day;
    }
    setDay(best);
}

void WindowCalendar::keyPressEvent(QKeyEvent *event)
{
    const int forward = isRightToLeft() ? -1 : 1;
    const bool jumps = event->modifiers().testFlag(Qt::ControlModifier);
    switch (event->key()) {
    case Qt::Key_Left:
    case Qt::Key_Right: {
        const int by = event->key() == Qt::Key_Right ? forward : -forward;
        jumps ? jump(by) : setDay(m_day.addDays(by));
        return;
    }
    case Qt::Key_Up:
        setDay(m_day.addDays(-daysOfWeek));
        return;
    case Qt::Key_Down:
        setDay(m_day.addDays(daysOfWeek));
        return;
    case Qt::Key_PageUp:
        setDay(m_day.addMonths(-1));
        return;
    case Qt::Key_PageDown:
        setDay(m_day.addMonths(1));
        return;
    case Qt::Key_Home:
        setDay(m_today);
        return;
    case Qt::Key_Return:
    case Qt::Key_Enter:
        openAt(m_day);
        return;
    default:
        QWidget::keyPressEvent(event);
    }
}

void WindowCalendar::mousePressEvent(QMouseEvent *event)
{
    if (event->button() == Qt::LeftButton && m_day.isValid())
        setDay(dayAt(event->position()));
}

void WindowCalendar::mouseDoubleClickEvent(QMouseEvent *event)
{
    if (const Window *one = windowAt(event->position()))
        Q_EMIT opened(one->key);
    else if (const QDate day = dayAt(event->position()); day.isValid())
        openAt(day);
}

void WindowCalendar::wheelEvent(QWheelEvent *event)
{
    // The page around it scrolls; months go by while the calendar has the focus.
    if (!hasFocus()) {
        event->ignore();
        return;
    }
    setDay(m_day.addMonths(event->angleDelta().y() > 0 ? -1 : 1));
    event->accept();
}

void WindowCalendar::focusInEvent(QFocusEvent *event)
{
    QWidget::focusInEvent(event);
    update();
}

void WindowCalendar::focusOutEvent(QFocusEvent *event)
{
    QWidget::focusOutEvent(event);
    update();
}

void WindowCalendar::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::FontChange)
        updateGeometry();
}

bool WindowCalendar::event(QEvent *event)
{
    if (event->type() != QEvent::ToolTip)
        return QWidget::event(event);
    auto *help = static_cast<QHelpEvent *>(event);
    if (const Window *one = windowAt(help->pos()))
        QToolTip::showText(help->globalPos(), one->tip, this);
    else
        QToolTip::hideText();
    return true;
}

// The day first: it is what a person has just moved to.
void WindowCalendar::describe()
{
    if (!m_day.isValid())
        return;
    const auto said = [](const QList<Window> &windows) {
        QStringList words;
        for (const Window &one : windows)
            words << one.words;
        return words.isEmpty() ? tr("nothing") : words.join(QStringLiteral("; "));
    };
    QList<Window> month;
    for (const Window &one : std::as_const(m_windows)) {
        if (const QDate day = dayOf(one.from); day.year() == m_day.year() && day.month() == m_day.month())
            month << one;
    }
    setAccessibleDescription(tr("%1: %2. In that month: %3").arg(m_day.toString(QStringLiteral("yyyy-MM-dd")), said(windowsOn(m_day)), said(month)));
}

QSize WindowCalendar::sizeHint() const
{
    return {fontMetrics().averageCharWidth() * daysOfWeek * 11, laneHeight() * (1 + 6 * (1 + lanesWished))};
}

QSize WindowCalendar::minimumSizeHint() const
{
    return {fontMetrics().averageCharWidth() * daysOfWeek * 5, laneHeight() * (1 + 6 * (1 + lanesAtLeast))};
}

}  // namespace cm::ui
