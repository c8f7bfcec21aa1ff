// SPDX-License-Identifier: GPL-3.0-or-later
// The registry that the desktop brings along: starts cheesemongerd as a child on a loopback port,
// hands it a one-time token over the pipe of its standard input, restarts it with a back-off when it
// dies, ends it with the desktop. Owned by the composition root, GUI thread, never waits but in
// stop().
#pragma once

#include <QByteArray>
#include <QElapsedTimer>
#include <QObject>
#include <QProcess>
#include <QString>
#include <QTimer>
#include <QUrl>

namespace cm::ui {

class BundledCore : public QObject {
    Q_OBJECT
public:
    struct Options {
        // The cheesemongerd to start.
        QString program;
        // Made when missing.
        QString dataFolder;
        // Where the search for a free port begins: the one used last, so that what was pointed at it
        // goes on working.
        quint16 port = 8427;
    };

    explicit BundledCore(Options options, QObject *parent = nullptr);
    ~BundledCore() override;

    void start();
    // Ends the core and waits for it, at most five seconds; for the end of the program.
    void stop();
    [[nodiscard]] bool isRunning() const { return m_process.state() != QProcess::NotRunning; }
    [[nodiscard]] qint64 processId() const { return m_process.processId(); }
    [[nodiscard]] quint16 port() const { return m_options.port; }
    [[nodiscard]] const QString &dataFolder() const { return m_options.dataFolder; }
    // What it writes to standard error.
    [[nodiscard]] QString logFile() const;

Q_SIGNALS:
    // It answers now; the token is valid until it ends.
    void ready(const QUrl &url, const QByteArray &token);
    // It ended, or could not be started, and will be tried again by itself; `why` is its last word.
    void ended(const QString &why, int retryMilliseconds);

private:
    void launch();
    void onReadyRead();
    void onEnded(const QString &why);
    [[nodiscard]] QString lastWords() const;

    Options m_options;
    QProcess m_process;
    QTimer m_retry;
    QElapsedTimer m_alive;
    QByteArray m_token;
    QByteArray m_output;
    int m_failures = 0;
    bool m_stopping = false;
    bool m_announced = false;
};

}  // namespace cm::ui
