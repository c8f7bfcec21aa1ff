// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/client/connection.h"
#include "ui/client/recorded_client.h"
#include "ui/client/secrets.h"
#include "ui/client/upload_client.h"
#include "ui/client/wire.h"
#include "ui/shell/main_window.h"
#include "ui/shell/page_stack.h"
#include "ui/shell/read_only_mode.h"
#include "ui/theme/theme.h"
#include "ui/widgets/action_sheet.h"
#include "ui/widgets/verdict_banner.h"

#include <QAbstractButton>
#include <QAccessible>
#include <QApplication>
#include <QDropEvent>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QMimeData>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTemporaryDir>
#include <QTest>

#include <algorithm>

using namespace cm;
using namespace cm::ui;

namespace {

class PlainPage : public Page {
public:
    PlainPage(const PageContext &context, const QString &title) : Page(context)
    {
        setContent(new QLabel(title));
        setTitle(title);
        faces()->showContent();
    }
    void activate(const Route &route) override { routes << route.text(); }
    void refresh() override { ++refreshed; }
    void onEvent(const api::Event &) override { ++events; }
    void find() override { ++found; }
    void dropFiles(const QList<QUrl> &files) override { dropped = files; }

    QStringList routes;
    QList<QUrl> dropped;
    int refreshed = 0;
    int events = 0;
    int found = 0;
};

// A window over recorded answers and pages that count.
struct Fixture {
    explicit Fixture(const QString &folder = QStringLiteral("/nonexistent"))
        : theme(*qApp), client(folder), uploads(wire), connection(client, nullptr, nullptr, clock), profiles(nullptr), secrets(false),
          pages({factory(QStringLiteral("overview"), QStringLiteral("Overview"), Section::Operate, {}, false),
                 factory(QStringLiteral("projects"), QStringLiteral("Projects"), Section::Moderate, {QStringLiteral("project")}, false),
                 factory(QStringLiteral("upload"), QStringLiteral("Upload"), Section::Publish, {}, true)}),
          window({client, connection, uploads, profiles, secrets, theme, clock, pages, nullptr, {}})
    {
        connection.force(Connection::State::Live, api::Who{"dana", api::Role::Operator, 0, false}, api::RegistryInfo{}, clock.now());
        window.resize(1200, 800);
        window.show();
        window.go({QStringLiteral("overview"), {}});
    }
    PageFactory factory(const QString &id, const QString &title, Section section, const QStringList &routes, bool takesFiles)
    {
        return {id, title, section, routes, true, takesFiles, [this, id, title](const PageContext &context) -> Page * {
                    made << id;
                    return new PlainPage(context, title);
                }};
    }
    PlainPage *page(const QString &id) { return static_cast<PlainPage *>(window.pages().made(id)); }
    QString route() { return window.pages().route().text(); }

    QStringList made;
    SystemClock clock;
    Theme theme;
    Wire wire;
    RecordedClient client;
    UploadClient uploads;
    Connection connection;
    Profiles profiles;
    Secrets secrets;
    PageRegistry pages;
    MainWindow window;
};

void nameless(QAccessibleInterface *node, QStringList &out)
{
    static const QSet<QAccessible::Role> controls{QAccessible::Button,   QAccessible::EditableText, QAccessible::Table,
                                                  QAccessible::List,     QAccessible::CheckBox,     QAccessible::ComboBox,
                                                  QAccessible::MenuItem, QAccessible::PageTab,      QAccessible::ProgressBar};
    if (controls.contains(node->role()) && node->text(QAccessible::Name).isEmpty() && !node->state().invisible)
        out << QStringLiteral("%1 %2").arg(node->role()).arg(QLatin1String(node->object() ? node->object()->metaObject()->className() : "?"));
    for (int i = 0; i < node->childCount(); ++i) {
        if (QAccessibleInterface *child = node->child(i))
            nameless(child, out);
    }
}

}  // namespace

class ShellTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void routesAreText();
    void makesAPageOnItsFirstShow();
    void goesBackAndForward();
    void goesByKeyboard();
    void paletteFindsPagesAndProjects();
    void handsOnEventsAndResets();
    void staleFollowsTheConnection();
    void escapeClosesTheSheetFirst();
    void aSheetGivesWayToItsPage();
    void takesDroppedFilesAnywhere();
    void readOnlyIsOrderedShownAndEnded();
    void everyControlHasAName();
    void everyActionOfTheMenusHasItsOwnKeys();
};

void ShellTest::routesAreText()
{
    QCOMPARE(Route::parse(QStringLiteral("project/a/b c")), (Route{QStringLiteral("project"), QStringLiteral("a/b c")}));
    QCOMPARE(Route::parse(QStringLiteral("audit")).text(), QStringLiteral("audit"));
    QCOMPARE((Route{QStringLiteral("inspector"), QStringLiteral("x-1.0.tar.gz")}).text(), QStringLiteral("inspector/x-1.0.tar.gz"));
}

void ShellTest::makesAPageOnItsFirstShow()
{
    Fixture fixture;
    QCOMPARE(fixture.made, QStringList{QStringLiteral("overview")});
    fixture.window.go(Route::parse(QStringLiteral("project/requests")));
    fixture.window.go(Route::parse(QStringLiteral("project/flask")));
    QCOMPARE(fixture.made, (QStringList{QStringLiteral("overview"), QStringLiteral("projects")}));
    QCOMPARE(fixture.page(QStringLiteral("projects"))->routes,
             (QStringList{QStringLiteral("project/requests"), QStringLiteral("project/flask")}));
    fixture.window.go(Route::parse(QStringLiteral("nowhere")));
    QCOMPARE(fixture.route(), QStringLiteral("project/flask"));
    QVERIFY(fixture.window.windowTitle().contains(QStringLiteral("Projects")));
}

void ShellTest::goesBackAndForward()
{
    Fixture fixture;
    fixture.window.go(Route::parse(QStringLiteral("projects")));
    fixture.window.go(Route::parse(QStringLiteral("project/requests")));
    fixture.window.goBack();
    QCOMPARE(fixture.route(), QStringLiteral("projects"));
    fixture.window.goBack();
    QCOMPARE(fixture.route(), QStringLiteral("overview"));
    fixture.window.goBack();
    QCOMPARE(fixture.route(), QStringLiteral("overview"));
    fixture.window.pages().goForward();
    QCOMPARE(fixture.route(), QStringLiteral("projects"));
    fixture.window.go(Route::parse(QStringLiteral("upload")));
    QVERIFY(!fixture.window.pages().canGoForward());
}

void ShellTest::goesByKeyboard()
{
    Fixture fixture;
    QVERIFY(QTest::qWaitForWindowActive(&fixture.window));
    QTest::keyClick(&fixture.window, Qt::Key_3, Qt::AltModifier);
    QCOMPARE(fixture.route(), QStringLiteral("upload"));
    QTest::keyClick(&fixture.window, Qt::Key_Left, Qt::AltModifier);
    QCOMPARE(fixture.route(), QStringLiteral("overview"));
    QTest::keyClick(&fixture.window, Qt::Key_F5);
    QCOMPARE(fixture.page(QStringLiteral("overview"))->refreshed, 1);
    QTest::keyClick(&fixture.window, Qt::Key_F, Qt::ControlModifier);
    QCOMPARE(fixture.page(QStringLiteral("overview"))->found, 1);
}

void ShellTest::paletteFindsPagesAndProjects()
{
    QTemporaryDir folder;
    QFile record(folder.filePath(QStringLiteral("list-projects.json")));
    QVERIFY(record.open(QIODevice::WriteOnly));
    record.write(R"({"items":[{"name":"Flask-Upload"}],"total":1,"offset":0,"serial":1})");
    record.close();
    Fixture fixture(folder.path());
    QVERIFY(QTest::qWaitForWindowActive(&fixture.window));
    QTest::keyClick(&fixture.window, Qt::Key_K, Qt::ControlModifier);
    auto *list = fixture.window.findChild<QListWidget *>();
    auto *field = list->parentWidget()->findChild<QLineEdit *>();
    QVERIFY(field->hasFocus());
    QTest::keyClicks(field, QStringLiteral("upl"));
    QTRY_COMPARE(list->item(list->count() - 1)->text().contains(QStringLiteral("Flask-Upload")), true);
    QVERIFY(list->item(0)->text().startsWith(QStringLiteral("Upload")));
    QTest::keyClick(field, Qt::Key_Up);
    QTest::keyClick(field, Qt::Key_Return);
    QCOMPARE(fixture.route(), QStringLiteral("project/Flask-Upload"));
    QVERIFY(!list->isVisible());
    QTest::keyClick(&fixture.window, Qt::Key_K, Qt::ControlModifier);
    QTest::keyClick(field, Qt::Key_Escape);
    QVERIFY(!list->isVisible());
    QCOMPARE(fixture.route(), QStringLiteral("project/Flask-Upload"));
    // Opened from the top bar, the keyboard goes on in the page that was chosen.
    const auto buttons = fixture.window.findChildren<QAbstractButton *>();
    const auto opener = std::find_if(buttons.begin(), buttons.end(), [](const QAbstractButton *button) {
        return button->text().startsWith(QLatin1String("Go to anything"));
    });
    QVERIFY(opener != buttons.end());
    (*opener)->setFocus();
    (*opener)->click();
    QVERIFY(field->hasFocus());
    QTest::keyClicks(field, QStringLiteral("overview"));
    QTest::keyClick(field, Qt::Key_Return);
    QCOMPARE(fixture.route(), QStringLiteral("overview"));
    QVERIFY(QApplication::focusWidget() == &fixture.window.pages() || fixture.window.pages().isAncestorOf(QApplication::focusWidget()));
}

void ShellTest::handsOnEventsAndResets()
{
    Fixture fixture;
    fixture.window.go(Route::parse(QStringLiteral("projects")));
    Q_EMIT fixture.connection.event({});
    QCOMPARE(fixture.page(QStringLiteral("projects"))->events, 1);
    QCOMPARE(fixture.page(QStringLiteral("overview"))->events, 0);
    // Out of sight it is read again when it is shown.
    fixture.window.go(Route::parse(QStringLiteral("overview")));
    QCOMPARE(fixture.page(QStringLiteral("overview"))->refreshed, 1);
    Q_EMIT fixture.connection.reset();
    QCOMPARE(fixture.page(QStringLiteral("overview"))->refreshed, 2);
    QCOMPARE(fixture.page(QStringLiteral("projects"))->refreshed, 0);
}

void ShellTest::staleFollowsTheConnection()
{
    Fixture fixture;
    const auto who = fixture.connection.who();
    fixture.connection.force(Connection::State::Stale, who, {}, fixture.clock.now());
    QCOMPARE(fixture.window.pages().current()->faces()->face(), Face::Stale);
    fixture.connection.force(Connection::State::Live, who, {}, fixture.clock.now());
    QCOMPARE(fixture.window.pages().current()->faces()->face(), Face::Filled);
}

void ShellTest::aSheetGivesWayToItsPage()
{
    Fixture fixture;
    const int width = fixture.window.width();
    auto *sheet = new ActionSheet(QStringLiteral("Yank"), QStringLiteral("Yank"));
    fixture.window.showSheet(sheet);
    auto *page = fixture.page(QStringLiteral("overview"));
    const auto endsAtTheSheet = [&] { return page->mapTo(&fixture.window, QPoint(page->width(), 0)).x() <= sheet->mapTo(&fixture.window, QPoint()).x(); };
    QTRY_VERIFY(endsAtTheSheet());
    const auto labels = page->findChildren<QLabel *>();
    const auto content = std::find_if(labels.begin(), labels.end(), [](const QLabel *label) { return label->text() == QLatin1String("Overview"); });
    QVERIFY(content != labels.end());
    // An answer comes that needs the whole page: the sheet lies over its end, and the window stays as it is.
    (*content)->setMinimumWidth(page->parentWidget()->width() + sheet->width() / 2);
    QTRY_VERIFY(!endsAtTheSheet());
    QTest::qWait(50);
    QCOMPARE(fixture.window.width(), width);
    QCOMPARE(sheet->mapTo(&fixture.window, QPoint(sheet->width(), 0)).x(), width);
    // And goes back beside it with the next one.
    (*content)->setMinimumWidth(0);
    QTRY_VERIFY(endsAtTheSheet());
}

void ShellTest::escapeClosesTheSheetFirst()
{
    Fixture fixture;
    fixture.window.go(Route::parse(QStringLiteral("projects")));
    QPointer<ActionSheet> sheet = new ActionSheet(QStringLiteral("Yank"), QStringLiteral("Yank"));
    fixture.window.showSheet(sheet);
    fixture.window.pages().escape();
    QTRY_VERIFY(!sheet);
    QCOMPARE(fixture.route(), QStringLiteral("projects"));
    fixture.window.pages().escape();
    QCOMPARE(fixture.route(), QStringLiteral("overview"));
}

void ShellTest::takesDroppedFilesAnywhere()
{
    Fixture fixture;
    QMimeData data;
    data.setUrls({QUrl::fromLocalFile(QStringLiteral("/tmp/a.whl")), QUrl(QStringLiteral("https://example.org/b.whl"))});
    QDragEnterEvent enter(QPoint(600, 400), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(&fixture.window, &enter);
    QVERIFY(enter.isAccepted());
    QDropEvent drop(QPointF(600, 400), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(&fixture.window, &drop);
    QCOMPARE(fixture.route(), QStringLiteral("upload"));
    QCOMPARE(fixture.page(QStringLiteral("upload"))->dropped, QList<QUrl>{QUrl::fromLocalFile(QStringLiteral("/tmp/a.whl"))});
}

void ShellTest::readOnlyIsOrderedShownAndEnded()
{
    Fixture fixture;
    auto *banner = fixture.window.findChild<VerdictBanner *>(QStringLiteral("read-only"));
    QVERIFY(banner && !banner->isVisible());
    const auto action = [&](const QString &text) -> QAction * {
        fixture.window.openPalette();
        const auto actions = fixture.window.allActions();
        const auto found = std::find_if(actions.begin(), actions.end(), [&](const QAction *one) { return QString(one->text()).remove(QLatin1Char('&')) == text; });
        return found == actions.end() ? nullptr : *found;
    };
    const auto stands = [&](api::Role role, std::optional<api::ReadOnlyMode> mode) {
        api::RegistryInfo info;
        info.readOnly = std::move(mode);
        fixture.connection.force(Connection::State::Live, api::Who{"dana", role, 0, false}, info, fixture.clock.now());
    };
    // Ordered: for an hour, unless another time is chosen.
    QAction *order = action(QStringLiteral("Read-only mode…"));
    QVERIFY(order && order->isEnabled());
    QVERIFY(!action(QStringLiteral("End now")));
    order->trigger();
    auto *sheet = fixture.window.findChild<ReadOnlySheet *>();
    QVERIFY(sheet);
    const auto ahead = [&] { return std::chrono::round<std::chrono::minutes>(sheet->until() - fixture.clock.now()).count(); };
    QCOMPARE(ahead(), 60);
    auto *span = sheet->findChild<QComboBox *>();
    auto *minutes = sheet->findChild<QSpinBox *>();
    span->setCurrentIndex(2);
    QCOMPARE(ahead(), 240);
    QVERIFY(!minutes->isEnabled());
    span->setCurrentIndex(3);
    QVERIFY(minutes->isEnabled());
    minutes->setValue(24 * 60 + 1);
    QCOMPARE(ahead(), 24 * 60);
    minutes->setValue(7);
    QCOMPARE(ahead(), 7);
    QLineEdit *message = nullptr;
    for (QLineEdit *line : sheet->findChildren<QLineEdit *>()) {
        if (!line->placeholderText().isEmpty())
            message = line;
    }
    QVERIFY(message);
    message->setText(QStringLiteral("Back at noon."));
    const auto labels = sheet->findChildren<QLabel *>();
    QVERIFY(std::any_of(labels.begin(), labels.end(), [](const QLabel *label) { return label->text().contains(QStringLiteral("and: Back at noon.")); }));
    QPushButton *make = nullptr;
    for (QPushButton *button : sheet->findChildren<QPushButton *>()) {
        if (button->text() == QStringLiteral("Ma&ke read-only"))
            make = button;
    }
    QVERIFY(make && !make->isEnabled());
    sheet->findChild<QPlainTextEdit *>()->setPlainText(QStringLiteral("new disks"));
    QVERIFY(make->isEnabled());
    make->click();
    QTRY_VERIFY(!fixture.client.sent().isEmpty());
    QCOMPARE(fixture.client.sent().last().endpoint, QByteArray("set-read-only"));
    const auto sent = api::fromJsonText<api::SetReadOnly>(fixture.client.sent().last().body.toStdString());
    QVERIFY(sent);
    QCOMPARE(sent->reason, std::string("new disks"));
    QCOMPARE(sent->message, std::string("Back at noon."));
    // Shown to everybody, ended by operators.
    const api::ReadOnlyMode mode{fixture.clock.now() + std::chrono::hours(1), fixture.clock.now(), "ada", "new disks", ""};
    stands(api::Role::User, mode);
    QVERIFY(banner->isVisible());
    QVERIFY(banner->accessibleName().contains(QStringLiteral(" by ada: new disks")));
    QVERIFY(!banner->findChild<QPushButton *>()->isVisible());
    QVERIFY(!action(QStringLiteral("End now")) && !action(QStringLiteral("Change the read-only mode…")));
    stands(api::Role::Operator, mode);
    QVERIFY(action(QStringLiteral("Change the read-only mode…")));
    auto *end = banner->findChild<QPushButton *>();
    QVERIFY(end->isVisible() && end->isEnabled());
    end->click();
    auto *ending = fixture.window.findChildren<ActionSheet *>().last();
    Q_EMIT ending->confirmed();
    QTRY_COMPARE(fixture.client.sent().last().endpoint, QByteArray("end-read-only"));
    stands(api::Role::Operator, std::nullopt);
    QVERIFY(!banner->isVisible());
}

void ShellTest::everyControlHasAName()
{
    Fixture fixture;
    fixture.window.openPalette();
    QStringList found;
    nameless(QAccessible::queryAccessibleInterface(&fixture.window), found);
    QCOMPARE(found, QStringList());
}

void ShellTest::everyActionOfTheMenusHasItsOwnKeys()
{
    Fixture fixture;
    QSet<QKeySequence> keys;
    for (const QAction *action : fixture.window.allActions()) {
        if (action->shortcut().isEmpty())
            continue;
        QVERIFY2(!keys.contains(action->shortcut()), qPrintable(action->text()));
        keys.insert(action->shortcut());
    }
    QVERIFY(keys.size() >= 10);
}

QTEST_MAIN(ShellTest)
#include "shell_test.moc"
