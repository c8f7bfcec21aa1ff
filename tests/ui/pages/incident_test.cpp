// SPDX-License-Identifier: GPL-3.0-or-later
// An incident in one file: readable without scripts, with what was done to the registry in its place; what others wrote is
// text wherever it stands. And the timeline with both: each event once, in its place.
#include "tests/ui/pages/page_window.h"
#include "tests/ui/pages/served_page.h"
#include "tests/ui/quiet_shell.h"
#include "ui/format/format.h"
#include "ui/format/signals.h"
#include "ui/pages/incidents/incident_report.h"
#include "ui/pages/incidents/timeline_events.h"
#include "ui/widgets/data_table.h"

#include <QAction>
#include <QComboBox>
#include <QLabel>
#include <QRegularExpression>
#include <QTimer>

#include <algorithm>

using namespace cm;
using namespace cm::ui;

namespace {

const Time noon = *parseRfc3339("2026-11-22T12:00:00Z");

// What somebody who may name a project, a node or a reason would try.
const std::string hostile = "</script><script>alert(1)</script><img src=x onerror=alert(2)> %1 %2 \"' & ]]> --> \xE2\x80\xAE gnp.exe \x01";

api::AuditEntry line(std::int64_t id, int secondsBeforeNoon, const char *action, std::string subject = "cdn", std::string reason = {})
{
    api::AuditEntry entry;
    entry.id = {id};
    entry.time = noon - std::chrono::seconds(secondsBeforeNoon);
    entry.actor = "sam";
    entry.action = action;
    entry.subject = std::move(subject);
    entry.reason = std::move(reason);
    return entry;
}

api::TimelineEvent happened(std::int64_t id, int secondsBeforeNoon, std::string statement)
{
    api::TimelineEvent out;
    out.id = {id};
    out.time = noon - std::chrono::seconds(secondsBeforeNoon);
    out.kind = "verdict.changed";
    out.node = "db1";
    out.statement = std::move(statement);
    out.after = api::Verdict::Critical;
    return out;
}

api::Incident incidentOf(const std::string &words)
{
    api::Incident incident;
    incident.time = noon;
    incident.from = noon - std::chrono::hours(1);
    incident.until = noon;
    incident.topology.name = words;
    incident.topology.monitor = words;
    api::MonitorState state;
    state.time = noon;
    state.line = {api::Verdict::Critical, words, words, words, "db1", "DOWN", noon};
    api::Node node;
    node.name = words;
    node.role = words;
    node.verdict = api::Verdict::Critical;
    node.statement = words;
    state.nodes = {node};
    incident.state = state;
    api::Alert alert;
    alert.id = {4};
    alert.node = words;
    alert.statement = words;
    alert.runbook = words;
    alert.owner = words;
    alert.note = words;
    alert.started = noon - std::chrono::minutes(5);
    alert.consequences = {api::AlertConsequence{words, words, api::Verdict::Warning, words, noon}};
    incident.alerts = {alert};
    api::Action action;
    action.id = {2};
    action.wish.target = words;
    action.statement = words;
    action.actor = words;
    action.reason = words;
    action.started = noon - std::chrono::minutes(3);
    api::ActionStep step;
    step.statement = words;
    action.steps = {step};
    incident.actions = {action};
    incident.timeline = {happened(1, 300, "db1 is down" + words), happened(2, 100, "db1 works")};
    api::Silence silence;
    silence.match.node = words;
    silence.author = words;
    silence.reason = words;
    incident.silences = {silence};
    incident.audit = {line(1, 200, "action.pressed", words, words)};
    api::SeriesPoint measured, gap;
    measured.count = 1;
    measured.min = 1;
    measured.max = 4096;
    api::Series series;
    series.target = words;
    series.signal = words;
    series.unit = "bytes";
    series.stepSeconds = 20;
    series.points = {measured, gap};
    incident.series = {series};
    incident.leftOut = {words};
    return incident;
}

RegistryLines linesOf(const std::string &words)
{
    RegistryLines lines;
    lines.lines = {line(9, 50, "registry.end-read-only", "registry", words), line(8, 200, "cdn.purge", "cdn", "everything" + words),
                   line(7, 400, "project.quarantine", words, "malware")};
    return lines;
}

// What a reader sees of it: all markup away.
QString readable(const QByteArray &html)
{
    QString words = QString::fromUtf8(html);
    words.remove(QRegularExpression(QStringLiteral("<(style|script)[^>]*>.*?</\\1>"), QRegularExpression::DotMatchesEverythingOption));
    words.remove(QRegularExpression(QStringLiteral("<[^>]*>")));
    return words;
}

// One of the two servers, with lists newest first, filtered and cut as servers do.
class Server final : public AdminClient {
public:
    std::vector<api::AuditEntry> audit;
    std::vector<api::TimelineEvent> timeline;
    bool away = false;
    // Neither answers nor ends a call.
    bool hangs = false;
    int asked = 0;

protected:
    QFuture<Result<QByteArray>> send(const api::EndpointInfo &endpoint, const QByteArray &target, const QByteArray &) override
    {
        ++asked;
        if (hangs)
            return m_hanging.emplace_back(std::make_unique<QPromise<Result<QByteArray>>>())->future();
        QPromise<Result<QByteArray>> promise;
        promise.start();
        if (away)
            promise.addResult(Result<QByteArray>(fail(ErrorCode::Unavailable, "nobody answers")));
        else
            promise.addResult(Result<QByteArray>(endpoint.name == "list-audit" ? servedPage(audit, target) : servedPage(timeline, target)));
        promise.finish();
        return promise.future();
    }

private:
    std::vector<std::unique_ptr<QPromise<Result<QByteArray>>>> m_hanging;
};

struct Fixture {
    Fixture()
        : theme(*qApp), uploads(wire), connection(registry, nullptr, nullptr, clock), monitorConnection(monitor, nullptr, nullptr, clock, Connection::To::Monitor),
          profiles(nullptr), secrets(false),
          events({registry, connection, uploads, profiles, secrets, theme, clock, shell, nullptr, {}, &monitor, &monitorConnection}, nullptr)
    {
        const api::Who dana{"dana", api::Role::Operator, 0, false};
        connection.force(Connection::State::Live, dana, std::nullopt, noon);
        monitorConnection.force(Connection::State::Live, dana, std::nullopt, noon);
    }
    QStringList read(qint64 offset, qint64 limit, qint64 *total = nullptr)
    {
        std::optional<TimelineEvents::Answer> got;
        events.read(offset, limit, [&got](TimelineEvents::Answer answer) { got = std::move(answer); });
        [[maybe_unused]] const bool came = QTest::qWaitFor([&got] { return got.has_value(); }, 60'000);
        QStringList out;
        if (!got || !*got)
            return {QStringLiteral("no answer")};
        for (const api::TimelineEvent &one : (*got)->items)
            out << QString::number(one.id.value);
        if (total)
            *total = (*got)->total;
        return out;
    }

    ManualClock clock{noon};
    QuietShell shell;
    Theme theme;
    Wire wire;
    Server registry;
    Server monitor;
    UploadClient uploads;
    Connection connection;
    Connection monitorConnection;
    Profiles profiles;
    Secrets secrets;
    TimelineEvents events;
};

}  // namespace

class IncidentTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void whatOthersWroteIsText();
    void programsFindTheWholeInside();
    void tellsBothInTheirOrder();
    void saysWhatIsNotInIt();
    void whatGoesOnAllDayIsNoEvent();
    void isWrittenWithWhatTheRegistryTells();
    void isWrittenWhereTheRegistryIsAway();
    void theTimelineHasEachEventOnce_data();
    void theTimelineHasEachEventOnce();
    void aClockThatWasSetBackLosesNoEvent();
    void aRegistryThatFallsSilentIsNotWaitedFor();
    void theTimelineOfTheMonitorGoesOnAlone();
    void theRegistryIsAKindOfItsOwn();
    void saysWhenWhatIsOwnedFiresAgain();
};

void IncidentTest::whatOthersWroteIsText()
{
    const QByteArray html = incidentAsHtml(incidentOf(hostile), linesOf(hostile));
    QCOMPARE(html.count("<script"), 1);
    QCOMPARE(html.count("</script>"), 1);
    QVERIFY(!html.contains("<img") && !html.contains("alert(1)</script>"));
    QVERIFY(!html.contains('\x01'));
    // Every word of it is there, and no direction of writing leaves its cell.
    const QString read = readable(html);
    QVERIFY(read.contains(QStringLiteral("&lt;img src=x onerror=alert(2)&gt; %1 %2")));
    QCOMPARE(QString::fromUtf8(html).count(QStringLiteral("<bdi>")), QString::fromUtf8(html).count(QStringLiteral("</bdi>")));
    static const QRegularExpression outside(QStringLiteral("<t[dh][^>]*>[^<]*\u202E"));
    QVERIFY(!QString::fromUtf8(html).contains(outside));
    // Nothing of it can be loaded or run, whatever was missed.
    QVERIFY(html.contains("default-src 'none'"));
    static const QRegularExpression loads(QStringLiteral("<(link|iframe|object|embed|form|base|a)[ >]"));
    QVERIFY(!QString::fromUtf8(html).contains(loads));
}

void IncidentTest::programsFindTheWholeInside()
{
    const api::Incident incident = incidentOf(hostile);
    const QByteArray html = incidentAsHtml(incident, linesOf(hostile));
    const QByteArray begin = "<script type=\"application/json\" id=\"incident\">";
    const qsizetype from = html.indexOf(begin) + begin.size();
    const std::string inside = html.mid(from, html.indexOf("</script>", from) - from).trimmed().toStdString();
    const auto read = api::fromJsonText<api::Incident>(inside);
    QVERIFY2(read, read ? "" : read.error().detail.c_str());
    QCOMPARE(QString::fromStdString(read->alerts.at(0).note), QString::fromStdString(incident.alerts.at(0).note));
    QCOMPARE(read->timeline, incident.timeline);
    const auto json = api::parseJson(inside);
    QVERIFY(json);
    const auto &lines = json->as_object().at("registry_audit").as_array();
    QCOMPARE(lines.size(), std::size_t{3});
    QCOMPARE(*api::fromJsonText<api::AuditEntry>(api::printJson(lines.at(1))), linesOf(hostile).lines.at(1));
}

void IncidentTest::tellsBothInTheirOrder()
{
    const QString read = readable(incidentAsHtml(incidentOf({}), linesOf({})));
    qsizetype last = 0;
    for (const char *words : {"malware", "db1 is down", "everything", "db1 works", "end-read-only"}) {
        QString wanted = QString::fromLatin1(words);
        if (wanted == QLatin1String("end-read-only"))
            wanted = eventWords(registryEvent(linesOf({}).lines.front()));
        const qsizetype at = read.indexOf(wanted, last);
        QVERIFY2(at >= 0, qPrintable(wanted));
        last = at;
    }
    QVERIFY(read.contains(QStringLiteral("0 of 1 nodes are well.")));
}

void IncidentTest::saysWhatIsNotInIt()
{
    RegistryLines away;
    away.problem = Error{ErrorCode::Unavailable, "nobody answers", {}, {}};
    QString read = readable(incidentAsHtml(incidentOf("Figures are kept for a day"), away));
    QVERIFY(read.contains(QStringLiteral("Not in here: Figures are kept for a day")));
    QVERIFY2(read.contains(QStringLiteral("Not in here: What was done to the registry: it did not answer")), qPrintable(read.left(600)));
    RegistryLines busy = linesOf({});
    busy.routine = 12;
    busy.cut = noon - std::chrono::minutes(30);
    read = readable(incidentAsHtml(incidentOf({}), busy));
    QVERIFY(read.contains(QStringLiteral("Not in here: Uploads and sign-ins of the registry: 12 lines")));
    QVERIFY(read.contains(QStringLiteral("What was done to the registry before 2026-11-22 11:30:00 UTC")));
    QVERIFY(QString::fromUtf8(incidentAsJson(incidentOf({}), busy)).contains(QStringLiteral("12 lines")));
}

void IncidentTest::whatGoesOnAllDayIsNoEvent()
{
    for (const char *action : {"file.upload", "session.start", "documentation.upload", "project.create"})
        QVERIFY2(isRoutine(line(1, 0, action)), action);
    for (const char *action : {"cdn.purge", "registry.set-read-only", "project.quarantine", "project.delete", "file.delete", "user.freeze", "deprecation.step", "token.revoke-all"})
        QVERIFY2(!isRoutine(line(1, 0, action)), action);
}

void IncidentTest::isWrittenWithWhatTheRegistryTells()
{
    PageWindow w;
    w.answer(QStringLiteral("monitor/export-incident"), QByteArray::fromStdString(api::printJson(api::toJson(incidentOf(hostile)))));
    w.window.go(Route::parse(QStringLiteral("incidents")));
    QTRY_VERIFY(w.says(QStringLiteral("1 firing")));
    QString suggested;
    const QByteArray html = w.exported(QStringLiteral("out.html"), &suggested);
    QVERIFY2(suggested.endsWith(QStringLiteral(".html")), qPrintable(suggested));
    QVERIFY(readable(html).contains(QStringLiteral("looks like requests, reads tokens on import")));
    QCOMPARE(html.count("<script"), 1);
    QTRY_VERIFY(w.says(QStringLiteral("The incident is in one file")));
}

void IncidentTest::isWrittenWhereTheRegistryIsAway()
{
    PageWindow w;
    w.answer(QStringLiteral("monitor/export-incident"), QByteArray::fromStdString(api::printJson(api::toJson(incidentOf({})))));
    w.window.go(Route::parse(QStringLiteral("incidents")));
    QTRY_VERIFY(w.says(QStringLiteral("1 firing")));
    w.connection.force(Connection::State::Stale, {}, {}, w.clock.now());
    QVERIFY(readable(w.exported(QStringLiteral("out.html"))).contains(QStringLiteral("What was done to the registry: it did not answer")));
    QTRY_VERIFY(w.says(QStringLiteral("which says what is not in it")));
}

void IncidentTest::theTimelineHasEachEventOnce_data()
{
    QTest::addColumn<int>("monitorStep");
    QTest::addColumn<int>("registryStep");
    QTest::addColumn<int>("registryFirst");
    QTest::newRow("in turn") << 10 << 70 << 5;
    QTest::newRow("at the same moments") << 10 << 20 << 0;
    QTest::newRow("the registry's newer") << 10 << 1 << -1000;
    QTest::newRow("the registry's older") << 1 << 1 << 100000;
}

void IncidentTest::aClockThatWasSetBackLosesNoEvent()
{
    Fixture f;
    for (int i = 0; i < 400; ++i)
        f.monitor.timeline.push_back(happened(1000 - i, i * 10, "x"));
    // The newest hundred were written under a clock that had been set back.
    for (int i = 0; i < 200; ++i)
        f.registry.audit.push_back(line(500 - i, i < 100 ? 2000 + i * 10 : (i - 100) * 10, "cdn.purge"));
    f.events.begin({});
    QStringList seen;
    for (const qint64 offset : {qint64{500}, qint64{400}, qint64{300}, qint64{200}, qint64{100}, qint64{0}})
        seen << f.read(offset, 100);
    QCOMPARE(seen.size(), 600);
    seen.removeDuplicates();
    QCOMPARE(seen.size(), 600);
}

void IncidentTest::aRegistryThatFallsSilentIsNotWaitedFor()
{
    Fixture f;
    f.monitor.timeline = {happened(2, 10, "x"), happened(1, 20, "x")};
    f.registry.audit = {line(5, 15, "cdn.purge")};
    f.registry.hangs = true;
    f.events.begin({});
    QTimer::singleShot(0, &f.connection, [&f] { f.connection.force(Connection::State::Stale, {}, {}, noon); });
    QCOMPARE(f.read(0, 100), QStringList({QStringLiteral("2"), QStringLiteral("1")}));
    QVERIFY2(f.events.missing().contains(QStringLiteral("not read")), qPrintable(f.events.missing()));
}

void IncidentTest::theTimelineHasEachEventOnce()
{
    QFETCH(int, monitorStep);
    QFETCH(int, registryStep);
    QFETCH(int, registryFirst);
    Fixture f;
    std::vector<std::pair<int, QString>> wanted;
    for (int i = 0; i < 400; ++i) {
        f.monitor.timeline.push_back(happened(1000 - i, i * monitorStep, "x"));
        wanted.emplace_back(i * monitorStep, QString::number(1000 - i));
    }
    for (int i = 0; i < 150; ++i) {
        f.registry.audit.push_back(line(500 - i, registryFirst + i * registryStep, i % 3 == 0 ? "file.upload" : "cdn.purge"));
        if (i % 3 != 0)
            wanted.emplace_back(registryFirst + i * registryStep, QString::number(i - 500));
    }
    std::stable_sort(wanted.begin(), wanted.end(), [](const auto &a, const auto &b) { return a.first < b.first; });
    QStringList all;
    for (const auto &one : wanted)
        all << one.second;
    f.events.begin({});
    for (const auto &[offset, limit] : {std::pair<qint64, qint64>{0, 100}, {100, 100}, {37, 3}, {300, 250}, {0, 1}, {499, 1}, {499, 100}}) {
        qint64 total = 0;
        QCOMPARE(f.read(offset, limit, &total), all.mid(offset, limit));
        QCOMPARE(total, qint64{500});
    }
    QVERIFY(f.events.missing().isEmpty());
}

void IncidentTest::theTimelineOfTheMonitorGoesOnAlone()
{
    Fixture f;
    f.monitor.timeline = {happened(2, 10, "x"), happened(1, 20, "x")};
    f.registry.audit = {line(5, 15, "cdn.purge")};
    f.registry.away = true;
    f.events.begin({});
    QCOMPARE(f.read(0, 100), QStringList({QStringLiteral("2"), QStringLiteral("1")}));
    QVERIFY2(f.events.missing().contains(QStringLiteral("not read")), qPrintable(f.events.missing()));
    // It is back, and is asked again once what is known of it is old.
    f.registry.away = false;
    f.clock.set(noon + std::chrono::minutes(1));
    f.events.begin({});
    QCOMPARE(f.read(0, 100), QStringList({QStringLiteral("2"), QStringLiteral("-5"), QStringLiteral("1")}));
    QVERIFY(f.events.missing().isEmpty());
    // One that is known to be away is not waited for.
    f.connection.force(Connection::State::Stale, {}, {}, noon);
    f.clock.set(noon + std::chrono::minutes(2));
    const int before = f.registry.asked;
    f.events.begin({});
    QCOMPARE(f.read(0, 100), QStringList({QStringLiteral("2"), QStringLiteral("1")}));
    QCOMPARE(f.registry.asked, before);
}

void IncidentTest::theRegistryIsAKindOfItsOwn()
{
    PageWindow w;
    w.window.go(Route::parse(QStringLiteral("incidents")));
    auto *table = w.named<DataTable>(QStringLiteral("Timeline"));
    auto *kind = w.named<QComboBox>(QStringLiteral("Event filter"));
    QVERIFY(table && kind);
    const auto rows = [table] {
        QStringList out;
        for (int row = 0; row < table->model()->rowCount(); ++row)
            out << table->model()->index(row, 3).data().toString();
        return out.join(QLatin1Char('|'));
    };
    kind->setCurrentText(QStringLiteral("The registry itself"));
    QTRY_VERIFY2(rows().contains(QStringLiteral("looks like requests")), qPrintable(rows()));
    QVERIFY(!rows().contains(QStringLiteral("stopped replaying")) && !rows().contains(QStringLiteral("geoflux-1.2.0.tar.gz")));
    kind->setCurrentText(QStringLiteral("Any event"));
    QTRY_VERIFY2(rows().contains(QStringLiteral("looks like requests")) && rows().contains(QStringLiteral("replaying")), qPrintable(rows()));
    kind->setCurrentText(QStringLiteral("Alerts"));
    QTRY_VERIFY2(!rows().contains(QStringLiteral("looks like requests")), qPrintable(rows()));
}

void IncidentTest::saysWhenWhatIsOwnedFiresAgain()
{
    PageWindow w;
    const QString span = formatDuration(std::chrono::hours(10));
    w.window.go(Route::parse(QStringLiteral("overview")));
    QTRY_VERIFY(w.says(QString::fromUtf8("owned by dana · fires again in ") + span));
    QVERIFY(w.says(QStringLiteral("1 owned, back in ") + span));
    w.window.go(Route::parse(QStringLiteral("incidents")));
    QTRY_VERIFY(w.says(QString::fromUtf8("1 firing · 1 owned, back in ") + span));
    auto *table = w.named<DataTable>(QStringLiteral("Alerts"));
    QVERIFY(table);
    QStringList returns;
    for (int row = 0; row < table->model()->rowCount(); ++row)
        returns << table->model()->index(row, 4).data().toString();
    QVERIFY2(returns.filter(QStringLiteral("in ") + span).size() == 1 && returns.count(dash()) == returns.size() - 1, qPrintable(returns.join(QLatin1Char('|'))));
}

QTEST_MAIN(IncidentTest)
#include "incident_test.moc"
