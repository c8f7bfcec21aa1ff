// SPDX-License-Identifier: GPL-3.0-or-later
// Measures how long the GUI thread does not come back to its event loop. A thread of its own asks
// every millisecond by posting an event; the wait for its answer is the gap. Written as JSON at the
// end: {"samples", "p50_ms", "p99_ms", "p999_ms", "max_ms", "longest": [{"at_ms", "ms"}]}. Made for
// --stall-report, on the GUI thread.
#pragma once

#include <QElapsedTimer>
#include <QObject>
#include <QString>

#include <atomic>
#include <thread>
#include <vector>

namespace cm::ui {

class StallWatch : public QObject {
    Q_OBJECT
public:
    explicit StallWatch(QString file, QObject *parent = nullptr);
    // Stops and writes the report.
    ~StallWatch() override;

    // From the first paint on: what came before is start-up, which has a figure of its own.
    void start();

protected:
    bool event(QEvent *event) override;

private:
    struct Gap {
        double at = 0;
        double milliseconds = 0;
    };
    void ask();
    void write() const;

    QString m_file;
    QElapsedTimer m_clock;
    std::vector<Gap> m_gaps;
    std::atomic<qint64> m_asked{0};
    std::atomic<bool> m_waiting{false};
    std::jthread m_thread;
};

}  // namespace cm::ui
