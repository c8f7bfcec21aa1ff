// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/desktop/bundled_core.h"

#include "core/base/hash.h"

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QHostAddress>
#include <QTcpServer>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <sys/prctl.h>

namespace cm::ui {
namespace {

constexpr int firstRetry = 250;
constexpr int lastRetry = 15000;
// A core that lived this long did not die of its start.
constexpr qint64 healthyAfter = 30000;
constexpr qint64 keptLog = 4 << 20;

// The given port or the next one that nobody listens on; the same again where none is free, so that
// the core says what is wrong.
quint16 freePort(quint16 from)
{
    for (int port = from; port < from + 50 && port < 65536; ++port) {
        QTcpServer probe;
        if (probe.listen(QHostAddress::LocalHost, static_cast<quint16>(port)))
            return static_cast<quint16>(port);
    }
    return from;
}

}  // namespace

BundledCore::BundledCore(Options options, QObject *parent) : QObject(parent), m_options(std::move(options))
{
    m_retry.setSingleShot(true);
    connect(&m_retry, &QTimer::timeout, this, &BundledCore::launch);
    connect(&m_process, &QProcess::readyReadStandardOutput, this, &BundledCore::onReadyRead);
    connect(&m_process, &QProcess::finished, this, [this] { onEnded(lastWords()); });
    connect(&m_process, &QProcess::errorOccurred, this, [this](QProcess::ProcessError error) {
        if (error == QProcess::FailedToStart)
            onEnded(m_process.errorString());
    });
}

BundledCore::~BundledCore()
{
    stop();
}

void BundledCore::start()
{
    m_stopping = false;
    launch();
}

void BundledCore::stop()
{
    m_stopping = true;
    m_retry.stop();
    if (!isRunning())
        return;
    m_process.terminate();
    if (!m_process.waitForFinished(5000)) {
        m_process.kill();
        m_process.waitForFinished(1000);
    }
}

QString BundledCore::logFile() const
{
    return m_options.dataFolder + QStringLiteral("/cheesemongerd.log");
}

void BundledCore::launch()
{
    if (m_stopping || isRunning())
        return;
    QDir().mkpath(m_options.dataFolder);
    if (QFile log(logFile()); log.size() > keptLog) {
        QFile::remove(logFile() + QStringLiteral(".1"));
        log.rename(logFile() + QStringLiteral(".1"));
    }
    m_options.port = freePort(m_options.port);
    m_token = QByteArray::fromStdString(cm::toHex(cm::randomBytes(32)));
    m_output.clear();
    m_announced = false;
    m_process.setProgram(m_options.program);
    m_process.setArguments({QStringLiteral("serve"), QStringLiteral("--data"), m_options.dataFolder,
                            QStringLiteral("--listen"), QStringLiteral("127.0.0.1:%1").arg(m_options.port),
                            QStringLiteral("--one-time-token-fd"), QStringLiteral("0"), QStringLiteral("--parent-pid"),
                            QString::number(QCoreApplication::applicationPid())});
    m_process.setStandardErrorFile(logFile(), QIODevice::Append);
    // A desktop that is killed leaves no core behind.
    m_process.setChildProcessModifier([] {
        prctl(PR_SET_PDEATHSIG, SIGTERM);
        // The desktop reads its signals from a descriptor and blocks them; the core must not inherit that.
        sigset_t none;
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, nullptr);
    });
    m_alive.start();
    m_process.start();
    m_process.write(m_token + '\n');
    m_process.closeWriteChannel();
}

void BundledCore::onReadyRead()
{
    m_output += m_process.readAllStandardOutput();
    const qsizetype end = m_output.indexOf('\n');
    if (m_announced || end < 0)
        return;
    const QByteArray line = m_output.left(end).trimmed();
    if (!line.startsWith("ready "))
        return;
    m_announced = true;
    Q_EMIT ready(QUrl(QString::fromLatin1(line.mid(6))), m_token);
}

void BundledCore::onEnded(const QString &why)
{
    if (m_stopping)
        return;
    m_failures = m_alive.elapsed() > healthyAfter ? 0 : m_failures + 1;
    const int wait = std::min(lastRetry, firstRetry << std::clamp(m_failures - 1, 0, 6));
    m_retry.start(wait);
    Q_EMIT ended(why, wait);
}

QString BundledCore::lastWords() const
{
    if (m_process.exitStatus() == QProcess::CrashExit)
        return tr("it was ended by signal %1 (%2)").arg(m_process.exitCode()).arg(QString::fromLatin1(strsignal(m_process.exitCode())));
    QFile log(logFile());
    if (!log.open(QIODevice::ReadOnly))
        return m_process.errorString();
    log.seek(std::max<qint64>(0, log.size() - 4096));
    const QList<QByteArray> lines = log.readAll().trimmed().split('\n');
    // What stops it from working is one plain line; anything else there is its log.
    const QByteArray sign = "cheesemongerd: ";
    if (lines.last().startsWith(sign))
        return QString::fromUtf8(lines.last().mid(sign.size()));
    return tr("it ended with status %1").arg(m_process.exitCode());
}

}  // namespace cm::ui
