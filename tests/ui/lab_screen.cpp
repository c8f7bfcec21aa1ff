// SPDX-License-Identifier: GPL-3.0-or-later
// The real window by the words of the desktop's own command line, read for tests of the lab: one line of JSON whenever
// what its top line and its status line say changes. Ends when its standard input does.
#include "app/desktop/options.h"
#include "tests/ui/desktop_window.h"
#include "ui/shell/page.h"
#include "ui/shell/status_line.h"
#include "ui/widgets/state_mark.h"
#include "ui/widgets/verdict_banner.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLabel>
#include <QSocketNotifier>
#include <QTimer>

#include <cstdio>
#include <unistd.h>

using namespace cm::ui;

namespace {

// How often the screen is read.
constexpr int lookMilliseconds = 100;

// What parts of the window of one kind, such as a banner, say in widgets of another, as far as it is in sight.
template <class Part, class Speaker>
QJsonArray said(const MainWindow &window, QString (*words)(const Speaker &))
{
    QStringList texts;
    for (const Part *part : window.findChildren<Part *>()) {
        for (const Speaker *speaker : part->template findChildren<Speaker *>()) {
            if (speaker->isVisible())
                texts << words(*speaker);
        }
    }
    texts.removeAll(QString());
    // Isolates of names.
    texts.replaceInStrings(QString(QChar(0x2066)), QString()).replaceInStrings(QString(QChar(0x2069)), QString());
    return QJsonArray::fromStringList(texts);
}

}  // namespace

int main(int argc, char **argv)
{
    QApplication application(argc, argv);
    const cm::desktop::Options options = cm::desktop::readOptions(application);
    if (!options.problem.isEmpty()) {
        std::fprintf(stderr, "%s\n", qPrintable(options.problem));
        return 2;
    }
    std::unique_ptr<cm::desktop::Desktop> desktop;
    const QPointer<MainWindow> window = openDesktop(desktop, options);
    if (!window || !window->pages().current())
        return 1;
    window->resize(1440, 900);
    QByteArray last;
    QTimer look;
    QObject::connect(&look, &QTimer::timeout, window, [&] {
        const QJsonArray top = said<VerdictBanner, QLabel>(*window, [](const QLabel &label) { return label.text(); });
        const QJsonArray status = said<StatusLine, StateMark>(*window, [](const StateMark &mark) { return mark.accessibleName(); });
        const QByteArray now = QJsonDocument(QJsonObject{{QStringLiteral("top"), top}, {QStringLiteral("status"), status}}).toJson(QJsonDocument::Compact);
        if (now == last)
            return;
        last = now;
        std::printf("%s\n", now.constData());
        std::fflush(stdout);
    });
    look.start(lookMilliseconds);
    QSocketNotifier input(STDIN_FILENO, QSocketNotifier::Read);
    QObject::connect(&input, &QSocketNotifier::activated, &application, [] {
        char byte = 0;
        if (::read(STDIN_FILENO, &byte, 1) <= 0)
            QCoreApplication::quit();
    });
    return QCoreApplication::exec();
}
