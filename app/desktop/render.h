// SPDX-License-Identifier: GPL-3.0-or-later
// --render: draws every page in each of its five faces, dark and light, from recorded answers into
// PNG files named PAGE-FACE-SCHEME.png. No network, no settings, no clock but the recorded one. GUI
// thread; finished() when all are written.
#pragma once

#include "app/desktop/options.h"
#include "core/base/clock.h"
#include "ui/client/connection.h"
#include "ui/client/profiles.h"
#include "ui/client/recorded_client.h"
#include "ui/client/secrets.h"
#include "ui/client/upload_client.h"
#include "ui/client/wire.h"
#include "ui/shell/main_window.h"
#include "ui/theme/theme.h"

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
    };
    // One window with the registry it believes in.
    struct Stage;
    void plan();
    void next();
    void take();

    Options m_options;
    ui::Theme m_theme;
    ui::PageRegistry m_pages;
    ManualClock m_clock;
    ui::Profiles m_profiles;
    ui::Secrets m_secrets;
    QList<Shot> m_shots;
    std::unique_ptr<Stage> m_stage;
    int m_failures = 0;
};

}  // namespace cm::desktop
