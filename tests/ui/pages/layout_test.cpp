// SPDX-License-Identifier: GPL-3.0-or-later
// Every page with twice the font, in a language 40 % longer, and right to left: no text is cut, and
// none is there that nobody can translate.
#include "tests/ui/pages/layout_check.h"
#include "tests/ui/pages/page_window.h"
#include "ui/format/pseudo_translator.h"
#include "ui/pages/myprojects/own_releases.h"
#include "ui/shell/read_only_mode.h"
#include "ui/widgets/action_panel.h"
#include "ui/widgets/data_table.h"

#include <QAction>
#include <QDirIterator>
#include <QMenu>
#include <QTabWidget>

#include <algorithm>

using namespace cm;
using namespace cm::ui;

namespace {

void collect(const boost::json::value &value, QSet<QString> &out)
{
    if (value.is_string()) {
        const auto &string = value.as_string();
        const QString whole = QString::fromUtf8(string.data(), static_cast<qsizetype>(string.size()));
        static const QRegularExpression joints(QStringLiteral("[\\n·]"));
        for (const QString &part : whole.split(joints, Qt::SkipEmptyParts))
            out << part.trimmed().toCaseFolded();
        // Names of facts are shown with blanks.
        out << QString(whole).replace(QLatin1Char('_'), QLatin1Char(' ')).replace(QLatin1Char('-'), QLatin1Char(' ')).toCaseFolded();
    } else if (value.is_array()) {
        for (const auto &item : value.as_array())
            collect(item, out);
    } else if (value.is_object()) {
        for (const auto &item : value.as_object())
            collect(item.value(), out);
    }
}

QSet<QString> readTexts()
{
    QSet<QString> out{QStringLiteral("cheesemonger"), QStringLiteral("english"), QStringLiteral("sha-256")};
    QDirIterator files(QStringLiteral(CHEESEMONGER_SAMPLES), {QStringLiteral("*.json")}, QDir::Files, QDirIterator::Subdirectories);
    while (files.hasNext()) {
        QFile file(files.next());
        if (!file.open(QIODevice::ReadOnly))
            continue;
        if (const auto json = api::parseJson(file.readAll().toStdString()))
            collect(*json, out);
    }
    return out;
}

// Hundreds of files, which stay as they are.
const QSet<QString> &recordedTexts()
{
    static const QSet<QString> texts = readTexts();
    return texts;
}

// Not more than a screen of full height at 200 %.
constexpr QSize widest{1920, 1080};

}  // namespace

class LayoutTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();
    void everyPage_data();
    void everyPage();
    void otherFaces_data();
    void otherFaces();
    void aroundThePages_data();
    void aroundThePages();
    void everySheet_data();
    void everySheet();
    void actionsAtWork_data();
    void actionsAtWork();
    void behindTheWebNodes_data();
    void behindTheWebNodes();
    void everyFault_data();
    void everyFault();
    void withoutServers_data();
    void withoutServers();
    void uploadCards_data();
    void uploadCards();

private:
    void ways();
    void dress();
    QString said(const char *text) const { return m_pseudo ? PseudoTranslator::pseudo(QString::fromUtf8(text)) : QString::fromUtf8(text); }
    void check(PageWindow &w);
    // What follows the chosen row does so a moment later.
    void awaitFollowers(const QWidget &page) const;
    static QAction *enabledAction(PageWindow &w, const QString &text);

    QFont m_font;
    PseudoTranslator m_translator;
    bool m_pseudo = false;
    bool m_large = false;
};

void LayoutTest::initTestCase()
{
    Theme(*qApp).apply(Theme::Scheme::Dark);
}

void LayoutTest::init()
{
    m_font = QApplication::font();
}

void LayoutTest::cleanup()
{
    QApplication::removeTranslator(&m_translator);
    QApplication::setFont(m_font);
    QGuiApplication::setLayoutDirection(Qt::LeftToRight);
}

void LayoutTest::ways()
{
    QTest::addColumn<QString>("route");
    QTest::addColumn<QString>("way");
}

void LayoutTest::dress()
{
    QFETCH(QString, way);
    m_pseudo = way == QLatin1String("longer") || way == QLatin1String("all");
    m_large = way == QLatin1String("large") || way == QLatin1String("all");
    if (m_pseudo)
        QApplication::installTranslator(&m_translator);
    if (m_large) {
        QFont font = m_font;
        font.setPointSizeF(font.pointSizeF() * 2);
        QApplication::setFont(font);
    }
    if (way == QLatin1String("leftwards") || way == QLatin1String("all"))
        QGuiApplication::setLayoutDirection(Qt::RightToLeft);
}

void LayoutTest::check(PageWindow &w)
{
    QTest::qWait(50);
    LayoutCheck layout(&w.window, recordedTexts());
    // Answers come and layouts settle in their own time; what counts is how it stays.
    [[maybe_unused]] const bool settled = QTest::qWaitFor([&layout] { return layout.clipped().isEmpty(); });
    if (qEnvironmentVariableIsSet("LAYOUT_PICTURES")) {
        QString name = QLatin1String(QTest::currentTestFunction()) + QLatin1Char('-') + QLatin1String(QTest::currentDataTag());
        w.window.grab().save(qEnvironmentVariable("LAYOUT_PICTURES") + QLatin1Char('/') + name.replace(QLatin1Char('/'), QLatin1Char('_')) +
                             QStringLiteral(".png"));
    }
    const QStringList clipped = layout.clipped();
    QVERIFY2(clipped.isEmpty(), qPrintable(QLatin1Char('\n') + clipped.join(QLatin1Char('\n'))));
    const QStringList repeated = layout.repeatedMnemonics();
    QVERIFY2(m_pseudo || repeated.isEmpty(), qPrintable(QLatin1Char('\n') + repeated.join(QLatin1Char('\n'))));
    const QStringList untranslated = m_pseudo ? layout.untranslated() : QStringList();
    QVERIFY2(untranslated.isEmpty(), qPrintable(QLatin1Char('\n') + untranslated.join(QLatin1Char('\n'))));
    QVERIFY2(w.window.width() <= widest.width() && w.window.height() <= widest.height(),
             qPrintable(QStringLiteral("the window is %1 x %2").arg(w.window.width()).arg(w.window.height())));
}

void LayoutTest::awaitFollowers(const QWidget &page) const
{
    auto *table = page.findChild<DataTable *>();
    if (const auto *releases = page.findChild<OwnReleases *>(); releases && table && !table->currentKey().isEmpty())
        QTRY_VERIFY(releases->accessibleName() != said("Releases"));
}

QAction *LayoutTest::enabledAction(PageWindow &w, const QString &text)
{
    const auto actions = w.window.pages().current()->findChildren<QAction *>();
    const auto found = std::find_if(actions.begin(), actions.end(),
                                    [&text](const QAction *one) { return one->text() == text && one->isEnabled(); });
    return found == actions.end() ? nullptr : *found;
}

void LayoutTest::everyPage_data()
{
    ways();
    for (const char *route : {"overview", "nodes", "nodes/db2", "replication", "downloads", "downloads/geoflux", "incidents", "projects", "project/geoflux", "people", "person/local", "inspector/bitreader-2.1.0-py3-none-any.whl/bitreader/reader.py",
                              "upload", "my-projects", "deprecations", "deprecations/2", "audit", "settings"}) {
        for (const char *way : {"large", "longer", "leftwards", "all"})
            QTest::addRow("%s %s", way, route) << QString::fromLatin1(route) << QString::fromLatin1(way);
    }
}

void LayoutTest::everyPage()
{
    dress();
    QFETCH(QString, route);
    PageWindow w;
    const Route to = Route::parse(route);
    w.window.go(to);
    auto *page = w.window.pages().made(w.pages.find(to)->id);
    QVERIFY(page);
    if (page->faces())
        QTRY_COMPARE(page->faces()->face(), Face::Filled);
    awaitFollowers(*page);
    if (auto *tabs = page->findChild<QTabWidget *>(); tabs && tabs->isVisible()) {
        for (int i = 0; i < tabs->count(); ++i) {
            tabs->setCurrentIndex(i);
            check(w);
            if (QTest::currentTestFailed())
                return;
        }
    } else {
        check(w);
    }
}

void LayoutTest::otherFaces_data()
{
    ways();
    QTest::addColumn<int>("face");
    const QList<std::pair<const char *, Face>> faces{{"empty", Face::Empty}, {"error", Face::Error}, {"stale", Face::Stale}};
    for (const char *route : {"overview", "nodes", "replication", "downloads", "incidents", "projects", "project/geoflux", "people", "person/local", "inspector", "upload", "my-projects", "deprecations", "deprecations/2", "audit", "settings"}) {
        for (const auto &[name, face] : faces) {
            for (const char *way : {"large", "longer", "leftwards", "all"})
                QTest::addRow("%s %s %s", way, name, route) << QString::fromLatin1(route) << QString::fromLatin1(way) << static_cast<int>(face);
        }
    }
}

void LayoutTest::otherFaces()
{
    dress();
    QFETCH(QString, route);
    QFETCH(int, face);
    const auto wanted = static_cast<Face>(face);
    PageWindow w(wanted == Face::Empty   ? RecordedClient::Mode::Empty
                 : wanted == Face::Error ? RecordedClient::Mode::Fail
                                         : RecordedClient::Mode::Answer);
    const Route to = Route::parse(route);
    w.window.go(to);
    auto *page = w.window.pages().made(w.pages.find(to)->id);
    QVERIFY(page);
    if (page->faces())
        QTRY_VERIFY(page->faces()->face() != Face::Loading);
    awaitFollowers(*page);
    if (wanted == Face::Stale)
        w.setState(Connection::State::Stale);
    // The reason of a failure is the registry's.
    m_pseudo = m_pseudo && wanted != Face::Error;
    check(w);
}

void LayoutTest::aroundThePages_data()
{
    ways();
    for (const char *part : {"palette", "undo bar", "notice", "read-only", "read-only sheet", "read-only upload", "&File", "&View", "&Go", "&Actions", "&Help"}) {
        for (const char *way : {"large", "longer", "leftwards", "all"})
            QTest::addRow("%s %s", way, part) << QString::fromLatin1(part) << QString::fromLatin1(way);
    }
}

void LayoutTest::aroundThePages()
{
    dress();
    QFETCH(QString, route);
    PageWindow w;
    w.window.go(Route::parse(QStringLiteral("project/geoflux")));
    auto *page = w.window.pages().made(QStringLiteral("projects"));
    QVERIFY(page);
    QTRY_COMPARE(page->faces()->face(), Face::Filled);
    QMenu *menu = nullptr;
    if (route == QLatin1String("palette")) {
        w.window.openPalette();
        w.type(QStringLiteral("re"));
    } else if (route == QLatin1String("undo bar")) {
        w.window.offerUndo(said("Quarantined a-rather-long-project-name-that-somebody-found-somewhere-sensible"), [] {});
    } else if (route.startsWith(QLatin1String("read-only"))) {
        auto info = *w.connection.registry();
        info.readOnly = api::ReadOnlyMode{w.clock.now() + std::chrono::hours(1), w.clock.now(), "dana", said("The disks of both package stores are exchanged, one after the other").toStdString(),
                                          said("Back at noon").toStdString()};
        w.connection.force(Connection::State::Live, api::Who{"dana", api::Role::Admin, 0, false}, info, w.clock.now());
        if (route.endsWith(QLatin1String("upload")))
            w.window.go(Route::parse(QStringLiteral("upload")));
        w.window.openPalette();
        w.key(Qt::Key_Escape);
        for (QAction *action : route.endsWith(QLatin1String("sheet")) ? w.window.allActions() : QList<QAction *>()) {
            if (action->text() == said("Change the read-&only mode…"))
                action->trigger();
        }
        QVERIFY(!route.endsWith(QLatin1String("sheet")) || w.window.findChild<ReadOnlySheet *>());
    } else if (route == QLatin1String("notice")) {
        w.window.notify(Mark::Warning, said("The registry has another version"), said("Some pages may lack figures."));
    } else {
        for (QAction *action : w.window.findChild<QMenuBar *>()->actions()) {
            if (action->text() == said(qPrintable(route)))
                menu = action->menu();
        }
        QVERIFY(menu);
        menu->popup(w.window.mapToGlobal(QPoint(20, 40)));
        QTRY_VERIFY(menu->isVisible());
        // What does not fit on the screen is cut: no list of actions is that long.
        QVERIFY2(menu->sizeHint().height() <= widest.height() && menu->sizeHint().width() <= widest.width(), "the menu is cut");
        if (m_pseudo) {
            for (const QAction *action : menu->actions())
                QVERIFY2(action->isSeparator() || action->text().isEmpty() || action->text().contains(QLatin1Char('[')) || action->menu() ||
                             recordedTexts().contains(action->text().toCaseFolded()),
                         qPrintable(action->text()));
        }
    }
    check(w);
    if (menu)
        menu->close();
}

void LayoutTest::everySheet_data()
{
    ways();
    QTest::addColumn<QString>("action");
    // Each name ends with an ellipsis.
    const QList<std::pair<const char *, const char *>> sheets{
        {"project/geoflux", "&Quarantine"}, {"project/geoflux", "De&lete project"}, {"project/geoflux", "Size &limits"}, {"project/geoflux/docs", "Remove docume&ntation"},
        {"my-projects", "&New token"}, {"my-projects", "Add &ssh key"}, {"people", "Add perso&n"}, {"person/mira", "Change &role"}, {"person/mira", "Change e-&mail"},
        {"person/lee", "Free&ze"}, {"deprecations", "&Schedule brown-out"}, {"deprecations", "Suns&et"}, {"deprecations", "&Pause"}, {"deprecations", "Conf&irm a step"},
        {"deprecations", "Add an answe&r"}, {"deprecations", "Change &terms"}, {"deprecations", "Propose a &deprecation"}, {"settings", "A&dd registry"}, {"settings", "&Monitor"},
        {"incidents", "Ac&knowledge"}, {"incidents", "&Silence"}, {"incidents", "Acknowledge a&ll"}, {"nodes/db2", "S&witch over to this"}, {"nodes/db2", "Re&join"},
        {"nodes/web2", "&Drain"}, {"downloads", "A&nnotate"}, {"downloads", "Remove an ann&otation"}, {"nodes/cdn", "P&urge the CDN"}, {"project/geoflux", "P&urge from the CDN"}};
    for (const auto &[route, action] : sheets) {
        for (const char *way : {"large", "longer", "leftwards", "all"})
            QTest::addRow("%s %s", way, action) << QString::fromLatin1(route) << QString::fromLatin1(way) << QString::fromUtf8(action) + QChar(0x2026);
    }
}

void LayoutTest::everySheet()
{
    dress();
    QFETCH(QString, route);
    QFETCH(QString, action);
    PageWindow w;
    // A monitor belongs to a registry of the list.
    w.profiles.save({QStringLiteral("sample"), QStringLiteral("sample"), QUrl(QStringLiteral("https://sample/")), {}});
    w.window.go(Route::parse(route));
    if (route == QLatin1String("settings")) {
        for (auto *table : w.window.pages().current()->findChildren<DataTable *>())
            table->selectRow(0);
    }
    awaitFollowers(*w.window.pages().current());
    const QString wanted = said(qPrintable(action));
    QAction *found = nullptr;
    QTRY_VERIFY((found = enabledAction(w, wanted)));
    found->trigger();
    check(w);
}

void LayoutTest::actionsAtWork_data()
{
    ways();
    QTest::addColumn<QString>("scene");
    for (const char *route : {"overview", "nodes", "replication"}) {
        for (const char *scene : {"action-running", "action-copy", "action-failed"}) {
            for (const char *way : {"large", "longer", "leftwards", "all"})
                QTest::addRow("%s %s %s", way, scene, route) << QString::fromLatin1(route) << QString::fromLatin1(way) << QString::fromLatin1(scene);
        }
    }
}

void LayoutTest::actionsAtWork()
{
    dress();
    QFETCH(QString, route);
    QFETCH(QString, scene);
    PageWindow w;
    for (const char *record : {"list-actions", "get-action"})
        w.answer(QStringLiteral("monitor/") + QLatin1String(record), w.record(qPrintable(QStringLiteral("monitor-scenes/%1/%2.json").arg(scene, QLatin1String(record)))));
    w.window.go(Route::parse(route));
    QTRY_VERIFY(w.window.pages().current()->findChild<ActionPanel *>()->isVisible());
    check(w);
}

void LayoutTest::behindTheWebNodes_data()
{
    ways();
    QTest::addColumn<QString>("scene");
    QTest::addColumn<QSize>("size");
    const QList<std::pair<const char *, const char *>> nodes{{"nodes/cdn", "all-well"}, {"nodes/mirror", "all-well"}, {"nodes/fs1", "files-healing"},
                                                             {"nodes/cdn", "fallback-serving"}, {"nodes/mirror", "fallback-serving"}, {"overview", "fallback-serving"},
                                                             {"nodes/mirror", "mirror-holds"}};
    for (const auto &[route, scene] : nodes) {
        for (const QSize &size : {QSize(1024, 700), QSize(1920, 1080)}) {
            for (const char *way : {"large", "longer", "leftwards", "all"}) {
                // A small screen is not asked to hold twice the font and longer words at once.
                if (size.width() > 1024 || qstrcmp(way, "all") != 0)
                    QTest::addRow("%s %s %s %d", way, scene, route, size.width()) << QString::fromLatin1(route) << QString::fromLatin1(way) << QString::fromLatin1(scene) << size;
            }
        }
    }
}

void LayoutTest::behindTheWebNodes()
{
    dress();
    QFETCH(QString, route);
    QFETCH(QString, scene);
    QFETCH(QSize, size);
    PageWindow w;
    w.window.resize(size);
    w.monitor.layOver(w.folder.filePath(QStringLiteral("monitor-scenes/") + scene));
    w.window.go(Route::parse(route));
    QTRY_COMPARE(w.window.pages().current()->faces()->face(), Face::Filled);
    check(w);
}

void LayoutTest::everyFault_data()
{
    ways();
    for (const char *scene : {"all-well", "db2-disconnected", "split-brain", "cannot-see-db1", "pgpools-disagree", "no-quorum", "certificate-old",
                              "read-only-database", "web2-down", "fallback-serving", "action-running", "action-copy", "action-failed"}) {
        for (const char *way : {"large", "all"})
            QTest::addRow("%s %s", way, scene) << QString::fromLatin1(scene) << QString::fromLatin1(way);
    }
}

void LayoutTest::everyFault()
{
    dress();
    QFETCH(QString, route);
    PageWindow w;
    w.monitor.layOver(w.folder.filePath(QStringLiteral("monitor-scenes/") + route));
    w.window.go(Route::parse(QStringLiteral("overview")));
    QTRY_COMPARE(w.window.pages().current()->faces()->face(), Face::Filled);
    check(w);
}

void LayoutTest::withoutServers_data()
{
    ways();
    for (const char *route : {"overview", "nodes", "nodes/tab/unwatched", "replication", "incidents"}) {
        for (const char *way : {"large", "longer", "leftwards", "all"})
            QTest::addRow("%s %s", way, route) << QString::fromLatin1(route) << QString::fromLatin1(way);
    }
}

void LayoutTest::withoutServers()
{
    dress();
    QFETCH(QString, route);
    PageWindow w(RecordedClient::Mode::Answer, true, true);
    w.window.go(Route::parse(route));
    QTRY_COMPARE(w.window.pages().current()->faces()->face(), Face::Filled);
    w.clock.set(w.clock.now() + std::chrono::seconds(194));
    w.setState(Connection::State::Stale);
    w.direct->force(*api::fromJsonText<DirectReport>(w.record("monitor-scenes/without-servers/direct.json").toStdString()));
    if (route == QLatin1String("overview"))
        QTRY_VERIFY(w.says(said("What this desktop cannot see")));
    check(w);
}

void LayoutTest::uploadCards_data()
{
    ways();
    for (const char *way : {"large", "longer", "leftwards", "all"})
        QTest::addRow("%s", way) << QStringLiteral("upload") << QString::fromLatin1(way);
}

void LayoutTest::uploadCards()
{
    dress();
    PageWindow w;
    QTemporaryDir folder;
    QFile broken(folder.filePath(QStringLiteral("bitreader-2.1.0-py3-none-any.whl")));
    QVERIFY(broken.open(QIODevice::WriteOnly));
    broken.write("this is no archive at all");
    broken.close();
    w.window.go({QStringLiteral("upload"), broken.fileName()});
    QTRY_VERIFY_WITH_TIMEOUT(w.says(said("Check again")), 20'000);
    // Documentation beside it: one archive that is sound, and one that is refused.
    QFile::copy(QStringLiteral(CHEESEMONGER_SAMPLES "/upload/geoflux-docs.zip"), folder.filePath(QStringLiteral("geoflux-docs.zip")));
    w.window.go({QStringLiteral("upload"), folder.filePath(QStringLiteral("geoflux-docs.zip"))});
    QTRY_VERIFY_WITH_TIMEOUT(w.says(said("Documentation of")), 20'000);
    // The words of a refusal are the protocol's and stay as they are.
    m_pseudo = false;
    check(w);
}

QTEST_MAIN(LayoutTest)
#include "layout_test.moc"
