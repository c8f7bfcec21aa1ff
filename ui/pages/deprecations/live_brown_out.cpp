// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/deprecations/live_brown_out.h"

#include "ui/format/download_words.h"
#include "ui/format/format.h"
#include "ui/theme/fonts.h"
#include "ui/widgets/buttons.h"
#include "ui/widgets/comparison_grid.h"
#include "ui/widgets/count_bars.h"
#include "ui/widgets/key_value_list.h"
#include "ui/widgets/labels.h"

#include <QAction>
#include <QLabel>
#include <QProgressBar>
#include <QVBoxLayout>

#include <algorithm>

namespace cm::ui {

namespace {

constexpr std::size_t named = 4;

std::int64_t refusalsOf(const api::BrownOut &one)
{
    return one.refused + one.anonymous;
}

// Of all nodes together; absent where one of them has none.
std::optional<std::int64_t> sumOf(const std::vector<api::NodeCollateral> &nodes, bool during, std::int64_t api::CollateralCounts::*figure)
{
    std::int64_t sum = 0;
    for (const api::NodeCollateral &node : nodes) {
        if (!during && !node.before)
            return std::nullopt;
        sum += during ? node.during.*figure : (*node.before).*figure;
    }
    return nodes.empty() ? std::nullopt : std::optional(sum);
}

}  // namespace

LiveBrownOut::LiveBrownOut(const Clock &clock, QWidget *parent)
    : Card({}, parent), m_clock(clock), m_rest(wrappedLabel()), m_near(wrappedLabel()), m_threshold(new QProgressBar), m_classes(new CountBars(tr("Refused by class of client"))),
      m_facts(new KeyValueList), m_collateral(new ComparisonGrid(tr("What fails beside it"))), m_uncounted(wrappedLabel()), m_problem(wrappedLabel()),
      m_abort(new QAction(tr("A&bort it…"), this))
{
    setRaised(true);
    m_rest->setFont(titleFont(font()));
    m_threshold->setTextVisible(false);
    m_threshold->setAccessibleName(tr("Refusals until it is aborted by itself"));
    QLabel *beside = wrappedLabel();
    beside->setText(tr("What fails beside it"));
    beside->setFont(headingFont(font()));
    for (QLabel *dim : {m_uncounted, m_problem})
        dim->setForegroundRole(QPalette::PlaceholderText);
    for (QWidget *part : {static_cast<QWidget *>(m_rest), static_cast<QWidget *>(m_near), static_cast<QWidget *>(m_threshold), static_cast<QWidget *>(m_classes), static_cast<QWidget *>(m_facts),
                          static_cast<QWidget *>(beside), static_cast<QWidget *>(m_collateral), static_cast<QWidget *>(m_uncounted), static_cast<QWidget *>(m_problem)})
        body()->addWidget(part);
    body()->addWidget(actionButton(m_abort));
    m_problem->hide();
    m_tick.setInterval(1000);
    connect(&m_tick, &QTimer::timeout, this, [this] {
        if (isVisible())
            tick();
    });
}

void LiveBrownOut::show(const api::BrownOut &brownOut, Time sampled, bool mayAbort)
{
    if (brownOut.id.value != m_brownOut.id.value) {
        m_told = false;
        m_view.reset();
    }
    m_brownOut = brownOut;
    m_sampled = sampled;
    setTitle(tr("Brown-out %1 runs").arg(brownOut.number));
    m_abort->setEnabled(mayAbort);
    fill();
    tick();
    m_tick.start();
}

void LiveBrownOut::setView(const api::BrownOutView &view)
{
    // Of the one before.
    if (view.brownOut.id.value != m_brownOut.id.value)
        return;
    m_view = view;
    m_brownOut = view.brownOut;
    m_sampled = view.sampled;
    m_problem->hide();
    fill();
    tick();
}

void LiveBrownOut::setProblem(const QString &problem)
{
    m_problem->setText(tr("Whom it refuses is not known now: %1").arg(problem));
    m_problem->show();
}

void LiveBrownOut::fill()
{
    fillThreshold();
    fillClasses();
    QStringList who;
    if (m_view) {
        for (std::size_t i = 0; i < std::min(m_view->people.size(), named); ++i) {
            const api::RefusedInBrownOut &one = m_view->people[i];
            const QString times = tr("%1 %2 ×").arg(ltr(text(one.user)), formatCount(one.refused));
            who << (one.movedOver ? tr("%1, moved to %2").arg(times, text(one.movedTo)) : times);
        }
        if (m_view->people.size() > named)
            who << tr("and %1 more").arg(formatCount(static_cast<std::int64_t>(m_view->people.size() - named)));
    }
    QString refused = tr("%1 uses of %2 people").arg(formatCount(m_brownOut.refused), formatCount(m_brownOut.people));
    if (m_brownOut.anonymous > 0)
        refused = tr("%1, and %2 that no account stands behind").arg(refused, formatCount(m_brownOut.anonymous));
    m_facts->set({{tr("Refused"), refused, false, {}},
                  {tr("Moved over"), formatCount(m_brownOut.movedOver), false, {}},
                  {tr("Most refused"), who.isEmpty() ? dash() : who.join(QStringLiteral("; ")), false, tr("In this brown-out, by person")},
                  {tr("On call"), m_brownOut.onCall.empty() ? dash() : text(m_brownOut.onCall), false, {}}});
    fillCollateral();
}

void LiveBrownOut::fillThreshold()
{
    const std::int64_t refusals = refusalsOf(m_brownOut);
    m_threshold->setVisible(m_brownOut.abortAt > 0);
    if (m_brownOut.abortAt <= 0) {
        m_near->setText(tr("Never aborts by itself"));
        return;
    }
    m_near->setText(tr("%1 of %2 refusals, then it aborts by itself").arg(formatCount(refusals), formatCount(m_brownOut.abortAt)));
    m_threshold->setRange(0, static_cast<int>(std::min<std::int64_t>(m_brownOut.abortAt, 1'000'000)));
    m_threshold->setValue(static_cast<int>(std::min<std::int64_t>(refusals, m_threshold->maximum())));
}

void LiveBrownOut::fillClasses()
{
    QList<CountBars::Row> rows;
    if (!m_view) {
        rows << CountBars::Row{tr("By class"), std::nullopt, dash(), {}, 0};
    } else {
        for (const api::RefusedClass &one : m_view->classes) {
            rows << CountBars::Row{one.clientClass ? nameFor(*one.clientClass) : tr("class not known"), static_cast<double>(one.refused), formatCount(one.refused),
                                   tr("people: %1").arg(formatCount(one.people)), one.clientClass ? static_cast<std::size_t>(*one.clientClass) : 5};
        }
    }
    m_classes->setRows(rows);
    m_classes->setVisible(!rows.isEmpty());
}

void LiveBrownOut::fillCollateral()
{
    using Counts = api::CollateralCounts;
    struct Figure {
        QString name;
        std::int64_t Counts::*figure;
        bool bad;
    };
    const std::vector<api::NodeCollateral> nodes = m_view ? m_view->collateral : std::vector<api::NodeCollateral>();
    QList<ComparisonGrid::Line> lines;
    for (const Figure &one : {Figure{tr("Other uploads"), &Counts::uploads, false}, Figure{tr("Uploads refused"), &Counts::uploadsRefused, true}, Figure{tr("Uploads failed"), &Counts::uploadsFailed, true},
                              Figure{tr("Installs"), &Counts::installs, false}, Figure{tr("Installs failed"), &Counts::installsFailed, true}}) {
        const auto during = sumOf(nodes, true, one.figure), before = sumOf(nodes, false, one.figure);
        // More than in as long a time before.
        const bool worse = one.bad && during && before && *during > *before;
        lines << ComparisonGrid::Line{one.name, {{orDash(during, formatCount), {}, false}, {orDash(before, formatCount), {}, false}}, worse ? Mark::Warning : Mark::None};
    }
    m_collateral->set({tr("meanwhile"), tr("as long before")}, lines);
    QStringList uncounted;
    if (m_view) {
        for (const std::string &node : m_view->uncounted)
            uncounted << ltr(text(node));
    }
    m_uncounted->setVisible(!uncounted.isEmpty());
    m_uncounted->setText(tr("Without the figures of %1, which are not there").arg(uncounted.join(QStringLiteral(", "))));
}

void LiveBrownOut::tick()
{
    const Time now = m_clock.now();
    setNote(tr("%1 old").arg(formatSampleAge(m_sampled, now)));
    if (now < m_brownOut.ends) {
        m_rest->setText(tr("ends in %1, at %2").arg(formatDuration(std::chrono::ceil<std::chrono::seconds>(m_brownOut.ends - now)), formatUntil(m_brownOut.ends, now)));
        return;
    }
    m_rest->setText(tr("ended at %1, by each node's own clock").arg(formatUntil(m_brownOut.ends, now)));
    if (!std::exchange(m_told, true))
        Q_EMIT over();
}

}  // namespace cm::ui
