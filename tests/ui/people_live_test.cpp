// SPDX-License-Identifier: GPL-3.0-or-later
// People, keys and deprecations of the real window over the real core: what is pressed happens there, and comes back
// to the screen by itself.
#include "tests/ui/desktop_window.h"
#include "ui/widgets/action_sheet.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/stage_track.h"
#include "ui/widgets/undo_bar.h"

#include <QAction>
#include <QComboBox>
#include <QFileInfo>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QProcess>
#include <QPushButton>
#include <QSettings>
#include <QTemporaryDir>
#include <QTest>

#include <algorithm>

using namespace cm;
using namespace cm::ui;

namespace {

constexpr int patience = 20'000;

}  // namespace

class PeopleLiveTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void cleanupTestCase() { m_desktop.reset(); }
    void aKeyIsAddedAndRevoked();
    void aPersonIsFrozenAndComesBack();
    void somethingIsProposedAndMeasured();

private:
    Page *open(const QString &route)
    {
        m_window->go(Route::parse(route));
        return m_window->pages().current();
    }
    static QAction *action(const Page *page, const QString &text)
    {
        for (QAction *one : page->pageActions()) {
            if (one->text().remove(QLatin1Char('&')) == text)
                return one;
        }
        return nullptr;
    }
    // The sheet that is open; none is there until an answer came.
    [[nodiscard]] ActionSheet *sheet() const
    {
        for (auto *one : m_window->findChildren<ActionSheet *>()) {
            if (one->isVisible())
                return one;
        }
        return nullptr;
    }
    static void fill(const ActionSheet *sheet, const QString &field, const QString &text)
    {
        for (auto *edit : sheet->findChildren<QPlainTextEdit *>()) {
            if (edit->accessibleName().startsWith(field))
                edit->setPlainText(text);
        }
        for (auto *line : sheet->findChildren<QLineEdit *>()) {
            if (line->accessibleName() == field)
                line->setText(text);
        }
    }
    static QComboBox *choice(const ActionSheet *sheet, const QString &field)
    {
        const auto all = sheet->findChildren<QComboBox *>();
        const auto found = std::find_if(all.begin(), all.end(), [&](const QComboBox *one) { return one->accessibleName() == field; });
        return found == all.end() ? nullptr : *found;
    }
    static QPushButton *button(const ActionSheet *sheet, const QString &verb)
    {
        for (auto *one : sheet->findChildren<QPushButton *>()) {
            if (one->accessibleName() == verb)
                return one;
        }
        return nullptr;
    }
    void press(const QString &verb)
    {
        QTRY_VERIFY_WITH_TIMEOUT(sheet() && button(sheet(), verb) && button(sheet(), verb)->isEnabled(), patience);
        button(sheet(), verb)->click();
        QTRY_VERIFY_WITH_TIMEOUT(!sheet(), patience);
    }
    static DataTable *table(const Page *page, const QString &name)
    {
        const auto all = page->findChildren<DataTable *>();
        const auto found = std::find_if(all.begin(), all.end(), [&](const DataTable *one) { return one->accessibleName() == name; });
        return found == all.end() ? nullptr : *found;
    }

    QTemporaryDir m_folder;
    std::unique_ptr<desktop::Desktop> m_desktop;
    QPointer<MainWindow> m_window;
};

void PeopleLiveTest::initTestCase()
{
    const QString core = QCoreApplication::applicationDirPath() + QStringLiteral("/cheesemongerd");
    if (!QFileInfo(core).isExecutable())
        QSKIP("cheesemongerd is not built");
    qputenv("XDG_CONFIG_HOME", m_folder.filePath(QStringLiteral("config")).toLocal8Bit());
    QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, m_folder.filePath(QStringLiteral("config")));
    desktop::Options options;
    options.dataFolder = m_folder.filePath(QStringLiteral("data"));
    options.route = QStringLiteral("projects");
    m_window = openDesktop(m_desktop, options);
    QVERIFY(m_window && m_window->pages().current());
    QTRY_VERIFY_WITH_TIMEOUT(m_window->pages().current()->faces()->face() == Face::Empty, patience);
    QProcess admin;
    admin.start(core, {QStringLiteral("admin"), QStringLiteral("user"), QStringLiteral("add"), QStringLiteral("mira"), QStringLiteral("--role"),
                       QStringLiteral("user"), QStringLiteral("--data"), options.dataFolder});
    QVERIFY(admin.waitForFinished(patience) && admin.exitCode() == 0);
}

void PeopleLiveTest::aKeyIsAddedAndRevoked()
{
    Page *page = open(QStringLiteral("my-projects"));
    DataTable *keys = table(page, QStringLiteral("Keys for ssh"));
    QVERIFY(keys);
    QTRY_VERIFY_WITH_TIMEOUT(action(page, QStringLiteral("Add ssh key…"))->isEnabled(), patience);
    action(page, QStringLiteral("Add ssh key…"))->trigger();
    fill(sheet(), QStringLiteral("Public key"),
         QStringLiteral("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA8ZQYvnkZzs1yP1y9rAvwF7dBSEXJ1sTzN6VXW8K2cd lea@laptop"));
    press(QStringLiteral("Add key"));
    QTRY_COMPARE_WITH_TIMEOUT(keys->model()->rowCount(), 1, patience);
    QCOMPARE(keys->model()->index(0, 0).data().toString(), QStringLiteral("lea@laptop"));
    // The fingerprint is the one that was told before it was sent.
    QCOMPARE(keys->model()->index(0, 2).data().toString(), QStringLiteral("SHA256:f5BYYq3ttEaztiZxIAcdkECkyhJEgRCJVYVMOjI0JZk"));
    keys->selectRow(0);
    QTRY_VERIFY(action(page, QStringLiteral("Revoke ssh key…"))->isEnabled());
    action(page, QStringLiteral("Revoke ssh key…"))->trigger();
    fill(sheet(), QStringLiteral("Reason"), QStringLiteral("sold"));
    press(QStringLiteral("Revoke lea@laptop"));
    QTRY_COMPARE_WITH_TIMEOUT(keys->model()->rowCount(), 0, patience);
}

void PeopleLiveTest::aPersonIsFrozenAndComesBack()
{
    Page *page = open(QStringLiteral("person/mira"));
    QTRY_VERIFY_WITH_TIMEOUT(action(page, QStringLiteral("Freeze…"))->isEnabled(), patience);
    action(page, QStringLiteral("Freeze…"))->trigger();
    fill(sheet(), QStringLiteral("Reason"), QStringLiteral("the account was taken over"));
    press(QStringLiteral("Freeze mira"));
    QTRY_VERIFY_WITH_TIMEOUT(action(page, QStringLiteral("Unfreeze"))->isEnabled(), patience);
    auto *bar = m_window->findChild<UndoBar *>();
    QTRY_VERIFY(bar && bar->isVisible());
    bar->findChild<QPushButton *>()->click();
    QTRY_VERIFY_WITH_TIMEOUT(action(page, QStringLiteral("Freeze…"))->isEnabled(), patience);
}

void PeopleLiveTest::somethingIsProposedAndMeasured()
{
    Page *page = open(QStringLiteral("deprecations"));
    QTRY_COMPARE_WITH_TIMEOUT(page->faces()->face(), Face::Empty, patience);
    action(page, QStringLiteral("Propose a deprecation…"))->trigger();
    fill(sheet(), QStringLiteral("Name"), QStringLiteral("Eggs"));
    choice(sheet(), QStringLiteral("Kind"))->setCurrentText(QStringLiteral("file type"));
    auto *subject = choice(sheet(), QStringLiteral("What retires"));
    QTRY_VERIFY_WITH_TIMEOUT(subject->findText(QStringLiteral("bdist_egg")) >= 0, patience);
    subject->setCurrentText(QStringLiteral("bdist_egg"));
    fill(sheet(), QStringLiteral("Reason"), QStringLiteral("nobody makes them"));
    press(QStringLiteral("Propose it"));
    auto *track = page->findChild<StageTrack *>();
    QTRY_VERIFY_WITH_TIMEOUT(track->accessibleDescription().contains(QStringLiteral("Proposed: now")), patience);
    QTRY_VERIFY_WITH_TIMEOUT(action(page, QStringLiteral("Start measuring…"))->isEnabled(), patience);
    action(page, QStringLiteral("Start measuring…"))->trigger();
    fill(sheet(), QStringLiteral("Reason"), QStringLiteral("to know"));
    press(QStringLiteral("Measure Eggs"));
    QTRY_VERIFY_WITH_TIMEOUT(track->accessibleDescription().contains(QStringLiteral("Measuring: now")), patience);
}

QTEST_MAIN(PeopleLiveTest)
#include "people_live_test.moc"
