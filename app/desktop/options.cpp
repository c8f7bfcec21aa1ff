// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/desktop/options.h"

#include "ui/client/trust.h"

#include <QCommandLineParser>
#include <QCoreApplication>
#include <QFile>
#include <QFileInfo>
#include <QStandardPaths>

namespace cm::desktop {

namespace {

QString tr(const char *source)
{
    return QCoreApplication::translate("options", source);
}

}  // namespace

Options readOptions(const QCoreApplication &application)
{
    const QCommandLineOption connect(QStringLiteral("connect"), tr("Connect to this registry instead of the bundled one."),
                                     QStringLiteral("URL"));
    const QCommandLineOption tokenFile(QStringLiteral("token-file"), tr("Read the token for --connect from this file."),
                                       QStringLiteral("FILE"));
    const QCommandLineOption authority(QStringLiteral("authority"), tr("Let the certificates in this file vouch for --connect, besides the system's."),
                                       QStringLiteral("FILE"));
    const QCommandLineOption monitor(QStringLiteral("monitor"), tr("Ask this monitor how the registry is doing."), QStringLiteral("URL"));
    const QCommandLineOption monitorTokenFile(QStringLiteral("monitor-token-file"), tr("Read the token for --monitor from this file."),
                                              QStringLiteral("FILE"));
    const QCommandLineOption monitorAuthority(QStringLiteral("monitor-authority"),
                                              tr("Let the certificates in this file vouch for --monitor, besides the system's."), QStringLiteral("FILE"));
    const QCommandLineOption data(QStringLiteral("data"), tr("Keep the bundled registry in this folder."), QStringLiteral("DIR"));
    const QCommandLineOption render(QStringLiteral("render"), tr("Draw every page in every face into this folder, then end."),
                                    QStringLiteral("DIR"));
    const QCommandLineOption recorded(QStringLiteral("recorded"), tr("Recorded answers for --render."), QStringLiteral("DIR"));
    const QCommandLineOption shuffled(QStringLiteral("shuffled"), tr("With --render: only Overview under each fault, numbered in random order, and key.txt that says which is which."));
    const QCommandLineOption stall(QStringLiteral("stall-report"), tr("Write the gaps of the event loop to this file at the end."),
                                   QStringLiteral("FILE"));
    const QCommandLineOption paint(QStringLiteral("paint-report"), tr("Print when the window was painted first, then end."));
    QCommandLineParser parser;
    parser.addHelpOption();
    parser.addVersionOption();
    parser.addOptions({connect, tokenFile, authority, monitor, monitorTokenFile, monitorAuthority, data, render, recorded, shuffled, stall, paint});
    parser.addPositionalArgument(QStringLiteral("page"), tr("Where to begin, such as projects; with --render: only what begins so."), QStringLiteral("[page]"));
    parser.process(application);

    Options options;
    options.connect = QUrl(parser.value(connect), QUrl::StrictMode);
    options.dataFolder = parser.isSet(data)
        ? parser.value(data)
        : QStandardPaths::writableLocation(QStandardPaths::GenericDataLocation) + QStringLiteral("/cheesemonger");
    options.renderFolder = parser.value(render);
    options.recordedFolder = parser.isSet(recorded) ? parser.value(recorded) : QStringLiteral(":/recorded");
    options.shuffled = parser.isSet(shuffled);
    options.stallReport = parser.value(stall);
    options.paintReport = parser.isSet(paint);
    options.route = parser.positionalArguments().value(0);
    options.monitor = QUrl(parser.value(monitor), QUrl::StrictMode);
    const auto checkAddress = [&](const QCommandLineOption &option, const QUrl &url) {
        const bool web = url.scheme() == QLatin1String("http") || url.scheme() == QLatin1String("https");
        if (parser.isSet(option) && (!url.isValid() || !web || url.host().isEmpty()))
            options.problem = tr("%1 is not an http or https address").arg(parser.value(option));
    };
    const auto readToken = [&](const QCommandLineOption &option, QByteArray &token) {
        if (!parser.isSet(option))
            return;
        QFile file(parser.value(option));
        if (file.open(QIODevice::ReadOnly))
            token = file.read(8192).trimmed();
        else
            options.problem = tr("%1 cannot be read: %2").arg(parser.value(option), file.errorString());
    };
    // What is wrong with it is told before a window is there to tell it.
    const auto checkAuthority = [&](const QCommandLineOption &option, const QCommandLineOption &of, QString &path) {
        if (!parser.isSet(option))
            return;
        path = QFileInfo(parser.value(option)).absoluteFilePath();
        if (const auto read = ui::readAuthorities(path); !read)
            options.problem = tr("--%1 cannot be used: %2").arg(option.names().first(), QString::fromStdString(read.error().detail));
        else if (!parser.isSet(of))
            options.problem = tr("--%1 needs --%2").arg(option.names().first(), of.names().first());
    };
    checkAddress(connect, options.connect);
    checkAddress(monitor, options.monitor);
    readToken(tokenFile, options.token);
    readToken(monitorTokenFile, options.monitorToken);
    checkAuthority(authority, connect, options.authority);
    checkAuthority(monitorAuthority, monitor, options.monitorAuthority);
    return options;
}

}  // namespace cm::desktop
