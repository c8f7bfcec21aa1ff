// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/desktop/options.h"

#include <QCommandLineParser>
#include <QCoreApplication>
#include <QFile>
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
    const QCommandLineOption data(QStringLiteral("data"), tr("Keep the bundled registry in this folder."), QStringLiteral("DIR"));
    const QCommandLineOption render(QStringLiteral("render"), tr("Draw every page in every face into this folder, then end."),
                                    QStringLiteral("DIR"));
    const QCommandLineOption recorded(QStringLiteral("recorded"), tr("Recorded answers for --render."), QStringLiteral("DIR"));
    const QCommandLineOption stall(QStringLiteral("stall-report"), tr("Write the gaps of the event loop to this file at the end."),
                                   QStringLiteral("FILE"));
    const QCommandLineOption paint(QStringLiteral("paint-report"), tr("Print when the window was painted first, then end."));
    QCommandLineParser parser;
    parser.addHelpOption();
    parser.addVersionOption();
    parser.addOptions({connect, tokenFile, data, render, recorded, stall, paint});
    parser.addPositionalArgument(QStringLiteral("page"), tr("Where to begin, such as projects."), QStringLiteral("[page]"));
    parser.process(application);

    Options options;
    options.connect = QUrl(parser.value(connect), QUrl::StrictMode);
    options.dataFolder = parser.isSet(data)
        ? parser.value(data)
        : QStandardPaths::writableLocation(QStandardPaths::GenericDataLocation) + QStringLiteral("/cheesemonger");
    options.renderFolder = parser.value(render);
    options.recordedFolder = parser.isSet(recorded) ? parser.value(recorded) : QStringLiteral(":/recorded");
    options.stallReport = parser.value(stall);
    options.paintReport = parser.isSet(paint);
    options.route = parser.positionalArguments().value(0);
    const bool web = options.connect.scheme() == QLatin1String("http") || options.connect.scheme() == QLatin1String("https");
    if (parser.isSet(connect) && (!options.connect.isValid() || !web || options.connect.host().isEmpty()))
        options.problem = tr("%1 is not an http or https address").arg(parser.value(connect));
    if (parser.isSet(tokenFile)) {
        QFile file(parser.value(tokenFile));
        if (file.open(QIODevice::ReadOnly))
            options.token = file.read(8192).trimmed();
        else
            options.problem = tr("%1 cannot be read: %2").arg(parser.value(tokenFile), file.errorString());
    }
    return options;
}

}  // namespace cm::desktop
