// SPDX-License-Identifier: GPL-3.0-or-later
// The real window over a real registry and a real monitor that speak TLS alone, with certificates of a private authority:
// trusted by files of the command line, of a sheet and of the settings; told, with what to do, where they are not.
#include "tests/ui/desktop_window.h"
#include "tests/ui/monitor_process.h"
#include "tests/ui/private_authority.h"
#include "ui/shell/page.h"
#include "ui/widgets/action_sheet.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/state_mark.h"

#include <QAction>
#include <QComboBox>
#include <QFileDialog>
#include <QLabel>
#include <QLineEdit>
#include <QProcess>
#include <QPushButton>
#include <QSettings>

#include <algorithm>

using namespace cm;
using namespace cm::ui;

namespace {

constexpr int patience = MonitorProcess::patience;

// Another authority of the same name is as good as none.
const QString unknown = QStringLiteral("certificate by an unknown authority");

}  // namespace

class TrustLiveTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void cleanupTestCase();
    void filesOfTheCommandLineAreTrusted();
    void withoutThemTheReasonIsTold();
    void sheetsAskForTheFile();
    void theNextStartRemembersIt();
    void aFileThatIsGoneIsNamedAtTheStart();

private:
    void open(const desktop::Options &options);
    [[nodiscard]] desktop::Options given(const QString &authority) const;
    QString admin(const QStringList &words);
    [[nodiscard]] bool isMarked(const QString &text) const;
    [[nodiscard]] bool says(const QString &part) const;
    [[nodiscard]] ActionSheet *sheet() const;
    void fill(const QString &field, const QString &text) const;
    void trigger(const QString &text) const;
    void press(const QString &verb) const;

    QTemporaryDir m_folder;
    PrivateAuthority m_authority;
    PrivateAuthority m_another;
    QProcess m_registry;
    QUrl m_url;
    QByteArray m_token;
    MonitorProcess m_monitor;
    std::unique_ptr<desktop::Desktop> m_desktop;
    QPointer<MainWindow> m_window;
};

QString TrustLiveTest::admin(const QStringList &words)
{
    QProcess process;
    process.start(MonitorProcess::core(), QStringList{QStringLiteral("admin")} + words + QStringList{QStringLiteral("--data"), m_folder.filePath(QStringLiteral("registry"))});
    return process.waitForFinished(patience) && process.exitCode() == 0 ? QString::fromUtf8(process.readAllStandardOutput()).trimmed() : QString();
}

void TrustLiveTest::initTestCase()
{
    if (!MonitorProcess::isBuilt())
        QSKIP("cheesemongerd is not built");
    const QString home = m_folder.filePath(QStringLiteral("config"));
    qputenv("XDG_CONFIG_HOME", home.toLocal8Bit());
    qputenv("XDG_CACHE_HOME", m_folder.filePath(QStringLiteral("cache")).toLocal8Bit());
    QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, home);
    QCoreApplication::setAttribute(Qt::AA_DontUseNativeDialogs);

    admin({QStringLiteral("user"), QStringLiteral("add"), QStringLiteral("dana"), QStringLiteral("--role"), QStringLiteral("admin")});
    m_token = admin({QStringLiteral("token"), QStringLiteral("create"), QStringLiteral("--user"), QStringLiteral("dana")}).toUtf8();
    QVERIFY(!m_token.isEmpty());
    const auto files = m_authority.issue();
    m_registry.setStandardErrorFile(m_folder.filePath(QStringLiteral("log")));
    m_registry.start(MonitorProcess::core(), {QStringLiteral("serve"), QStringLiteral("--data"), m_folder.filePath(QStringLiteral("registry")), QStringLiteral("--listen"),
                                              QStringLiteral("127.0.0.1:0"), QStringLiteral("--tls-cert"), files.certificate, QStringLiteral("--tls-key"), files.key});
    QByteArray said;
    QTRY_VERIFY_WITH_TIMEOUT((said += m_registry.readAllStandardOutput()).contains('\n') || m_registry.state() == QProcess::NotRunning, patience);
    m_url = QUrl(QString::fromLatin1(said.split('\n').first().mid(6).trimmed()));
    QCOMPARE(m_url.scheme(), QStringLiteral("https"));
    const auto others = m_authority.issue();
    m_monitor.start(MonitorProcess::part("web", "web1", closedPort()), others.certificate, others.key);
    QCOMPARE(m_monitor.url().scheme(), QStringLiteral("https"));
}

void TrustLiveTest::cleanupTestCase()
{
    m_desktop.reset();
    m_monitor.end();
    m_registry.terminate();
    m_registry.waitForFinished(patience);
}

desktop::Options TrustLiveTest::given(const QString &authority) const
{
    desktop::Options options;
    options.connect = m_url;
    options.token = m_token;
    options.authority = authority;
    options.monitor = m_monitor.url();
    options.monitorToken = m_monitor.token();
    options.monitorAuthority = authority;
    options.route = QStringLiteral("projects");
    return options;
}

void TrustLiveTest::open(const desktop::Options &options)
{
    m_desktop.reset();
    m_window = openDesktop(m_desktop, options);
    QVERIFY(m_window && m_window->pages().current());
    m_window->resize(1440, 900);
}

// In the status line, or beside whatever has a state.
bool TrustLiveTest::isMarked(const QString &text) const
{
    const auto marks = m_window->findChildren<StateMark *>();
    return std::any_of(marks.begin(), marks.end(), [&text](const StateMark *mark) { return mark->isVisible() && mark->accessibleName() == text; });
}

bool TrustLiveTest::says(const QString &part) const
{
    const auto labels = m_window->findChildren<QLabel *>();
    return std::any_of(labels.begin(), labels.end(), [&part](const QLabel *label) { return label->isVisible() && label->text().contains(part); });
}

ActionSheet *TrustLiveTest::sheet() const
{
    for (auto *one : m_window->findChildren<ActionSheet *>()) {
        if (one->isVisible())
            return one;
    }
    return nullptr;
}

void TrustLiveTest::fill(const QString &field, const QString &text) const
{
    for (auto *line : sheet()->findChildren<QLineEdit *>()) {
        if (line->accessibleName() == field) {
            line->setText(text);
            return;
        }
    }
    QFAIL(qPrintable(field));
}

void TrustLiveTest::trigger(const QString &text) const
{
    for (QAction *action : m_window->pages().current()->pageActions()) {
        if (action->text().remove(QLatin1Char('&')) == text) {
            QVERIFY(action->isEnabled());
            action->trigger();
            return;
        }
    }
    QFAIL(qPrintable(text));
}

void TrustLiveTest::press(const QString &verb) const
{
    for (auto *button : sheet()->findChildren<QPushButton *>()) {
        if (button->accessibleName() == verb) {
            QVERIFY(button->isEnabled());
            button->click();
            return;
        }
    }
    QFAIL(qPrintable(verb));
}

void TrustLiveTest::filesOfTheCommandLineAreTrusted()
{
    open(given(m_authority.file()));
    QTRY_VERIFY_WITH_TIMEOUT(isMarked(QStringLiteral("Live")), patience);
    QTRY_VERIFY_WITH_TIMEOUT(isMarked(QStringLiteral("Monitor live")), patience);
    QTRY_COMPARE_WITH_TIMEOUT(m_window->pages().current()->faces()->face(), Face::Empty, patience);
    m_window->go(Route::parse(QStringLiteral("overview")));
    QTRY_COMPARE_WITH_TIMEOUT(m_window->pages().current()->faces()->face(), Face::Filled, patience);
}

void TrustLiveTest::withoutThemTheReasonIsTold()
{
    for (const QString &file : {QString(), m_another.file()}) {
        open(given(file));
        QTRY_VERIFY_WITH_TIMEOUT(isMarked(QStringLiteral("Registry: ") + unknown), patience);
        QTRY_VERIFY_WITH_TIMEOUT(isMarked(QStringLiteral("Monitor: ") + unknown), patience);
        QTRY_COMPARE_WITH_TIMEOUT(m_window->pages().current()->faces()->face(), Face::Error, patience);
        QVERIFY(says(QStringLiteral("The server's certificate is by an authority that is not trusted here")));
        QVERIFY(says(QStringLiteral("choose the file of its authority in Settings")));
        QVERIFY(!says(QStringLiteral("cannot be reached")));
        // What the monitor told before is kept, and why it tells nothing now stands above it.
        m_window->go(Route::parse(QStringLiteral("overview")));
        QTRY_VERIFY_WITH_TIMEOUT(says(QStringLiteral("The server's certificate is by an authority that is not trusted here")), patience);
    }
}

void TrustLiveTest::sheetsAskForTheFile()
{
    desktop::Options options;
    options.dataFolder = m_folder.filePath(QStringLiteral("own"));
    options.route = QStringLiteral("settings");
    open(options);
    trigger(QStringLiteral("Add registry…"));
    fill(QStringLiteral("Name in the list"), QStringLiteral("Ours"));
    fill(QStringLiteral("Address"), m_url.toString());
    sheet()->findChild<QComboBox *>()->setCurrentIndex(1);
    fill(QStringLiteral("Password or token"), QString::fromUtf8(m_token));
    press(QStringLiteral("Connect and keep"));
    QTRY_VERIFY_WITH_TIMEOUT(says(QStringLiteral("The server's certificate is by an authority that is not trusted here")), patience);
    QVERIFY(says(QStringLiteral("choose the file of its authority in Settings")));
    fill(QStringLiteral("Authority file"), m_folder.filePath(QStringLiteral("nowhere.pem")));
    press(QStringLiteral("Connect and keep"));
    QTRY_VERIFY_WITH_TIMEOUT(says(QStringLiteral("The authority file cannot be used")), patience);
    QVERIFY(says(m_folder.filePath(QStringLiteral("nowhere.pem: there is no such file"))));

    // As people choose it.
    press(QStringLiteral("Choose the authority file"));
    auto *dialog = m_window->findChild<QFileDialog *>();
    QVERIFY(dialog);
    Q_EMIT dialog->fileSelected(m_authority.file());
    dialog->reject();
    press(QStringLiteral("Connect and keep"));
    QTRY_VERIFY_WITH_TIMEOUT(!sheet(), patience);

    trigger(QStringLiteral("Monitor…"));
    fill(QStringLiteral("Address"), m_monitor.url().toString());
    fill(QStringLiteral("API token"), QString::fromUtf8(m_monitor.token()));
    press(QStringLiteral("Connect and keep"));
    QTRY_VERIFY_WITH_TIMEOUT(says(QStringLiteral("The server's certificate is by an authority that is not trusted here")), patience);
    fill(QStringLiteral("Authority file"), m_authority.file());
    press(QStringLiteral("Connect and keep"));
    QTRY_VERIFY_WITH_TIMEOUT(!sheet(), patience);

    trigger(QStringLiteral("Use this registry"));
    QTRY_VERIFY_WITH_TIMEOUT(isMarked(QStringLiteral("Live")), patience);
    QTRY_VERIFY_WITH_TIMEOUT(isMarked(QStringLiteral("Monitor live")), patience);

    // What is in use is tried with another file at once, and falls back on nothing.
    trigger(QStringLiteral("Edit…"));
    fill(QStringLiteral("Name in the list"), QStringLiteral("Ours, renamed"));
    sheet()->findChild<QComboBox *>()->setCurrentIndex(1);
    fill(QStringLiteral("Password or token"), QString::fromUtf8(m_token));
    fill(QStringLiteral("Authority file"), m_another.file());
    press(QStringLiteral("Connect and keep"));
    QTRY_VERIFY_WITH_TIMEOUT(says(QStringLiteral("The server's certificate is by an authority that is not trusted here")), patience);
    QVERIFY(isMarked(QStringLiteral("Live")));
    sheet()->close();
}

void TrustLiveTest::theNextStartRemembersIt()
{
    desktop::Options options;
    options.route = QStringLiteral("settings");
    open(options);
    // Its token went with the window, for there is no keychain here; that it refuses us is known of who is trusted alone.
    QTRY_VERIFY_WITH_TIMEOUT(isMarked(QStringLiteral("The registry refused us")), patience);
    QTRY_VERIFY_WITH_TIMEOUT(isMarked(QStringLiteral("The monitor refused us")), patience);
}

void TrustLiveTest::aFileThatIsGoneIsNamedAtTheStart()
{
    QVERIFY(QFile::rename(m_authority.file(), m_authority.file() + QStringLiteral(".away")));
    desktop::Options options;
    options.route = QStringLiteral("projects");
    open(options);
    QTRY_VERIFY_WITH_TIMEOUT(isMarked(QStringLiteral("Registry: authority file cannot be used")), patience);
    QTRY_VERIFY_WITH_TIMEOUT(isMarked(QStringLiteral("Monitor: authority file cannot be used")), patience);
    QTRY_VERIFY_WITH_TIMEOUT(says(m_authority.file() + QStringLiteral(": there is no such file")), patience);
    QVERIFY(QFile::rename(m_authority.file() + QStringLiteral(".away"), m_authority.file()));
    QTRY_VERIFY_WITH_TIMEOUT(isMarked(QStringLiteral("The registry refused us")), patience);
}

QTEST_MAIN(TrustLiveTest)
#include "trust_live_test.moc"
