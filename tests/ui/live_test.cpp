// SPDX-License-Identifier: GPL-3.0-or-later
// The real window over the real core: the desktop's composition root with its bundled cheesemongerd,
// which other programs upload to and which dies.
#include "tests/support/make_archive.h"
#include "tests/ui/desktop_window.h"
#include "ui/models/lazy_window_model.h"
#include "ui/pages/projects/projects_page.h"
#include "ui/widgets/action_sheet.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/search_field.h"

#include <QApplication>
#include <QCryptographicHash>
#include <QDir>
#include <QElapsedTimer>
#include <QHttpMultiPart>
#include <QNetworkAccessManager>
#include <QNetworkReply>
#include <QPlainTextEdit>
#include <QProcess>
#include <QScrollBar>
#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <csignal>

using namespace cm;
using namespace cm::ui;

namespace {

constexpr int patience = 20'000;

// Notes when a row was painted for the first time.
class PaintWatch : public QObject {
public:
    PaintWatch(DataTable &table, QString key) : m_table(table), m_key(std::move(key)) { table.viewport()->installEventFilter(this); }
    [[nodiscard]] bool isPainted() const { return m_clock.isValid(); }
    [[nodiscard]] qint64 sincePainted() const { return m_clock.elapsed(); }

protected:
    bool eventFilter(QObject *, QEvent *event) override
    {
        if (event->type() == QEvent::Paint && !isPainted() && m_table.table()->rowOf(m_key) >= 0)
            m_clock.start();
        return false;
    }

private:
    DataTable &m_table;
    QString m_key;
    QElapsedTimer m_clock;
};

}  // namespace

class LiveTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();
    void showsAnUploadWithoutARefresh();
    void survivesTheDeathOfItsCore();
    void waitsForTheCoreWithAQuestion();
    void saysWhyTheCoreCannotStart();
    void endsTheCoreWithTheWindow();

private:
    [[nodiscard]] QList<qint64> cores() const;
    void startWindow(const QString &dataFolder);
    void upload(const QByteArray &name);
    QByteArray admin(const QStringList &words) const;
    void killCore();
    // By the name that assistive technology reads.
    template <class T>
    T *find(const QString &name) const
    {
        const QList<T *> all = m_page ? m_page->findChildren<T *>() : QList<T *>();
        const auto found = std::find_if(all.begin(), all.end(), [&](const T *widget) { return widget->accessibleName() == name; });
        return found == all.end() ? nullptr : *found;
    }
    [[nodiscard]] LazyWindowModel *model() const { return qobject_cast<LazyWindowModel *>(m_table->table()); }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<desktop::Desktop> m_desktop;
    QNetworkAccessManager m_network;
    QPointer<MainWindow> m_window;
    QPointer<Page> m_page;
    QPointer<DataTable> m_table;
    QString m_core;
    QByteArray m_token;
};

void LiveTest::initTestCase()
{
    m_core = QCoreApplication::applicationDirPath() + QStringLiteral("/cheesemongerd");
    if (!QFileInfo(m_core).isExecutable())
        QSKIP("cheesemongerd is not built");
}

void LiveTest::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    qputenv("XDG_CONFIG_HOME", m_folder->filePath(QStringLiteral("config")).toLocal8Bit());
    QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, m_folder->filePath(QStringLiteral("config")));
    const QString data = m_folder->filePath(QStringLiteral("data"));
    if (qstrcmp(QTest::currentTestFunction(), "saysWhyTheCoreCannotStart") == 0) {
        // A file where the folder should be.
        QFile file(data);
        QVERIFY(file.open(QIODevice::WriteOnly));
        startWindow(data);
        return;
    }
    startWindow(data);
    QTRY_VERIFY_WITH_TIMEOUT(m_page->faces()->face() == Face::Empty, patience);
    admin({QStringLiteral("user"), QStringLiteral("add"), QStringLiteral("dana"), QStringLiteral("--role"), QStringLiteral("admin")});
    m_token = admin({QStringLiteral("token"), QStringLiteral("create"), QStringLiteral("--user"), QStringLiteral("dana")});
    QVERIFY(!m_token.isEmpty());
}

void LiveTest::cleanup()
{
    m_desktop.reset();
    QVERIFY(cores().isEmpty());
}

void LiveTest::startWindow(const QString &dataFolder)
{
    desktop::Options options;
    options.dataFolder = dataFolder;
    options.route = QStringLiteral("projects");
    m_window = openDesktop(m_desktop, options);
    QVERIFY(m_window && m_window->pages().current());
    QApplication::setActiveWindow(m_window);
    m_page = m_window->pages().current();
    m_table = find<DataTable>(QStringLiteral("Projects"));
    QVERIFY(m_table);
}

// The cheesemongerd processes that this one has started and that live.
QList<qint64> LiveTest::cores() const
{
    QList<qint64> found;
    for (const QString &entry : QDir(QStringLiteral("/proc")).entryList(QDir::Dirs)) {
        QFile stat(QStringLiteral("/proc/%1/stat").arg(entry));
        if (entry.toLongLong() == 0 || !stat.open(QIODevice::ReadOnly))
            continue;
        const QByteArray line = stat.readAll();
        const QList<QByteArray> fields = line.mid(line.lastIndexOf(')') + 2).split(' ');
        if (line.contains("(cheesemongerd)") && fields.value(0) != "Z" && fields.value(1).toLongLong() == QCoreApplication::applicationPid())
            found << entry.toLongLong();
    }
    return found;
}

QByteArray LiveTest::admin(const QStringList &words) const
{
    QProcess process;
    process.start(m_core, QStringList{QStringLiteral("admin")} + words + QStringList{QStringLiteral("--data"), m_folder->filePath(QStringLiteral("data"))});
    return process.waitForFinished(patience) && process.exitCode() == 0 ? process.readAllStandardOutput().trimmed() : QByteArray();
}

void LiveTest::upload(const QByteArray &name)
{
    const QByteArray wheel = QByteArray::fromStdString(test::makeWheel(name.toStdString(), "1.0"));
    auto *form = new QHttpMultiPart(QHttpMultiPart::FormDataType);
    const auto add = [form](const QByteArray &disposition, const QByteArray &body) {
        QHttpPart part;
        part.setRawHeader("Content-Disposition", "form-data; " + disposition);
        part.setBody(body);
        form->append(part);
    };
    const QList<QPair<QByteArray, QByteArray>> fields{{":action", "file_upload"}, {"protocol_version", "1"}, {"name", name},
                                                      {"version", "1.0"}, {"filetype", "bdist_wheel"}, {"pyversion", "py3"},
                                                      {"metadata_version", "2.1"},
                                                      {"sha256_digest", QCryptographicHash::hash(wheel, QCryptographicHash::Sha256).toHex()}};
    for (const auto &[field, value] : fields)
        add("name=\"" + field + '"', value);
    add("name=\"content\"; filename=\"" + name + "-1.0-py3-none-any.whl\"", wheel);
    const QSettings settings(QSettings::IniFormat, QSettings::UserScope, QStringLiteral("cheesemonger"), QStringLiteral("desktop"));
    QNetworkRequest request(QUrl(QStringLiteral("http://127.0.0.1:%1/legacy/").arg(settings.value(QStringLiteral("bundled/port")).toInt())));
    request.setRawHeader("Authorization", "Basic " + ("__token__:" + m_token).toBase64());
    QNetworkReply *reply = m_network.post(request, form);
    form->setParent(reply);
    QTRY_VERIFY_WITH_TIMEOUT(reply->isFinished(), patience);
    QVERIFY2(reply->attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt() == 200, reply->readAll().constData());
    reply->deleteLater();
}

void LiveTest::killCore()
{
    const QList<qint64> running = cores();
    QCOMPARE(running.size(), 1);
    QCOMPARE(::kill(static_cast<pid_t>(running.first()), SIGKILL), 0);
}

void LiveTest::showsAnUploadWithoutARefresh()
{
    upload("cheddar");
    QTRY_VERIFY_WITH_TIMEOUT(m_page->faces()->face() == Face::Filled, patience);
    QList<qint64> waits;
    for (int i = 0; i < 10; ++i) {
        const QByteArray name = "brie" + QByteArray::number(i);
        PaintWatch watch(*m_table, QString::fromLatin1(name));
        upload(name);
        if (QTest::currentTestFailed())
            return;
        QElapsedTimer answered;
        answered.start();
        QTRY_VERIFY_WITH_TIMEOUT(watch.isPainted(), patience);
        waits << std::max<qint64>(0, answered.elapsed() - watch.sincePainted());
    }
    std::sort(waits.begin(), waits.end());
    qInfo("from the 200 of an upload to its painted row: median %lld ms, longest %lld ms", waits[waits.size() / 2], waits.last());
}

void LiveTest::survivesTheDeathOfItsCore()
{
    for (int i = 0; i < 60 && !QTest::currentTestFailed(); ++i)
        upload("brie" + QByteArray::number(i));
    upload("cheddar");
    auto *search = find<SearchField>(QStringLiteral("Search projects by name"));
    QVERIFY(search);
    search->setFocus();
    QTest::keyClicks(search, QStringLiteral("brie"));
    QTest::keyClick(search, Qt::Key_Return);
    QVERIFY(!model()->isLoaded());
    QTRY_VERIFY_WITH_TIMEOUT(model()->isLoaded() && model()->total() == 60, patience);
    QVERIFY(m_table->selectKey(QStringLiteral("brie42")));
    QTest::keyClick(m_table, Qt::Key_Return);
    QAction *quarantine = nullptr;
    for (QAction *action : m_page->pageActions()) {
        if (action->text().remove(QLatin1Char('&')).startsWith(QLatin1String("Quarantine")))
            quarantine = action;
    }
    QVERIFY(quarantine);
    QTRY_VERIFY_WITH_TIMEOUT(quarantine->isEnabled(), patience);
    quarantine->trigger();
    auto *sheet = m_window->findChild<ActionSheet *>();
    QVERIFY(sheet);
    auto *reason = sheet->findChild<QPlainTextEdit *>();
    QTRY_VERIFY(reason->hasFocus());
    QTest::keyClicks(reason, QStringLiteral("Carries a miner"));
    m_table->scrollTo(model()->index(30, 0), QAbstractItemView::PositionAtTop);
    const int scroll = m_table->verticalScrollBar()->value();
    QVERIFY(scroll > 0);
    const QList<qint64> before = cores();
    const QSettings settings(QSettings::IniFormat, QSettings::UserScope, QStringLiteral("cheesemonger"), QStringLiteral("desktop"));
    const int port = settings.value(QStringLiteral("bundled/port")).toInt();

    killCore();
    QTRY_VERIFY_WITH_TIMEOUT(m_page->faces()->face() == Face::Stale, patience);
    auto *overlay = m_page->findChild<QWidget *>(QStringLiteral("stale"));
    QVERIFY(overlay && overlay->isVisible());
    QVERIFY2(overlay->accessibleName().contains(QLatin1String("old")), qPrintable(overlay->accessibleName()));
    QTest::keyClick(m_window, Qt::Key_F5);
    QTest::keyClicks(QApplication::focusWidget(), QStringLiteral(" in setup.py"));
    QTRY_VERIFY_WITH_TIMEOUT(m_page->faces()->face() == Face::Filled, patience);
    QCOMPARE(cores().size(), 1);
    QVERIFY(cores() != before);
    QCOMPARE(settings.value(QStringLiteral("bundled/port")).toInt(), port);
    // What happens from now on is seen as before.
    upload("brie99");
    QTRY_COMPARE_WITH_TIMEOUT(model()->total(), 61, patience);
    QCOMPARE(m_table->currentKey(), QStringLiteral("brie42"));
    QCOMPARE(m_table->selectedKeys(), QStringList{QStringLiteral("brie42")});
    QCOMPARE(m_table->verticalScrollBar()->value(), scroll);
    QCOMPARE(search->text(), QStringLiteral("brie"));
    QCOMPARE(sheet->reason(), QStringLiteral("Carries a miner in setup.py"));
    QVERIFY(reason->hasFocus());
}

void LiveTest::waitsForTheCoreWithAQuestion()
{
    for (const char *name : {"brie", "cheddar", "gouda"})
        upload(name);
    QTRY_COMPARE_WITH_TIMEOUT(model()->total(), 3, patience);
    auto *search = find<SearchField>(QStringLiteral("Search projects by name"));
    search->setFocus();
    killCore();
    QTRY_VERIFY_WITH_TIMEOUT(m_page->faces()->face() == Face::Stale, patience);
    // Asked while nobody can answer: neither an error nor "nothing matches", and the field stays.
    QTest::keyClicks(search, QStringLiteral("ched"));
    QTest::keyClick(search, Qt::Key_Return);
    QCOMPARE(m_page->faces()->face(), Face::Stale);
    QVERIFY(search->hasFocus());
    QTRY_VERIFY_WITH_TIMEOUT(m_page->faces()->face() == Face::Filled && model()->isLoaded(), patience);
    QCOMPARE(model()->total(), 1);
    QCOMPARE(model()->keyAt(0), QStringLiteral("cheddar"));
    QCOMPARE(search->text(), QStringLiteral("ched"));
    QVERIFY(search->hasFocus());
}

void LiveTest::saysWhyTheCoreCannotStart()
{
    QTRY_COMPARE_WITH_TIMEOUT(m_page->faces()->face(), Face::Error, patience);
    // The obstacle goes away, and the next try succeeds by itself.
    QVERIFY(QFile::remove(m_folder->filePath(QStringLiteral("data"))));
    QTRY_COMPARE_WITH_TIMEOUT(m_page->faces()->face(), Face::Empty, patience);
}

void LiveTest::endsTheCoreWithTheWindow()
{
    QCOMPARE(cores().size(), 1);
    m_window->close();
    m_desktop.reset();
    QVERIFY(cores().isEmpty());
}

QTEST_MAIN(LiveTest)
#include "live_test.moc"
