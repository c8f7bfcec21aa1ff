// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/desktop/desktop.h"
#include "app/desktop/end_signals.h"
#include "app/desktop/render.h"

#include <QApplication>
#include <QTranslator>

#include <cstdio>

namespace {

int render(QApplication &application, const cm::desktop::Options &options)
{
    cm::desktop::Render render(application, options);
    QObject::connect(&render, &cm::desktop::Render::finished, &application, &QCoreApplication::quit, Qt::QueuedConnection);
    render.start();
    QCoreApplication::exec();
    return render.failures() == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char **argv)
{
    QCoreApplication::setApplicationName(QStringLiteral("cheesemonger"));
    QCoreApplication::setApplicationVersion(QStringLiteral(CHEESEMONGER_VERSION));
    cm::desktop::EndSignals endSignals;
    QApplication application(argc, argv);
    endSignals.listen();
    QObject::connect(&endSignals, &cm::desktop::EndSignals::ended, &application, &QCoreApplication::quit);
    QGuiApplication::setApplicationDisplayName(QStringLiteral("Cheesemonger"));
    // English knows one and many; whatever language comes later goes first.
    QTranslator plurals;
    if (plurals.load(QStringLiteral(":/i18n/cheesemonger_en.qm")))
        QApplication::installTranslator(&plurals);
    const cm::desktop::Options options = cm::desktop::readOptions(application);
    if (!options.problem.isEmpty()) {
        std::fprintf(stderr, "cheesemonger: %s\n", qPrintable(options.problem));
        return 2;
    }
    if (!options.renderFolder.isEmpty()) {
        QApplication::setQuitOnLastWindowClosed(false);
        return render(application, options);
    }
    cm::desktop::Desktop desktop(application, options);
    desktop.show();
    return QCoreApplication::exec();
}
