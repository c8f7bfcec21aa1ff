// SPDX-License-Identifier: GPL-3.0-or-later
// The composition root: makes the one of everything and wires it. What start-up does not need for
// the first paint of the frame (pages, network, keychain, the core, the system's preferences) begins
// after it. Owned by main(), GUI thread.
#pragma once

#include "app/desktop/bundled_core.h"
#include "app/desktop/first_paint.h"
#include "app/desktop/options.h"
#include "app/desktop/stall_watch.h"
#include "core/base/clock.h"
#include "ui/client/connection.h"
#include "ui/client/direct_probe.h"
#include "ui/client/http_admin_client.h"
#include "ui/client/live_feed.h"
#include "ui/client/profiles.h"
#include "ui/client/remembering_client.h"
#include "ui/client/secrets.h"
#include "ui/client/upload_client.h"
#include "ui/client/wire.h"
#include "ui/shell/main_window.h"
#include "ui/theme/theme.h"

#include <QSettings>
#include <QTranslator>

#include <memory>

namespace cm::desktop {

class Desktop : public QObject {
    Q_OBJECT
public:
    Desktop(QApplication &application, Options options);
    ~Desktop() override;

    void show();
    // What this desktop sees itself while its monitor is silent.
    [[nodiscard]] const ui::DirectProbe &direct() const { return m_direct; }

private:
    void onPainted(long long atNanoseconds);
    void goFirst();
    void connectFirst();
    void switchRegistry(const QString &profileId);
    void connectMonitor(const ui::Profile &profile);
    void startCore();
    void addBundledProfile();
    void loadLanguage(QApplication &application);

    Options m_options;
    QSettings m_settings;
    std::unique_ptr<QTranslator> m_language;
    SystemClock m_clock;
    ui::Theme m_theme;
    ui::PageRegistry m_pages;
    ui::Profiles m_profiles;
    ui::Secrets m_secrets;
    ui::Wire m_wire;
    ui::HttpAdminClient m_client;
    ui::LiveFeed m_feed;
    ui::UploadClient m_uploads;
    ui::Connection m_connection;
    // The same classes once more: a monitor answers a list of verbs of its own.
    ui::Wire m_monitorWire;
    ui::RememberingClient m_monitor;
    ui::LiveFeed m_monitorFeed;
    ui::Connection m_monitorConnection;
    ui::DirectProbe m_direct;
    std::unique_ptr<ui::BundledCore> m_core;
    std::unique_ptr<ui::StallWatch> m_stalls;
    std::unique_ptr<ui::MainWindow> m_window;
    ui::LatestCall m_secretRead;
    ui::LatestCall m_monitorSecretRead;
    bool m_coreEnded = false;
};

}  // namespace cm::desktop
