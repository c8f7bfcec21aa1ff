// SPDX-License-Identifier: GPL-3.0-or-later
// What --render does on a filled page before it takes a picture: sheets, uploads, a new token. Found
// by their words in English, which is what --render speaks. GUI thread.
#pragma once

#include "ui/shell/main_window.h"
#include "ui/shell/route.h"

#include <QList>
#include <QString>

#include <functional>

namespace cm::desktop {

struct Scene {
    // The picture's, in place of the route.
    QString name;
    ui::Route route;
    std::function<void(ui::MainWindow &)> play;
    // A fault of monitor-scenes that the monitor tells of; "none": there is no monitor.
    QString monitor = {};
    // What the registry answers otherwise, of registry-scenes.
    QString registry = {};
    // Neither registry nor monitor answers any more: what the window sees itself is recorded with the fault.
    bool alone = false;
    // The registry alone does not answer any more.
    bool registryAway = false;
};

// Overview under a fault, or where all is well: what somebody has to read within five seconds.
bool isFault(const Scene &scene);

// `work`: a folder of ours, for the files of the upload.
QList<Scene> scenes(const QString &recorded, const QString &work);

}  // namespace cm::desktop
