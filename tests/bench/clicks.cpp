// SPDX-License-Identifier: GPL-3.0-or-later
// From a click to the painted chart, in the window that people have, over a running core:
//   bench_clicks URL PROJECT ROUNDS < token
// PROJECT is one of the registry's that was downloaded. A click is a key or a mouse event; it ends when the first frame is
// drawn in which the chart has the answer. Prints {"name": {"median_ms": …, "worst_ms": …}, …}.
#include "tests/ui/desktop_window.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/time_chart.h"

#include <QAbstractScrollArea>
#include <QComboBox>
#include <QElapsedTimer>
#include <QLineEdit>
#include <QSignalBlocker>
#include <QTabBar>
#include <QTabWidget>
#include <QTimer>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace {

using namespace cm::ui;

constexpr int patience = 20'000;  // milliseconds for an answer before the measurement is given up

template <class T>
T *named(const QWidget &within, const QString &name)
{
    for (T *one : within.findChildren<T *>()) {
        if (one->isVisible() && one->accessibleName() == name)
            return one;
    }
    return nullptr;
}

// Notices the frame in which a chart tells something else than before.
class Frames : public QObject {
public:
    // Milliseconds; absent: no other answer came. The chart is looked for anew: a click may open another page.
    std::optional<double> after(const std::function<TimeChart *()> &chart, const std::function<void()> &click)
    {
        m_chart = chart;
        m_before = told();
        m_took.reset();
        qApp->installEventFilter(this);
        m_clock.start();
        click();
        [[maybe_unused]] const bool came = QTest::qWaitFor([this] { return m_took.has_value(); }, patience);
        qApp->removeEventFilter(this);
        return m_took;
    }

protected:
    bool eventFilter(QObject *watched, QEvent *event) override
    {
        if (event->type() == QEvent::Paint && !m_took && !m_ending) {
            const TimeChart *chart = m_chart();
            const auto *view = chart ? qobject_cast<QAbstractScrollArea *>(chart->focusProxy()) : nullptr;
            // Drawn and handed over when the loop is back.
            if (view && watched == view->viewport() && told() != m_before) {
                m_ending = true;
                QTimer::singleShot(0, this, [this] {
                    m_took = static_cast<double>(m_clock.nsecsElapsed()) / 1e6;
                    m_ending = false;
                });
            }
        }
        return QObject::eventFilter(watched, event);
    }

private:
    [[nodiscard]] QString told() const
    {
        const TimeChart *chart = m_chart();
        // The same figures over another window are another answer.
        return chart ? QStringLiteral("%1 %2 %3").arg(chart->shown().from, 0, 'f').arg(chart->shown().to, 0, 'f').arg(chart->focusProxy()->accessibleDescription()) : QString();
    }

    std::function<TimeChart *()> m_chart;
    QString m_before;
    QElapsedTimer m_clock;
    std::optional<double> m_took;
    bool m_ending = false;
};

class Session {
public:
    Session(MainWindow &window, QString project) : m_window(window), m_project(std::move(project)) {}

    bool round()
    {
        m_window.go(Route::parse(QStringLiteral("downloads")));
        return wholeRegistry() && presets() && splits() && oneProject() && tabOfTheProject();
    }
    [[nodiscard]] const std::map<std::string, std::vector<double>> &times() const { return m_times; }

private:
    [[nodiscard]] TimeChart *chart() const
    {
        const QWidget *page = m_window.pages().current();
        for (TimeChart *one : page ? page->findChildren<TimeChart *>() : QList<TimeChart *>()) {
            if (one->isVisible())
                return one;
        }
        return nullptr;
    }
    static bool told(const std::string &what)
    {
        std::fprintf(stderr, "bench_clicks: %s\n", what.c_str());
        return false;
    }
    bool take(const std::string &name, const std::function<void()> &click)
    {
        const auto took = m_frames.after([this] { return chart(); }, click);
        if (!took)
            return told("no chart after " + name);
        m_times[name].push_back(*took);
        // What is read beside the chart does not weigh upon the next click.
        QTest::qWait(settles);
        return true;
    }
    // By the keys that a person presses; `entry` in the list of choices.
    bool choose(const std::string &name, const QString &box, int entry)
    {
        auto *combo = named<QComboBox>(*m_window.pages().current(), box);
        if (!combo || entry >= combo->count())
            return told("nothing to choose for " + name);
        combo->setFocus();
        // One step aside first, unseen, so that a single key leads there.
        const int beside = entry > 0 ? entry - 1 : 1;
        {
            const QSignalBlocker quiet(combo);
            combo->setCurrentIndex(beside);
        }
        return take(name, [combo, entry] { QTest::keyClick(combo, entry > 0 ? Qt::Key_Down : Qt::Key_Up); });
    }
    bool wholeRegistry()
    {
        if (!QTest::qWaitFor([this] { return chart() != nullptr; }, patience))
            return told("no page of downloads");
        auto *subject = named<QLineEdit>(*m_window.pages().current(), QStringLiteral("Projects, with commas between"));
        if (!subject)
            return told("no field for projects");
        if (!subject->text().isEmpty()) {
            subject->clear();
            QTest::qWait(settles);
        }
        return QTest::qWaitFor([this] { return chart() != nullptr; }, patience);
    }
    bool presets()
    {
        // From another window than any that is measured: the same answer again would be no new frame.
        auto *window = named<QComboBox>(*m_window.pages().current(), QStringLiteral("Window"));
        if (!window)
            return told("no choice of windows");
        window->setCurrentIndex(1);
        QTest::qWait(2 * settles);
        // "Last hour" … "All", from the year on.
        const std::vector<std::pair<std::string, int>> spans{{"year", 6}, {"day", 2}, {"90 days", 5}, {"7 days", 3}, {"all", 7}, {"30 days", 4}};
        return std::all_of(spans.begin(), spans.end(), [this](const auto &span) { return choose("registry, " + span.first, QStringLiteral("Window"), span.second); }) &&
               choose("registry, year", QStringLiteral("Window"), 6);
    }
    bool splits()
    {
        auto *split = named<QComboBox>(*m_window.pages().current(), QStringLiteral("Split by"));
        for (int i = 1; split && i < split->count(); ++i) {
            if (!choose("registry, year by " + split->itemText(i).toLower().toStdString(), QStringLiteral("Split by"), i))
                return false;
        }
        return split && choose("registry, year by client class", QStringLiteral("Split by"), 0) && choose("registry, year without mirrors", QStringLiteral("Client classes"), 1) &&
               choose("registry, year with mirrors", QStringLiteral("Client classes"), 0);
    }
    bool oneProject()
    {
        auto *top = named<DataTable>(*m_window.pages().current(), QStringLiteral("Most downloaded"));
        if (!top || !QTest::qWaitFor([top] { return top->model()->rowCount() > 1; }, patience))
            return told("no list of the most downloaded");
        const QPoint at = top->visualRect(top->model()->index(0, 0)).center();
        QTest::mouseClick(top->viewport(), Qt::LeftButton, {}, at);
        if (!take("a project, year", [top, at] { QTest::mouseDClick(top->viewport(), Qt::LeftButton, {}, at); }))
            return false;
        return choose("a project, 90 days", QStringLiteral("Window"), 5) && choose("a project, year", QStringLiteral("Window"), 6);
    }
    bool tabOfTheProject()
    {
        m_window.go(Route::parse(QStringLiteral("project/") + m_project));
        QTabWidget *tabs = nullptr;
        const bool open = QTest::qWaitFor([&] { return (tabs = named<QTabWidget>(*m_window.pages().current(), QStringLiteral("Parts of the project"))) != nullptr; }, patience);
        if (!open)
            return told("no page of the project");
        tabs->setCurrentIndex(0);
        QTest::qWait(settles);
        const int place = 3;
        const QPoint at = tabs->tabBar()->tabRect(place).center();
        if (!take("the tab of a project, first", [tabs, at] { QTest::mouseClick(tabs->tabBar(), Qt::LeftButton, {}, at); }))
            return false;
        return choose("the tab of a project, year", QStringLiteral("Window"), 3) && choose("the tab of a project, 30 days", QStringLiteral("Window"), 2);
    }

    static constexpr int settles = 400;
    MainWindow &m_window;
    QString m_project;
    Frames m_frames;
    std::map<std::string, std::vector<double>> m_times;
};

}  // namespace

int main(int argc, char **argv)
{
    QApplication application(argc, argv);
    QCoreApplication::setApplicationName(QStringLiteral("cheesemonger"));
    std::string token;
    std::getline(std::cin, token);
    if (argc != 4 || token.empty()) {
        std::fprintf(stderr, "usage: bench_clicks URL PROJECT ROUNDS < token\n");
        return 2;
    }
    cm::desktop::Options options;
    options.connect = QUrl(QString::fromLocal8Bit(argv[1]));
    options.token = QByteArray::fromStdString(token);
    options.route = QStringLiteral("downloads");
    std::unique_ptr<cm::desktop::Desktop> desktop;
    const QPointer<MainWindow> window = openDesktop(desktop, options);
    if (!window)
        return 1;
    window->resize(1440, 900);
    Session session(*window, QString::fromLocal8Bit(argv[2]));
    for (int round = 0; round < std::atoi(argv[3]); ++round) {
        if (!session.round())
            return 1;
    }
    const char *between = "{";
    for (auto [name, times] : session.times()) {
        std::sort(times.begin(), times.end());
        std::printf("%s\"%s\": {\"median_ms\": %.2f, \"worst_ms\": %.2f}", between, name.c_str(), times[times.size() / 2], times.back());
        between = ", ";
    }
    std::printf("}\n");
    return 0;
}
