// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/desktop/desktop.h"

#include "app/desktop/pages.h"
#include "ui/format/pseudo_translator.h"
#include "ui/theme/marks.h"

#include <QApplication>
#include <QFileInfo>
#include <QLocale>
#include <QStandardPaths>

#include <cstdio>
#include <unistd.h>

namespace cm::desktop {

namespace {

const QString bundledId = QStringLiteral("bundled");
const QString commandLineId = QStringLiteral("command-line");
const QString portKey = QStringLiteral("bundled/port");
constexpr int usualPort = 8427;

// Beside ourselves, as built and as installed; else wherever the system looks for programs.
QString coreProgram()
{
    const QString beside = QCoreApplication::applicationDirPath() + QStringLiteral("/cheesemongerd");
    return QFileInfo(beside).isExecutable() ? beside : QStandardPaths::findExecutable(QStringLiteral("cheesemongerd"));
}

// Milliseconds from the start of this process, which the kernel keeps in ticks since boot.
double sinceProcessStart()
{
    std::FILE *file = std::fopen("/proc/self/stat", "re");
    if (!file)
        return 0;
    char line[1024] = {};
    const std::size_t length = std::fread(line, 1, sizeof line - 1, file);
    std::fclose(file);
    // The name of the program, in parentheses, may hold blanks: fields are counted after it.
    const QList<QByteArray> fields = QByteArray(line, static_cast<qsizetype>(length)).split(')').last().simplified().split(' ');
    timespec boot{};
    clock_gettime(CLOCK_BOOTTIME, &boot);
    const double started = fields.value(19).toDouble() * 1000.0 / static_cast<double>(sysconf(_SC_CLK_TCK));
    return static_cast<double>(boot.tv_sec) * 1000.0 + static_cast<double>(boot.tv_nsec) / 1e6 - started;
}

}  // namespace

Desktop::Desktop(QApplication &application, Options options)
    : m_options(std::move(options)), m_settings(QSettings::IniFormat, QSettings::UserScope, QStringLiteral("cheesemonger"), QStringLiteral("desktop")),
      m_theme(application), m_pages({}), m_profiles(&m_settings), m_secrets(true), m_client(m_wire), m_feed(m_wire),
      m_uploads(m_wire), m_connection(m_client, &m_wire, &m_feed, m_clock),
      m_monitor(m_monitorWire, QStandardPaths::writableLocation(QStandardPaths::GenericCacheLocation) + QStringLiteral("/cheesemonger/monitor")), m_monitorFeed(m_monitorWire),
      m_monitorConnection(m_monitor, &m_monitorWire, &m_monitorFeed, m_clock, ui::Connection::To::Monitor),
      m_direct(m_connection, m_monitorConnection, m_monitor, m_clock)
{
    m_theme.apply(ui::Theme::named(m_settings.value(QStringLiteral("theme/scheme")).toString()));
    loadLanguage(application);
    // The titles of the pages are texts too.
    m_pages = ui::PageRegistry(allPages());
    addBundledProfile();
    // While it is silent we look ourselves: its return is to be noticed soon.
    m_monitorFeed.setLongestRetry(std::chrono::seconds(3));
    m_window = std::make_unique<ui::MainWindow>(ui::WindowParts{m_client, m_connection, m_uploads, m_profiles, m_secrets, m_theme,
                                                                m_clock, m_pages, &m_settings,
                                                                [this](const QString &id) { switchRegistry(id); }, &m_monitor,
                                                                &m_monitorConnection, &m_direct});
    if (!m_options.stallReport.isEmpty())
        m_stalls = std::make_unique<ui::StallWatch>(m_options.stallReport);
}

Desktop::~Desktop()
{
    m_feed.stop();
    m_monitorFeed.stop();
    // Pages talk to what is made before them.
    m_window.reset();
}

void Desktop::loadLanguage(QApplication &application)
{
    const QString chosen = m_settings.value(QStringLiteral("language")).toString();
    if (chosen == ui::pseudoLocale) {
        m_language = std::make_unique<ui::PseudoTranslator>();
    } else {
        m_language = std::make_unique<QTranslator>();
        const QLocale locale = chosen.isEmpty() ? QLocale() : QLocale(chosen);
        if (!m_language->load(locale, QStringLiteral("cheesemonger"), QStringLiteral("_"), QStringLiteral(":/i18n")))
            return;
    }
    QApplication::installTranslator(m_language.get());
    if (!chosen.isEmpty())
        application.setLayoutDirection(QLocale(chosen).textDirection());
}

void Desktop::addBundledProfile()
{
    if (m_profiles.find(bundledId).id.isEmpty())
        m_profiles.save({bundledId, tr("Own registry"), {}, {}});
}

void Desktop::show()
{
    auto *paint = new ui::FirstPaint(*m_window, this);
    connect(paint, &ui::FirstPaint::painted, this, &Desktop::onPainted);
    m_window->show();
}

void Desktop::goFirst()
{
    const ui::Route route = ui::Route::parse(m_options.route.isEmpty() ? m_settings.value(QStringLiteral("window/route")).toString()
                                                                        : m_options.route);
    m_window->go(m_pages.find(route) ? route : ui::Route{m_pages.pages().first().id, {}});
}

void Desktop::onPainted(long long atNanoseconds)
{
    if (m_options.paintReport) {
        // The first figure is for comparisons, the second for people.
        std::printf("%lld %.1f ms\n", atNanoseconds, sinceProcessStart());
        std::fflush(stdout);
        QCoreApplication::quit();
        return;
    }
    if (m_stalls)
        m_stalls->start();
    goFirst();
    m_theme.followSystem();
    connectFirst();
}

void Desktop::connectFirst()
{
    if (!m_options.connect.isEmpty()) {
        m_connection.connectTo({commandLineId, m_options.connect.host(), m_options.connect, {}, m_options.authority}, m_options.connect, m_options.token);
        connectMonitor({commandLineId, {}, m_options.connect, {}});
        return;
    }
    const QString last = m_profiles.lastUsed();
    switchRegistry(m_profiles.find(last).id.isEmpty() ? bundledId : last);
}

void Desktop::switchRegistry(const QString &profileId)
{
    const ui::Profile profile = m_profiles.find(profileId);
    if (profile.id.isEmpty())
        return;
    m_profiles.setLastUsed(profile.id);
    connectMonitor(profile);
    if (profile.isBundled()) {
        m_secretRead.drop();
        startCore();
        return;
    }
    m_core.reset();
    m_secretRead.start(this, m_secrets.read(profile.id), [this, profile](const Result<QByteArray> &secret) {
        m_connection.connectTo(profile, profile.url, secret.value_or(QByteArray()));
    });
}

void Desktop::connectMonitor(const ui::Profile &profile)
{
    m_monitorSecretRead.drop();
    if (!m_options.monitor.isEmpty()) {
        m_monitorConnection.connectTo({commandLineId, m_options.monitor.host(), m_options.monitor, {}, m_options.monitorAuthority}, m_options.monitor,
                                      m_options.monitorToken);
        return;
    }
    if (profile.monitor.isEmpty()) {
        m_monitorConnection.leave();
        return;
    }
    m_monitorSecretRead.start(this, m_secrets.read(profile.monitorSecret()), [this, profile](const Result<QByteArray> &secret) {
        m_monitorConnection.connectTo({profile.id, profile.name, profile.monitor, {}, profile.monitorAuthority}, profile.monitor, secret.value_or(QByteArray()));
    });
}

void Desktop::startCore()
{
    if (m_core)
        return;
    int port = m_settings.value(portKey).toInt();
    // None yet, or none that can be.
    if (port < 1 || port > 65535)
        port = usualPort;
    m_core = std::make_unique<ui::BundledCore>(
        ui::BundledCore::Options{coreProgram(), m_options.dataFolder, static_cast<quint16>(port)});
    connect(m_core.get(), &ui::BundledCore::ready, this, [this](const QUrl &url, const QByteArray &token) {
        m_settings.setValue(portKey, m_core->port());
        m_connection.connectTo(m_profiles.find(bundledId), url, token);
        if (std::exchange(m_coreEnded, false))
            m_window->notify(ui::Mark::Ok, tr("The registry runs again"), {});
    });
    connect(m_core.get(), &ui::BundledCore::ended, this, [this](const QString &why, int) {
        m_coreEnded = true;
        m_connection.awaitReturn(Error{ErrorCode::Unavailable, why.toStdString(), {}, {}});
        m_window->notify(ui::Mark::Warning, tr("The registry has ended and is started again"), why);
    });
    m_core->start();
}

}  // namespace cm::desktop
