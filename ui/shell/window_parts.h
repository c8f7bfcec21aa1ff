// SPDX-License-Identifier: GPL-3.0-or-later
// What every window is made from; references outlive the windows. Copied by value.
#pragma once

#include "ui/shell/page_context.h"
#include "ui/shell/page_registry.h"

#include <functional>

namespace cm::ui {

struct WindowParts {
    AdminClient &client;
    Connection &connection;
    UploadClient &uploads;
    Profiles &profiles;
    Secrets &secrets;
    Theme &theme;
    const Clock &clock;
    const PageRegistry &pages;
    QSettings *settings = nullptr;
    // Goes over to another registry of the profiles.
    std::function<void(const QString &profileId)> switchRegistry;
    AdminClient *monitor = nullptr;
    Connection *monitorConnection = nullptr;
    DirectProbe *direct = nullptr;

    [[nodiscard]] PageContext contextFor(Shell &shell) const
    {
        return {client,   connection,     uploads, profiles,          secrets, theme, clock,
                shell,    settings,       switchRegistry,    monitor, monitorConnection, direct};
    }
};

}  // namespace cm::ui
