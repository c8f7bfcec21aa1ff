// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/deprecations/calendar_tab.h"

#include "core/api/endpoints.h"
#include "ui/client/admin_client.h"
#include "ui/client/connection.h"
#include "ui/format/deprecation_words.h"
#include "ui/format/error_words.h"
#include "ui/format/format.h"
#include "ui/theme/fonts.h"
#include "ui/theme/metrics.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/flow_layout.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/window_calendar.h"

#include <QAction>
#include <QKeyEvent>
#include <QLabel>
#include <QPushButton>
#include <QStackedLayout>
#include <QVBoxLayout>

#include <algorithm>

namespace cm::ui {

namespace {

Time endOf(const api::BrownOut &one)
{
    return one.endedEarly ? *one.endedEarly : one.ends;
}

// What is called off is drawn where it would have been.
Time drawnTo(const api::BrownOut &one)
{
    return one.state == api::BrownOutState::CalledOff ? one.ends : std::max(endOf(one), one.starts);
}

bool isToCome(const api::BrownOut &one)
{
    return one.state == api::BrownOutState::Planned || one.state == api::BrownOutState::Running;
}

WindowCalendar::State stateOf(api::BrownOutState state)
{
    switch (state) {
    case api::BrownOutState::Running:
        return WindowCalendar::State::Running;
    case api::BrownOutState::Ended:
        return WindowCalendar::State::Over;
    case api::BrownOutState::Aborted:
        return WindowCalendar::State::CutShort;
    case api::BrownOutState::CalledOff:
        return WindowCalendar::State::CalledOff;
    case api::BrownOutState::Planned:
        break;
    }
    return WindowCalendar::State::Planned;
}

// "2026-11-26 10:00 to 11:00 UTC", with the second date where it is another one.
QString spanWords(Time from, Time to)
{
    const QString end = formatMinute(to);
    return CalendarTab::tr("%1 to %2 UTC").arg(formatMinute(from), dayOf(from) == dayOf(to) ? end.right(5) : end);
}

}  // namespace

CalendarTab::CalendarTab(const PageContext &context, QWidget *parent)
    : QWidget(parent), m_context(context), m_month(new QLabel), m_calendar(new WindowCalendar(tr("Calendar of brown-outs"))), m_words(wrappedLabel()), m_unread(wrappedLabel()),
      m_asTable(new QAction(tr("Calendar of brown-outs as a &table"), this))
{
    m_asTable->setCheckable(true);
    auto *body = new QWidget;
    m_stack = new QStackedLayout(body);
    m_stack->addWidget(m_calendar);
    m_stack->addWidget(buildTable());
    m_words->setForegroundRole(QPalette::PlaceholderText);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 2 * metrics::unit, 0, 0);
    layout->setSpacing(2 * metrics::unit);
    layout->addWidget(buildHead());
    layout->addWidget(body, 1);
    layout->addWidget(m_words);
    layout->addWidget(m_unread);
    m_unread->hide();
    m_calendar->setToday(dayOf(context.clock.now()));
    m_calendar->installEventFilter(this);
    m_table->installEventFilter(this);
    connect(m_calendar, &WindowCalendar::dayChanged, this, &CalendarTab::tellDay);
    connect(m_calendar, &WindowCalendar::opened, this, [this](const QString &key) { Q_EMIT opened(key.section(QLatin1Char('/'), 0, 0).toLongLong()); });
    connect(&m_context.connection, &Connection::chosenChanged, this, &CalendarTab::forget);
    connect(m_asTable, &QAction::toggled, this, [this](bool table) {
        const bool hadFocus = m_stack->currentWidget()->hasFocus();
        m_stack->setCurrentIndex(table ? 1 : 0);
        if (hadFocus)
            m_stack->currentWidget()->setFocus();
        m_words->setVisible(!table);
    });
    tellDay();
}

QWidget *CalendarTab::buildHead()
{
    auto *head = new QWidget;
    auto *row = new FlowLayout(head);
    m_month->setFont(headingFont(font()));
    const auto button = [this, row](const QString &words, const QString &tip, auto move) {
        auto *one = new QPushButton(words);
        one->setToolTip(tip);
        connect(one, &QPushButton::clicked, this, [this, move] { m_calendar->setDay(move(m_calendar->day())); });
        row->addWidget(one);
    };
    row->addWidget(m_month);
    button(tr("Earlier"), tr("A month earlier: Page Up"), [](QDate day) { return day.addMonths(-1); });
    button(tr("Today"), tr("Home"), [this](QDate) { return dayOf(m_context.clock.now()); });
    button(tr("Later"), tr("A month later: Page Down"), [](QDate day) { return day.addMonths(1); });
    row->push();
    auto *table = new QPushButton(tr("As a table"));
    table->setCheckable(true);
    table->setToolTip(tr("T"));
    connect(table, &QPushButton::toggled, m_asTable, &QAction::setChecked);
    connect(m_asTable, &QAction::toggled, table, &QPushButton::setChecked);
    row->addWidget(table);
    return head;
}

QWidget *CalendarTab::buildTable()
{
    m_model = new ListTableModel<Row>(
        {column<Row>({QStringLiteral("starts"), tr("Begins, UTC"), false, false, false, {}, 18}, [](const Row &row) { return formatMinute(row.brownOut.starts); },
                     [](const Row &row) { return timeTip(row.brownOut.starts); }),
         column<Row>({QStringLiteral("length"), tr("Lasts"), false, false, true, {}, 10}, [](const Row &row) { return formatDuration(drawnTo(row.brownOut) - row.brownOut.starts); },
                     [](const Row &row) { return timeTip(endOf(row.brownOut)); }),
         column<Row>({QStringLiteral("title"), tr("What retires"), false, false, false, {}, 24, true}, [](const Row &row) { return row.title; }),
         column<Row>({QStringLiteral("number"), tr("No."), true, false, false, {}, 4}, [](const Row &row) { return formatCount(row.brownOut.number); }),
         column<Row>({QStringLiteral("state"), tr("State"), false, false, false, {}, 24},
                     [](const Row &row) {
                         const QString state = nameFor(row.brownOut.state);
                         return row.collidesWith.isEmpty() ? state : tr("%1, meets %2").arg(state, row.collidesWith.join(QStringLiteral(", ")));
                     },
                     [](const Row &row) { return wordsOf(row); }, [](const Row &row) { return row.collidesWith.isEmpty() ? std::nullopt : std::optional(api::Verdict::Warning); })},
        keyOf, this);
    m_table = new DataTable(tr("Brown-outs of all records"));
    m_table->setTable(m_model);
    m_table->setEmptyText(tr("None planned, none past"));
    connect(m_table, &DataTable::opened, this, [this](const QModelIndex &index) {
        if (const Row *row = m_model->rowAt(index.row()))
            Q_EMIT opened(row->deprecation);
    });
    return m_table;
}

void CalendarTab::setList(const api::DeprecationList &list)
{
    QHash<std::int64_t, Held> held;
    for (const api::DeprecationSummary &one : list.items) {
        Held now = m_held.value(one.id.value);
        now.outdated = now.outdated || now.summary.revision != one.revision || now.summary.next != one.next;
        now.summary = one;
        held.insert(one.id.value, now);
    }
    m_held = held;
    redraw();
    if (isVisible())
        readNext();
}

void CalendarTab::setRecord(const api::DeprecationRecord &record)
{
    m_chosen = record.id.value;
    if (const auto found = m_held.find(m_chosen); found != m_held.end()) {
        found->brownOuts = record.brownOuts;
        found->problem.clear();
        found->outdated = false;
    }
    redraw();
}

// Another registry counts its records from 1 as well.
void CalendarTab::forget()
{
    m_call.drop();
    m_reading = false;
    m_held.clear();
    m_chosen = 0;
    redraw();
}

void CalendarTab::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    readNext();
}

// One after the other: nobody waits for them, and the registry has others to serve.
void CalendarTab::readNext()
{
    if (m_reading)
        return;
    const auto next = std::find_if(m_held.begin(), m_held.end(), [](const Held &one) { return one.outdated; });
    if (next == m_held.end())
        return;
    m_reading = true;
    const std::int64_t id = next.key();
    m_call.start(this, m_context.client.call(api::endpoints::getDeprecation, {{id}}), [this, id](const Result<api::DeprecationRecord> &answer) {
        m_reading = false;
        if (const auto found = m_held.find(id); found != m_held.end()) {
            // Asked again when the list is read again.
            found->outdated = false;
            found->problem = answer ? QString() : wordsFor(answer.error()).title;
            found->brownOuts = answer ? std::optional(answer->brownOuts) : std::nullopt;
            if (!answer)
                found->summary.revision = -1;
        }
        redraw();
        readNext();
    });
}

QList<CalendarTab::Row> CalendarTab::rows() const
{
    QList<Row> rows;
    for (auto held = m_held.begin(); held != m_held.end(); ++held) {
        for (const api::BrownOut &one : held->brownOuts.value_or(std::vector<api::BrownOut>()))
            rows << Row{held.key(), text(held->summary.title), one, held.key() == m_chosen, {}};
    }
    std::sort(rows.begin(), rows.end(), [](const Row &a, const Row &b) { return std::pair(a.brownOut.starts, a.brownOut.id.value) < std::pair(b.brownOut.starts, b.brownOut.id.value); });
    for (Row &one : rows) {
        for (const Row &other : std::as_const(rows)) {
            const bool meet = other.deprecation != one.deprecation && isToCome(one.brownOut) && isToCome(other.brownOut) && one.brownOut.starts < other.brownOut.ends &&
                              other.brownOut.starts < one.brownOut.ends;
            if (meet && !one.collidesWith.contains(other.title))
                one.collidesWith << other.title;
        }
    }
    return rows;
}

QString CalendarTab::keyOf(const Row &row)
{
    return QStringLiteral("%1/%2").arg(row.deprecation).arg(row.brownOut.id.value);
}

QString CalendarTab::wordsOf(const Row &row)
{
    QStringList words{tr("%1, brown-out %2: %3").arg(row.title).arg(row.brownOut.number).arg(spanWords(row.brownOut.starts, drawnTo(row.brownOut))), nameFor(row.brownOut.state)};
    if (!row.brownOut.onCall.empty())
        words << tr("on call %1").arg(text(row.brownOut.onCall));
    if (!isToCome(row.brownOut) && row.brownOut.state != api::BrownOutState::CalledOff)
        words << tr("%1 refused").arg(formatCount(row.brownOut.refused));
    if (!row.collidesWith.isEmpty())
        words << tr("meets %1").arg(row.collidesWith.join(QStringLiteral(", ")));
    return words.join(QStringLiteral(", "));
}

void CalendarTab::redraw()
{
    const QList<Row> all = rows();
    QList<WindowCalendar::Window> windows;
    for (const Row &row : all) {
        const QString words = wordsOf(row);
        windows << WindowCalendar::Window{keyOf(row),
                                          tr("%1 %2 · %3").arg(formatMinute(row.brownOut.starts).right(5), row.title).arg(row.brownOut.number),
                                          words,
                                          words + QLatin1Char('\n') + timeTip(row.brownOut.starts),
                                          row.brownOut.starts,
                                          drawnTo(row.brownOut),
                                          stateOf(row.brownOut.state),
                                          row.chosen,
                                          !row.collidesWith.isEmpty()};
    }
    m_calendar->setToday(dayOf(m_context.clock.now()));
    m_calendar->setWindows(windows);
    m_model->setRows(all);
    QStringList unread;
    for (const Held &one : std::as_const(m_held)) {
        if (!one.brownOuts && !one.problem.isEmpty())
            unread << tr("%1: %2").arg(text(one.summary.title), one.problem);
        else if (!one.brownOuts)
            unread << text(one.summary.title);
    }
    unread.sort();
    m_unread->setVisible(!unread.isEmpty());
    m_unread->setText(tr("Not known yet: the brown-outs of %1").arg(unread.join(QStringLiteral(", "))));
    tellDay();
}

void CalendarTab::tellDay()
{
    const QDate day = m_calendar->day();
    m_month->setText(day.toString(QStringLiteral("yyyy-MM")));
    QStringList words;
    for (const WindowCalendar::Window &one : m_calendar->windowsOn(day))
        words << one.words;
    m_words->setText(words.isEmpty() ? tr("%1: no brown-out").arg(day.toString(QStringLiteral("yyyy-MM-dd"))) : words.join(QLatin1Char('\n')));
}

bool CalendarTab::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() == QEvent::KeyPress) {
        auto *key = static_cast<QKeyEvent *>(event);
        if (key->key() == Qt::Key_T && key->modifiers() == Qt::NoModifier) {
            m_asTable->toggle();
            return true;
        }
    }
    return QWidget::eventFilter(watched, event);
}

}  // namespace cm::ui
