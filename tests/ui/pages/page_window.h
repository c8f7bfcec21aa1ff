// SPDX-License-Identifier: GPL-3.0-or-later
// A window with every page over a copy of the recorded answers, and the keyboard as people use it.
#pragma once

#include "core/api/codec.h"
#include "ui/client/connection.h"
#include "ui/client/direct_probe.h"
#include "ui/client/recorded_client.h"
#include "ui/client/secrets.h"
#include "ui/client/upload_client.h"
#include "ui/client/wire.h"
#include "ui/pages/audit/audit_page.h"
#include "ui/pages/deprecations/deprecations_page.h"
#include "ui/pages/downloads/downloads_page.h"
#include "ui/pages/incidents/incidents_page.h"
#include "ui/pages/inspector/inspector_page.h"
#include "ui/pages/myprojects/my_projects_page.h"
#include "ui/pages/nodes/nodes_page.h"
#include "ui/pages/overview/overview_page.h"
#include "ui/pages/people/people_page.h"
#include "ui/pages/projects/projects_page.h"
#include "ui/pages/replication/replication_page.h"
#include "ui/pages/settings/settings_page.h"
#include "ui/pages/upload/upload_page.h"
#include "ui/shell/main_window.h"
#include "ui/shell/page_stack.h"
#include "ui/theme/theme.h"

#include <QAccessible>
#include <QAction>
#include <QApplication>
#include <QFile>
#include <QFileDialog>
#include <QTemporaryDir>
#include <QTest>

#include <filesystem>
#include <memory>

namespace cm::ui {

struct PageWindow {
    // The empty face of what a monitor tells is that there is none.
    explicit PageWindow(RecordedClient::Mode mode = RecordedClient::Mode::Answer)
        : PageWindow(mode, mode != RecordedClient::Mode::Empty)
    {
    }
    // `looks`: the desktop looks itself while its monitor is silent.
    PageWindow(RecordedClient::Mode mode, bool monitored, bool looks = false)
        : theme(*qApp), client(folder.path()), uploads(wire), connection(client, nullptr, nullptr, clock), profiles(nullptr), secrets(false),
          monitor(folder.filePath(QStringLiteral("monitor"))),
          monitorConnection(monitor, nullptr, nullptr, clock, Connection::To::Monitor),
          direct(looks ? std::make_unique<DirectProbe>(connection, monitorConnection, monitor, clock, DirectProbe::Pace{std::chrono::seconds(3), std::chrono::seconds(2), 0}) : nullptr),
          watched(monitored),
          pages({overviewPage(), nodesPage(), replicationPage(), downloadsPage(), incidentsPage(), projectsPage(), inspectorPage(), peoplePage(), uploadPage(), myProjectsPage(), deprecationsPage(), auditPage(), settingsPage()}),
          window({client, connection, uploads, profiles, secrets, theme, clock, pages, nullptr, {}, &monitor, &monitorConnection, direct.get()})
    {
        client.setMode(mode);
        monitor.setMode(mode);
        clock.set(*parseRfc3339(record("time.txt").trimmed().toStdString()));
        setState(Connection::State::Live);
        window.resize(1440, 900);
        window.show();
        [[maybe_unused]] const bool shown = QTest::qWaitForWindowExposed(&window);
        QApplication::setActiveWindow(&window);
    }

    // The next window finds what is recorded as it was.
    ~PageWindow()
    {
        for (const QString &path : m_answered) {
            const QString recorded = QStringLiteral(CHEESEMONGER_SAMPLES "/") + path;
            QFile::remove(folder.filePath(path));
            if (QFile::exists(recorded))
                std::filesystem::copy(recorded.toStdString(), folder.filePath(path).toStdString());
        }
    }
    PageWindow(const PageWindow &) = delete;
    PageWindow &operator=(const PageWindow &) = delete;

    void setState(Connection::State state)
    {
        connection.force(state, *api::fromJsonText<api::Who>(record("who-am-i.json").toStdString()),
                         *api::fromJsonText<api::RegistryInfo>(record("registry-info.json").toStdString()), clock.now());
        if (watched)
            setMonitorState(state);
    }
    void setMonitorState(Connection::State state)
    {
        monitorConnection.force(state, *api::fromJsonText<api::Who>(record("monitor/who-am-i.json").toStdString()), std::nullopt, clock.now());
    }

    // What is recorded is that of another registry from now on.
    void connectTo(const QString &registry) { connection.connectTo({registry, registry, {}, {}}, {}, {}); }

    // An answer that is no part of the samples, such as that of a change; of another window that is open as well.
    void answer(const QString &endpoint, const QByteArray &json)
    {
        m_answered << endpoint + QStringLiteral(".json");
        QFile file(folder.filePath(m_answered.last()));
        [[maybe_unused]] const bool open = file.open(QIODevice::WriteOnly);
        file.write(json);
    }
    QByteArray record(const char *name) const
    {
        QFile file(folder.filePath(QLatin1String(name)));
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }

    void key(Qt::Key key, Qt::KeyboardModifiers modifiers = Qt::NoModifier)
    {
        QWidget *focus = QApplication::focusWidget();
        QTest::keyClick(focus ? focus : &window, key, modifiers);
    }
    static void type(const QString &text)
    {
        if (QWidget *focus = QApplication::focusWidget())
            QTest::keyClicks(focus, text);
    }
    static QString nameOf(QWidget *widget)
    {
        QAccessibleInterface *node = widget ? QAccessible::queryAccessibleInterface(widget) : nullptr;
        QString name = node ? node->text(QAccessible::Name) : QString();
        return name.remove(QLatin1Char('&'));
    }
    // Presses Tab until the focus is on the control of that name; false when it never comes.
    bool tabTo(const QString &name)
    {
        for (int i = 0; i < 200; ++i) {
            QWidget *focus = QApplication::focusWidget();
            if (nameOf(focus).startsWith(name) && focus->isEnabled())
                return true;
            key(Qt::Key_Tab);
        }
        return false;
    }
    // Of the page that is up, by the name that assistive technology reads; null where there is none.
    template <class T>
    T *named(const QString &name)
    {
        for (T *one : window.pages().current()->findChildren<T *>()) {
            if (one->accessibleName() == name)
                return one;
        }
        return nullptr;
    }
    // Every text that the accessibility tree shows now.
    QStringList texts() const
    {
        QStringList out;
        collect(QAccessible::queryAccessibleInterface(const_cast<MainWindow *>(&window)), out);
        return out;
    }
    bool says(const QString &part) const
    {
        const QStringList all = texts();
        return std::any_of(all.begin(), all.end(), [&](const QString &text) { return text.contains(part); });
    }
    // What the page on top writes where it is told to export into a file of that name; empty: it writes none.
    QByteArray exported(const QString &name, QString *suggested = nullptr)
    {
        for (QAction *action : window.pages().current()->pageActions()) {
            if (action->text().remove(QLatin1Char('&')).startsWith(QStringLiteral("Export")))
                action->trigger();
        }
        auto *dialog = window.findChild<QFileDialog *>();
        if (!dialog)
            return {};
        if (suggested)
            *suggested = dialog->selectedFiles().value(0);
        QFile file(written.filePath(name));
        Q_EMIT dialog->fileSelected(file.fileName());
        dialog->close();
        [[maybe_unused]] const bool there = QTest::qWaitFor([&file] { return file.exists(); }, 60'000);
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }
    QByteArray sentBody(const QByteArray &endpoint, QByteArray *target = nullptr) const
    {
        for (const auto &sent : client.sent() + monitor.sent()) {
            if (sent.endpoint == endpoint) {
                if (target)
                    *target = sent.target;
                return sent.body.isEmpty() ? QByteArray("{}") : sent.body;
            }
        }
        return {};
    }

    const QTemporaryDir &folder = recorded();
    QTemporaryDir written;
    ManualClock clock{Time()};
    Theme theme;
    Wire wire;
    RecordedClient client;
    UploadClient uploads;
    Connection connection;
    Profiles profiles;
    Secrets secrets;
    RecordedClient monitor;
    Connection monitorConnection;
    std::unique_ptr<DirectProbe> direct;
    bool watched;
    PageRegistry pages;
    MainWindow window;

private:
    static void collect(QAccessibleInterface *node, QStringList &out)
    {
        if (!node || node->state().invisible || node->role() == QAccessible::Table)
            return;
        for (const auto kind : {QAccessible::Name, QAccessible::Value}) {
            if (const QString text = node->text(kind); !text.isEmpty())
                out << text;
        }
        for (int i = 0; i < node->childCount(); ++i)
            collect(node->child(i), out);
    }
    // One copy for all windows of a program: a file system that makes and removes hundreds of files for each is most of the time.
    static const QTemporaryDir &recorded()
    {
        struct Copy {
            Copy() { std::filesystem::copy(CHEESEMONGER_SAMPLES, folder.path().toStdString(), std::filesystem::copy_options::recursive); }
            QTemporaryDir folder;
        };
        static const Copy copy;
        return copy.folder;
    }

    QStringList m_answered;
};

}  // namespace cm::ui
