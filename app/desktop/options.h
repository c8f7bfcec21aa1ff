// SPDX-License-Identifier: GPL-3.0-or-later
// What the desktop was told on its command line. Values.
#pragma once

#include <QByteArray>
#include <QString>
#include <QUrl>

class QCoreApplication;

namespace cm::desktop {

struct Options {
    // Empty: the registry used last, at first the bundled one.
    QUrl connect;
    QByteArray token;
    // The file of certificates that vouch for --connect besides the system's; empty: those alone.
    QString authority;
    // The monitor beside --connect; empty: the profile's.
    QUrl monitor;
    QByteArray monitorToken;
    QString monitorAuthority;
    // Of the bundled registry.
    QString dataFolder;
    QString renderFolder;
    // Recorded answers for --render; those built in unless given.
    QString recordedFolder;
    // Overview alone, under each fault, by numbers in no order.
    bool shuffled = false;
    QString stallReport;
    bool paintReport = false;
    // Where to begin, such as "projects".
    QString route;
    // Why the program cannot start; empty when it can.
    QString problem;
};

Options readOptions(const QCoreApplication &application);

}  // namespace cm::desktop
