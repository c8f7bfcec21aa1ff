// SPDX-License-Identifier: GPL-3.0-or-later
// Pans and zooms a lag chart over 24 hours of history by script, and measures the gaps of the event loop:
//   bench_pan REPORT POINTS
// POINTS -1: a chart of nothing that nobody touches, to tell what the machine itself does; 0: as a monitor keeps them, a second each for the last hour and a minute each behind; else that many a
// series. Prints how often what is shown has moved. Two series, as a chart of two standbys has. REPORT is StallWatch's.
#include "app/desktop/stall_watch.h"
#include "ui/theme/theme.h"
#include "ui/widgets/series_points.h"
#include "ui/widgets/time_chart.h"

#include <QApplication>
#include <QGraphicsView>
#include <QKeyEvent>
#include <QTimer>
#include <QVBoxLayout>
#include <QWheelEvent>

#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace {

using namespace cm;
using namespace cm::ui;

constexpr double day = 86'400;
constexpr double begin = 1'795'300'000;

// Lag that breathes, peaks and has gaps: nothing about it is the same in two places.
double lagAt(double at, int standby)
{
    if (std::fmod(at + standby * 1000, 7200) < 90)
        return std::nan("");
    const double breath = 1 + std::sin(at / 600 + standby) + 0.3 * std::sin(at / 7);
    const double peak = std::fmod(at, 3600) < 40 ? 30 : 0;
    return (breath + peak) * 4'000'000;
}

ChartSeries seriesOf(int standby, long points)
{
    ChartSeries out;
    out.name = QStringLiteral("db%1 · lag bytes").arg(standby + 2);
    if (points > 0) {
        for (long i = 0; i < points; ++i)
            out.points.push_back({begin + day * static_cast<double>(i) / static_cast<double>(points), lagAt(begin + day * static_cast<double>(i) / static_cast<double>(points), standby)});
        return out;
    }
    for (double at = 0; at < day - 3600; at += 60)
        out.points.push_back({begin + at, lagAt(begin + at, standby)});
    for (double at = day - 3600; at < day; at += 1)
        out.points.push_back({begin + at, lagAt(begin + at, standby)});
    return out;
}

// One step a frame, as a hand does it: zoom in at the pointer, pan along, zoom out, read with the pointer.
class Script : public QObject {
public:
    Script(TimeChart &chart, bool idle) : m_chart(chart), m_idle(idle), m_view(*chart.findChild<QGraphicsView *>()->viewport())
    {
        m_frame.setInterval(16);
        connect(&chart, &TimeChart::shownChanged, this, [this] { ++m_moves; });
        connect(&m_frame, &QTimer::timeout, this, &Script::step);
        m_frame.start();
    }

private:
    void wheel(int by)
    {
        const QPointF at(m_view.width() * (0.3 + 0.4 * ((m_step * 7) % 10) / 10.0), m_view.height() / 2.0);
        QWheelEvent event(at, m_view.mapToGlobal(at), {}, {0, by}, Qt::NoButton, Qt::NoModifier, Qt::NoScrollPhase, false);
        QCoreApplication::sendEvent(&m_view, &event);
    }
    void key(Qt::Key key)
    {
        QKeyEvent event(QEvent::KeyPress, key, Qt::NoModifier);
        QCoreApplication::sendEvent(&m_chart, &event);
    }
    void point()
    {
        const QPointF at(m_view.width() * ((m_step * 13) % 100) / 100.0, m_view.height() / 2.0);
        QMouseEvent event(QEvent::MouseMove, at, m_view.mapToGlobal(at), Qt::NoButton, Qt::NoButton, Qt::NoModifier);
        QCoreApplication::sendEvent(&m_view, &event);
    }
    void step()
    {
        const int phase = m_step % 100;
        if (m_idle)
            m_view.update();
        else if (phase < 20)
            wheel(120);
        else if (phase < 45)
            key(Qt::Key_Left);
        else if (phase < 65)
            key(Qt::Key_Right);
        else if (phase < 75)
            point();
        else if (phase < 98)
            wheel(-120);
        else
            key(Qt::Key_Home);
        if (++m_step == steps)
            std::printf("{\"steps\": %d, \"moves\": %d}\n", steps, m_moves);
        if (m_step == steps)
            QCoreApplication::quit();
    }

    static constexpr int steps = 1000;
    TimeChart &m_chart;
    bool m_idle;
    QWidget &m_view;
    QTimer m_frame;
    int m_step = 0;
    int m_moves = 0;
};

}  // namespace

int main(int argc, char **argv)
{
    QApplication application(argc, argv);
    if (argc != 3) {
        std::fprintf(stderr, "usage: bench_pan REPORT POINTS\n");
        return 2;
    }
    Theme theme(application);
    theme.apply(Theme::Scheme::Dark);
    TimeChart chart(QStringLiteral("Replication lag in bytes"), TimeChart::Unit::Bytes);
    chart.resize(1000, 300);
    const long points = std::strtol(argv[2], nullptr, 10);
    chart.setWhole({begin, begin + day});
    if (points >= 0)
        chart.setSeries({seriesOf(0, points), seriesOf(1, points)});
    chart.setMarks({{begin + day / 3, QStringLiteral("db2 replay paused"), QStringLiteral("dana")}});
    chart.show();
    StallWatch watch(QString::fromLocal8Bit(argv[1]));
    std::optional<Script> script;
    // From when it stands on the screen.
    QTimer::singleShot(500, &watch, [&] {
        watch.start();
        script.emplace(chart, points < 0);
    });
    return QApplication::exec();
}
