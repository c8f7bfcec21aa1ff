// SPDX-License-Identifier: GPL-3.0-or-later
// The people behind a deprecation: found, exported, written to; what they said, and what still speaks of it.
#include "tests/ui/pages/deprecation_window.h"
#include "ui/format/mail_file.h"
#include "ui/pages/deprecations/messages_tab.h"
#include "ui/pages/deprecations/people_card.h"

using namespace cm;
using namespace cm::ui;

class DeprecationPeopleTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { Theme(*qApp).apply(Theme::Scheme::Dark); }
    void peopleAreFilteredAndExported();
    void messagesAreChangedAndSent();
    void messagesAreSavedAsFiles();
    void aSubjectStaysOneLine();
    void answersAreKept();
    void mentionsAreSearchedOnDemand();
};

void DeprecationPeopleTest::peopleAreFilteredAndExported()
{
    PageWindow w;
    auto *page = openRecord(w);
    auto *people = table(page, QStringLiteral("People who still use it"));
    QTRY_COMPARE(people->model()->rowCount(), 4);
    page->find();
    w.type(QStringLiteral("pyserial"));
    QTRY_COMPARE(people->model()->rowCount(), 1);
    QCOMPARE(people->table()->keyAt(0), QStringLiteral("tomas"));
    page->find();
    w.key(Qt::Key_Delete);
    QTRY_COMPARE(people->model()->rowCount(), 4);
    QVERIFY(w.tabTo(QStringLiteral("Everybody in 90 days")));
    w.key(Qt::Key_Down);
    QTRY_COMPARE(people->model()->rowCount(), 2);
    const auto evidence = recordOf<api::DeprecationEvidence>(w, "deprecation-evidence.json");
    auto hostile = evidence.people;
    hostile.front().projects = {"=cmd()", "b\"c"};
    const QList<QByteArray> lines = peopleAsCsv(hostile).split('\n');
    QCOMPARE(lines.size(), 6);
    QVERIFY(lines[0].startsWith("user,email,"));
    QVERIFY(lines[1].contains("\"'=cmd() b\"\"c\""));
}

void DeprecationPeopleTest::messagesAreChangedAndSent()
{
    PageWindow w;
    auto answer = recordOf<api::DeprecationMessages>(w, "draft-deprecation-messages.json");
    for (api::DeprecationMessage &one : answer.items) {
        one.outcome = one.user == "release-bot" ? "failed" : "sent";
        one.problem = one.user == "release-bot" ? "550 no such mailbox" : "";
    }
    put(w, "write-deprecation-messages", answer);
    auto *page = openRecord(w);
    QTRY_VERIFY(action(page, QStringLiteral("Write to them…"))->isEnabled());
    action(page, QStringLiteral("Write to them…"))->trigger();
    auto *messages = table(page, QStringLiteral("Messages"));
    QTRY_COMPARE(messages->model()->rowCount(), 3);
    auto *text = page->findChild<MessagesTab *>()->findChild<QPlainTextEdit *>();
    QTRY_VERIFY(text->toPlainText().startsWith(QStringLiteral("Hello mira")));
    text->setPlainText(QStringLiteral("Dear Mira, only a token is needed."));
    QTRY_VERIFY(action(page, QStringLiteral("Send by mail…"))->isEnabled());
    action(page, QStringLiteral("Send by mail…"))->trigger();
    auto *sheet = w.window.findChild<ActionSheet *>();
    reason(sheet, QStringLiteral("two months before"));
    QPushButton *button = nullptr;
    QTRY_VERIFY((button = confirm(sheet, QStringLiteral("Send %n message(s)").replace(QStringLiteral("%n"), QStringLiteral("3")))) != nullptr);
    button->click();
    QTRY_COMPARE(times(w, "write-deprecation-messages"), 1);
    const QJsonObject body = objectOf(lastBody(w, "write-deprecation-messages"));
    QCOMPARE(body[QLatin1String("messages")].toArray().size(), 3);
    QCOMPARE(body[QLatin1String("messages")].toArray().at(0)[QLatin1String("text")].toString(), QStringLiteral("Dear Mira, only a token is needed."));
    QCOMPARE(body[QLatin1String("delivery")].toString(), QStringLiteral("send"));
    QTRY_COMPARE(messages->model()->index(messages->table()->rowOf(QStringLiteral("release-bot")), 2).data().toString(), QStringLiteral("failed"));
    QCOMPARE(messages->model()->index(messages->table()->rowOf(QStringLiteral("mira")), 2).data().toString(), QStringLiteral("sent"));
}

void DeprecationPeopleTest::messagesAreSavedAsFiles()
{
    PageWindow w;
    auto drafts = recordOf<api::DeprecationMessages>(w, "draft-deprecation-messages.json");
    drafts.canSend = false;
    put(w, "draft-deprecation-messages", drafts);
    w.answer(QStringLiteral("write-deprecation-messages"), "{\"items\": [], \"can_send\": false}");
    auto *page = openRecord(w);
    QTRY_VERIFY(w.says(QStringLiteral("Next step")));
    showTab(page, 1);
    QTRY_VERIFY(action(page, QStringLiteral("Save as files…"))->isEnabled());
    QVERIFY(!action(page, QStringLiteral("Send by mail…"))->isEnabled());
    QVERIFY(w.says(QStringLiteral("no SMTP server")));
    QTemporaryDir folder;
    page->findChild<MessagesTab *>()->saveInto(folder.path(), "by hand");
    QTRY_COMPARE(times(w, "write-deprecation-messages"), 1);
    QCOMPARE(objectOf(lastBody(w, "write-deprecation-messages"))[QLatin1String("delivery")].toString(), QStringLiteral("saved"));
    QCOMPARE(QDir(folder.path()).entryList(QDir::Files), (QStringList{QStringLiteral("mira.eml"), QStringLiteral("release-bot.eml"), QStringLiteral("tomas.eml")}));
    // What could not be written is not said to have been saved.
    page->findChild<MessagesTab *>()->saveInto(folder.filePath(QStringLiteral("missing")), "by hand");
    QTRY_VERIFY(w.says(QStringLiteral("could not be written")));
    QCOMPARE(times(w, "write-deprecation-messages"), 1);
}

void DeprecationPeopleTest::aSubjectStaysOneLine()
{
    api::DeprecationMessage message;
    message.user = "../Ev\u00efl\n";
    message.email = "a@b\r\nBcc: c@d";
    message.subject = "Ende von \u201essh\u201c\r\nX-Evil: 1 " + std::string(200, 'x');
    message.text = "one\ntwo";
    const QByteArray file = mailFile(message, *parseRfc3339("2026-11-22T09:44:19Z"));
    const QByteArray head = file.left(file.indexOf("\r\n\r\n"));
    QVERIFY(head.contains("Date: Sun, 22 Nov 2026 09:44:19 +0000\r\n"));
    for (const QByteArray &line : head.split('\n')) {
        QVERIFY2(!line.startsWith("Bcc") && !line.startsWith("X-Evil"), line.constData());
        QVERIFY(line.size() <= 998);
    }
    const QByteArray body = QByteArray::fromBase64(file.mid(file.indexOf("\r\n\r\n") + 4));
    QCOMPARE(body, QByteArray("one\r\ntwo"));
    QCOMPARE(mailFileName(message), QStringLiteral("Evl.eml"));
    message.user = "\u00e9";
    QCOMPARE(mailFileName(message), QStringLiteral("message.eml"));
}

void DeprecationPeopleTest::answersAreKept()
{
    PageWindow w;
    w.answer(QStringLiteral("answer-deprecation"), "{\"serial\": 1}");
    auto *page = openRecord(w);
    QTRY_VERIFY(action(page, QStringLiteral("Add an answer…"))->isEnabled());
    showTab(page, 2);
    QCOMPARE(table(page, QStringLiteral("Answers and objections"))->model()->rowCount(), 3);
    action(page, QStringLiteral("Add an answer…"))->trigger();
    auto *sheet = w.window.findChild<ActionSheet *>();
    auto *button = confirm(sheet, QStringLiteral("Keep it beside the record"));
    QVERIFY(!button->isEnabled());
    for (auto *line : sheet->findChildren<QLineEdit *>()) {
        if (line->accessibleName() == QStringLiteral("Who"))
            line->setText(QStringLiteral("Erin"));
    }
    for (auto *edit : sheet->findChildren<QPlainTextEdit *>())
        edit->setPlainText(QStringLiteral("Fine with me."));
    QTRY_VERIFY(button->isEnabled());
    button->click();
    QTRY_COMPARE(times(w, "answer-deprecation"), 1);
    QCOMPARE(objectOf(lastBody(w, "answer-deprecation"))[QLatin1String("who")].toString(), QStringLiteral("Erin"));
}

void DeprecationPeopleTest::mentionsAreSearchedOnDemand()
{
    PageWindow w;
    auto *page = openRecord(w);
    QTRY_VERIFY(action(page, QStringLiteral("Search the texts now"))->isEnabled());
    showTab(page, 3);
    QCOMPARE(times(w, "deprecation-mentions"), 0);
    QVERIFY(w.says(QStringLiteral("Not searched in this window yet")));
    action(page, QStringLiteral("Search the texts now"))->trigger();
    QTRY_VERIFY(w.says(QStringLiteral("2 mentions in 48 texts")));
    showTab(page, 4);
    QTRY_COMPARE(times(w, "deprecation-report"), 1);
}

QTEST_MAIN(DeprecationPeopleTest)
#include "deprecation_people_test.moc"
