// SPDX-License-Identifier: GPL-3.0-or-later
// SIGTERM, SIGINT and SIGHUP as a signal of Qt's, so that the program ends in order. Made before any
// thread is; the signals stay blocked for as long as the program runs. GUI thread.
#pragma once

#include <QObject>

namespace cm::desktop {

class EndSignals : public QObject {
    Q_OBJECT
public:
    explicit EndSignals(QObject *parent = nullptr);
    ~EndSignals() override;
    // Only once the event loop can be told, so that an early signal is not lost.
    void listen();

Q_SIGNALS:
    void ended();

private:
    int m_descriptor = -1;
};

}  // namespace cm::desktop
