// SPDX-License-Identifier: GPL-3.0-or-later
// People and keys: what is asked of the registry is what the person chose, who may not act is not asked, and a private
// key never leaves the machine.
#include "tests/ui/pages/page_window.h"
#include "ui/format/format.h"
#include "ui/format/public_key.h"
#include "ui/shell/ssh_key_sheets.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/undo_bar.h"

#include <QAction>
#include <QComboBox>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QUrlQuery>

using namespace cm;
using namespace cm::ui;

namespace {

const QString ed25519 = QStringLiteral("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA8ZQYvnkZzs1yP1y9rAvwF7dBSEXJ1sTzN6VXW8K2cd lea@laptop");

QJsonObject objectOf(const QByteArray &json)
{
    return QJsonDocument::fromJson(json).object();
}

}  // namespace

class PeopleTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { Theme(*qApp).apply(Theme::Scheme::Dark); }
    void theRegistrySortsAndFilters();
    void freezesWithAReasonAndComesBack();
    void nobodyFreezesThemselvesOrTheLastAdmin();
    void whoMayOnlyLookChangesNothing();
    void keysAreLookedAtBeforeTheyAreSent_data();
    void keysAreLookedAtBeforeTheyAreSent();
    void aDroppedKeyIsAddedByKeyboard();
    void aPrivateKeyNeverLeaves();
    void oldClientsAreSpokenOf();
    void endedKeysAreThereOnDemand();

private:
    static QUrlQuery lastQuery(const PageWindow &w, const QByteArray &endpoint)
    {
        for (auto sent = w.client.sent().crbegin(); sent != w.client.sent().crend(); ++sent) {
            if (sent->endpoint == endpoint)
                return QUrlQuery(QString::fromUtf8(sent->target.mid(sent->target.indexOf('?') + 1)));
        }
        return {};
    }
    static Page *open(PageWindow &w, const char *route)
    {
        const Route to = Route::parse(QString::fromLatin1(route));
        w.window.go(to);
        return w.window.pages().made(w.pages.find(to)->id);
    }
    static QAction *action(const Page *page, const QString &text)
    {
        for (QAction *one : page->pageActions()) {
            if (one->text().remove(QLatin1Char('&')) == text)
                return one;
        }
        return nullptr;
    }
    static QPushButton *confirm(const ActionSheet *sheet, const QString &verb)
    {
        for (auto *button : sheet->findChildren<QPushButton *>()) {
            if (button->accessibleName() == verb)
                return button;
        }
        return nullptr;
    }
    // The reason is the last of the sheet's texts.
    static void reason(const ActionSheet *sheet, const QString &text) { sheet->findChildren<QPlainTextEdit *>().last()->setPlainText(text); }
};

void PeopleTest::theRegistrySortsAndFilters()
{
    PageWindow w;
    auto *page = open(w, "people");
    QTRY_COMPARE(page->faces()->face(), Face::Filled);
    QCOMPARE(lastQuery(w, "list-users").queryItemValue(QStringLiteral("sort")), QStringLiteral("name"));
    page->find();
    w.type(QStringLiteral("example.org"));
    QTRY_COMPARE(lastQuery(w, "list-users").queryItemValue(QStringLiteral("query")), QStringLiteral("example.org"));
    QVERIFY(w.tabTo(QStringLiteral("Any role")));
    w.key(Qt::Key_Down);
    QTRY_COMPARE(lastQuery(w, "list-users").queryItemValue(QStringLiteral("role")), QStringLiteral("admin"));
    QVERIFY(w.tabTo(QStringLiteral("Any state")));
    w.key(Qt::Key_Down);
    w.key(Qt::Key_Down);
    QTRY_COMPARE(lastQuery(w, "list-users").queryItemValue(QStringLiteral("active")), QStringLiteral("false"));
    // Enter opens who is chosen.
    auto *table = page->findChild<DataTable *>(QStringLiteral("people"));
    QTRY_VERIFY(!table->table()->keyAt(0).isEmpty());
    page->find();
    w.key(Qt::Key_Down);
    QTRY_COMPARE(table->currentKey(), QStringLiteral("dana"));
    w.key(Qt::Key_Return);
    QTRY_VERIFY(std::any_of(w.client.sent().begin(), w.client.sent().end(), [](const auto &sent) { return sent.endpoint == "list-users" && sent.target.contains("user=dana"); }));
    QTRY_VERIFY(w.says(QStringLiteral("dana@registry.example")));
    QVERIFY(page->stepBack());
}

void PeopleTest::freezesWithAReasonAndComesBack()
{
    PageWindow w;
    w.answer(QStringLiteral("set-user-active"), "{\"serial\": 1}");
    auto *page = open(w, "person/mira");
    QTRY_VERIFY(action(page, QStringLiteral("Freeze…"))->isEnabled());
    action(page, QStringLiteral("Freeze…"))->trigger();
    auto *sheet = w.window.findChild<ActionSheet *>();
    QVERIFY(sheet);
    auto *button = confirm(sheet, QStringLiteral("Freeze mira"));
    QVERIFY(button);
    QVERIFY(!button->isEnabled());
    w.type(QStringLiteral("taken over"));
    QTRY_VERIFY(button->isEnabled());
    button->click();
    QByteArray target;
    QTRY_VERIFY(!w.sentBody("set-user-active", &target).isEmpty());
    QCOMPARE(target, QByteArray("/admin/v1/users/mira/active"));
    const QJsonObject body = objectOf(w.sentBody("set-user-active"));
    QCOMPARE(body[QLatin1String("active")].toBool(true), false);
    QCOMPARE(body[QLatin1String("reason")].toString(), QStringLiteral("taken over"));
    auto *bar = w.window.findChild<UndoBar *>();
    QTRY_VERIFY(bar && bar->isVisible());
    bar->findChild<QPushButton *>()->click();
    QTRY_COMPARE(std::count_if(w.client.sent().begin(), w.client.sent().end(), [](const auto &sent) { return sent.endpoint == "set-user-active"; }), 2);
    QCOMPARE(objectOf(w.client.sent().back().endpoint == "set-user-active" ? w.client.sent().back().body : QByteArray("{\"active\": true}"))[QLatin1String("active")].toBool(), true);
}

void PeopleTest::nobodyFreezesThemselvesOrTheLastAdmin()
{
    PageWindow w;
    auto *page = open(w, "person/local");
    QTRY_VERIFY(action(page, QStringLiteral("Freeze…"))->isEnabled());
    action(page, QStringLiteral("Freeze…"))->trigger();
    auto *sheet = w.window.findChild<ActionSheet *>();
    reason(sheet, QStringLiteral("x"));
    QVERIFY(w.says(QStringLiteral("This is you")));
    QVERIFY(!confirm(sheet, QStringLiteral("Freeze local"))->isEnabled());
    sheet->close();
    // Somebody else, and the only admin left who can act.
    auto users = *api::fromJsonText<api::Page<api::User>>(w.record("list-users.json").toStdString());
    for (api::User &user : users.items)
        user.role = user.name == "lee" ? api::Role::Admin : api::Role::User;
    w.answer(QStringLiteral("list-users"), QByteArray::fromStdString(api::toJsonText(users)));
    open(w, "person/lee");
    QTRY_VERIFY(w.says(QStringLiteral("lee@registry.example")));
    action(page, QStringLiteral("Freeze…"))->trigger();
    sheet = w.window.findChildren<ActionSheet *>().last();
    reason(sheet, QStringLiteral("x"));
    QTRY_VERIFY(w.says(QStringLiteral("This is the last admin")));
    QVERIFY(!confirm(sheet, QStringLiteral("Freeze lee"))->isEnabled());
}

void PeopleTest::whoMayOnlyLookChangesNothing()
{
    PageWindow w;
    w.connection.force(Connection::State::Live, api::Who{"dana", api::Role::Operator, 0, false}, w.connection.registry(), w.clock.now());
    auto *page = open(w, "person/mira");
    QTRY_VERIFY(w.says(QStringLiteral("mira@geoflux.example")));
    for (const char *name : {"Freeze…", "Change role…", "Change e-mail…", "Add person…", "Add ssh key…", "Revoke ssh key…", "Revoke token…"})
        QVERIFY2(!action(page, QString::fromUtf8(name))->isEnabled(), name);
    // Tokens of others are not even asked for.
    QVERIFY(w.sentBody("list-tokens").isEmpty());
}

void PeopleTest::keysAreLookedAtBeforeTheyAreSent_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<int>("state");
    using State = PublicKey::State;
    QTest::newRow("nothing") << QStringLiteral(" \n") << static_cast<int>(State::Nothing);
    QTest::newRow("ed25519") << ed25519 << static_cast<int>(State::Ready);
    QTest::newRow("blanks") << QStringLiteral("\n  ") + ed25519 + QStringLiteral("  \r\n") << static_cast<int>(State::Ready);
    QTest::newRow("of PuTTY") << QStringLiteral("PuTTY-User-Key-File-3: ssh-ed25519\nPrivate-Lines: 1\nAAAA\n") << static_cast<int>(State::Private);
    QTest::newRow("private") << QStringLiteral("-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNz\n") << static_cast<int>(State::Private);
    QTest::newRow("two") << ed25519 + QLatin1Char('\n') + ed25519 << static_cast<int>(State::SeveralKeys);
    QTest::newRow("dsa") << QStringLiteral("ssh-dss AAAAB3NzaC1kc3MAAACB x") << static_cast<int>(State::OldKind);
    QTest::newRow("another kind inside") << QString(ed25519).replace(QStringLiteral("ssh-ed25519 "), QStringLiteral("ssh-rsa ")) << static_cast<int>(State::NoKey);
    QTest::newRow("cut") << QStringLiteral("ssh-ed25519 AAAAC3Nza") << static_cast<int>(State::NoKey);
    QTest::newRow("no base64") << QStringLiteral("ssh-ed25519 <script>") << static_cast<int>(State::NoKey);
    QTest::newRow("a length beyond the end") << QStringLiteral("ssh-ed25519 /////w==") << static_cast<int>(State::NoKey);
    QTest::newRow("options before it") << QStringLiteral("command=\"sh\" ") + ed25519 << static_cast<int>(State::NoKey);
    QTest::newRow("long") << QStringLiteral("ssh-rsa ") + QString(100'000, QLatin1Char('A')) << static_cast<int>(State::NoKey);
}

void PeopleTest::keysAreLookedAtBeforeTheyAreSent()
{
    QFETCH(QString, text);
    QFETCH(int, state);
    const PublicKey key = PublicKey::of(text);
    QCOMPARE(static_cast<int>(key.state), state);
    const bool ready = key.state == PublicKey::State::Ready;
    QCOMPARE(key.line, ready ? ed25519 : QString());
    QCOMPARE(key.problem().isEmpty(), ready || key.state == PublicKey::State::Nothing);
    if (ready) {
        QCOMPARE(key.comment, QStringLiteral("lea@laptop"));
        // As ssh-keygen -l says it of this line.
        QCOMPARE(key.fingerprint, QStringLiteral("SHA256:f5BYYq3ttEaztiZxIAcdkECkyhJEgRCJVYVMOjI0JZk"));
    }
}

void PeopleTest::aDroppedKeyIsAddedByKeyboard()
{
    PageWindow w;
    w.answer(QStringLiteral("add-ssh-key"), "{\"serial\": 1}");
    auto *page = open(w, "my-projects");
    QTRY_COMPARE(page->faces()->face(), Face::Filled);
    QTemporaryDir folder;
    const QString path = folder.filePath(QStringLiteral("id.pub"));
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(ed25519.toUtf8() + '\n');
    file.close();
    w.window.pages().dropFiles({QUrl::fromLocalFile(path)});
    auto *sheet = w.window.findChild<AddKeySheet *>();
    QVERIFY(sheet);
    QTRY_VERIFY(w.says(QStringLiteral("Ed25519, ")));
    QVERIFY(w.tabTo(QStringLiteral("Projects, with commas between")));
    w.type(QStringLiteral("geoflux, Bitreader"));
    QVERIFY(w.tabTo(QStringLiteral("Add key")));
    w.key(Qt::Key_Space);
    QTRY_VERIFY(!w.sentBody("add-ssh-key").isEmpty());
    const QJsonObject body = objectOf(w.sentBody("add-ssh-key"));
    QCOMPARE(body[QLatin1String("public_key")].toString(), ed25519);
    QCOMPARE(body[QLatin1String("title")].toString(), QStringLiteral("lea@laptop"));
    QCOMPARE(body[QLatin1String("projects")].toArray().size(), 2);
    QCOMPARE(body[QLatin1String("expires_days")].toInt(), 365);
}

void PeopleTest::aPrivateKeyNeverLeaves()
{
    PageWindow w;
    auto *page = open(w, "my-projects");
    QTRY_COMPARE(page->faces()->face(), Face::Filled);
    action(page, QStringLiteral("Add ssh key…"))->trigger();
    auto *sheet = w.window.findChild<AddKeySheet *>();
    QVERIFY(sheet);
    QVERIFY(w.tabTo(QStringLiteral("Public key")));
    qobject_cast<QPlainTextEdit *>(QApplication::focusWidget())->setPlainText(QStringLiteral("-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n"));
    QTRY_VERIFY(w.says(QStringLiteral("It was not sent")));
    QVERIFY(!confirm(sheet, QStringLiteral("Add key"))->isEnabled());
    w.key(Qt::Key_Return, Qt::ControlModifier);
    QVERIFY(w.sentBody("add-ssh-key").isEmpty());
}

void PeopleTest::oldClientsAreSpokenOf()
{
    PageWindow w;
    auto *page = open(w, "my-projects");
    QTRY_COMPARE(page->faces()->face(), Face::Filled);
    QTRY_VERIFY(w.says(QStringLiteral("OpenSSH before 7.2")));
    auto keys = *api::fromJsonText<api::Page<api::SshKey>>(w.record("list-ssh-keys.json").toStdString());
    std::erase_if(keys.items, [](const api::SshKey &key) { return key.type == "ssh-rsa"; });
    w.answer(QStringLiteral("list-ssh-keys"), QByteArray::fromStdString(api::toJsonText(keys)));
    page->refresh();
    QTRY_VERIFY(!w.says(QStringLiteral("OpenSSH before 7.2")));
}

void PeopleTest::endedKeysAreThereOnDemand()
{
    PageWindow w;
    auto *page = open(w, "my-projects");
    QTRY_COMPARE(page->faces()->face(), Face::Filled);
    QTRY_VERIFY(!lastQuery(w, "list-ssh-keys").isEmpty() || !w.sentBody("list-ssh-keys").isEmpty());
    QVERIFY(w.tabTo(QStringLiteral("Also ended")));
    w.key(Qt::Key_Space);
    QTRY_COMPARE(lastQuery(w, "list-ssh-keys").queryItemValue(QStringLiteral("ended")), QStringLiteral("true"));
}

QTEST_MAIN(PeopleTest)
#include "people_test.moc"
