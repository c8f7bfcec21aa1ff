// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/action_sheet.h"
#include "ui/widgets/elided_label.h"
#include "ui/widgets/faces.h"
#include "ui/widgets/search_field.h"
#include "ui/widgets/undo_bar.h"

#include <QAction>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QTest>

using namespace cm;
using namespace cm::ui;

namespace {

QPushButton *buttonNamed(QWidget &where, const QString &text)
{
    for (auto *button : where.findChildren<QPushButton *>()) {
        if (QString(button->text()).remove(QLatin1Char('&')) == text)
            return button;
    }
    return nullptr;
}

bool shows(QWidget &where, const QString &text)
{
    for (const auto *label : where.findChildren<QLabel *>()) {
        if (label->isVisible() && label->text().contains(text))
            return true;
    }
    return false;
}

}  // namespace

class WidgetsTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void theFiveFaces();
    void aFilledFaceStaysWhileItIsReadAgain();
    void undoWithinItsTimeOnly();
    void sheetWaitsForReasonNameAndGuards();
    void sheetKeepsWhatWasTypedOnFailure();
    void searchTellsOnceAndEscapeClears();
    void elidedTextIsWholeForAssistiveTechnology();
};

void WidgetsTest::theFiveFaces()
{
    FacesStack faces;
    auto *content = new QLabel(QStringLiteral("figures"));
    faces.setContent(content);
    faces.resize(600, 400);
    faces.show();
    QSignalSpy changed(&faces, &FacesStack::faceChanged);
    faces.showLoading();
    QCOMPARE(faces.face(), Face::Loading);

    QAction step(QStringLiteral("Upload files…"));
    QSignalSpy stepped(&step, &QAction::triggered);
    faces.showEmpty(QStringLiteral("No projects yet"), QStringLiteral("They appear here."), &step);
    QCOMPARE(faces.face(), Face::Empty);
    QVERIFY(shows(faces, QStringLiteral("No projects yet")));
    QTest::mouseClick(buttonNamed(faces, QStringLiteral("Upload files…")), Qt::LeftButton);
    QCOMPARE(stepped.size(), 1);

    int retried = 0;
    faces.showError({ErrorCode::Unavailable, "connection refused", {}, {}}, [&retried] { ++retried; });
    QCOMPARE(faces.face(), Face::Error);
    QVERIFY(shows(faces, QStringLiteral("cannot be reached")));
    QVERIFY(shows(faces, QStringLiteral("connection refused")));
    QTest::mouseClick(buttonNamed(faces, QStringLiteral("Try again")), Qt::LeftButton);
    QCOMPARE(retried, 1);

    faces.showContent();
    QCOMPARE(faces.face(), Face::Filled);
    QVERIFY(content->isVisible());
    faces.setStale(true);
    QCOMPARE(faces.face(), Face::Stale);
    QVERIFY(content->isVisible());
    faces.setStale(false);
    QCOMPARE(faces.face(), Face::Filled);
    QCOMPARE(changed.size(), 5);
}

void WidgetsTest::aFilledFaceStaysWhileItIsReadAgain()
{
    FacesStack faces;
    auto *content = new QLabel(QStringLiteral("figures"));
    faces.setContent(content);
    faces.show();
    faces.showContent();
    faces.showLoading();
    QTest::qWait(200);
    QCOMPARE(faces.face(), Face::Filled);
    QVERIFY(content->isVisible());
}

void WidgetsTest::undoWithinItsTimeOnly()
{
    QWidget window;
    // What the person works in; a window's only button would take the focus by itself.
    QLineEdit work(&window);
    UndoBar bar(&window);
    window.resize(600, 200);
    window.show();
    int undone = 0;
    bar.offer(QStringLiteral("requests is in quarantine"), [&undone] { ++undone; });
    QVERIFY(bar.isVisible());
    // Not with the pointer: while it rests on the bar, the bar waits.
    buttonNamed(bar, QStringLiteral("Undo"))->click();
    QCOMPARE(undone, 1);
    QVERIFY(!bar.isVisible());

    work.setFocus();
    bar.move(300, 100);
    bar.setDuration(50);
    bar.offer(QStringLiteral("again"), [&undone] { ++undone; });
    QTRY_VERIFY(!bar.isVisible());
    QCOMPARE(undone, 1);
    bar.offer(QStringLiteral("sent"), {});
    QVERIFY(!buttonNamed(bar, QStringLiteral("Undo"))->isVisible());
}

void WidgetsTest::sheetWaitsForReasonNameAndGuards()
{
    auto *sheet = new ActionSheet(QStringLiteral("Delete requests"), QStringLiteral("Delete requests"));
    sheet->askReason(true);
    sheet->askTyped(QStringLiteral("requests"));
    sheet->setPlan({QStringLiteral("It disappears from the index at once")});
    sheet->setGuards({{Mark::Unknown, QStringLiteral("Copies on both file servers")}});
    sheet->show();
    QPushButton *confirm = buttonNamed(*sheet, QStringLiteral("Delete requests"));
    QSignalSpy confirmed(sheet, &ActionSheet::confirmed);
    auto *reason = sheet->findChild<QPlainTextEdit *>();
    auto *typed = sheet->findChild<QLineEdit *>();
    QVERIFY(!confirm->isEnabled());
    reason->setPlainText(QStringLiteral("  "));
    typed->setText(QStringLiteral("requests"));
    sheet->setGuards({{Mark::Ok, QStringLiteral("Copies on both file servers")}});
    QVERIFY(!confirm->isEnabled());
    reason->setPlainText(QStringLiteral("malware"));
    QVERIFY(confirm->isEnabled());
    typed->setText(QStringLiteral("request"));
    QVERIFY(!confirm->isEnabled());
    typed->setText(QStringLiteral("requests"));
    QTest::mouseClick(confirm, Qt::LeftButton);
    QCOMPARE(confirmed.size(), 1);
    QCOMPARE(sheet->reason(), QStringLiteral("malware"));
    QSignalSpy closed(sheet, &ActionSheet::closed);
    QTest::keyClick(reason, Qt::Key_Escape);
    QCOMPARE(closed.size(), 1);
}

void WidgetsTest::sheetKeepsWhatWasTypedOnFailure()
{
    ActionSheet sheet(QStringLiteral("Yank 2.0"), QStringLiteral("Yank 2.0"));
    sheet.askReason(true);
    sheet.show();
    sheet.findChild<QPlainTextEdit *>()->setPlainText(QStringLiteral("broken"));
    QPushButton *confirm = buttonNamed(sheet, QStringLiteral("Yank 2.0"));
    sheet.setBusy(true);
    QVERIFY(!confirm->isEnabled());
    sheet.showError({ErrorCode::Conflict, "changed meanwhile", {}, {}});
    QVERIFY(confirm->isEnabled());
    QCOMPARE(sheet.reason(), QStringLiteral("broken"));
    QVERIFY(shows(sheet, QStringLiteral("changed meanwhile")));
}

void WidgetsTest::searchTellsOnceAndEscapeClears()
{
    SearchField field(QStringLiteral("Filter by name"));
    field.show();
    QSignalSpy searched(&field, &SearchField::searched);
    QTest::keyClicks(&field, QStringLiteral("flask"));
    QTRY_COMPARE(searched.size(), 1);
    QCOMPARE(searched.first().first().toString(), QStringLiteral("flask"));
    QTest::keyClick(&field, Qt::Key_Return);
    QCOMPARE(searched.size(), 1);
    QTest::keyClick(&field, Qt::Key_Escape);
    QCOMPARE(searched.size(), 2);
    QCOMPARE(searched.last().first().toString(), QString());
    QCOMPARE(field.accessibleName(), QStringLiteral("Filter by name"));
}

void WidgetsTest::elidedTextIsWholeForAssistiveTechnology()
{
    const QString digest(64, QLatin1Char('a'));
    ElidedLabel label(digest, ElidedLabel::Kind::Identifier);
    label.resize(120, 20);
    label.show();
    [[maybe_unused]] const QPixmap drawn = label.grab();
    QCOMPARE(label.accessibleName(), digest);
    QCOMPARE(label.toolTip(), digest);
    QVERIFY(label.minimumSizeHint().width() < label.sizeHint().width());
}

QTEST_MAIN(WidgetsTest)
#include "widgets_test.moc"
