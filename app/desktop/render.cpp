// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/desktop/render.h"

#include "app/desktop/pages.h"
#include "core/api/codec.h"
#include "ui/shell/page_stack.h"

#include <QApplication>
#include <QDir>
#include <QFile>
#include <QRandomGenerator>
#include <QThreadPool>
#include <QTimer>

#include <algorithm>
#include <cstdio>

namespace cm::desktop {

namespace {

// The skeleton comes after 150 ms. Counted in turns of the event loop, each of which does what has come up before: on a
// machine that is busy with other things a picture waits for its answers.
constexpr int turnMilliseconds = 10;
constexpr int settleTurns = 25;

QByteArray contentOf(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

template <class T>
std::optional<T> recorded(const QString &path)
{
    auto value = api::fromJsonText<T>(contentOf(path).toStdString());
    return value ? std::optional<T>(std::move(*value)) : std::nullopt;
}

QString nameOf(ui::Face face)
{
    switch (face) {
    case ui::Face::Loading:
        return QStringLiteral("loading");
    case ui::Face::Empty:
        return QStringLiteral("empty");
    case ui::Face::Error:
        return QStringLiteral("error");
    case ui::Face::Stale:
        return QStringLiteral("stale");
    case ui::Face::Filled:
        break;
    }
    return QStringLiteral("filled");
}

ui::RecordedClient::Mode modeOf(ui::Face face)
{
    switch (face) {
    case ui::Face::Loading:
        return ui::RecordedClient::Mode::Silent;
    case ui::Face::Empty:
        return ui::RecordedClient::Mode::Empty;
    case ui::Face::Error:
        return ui::RecordedClient::Mode::Fail;
    case ui::Face::Filled:
    case ui::Face::Stale:
        break;
    }
    return ui::RecordedClient::Mode::Answer;
}

}  // namespace

struct Render::Stage {
    Stage(Render &render, const Shot &taken)
        : shot(taken), client(render.m_options.recordedFolder), uploads(wire), connection(client, nullptr, nullptr, render.m_clock),
          monitor(render.m_options.recordedFolder + QStringLiteral("/monitor")),
          monitorConnection(monitor, nullptr, nullptr, render.m_clock, ui::Connection::To::Monitor),
          direct(connection, monitorConnection, monitor, render.m_clock, {std::chrono::seconds(3), std::chrono::seconds(2), 0}),
          window(ui::WindowParts{client, connection, uploads, render.m_profiles, render.m_secrets, render.m_theme, render.m_clock,
                                 render.m_pages, nullptr, {}, &monitor, &monitorConnection,
                                 taken.scene.alone ? &direct : nullptr})
    {
        client.setMode(modeOf(taken.face));
        const QString folder = render.m_options.recordedFolder;
        const bool stale = isStale(taken);
        QString info = folder + QStringLiteral("/registry-info.json");
        if (!taken.scene.registry.isEmpty()) {
            const QString over = folder + QStringLiteral("/registry-scenes/") + taken.scene.registry;
            client.layOver(over);
            if (const QString other = over + QStringLiteral("/registry-info.json"); QFile::exists(other))
                info = other;
        }
        connection.force(stale || taken.scene.registryAway ? ui::Connection::State::Stale : ui::Connection::State::Live,
                         recorded<api::Who>(folder + QStringLiteral("/who-am-i.json")),
                         recorded<api::RegistryInfo>(info),
                         render.m_moment - std::chrono::seconds(1));
        // The empty face of what a monitor tells is that there is none.
        if (taken.face == ui::Face::Empty || taken.scene.monitor == QLatin1String("none"))
            return;
        monitor.setMode(modeOf(taken.face));
        if (!taken.scene.monitor.isEmpty())
            monitor.layOver(folder + QStringLiteral("/monitor-scenes/") + taken.scene.monitor);
        monitorConnection.force(stale ? ui::Connection::State::Stale : ui::Connection::State::Live,
                                recorded<api::Who>(folder + QStringLiteral("/monitor/who-am-i.json")), std::nullopt,
                                render.m_moment - std::chrono::seconds(1));
        if (auto seen = recorded<ui::DirectReport>(folder + QStringLiteral("/monitor-scenes/%1/direct.json").arg(taken.scene.monitor)); seen && taken.scene.alone) {
            // Known before, or the page's own reading of it would begin the looks anew.
            if (const auto topology = recorded<api::Topology>(folder + QStringLiteral("/monitor/monitor-topology.json")))
                direct.setTopology(*topology);
            direct.force(*std::move(seen));
        }
    }

    static bool isStale(const Shot &taken) { return taken.face == ui::Face::Stale || taken.scene.alone; }

    Shot shot;
    ui::Wire wire;
    ui::RecordedClient client;
    ui::UploadClient uploads;
    ui::Connection connection;
    ui::RecordedClient monitor;
    ui::Connection monitorConnection;
    ui::DirectProbe direct;
    ui::MainWindow window;
};

Render::Render(QApplication &application, const Options &options)
    : m_options(options), m_theme(application), m_pages(allPages()), m_clock(Time()), m_profiles(nullptr), m_secrets(false)
{
    // The moment of the recording, so that ages are the same on every run.
    const QByteArray moment = contentOf(m_options.recordedFolder + QStringLiteral("/time.txt")).trimmed();
    m_moment = parseRfc3339(moment.toStdString()).value_or(SystemClock().now());
    m_profiles.save({QStringLiteral("sample"), tr("sample"), {}, {}});
}

Render::~Render() = default;

void Render::plan()
{
    using ui::Face;
    QList<ui::Route> routes;
    for (const ui::PageFactory &page : m_pages.pages())
        routes.append(ui::Route{page.id, {}});
    for (const QByteArray &line : contentOf(m_options.recordedFolder + QStringLiteral("/routes.txt")).split('\n')) {
        if (!line.trimmed().isEmpty())
            routes.append(ui::Route::parse(QString::fromUtf8(line.trimmed())));
    }
    const auto isWanted = [this](const QString &name) { return m_options.route.isEmpty() || name.startsWith(m_options.route); };
    for (const auto scheme : {ui::Theme::Scheme::Dark, ui::Theme::Scheme::Light}) {
        for (const ui::Route &route : std::as_const(routes)) {
            if (!isWanted(route.text()))
                continue;
            for (const Face face : {Face::Loading, Face::Empty, Face::Error, Face::Filled, Face::Stale})
                m_shots.append({route, face, scheme, {}, {}});
        }
        for (const Scene &scene : scenes(m_options.recordedFolder, m_files.path())) {
            if (isWanted(scene.name))
                m_shots.append({scene.route, Face::Filled, scheme, scene, {}});
        }
    }
}

void Render::planShuffled()
{
    QRandomGenerator &chance = *QRandomGenerator::global();
    QList<Scene> faults;
    for (const Scene &scene : scenes(m_options.recordedFolder, m_files.path())) {
        if (isFault(scene))
            faults.append(scene);
    }
    std::shuffle(faults.begin(), faults.end(), chance);
    QByteArray key;
    for (const Scene &scene : std::as_const(faults)) {
        const auto scheme = chance.bounded(2) == 0 ? ui::Theme::Scheme::Dark : ui::Theme::Scheme::Light;
        const QString number = QStringLiteral("%1").arg(m_shots.size() + 1, 2, 10, QLatin1Char('0'));
        m_shots.append({scene.route, ui::Face::Filled, scheme, scene, number});
        key += QStringLiteral("%1 %2\n").arg(number, scene.monitor).toUtf8();
    }
    QFile file(m_options.renderFolder + QStringLiteral("/key.txt"));
    if (!file.open(QIODevice::WriteOnly) || file.write(key) != key.size())
        fail(file.fileName());
}

void Render::fail(const QString &file)
{
    std::fprintf(stderr, "%s cannot be written\n", qPrintable(file));
    ++m_failures;
    // Nor can those that would follow.
    m_shots.clear();
}

void Render::start()
{
    if (!QDir().mkpath(m_options.renderFolder)) {
        std::fprintf(stderr, "%s cannot be made\n", qPrintable(m_options.renderFolder));
        ++m_failures;
        Q_EMIT finished();
        return;
    }
    if (m_options.shuffled)
        planShuffled();
    else
        plan();
    next();
}

void Render::next()
{
    m_stage.reset();
    if (m_shots.isEmpty()) {
        Q_EMIT finished();
        return;
    }
    const Shot shot = m_shots.takeFirst();
    m_theme.apply(shot.scheme);
    // The registry fell silent at the moment of the recording.
    m_clock.set(m_moment + (Stage::isStale(shot) ? std::chrono::seconds(194) : std::chrono::seconds(0)));
    m_stage = std::make_unique<Stage>(*this, shot);
    m_stage->window.resize(1440, 900);
    m_stage->window.go(shot.route);
    m_stage->window.show();
    settle(settleTurns, &Render::act);
}

void Render::settle(int turns, void (Render::*then)())
{
    QTimer::singleShot(turnMilliseconds, this, [this, turns, then] {
        // What is at work in the background is not known by its turns.
        const bool quiet = QThreadPool::globalInstance()->activeThreadCount() == 0;
        if (turns > 1 || !quiet)
            settle(quiet ? turns - 1 : turns, then);
        else
            (this->*then)();
    });
}

void Render::act()
{
    const Scene &scene = m_stage->shot.scene;
    if (!scene.play) {
        take();
        return;
    }
    scene.play(m_stage->window);
    // Files are read and judged meanwhile.
    settle(3 * settleTurns, &Render::take);
}

void Render::take()
{
    const Shot &shot = m_stage->shot;
    QString route = shot.route.text();
    if (!shot.scene.name.isEmpty())
        route = shot.scene.name;
    route.replace(QLatin1Char('/'), QLatin1Char('_'));
    const QString file = shot.number.isEmpty()
        ? QStringLiteral("%1/%2-%3-%4.png").arg(m_options.renderFolder, route, nameOf(shot.face), ui::Theme::nameOf(shot.scheme))
        : QStringLiteral("%1/%2.png").arg(m_options.renderFolder, shot.number);
    // No ring around a control that nobody chose.
    if (!shot.scene.play)
        m_stage->window.pages().setFocus();
    if (!m_stage->window.grab().save(file))
        fail(file);
    next();
}

}  // namespace cm::desktop
