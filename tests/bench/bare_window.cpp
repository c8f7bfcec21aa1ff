// SPDX-License-Identifier: GPL-3.0-or-later
// The reference of first-paint: a QMainWindow with nothing in it. Prints CLOCK_MONOTONIC at its first
// paint in nanoseconds; whoever started it knows when that was.
#include <QApplication>
#include <QMainWindow>
#include <QPainter>
#include <QWidget>
#include <cstdio>
#include <ctime>

namespace {

long long monotonicNanoseconds()
{
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1'000'000'000LL + now.tv_nsec;
}

class Canvas final : public QWidget {
protected:
    void paintEvent(QPaintEvent *) override
    {
        QPainter(this).fillRect(rect(), palette().window());
        std::printf("%lld\n", monotonicNanoseconds());
        std::fflush(stdout);
        QCoreApplication::exit(0);
    }
};

}  // namespace

int main(int argc, char **argv)
{
    QApplication application(argc, argv);
    QMainWindow window;
    window.setCentralWidget(new Canvas);
    window.resize(1440, 900);
    window.show();
    return QApplication::exec();
}
