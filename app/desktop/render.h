// SPDX-License-Identifier: GPL-3.0-or-later
// --render: draws every page in each of its five faces, dark and light, from recorded answers into
// PNG files named PAGE-FACE-SCHEME.png; or Overview under each fault, for somebody who is asked what is wrong and must not be
// told by a name: 01.png and on in random order, each dark or light by chance, and key.txt. No network, no settings, no clock but the recorded one. GUI
// thread; finished() when all are written.
#pragma once

#include "app/desktop/options.h"
#include "app/desktop/render_scenes.h"
#include "core/base/clock.h"
#include "ui/client/connection.h"
#include "ui/client/direct_probe.h"
#include "ui/client/profiles.h"
#include "ui/client/recorded_client.h"
#include "ui/client/secrets.h"
#include "ui/client/upload_client.h"
#include "ui/client/wire.h"
#include "ui/shell/main_window.h"
#include "ui/theme/theme.h"

#include <QTemporaryDir>

#include <memory>

namespace cm::desktop {

class Render : public QObject {
    Q_OBJECT
public:
    Render(QApplication &application, const Options &options);
    ~Render() override;
    void start();
    // How many pictures could not be written.
    [[nodiscard]] int failures() const { return m_failures; }

Q_SIGNALS:
    void finished();

private:
    struct Shot {
        ui::Route route;
        ui::Face face = ui::Face::Filled;
        ui::Theme::Scheme scheme = ui::Theme::Scheme::Dark;
        Scene scene = {};
        // In place of a name that tells.
        QString number = {};
    };
    // One window with the registry it believes in.
    struct Stage;
    void plan();
    void planShuffled();
    void fail(const QString &file);
    void next();
    void settle(int turns, void (Render::*then)());
    void act();
    void take();

    Options m_options;
    ui::Theme m_theme;
    ui::PageRegistry m_pages;
    ManualClock m_clock;
    Time m_moment;
    ui::Profiles m_profiles;
    ui::Secrets m_secrets;
    QList<Shot> m_shots;
    std::unique_ptr<Stage> m_stage;
    // What the scenes upload.
    QTemporaryDir m_files;
    int m_failures = 0;
};

}  // namespace cm::desktop
