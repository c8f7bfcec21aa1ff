// SPDX-License-Identifier: GPL-3.0-or-later
// What every page is given; references outlive the page. Copied by value.
#pragma once

#include "core/base/clock.h"

#include <QString>

#include <functional>

class QSettings;

namespace cm::ui {

class AdminClient;
class Connection;
class DirectProbe;
class Profiles;
class Secrets;
class Shell;
class Theme;
class UploadClient;

struct PageContext {
    AdminClient &client;
    Connection &connection;
    UploadClient &uploads;
    Profiles &profiles;
    Secrets &secrets;
    Theme &theme;
    const Clock &clock;
    Shell &shell;
    // Null in tests: nothing is remembered then.
    QSettings *settings = nullptr;
    // Goes over to another registry of the profiles; may be empty.
    std::function<void(const QString &profileId)> switchRegistry;
    // The monitor that watches the registry, by the same classes; null where none can be.
    AdminClient *monitor = nullptr;
    Connection *monitorConnection = nullptr;
    // What this desktop sees itself while the monitor is silent; null where nobody looks.
    DirectProbe *direct = nullptr;

    // Whether a monitor is set, answering or not.
    [[nodiscard]] bool hasMonitor() const;
    // Whether it is set and answers now.
    [[nodiscard]] bool hearsMonitor() const;
};

}  // namespace cm::ui
