// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/nodes/pools_view.h"

#include "ui/format/format.h"
#include "ui/theme/metrics.h"
#include "ui/widgets/card.h"
#include "ui/widgets/comparison_grid.h"
#include "ui/widgets/state_mark.h"

#include <QLabel>
#include <QMap>
#include <QScrollArea>
#include <QVBoxLayout>

#include <algorithm>

namespace cm::ui {

namespace {

using Cell = ComparisonGrid::Cell;
using Line = ComparisonGrid::Line;

QString orNone(const std::string &value)
{
    return value.empty() ? dash() : text(value);
}

// Marked where those who say anything do not all say the same.
Line line(const QString &name, QList<Cell> cells)
{
    QStringList said;
    for (const Cell &cell : std::as_const(cells)) {
        if (cell.text != dash())
            said << cell.text;
    }
    said.removeDuplicates();
    return {name, std::move(cells), said.size() > 1 ? Mark::Warning : Mark::None};
}

const api::PoolBackend *backendOf(const api::PoolState &pool, const QString &name)
{
    const auto found = std::find_if(pool.backends.begin(), pool.backends.end(), [&name](const api::PoolBackend &backend) {
        return text(backend.node.empty() ? backend.host : backend.node) == name;
    });
    return found == pool.backends.end() ? nullptr : &*found;
}

// What pgpool believes, and what it measured where that is something else.
QString believed(const std::string &belief, const std::string &measured)
{
    if (measured.empty() || measured == belief)
        return orNone(belief);
    return PoolsView::tr("%1, measured %2").arg(orNone(belief), text(measured));
}

// What its clients get, by SQL; marked by the caller where that is something else than what it says at its control port.
QString forClients(const api::PoolBackend &backend)
{
    return backend.sqlStatus.empty() ? dash() : PoolsView::tr("%1 as %2").arg(text(backend.sqlStatus), orNone(backend.sqlRole));
}

bool contradictsItself(const api::PoolBackend &backend)
{
    const auto up = [](const std::string &status) { return status == "up" || status == "waiting"; };
    return !backend.sqlStatus.empty() && (up(backend.sqlStatus) != up(backend.status) || backend.sqlRole != backend.role);
}

}  // namespace

PoolsView::PoolsView(QWidget *parent)
    : QWidget(parent), m_verdict(new StateMark), m_quorum(new QLabel), m_backends(new ComparisonGrid(tr("What each pgpool believes"))),
      m_settings(new ComparisonGrid(tr("Settings of each pgpool"))), m_settingsCard(new Card(tr("Settings that matter")))
{
    m_quorum->setWordWrap(true);
    m_quorum->setForegroundRole(QPalette::PlaceholderText);
    auto *views = new Card(tr("What each pgpool believes"));
    views->addHeaderWidget(m_verdict);
    m_verdict->setSizePolicy(QSizePolicy::Minimum, QSizePolicy::Fixed);
    views->setContent(m_backends);
    views->addRow(m_quorum);
    m_settingsCard->setContent(m_settings);
    auto *content = new QWidget;
    auto *column = new QVBoxLayout(content);
    column->setContentsMargins(0, metrics::gap, 0, 0);
    column->setSpacing(metrics::gap);
    column->addWidget(views);
    column->addWidget(m_settingsCard);
    column->addStretch(1);
    auto *scroll = new QScrollArea;
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setFocusPolicy(Qt::NoFocus);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setWidget(content);
    scroll->viewport()->setAutoFillBackground(false);
    content->setAutoFillBackground(false);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(scroll);
}

void PoolsView::setPools(const api::PoolView &view)
{
    m_view = view;
}

void PoolsView::clear()
{
    m_view = {};
    m_backends->set({}, {});
    m_settings->set({}, {});
}

void PoolsView::tick(bool old, Time now)
{
    if (m_view.pools.empty())
        m_verdict->setState(Mark::None, tr("No pgpool is watched"));
    else if (old)
        m_verdict->setState(Mark::Unknown, tr("Not known now"));
    else if (m_view.disagreements.empty())
        m_verdict->setState(Mark::Ok, tr("They say the same"));
    else
        m_verdict->setState(Mark::Warning, text(m_view.disagreements.front()));
    m_quorum->setText(text(m_view.quorumStatement));
    m_quorum->setVisible(!m_view.quorumStatement.empty());
    showBackends(old, now);
    showSettings();
}

void PoolsView::showBackends(bool old, Time now)
{
    QStringList pools;
    QStringList backends;
    for (const api::PoolState &pool : m_view.pools) {
        pools << text(pool.name);
        for (const api::PoolBackend &backend : pool.backends) {
            const QString name = text(backend.node.empty() ? backend.host : backend.node);
            if (!backends.contains(name))
                backends << name;
        }
    }
    QList<Line> lines;
    const auto each = [this](const QString &name, const auto &words) {
        QList<Cell> cells;
        for (const api::PoolState &pool : m_view.pools)
            cells << Cell{words(pool), {}, false};
        return line(name, std::move(cells));
    };
    for (const QString &name : std::as_const(backends)) {
        const auto ofBackend = [&each, &name](const QString &what, const auto &words) {
            return each(what, [&](const api::PoolState &pool) {
                const api::PoolBackend *backend = backendOf(pool, name);
                return backend ? words(*backend) : dash();
            });
        };
        lines << ofBackend(tr("%1 is").arg(name), [](const api::PoolBackend &b) { return believed(b.status, b.actualStatus); })
              << ofBackend(tr("%1 as").arg(name), [](const api::PoolBackend &b) { return believed(b.role, b.actualRole); });
        const auto anyPool = [&](const auto &holds) {
            return std::any_of(m_view.pools.begin(), m_view.pools.end(), [&](const api::PoolState &pool) {
                const api::PoolBackend *backend = backendOf(pool, name);
                return backend && holds(*backend);
            });
        };
        if (anyPool([](const api::PoolBackend &b) { return !b.sqlStatus.empty(); })) {
            lines << ofBackend(tr("%1 for clients").arg(name), forClients);
            lines.last().mark = anyPool(contradictsItself) ? Mark::Warning : lines.last().mark;
        }
        lines << ofBackend(tr("%1 behind").arg(name), [](const api::PoolBackend &b) { return orNone(b.delay); })
              << ofBackend(tr("%1 since").arg(name), [](const api::PoolBackend &b) { return orNone(b.changed); });
        // When a state began is each one's own affair.
        lines.last().mark = Mark::None;
    }
    lines << each(tr("Quorum"), [](const api::PoolState &pool) { return orNone(pool.quorum); })
          << each(tr("Leader"), [](const api::PoolState &pool) { return orNone(pool.leader); })
          << each(tr("Watchdogs alive"), [](const api::PoolState &pool) {
                 return pool.alive && pool.members ? PoolsView::tr("%1 of %2").arg(*pool.alive).arg(*pool.members) : dash();
             });
    for (Line &one : lines) {
        for (Cell &cell : one.cells)
            cell.struck = old && cell.text != dash();
    }
    // Told where one of the two ways in is shut: what is shown is by the other.
    for (const auto &[name, problem] : {std::pair(tr("Control port"), &api::PoolState::controlProblem), std::pair(tr("For clients"), &api::PoolState::sqlProblem)}) {
        if (std::any_of(m_view.pools.begin(), m_view.pools.end(), [problem = problem](const api::PoolState &pool) { return !(pool.*problem).empty(); })) {
            lines << each(name, [problem = problem](const api::PoolState &pool) { return orNone(pool.*problem); });
            lines.last().mark = Mark::Warning;
        }
    }
    Line own = each(tr("Its part"), [](const api::PoolState &pool) { return orNone(pool.watchdogState).toLower(); });
    own.mark = Mark::None;
    Line taken = each(tr("Taken"), [now](const api::PoolState &pool) { return pool.sampled ? PoolsView::tr("%1 old").arg(formatSampleAge(*pool.sampled, now)) : dash(); });
    taken.mark = Mark::None;
    m_backends->set(pools, lines << own << taken);
}

void PoolsView::showSettings()
{
    QStringList pools;
    QMap<QString, QList<Cell>> values;
    QMap<QString, api::Verdict> verdicts;
    for (std::size_t at = 0; at < m_view.pools.size(); ++at) {
        const api::PoolState &pool = m_view.pools[at];
        if (pool.settings.empty())
            continue;
        for (const api::PoolSetting &setting : pool.settings) {
            QList<Cell> &cells = values[text(setting.name)];
            while (cells.size() < pools.size())
                cells << Cell{dash(), {}, false};
            const QString value = setting.statement.empty() ? text(setting.value) : tr("%1: %2").arg(text(setting.value), text(setting.statement));
            cells << Cell{value, text(setting.statement), false};
            auto &verdict = verdicts[text(setting.name)];
            verdict = std::max(verdict, setting.verdict);
        }
        pools << text(pool.name);
    }
    QList<Line> lines;
    for (auto value = values.begin(); value != values.end(); ++value) {
        while (value->size() < pools.size())
            *value << Cell{dash(), {}, false};
        Line one = line(value.key(), *value);
        if (const auto verdict = verdicts.value(value.key()); verdict != api::Verdict::Ok)
            one.mark = markOf(verdict);
        lines << one;
    }
    m_settingsCard->setVisible(!lines.isEmpty());
    m_settings->set(pools, lines);
}

}  // namespace cm::ui
