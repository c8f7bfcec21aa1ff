// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/deprecations/live_brown_out.h"

#include "ui/format/format.h"
#include "ui/theme/fonts.h"
#include "ui/widgets/buttons.h"
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

}  // namespace

LiveBrownOut::LiveBrownOut(const Clock &clock, QWidget *parent)
    : Card({}, parent), m_clock(clock), m_rest(wrappedLabel()), m_facts(new KeyValueList), m_threshold(new QProgressBar), m_abort(new QAction(tr("A&bort it…"), this))
{
    setRaised(true);
    m_rest->setFont(titleFont(font()));
    m_threshold->setTextVisible(false);
    m_threshold->setAccessibleName(tr("Refusals until it is aborted by itself"));
    body()->addWidget(m_rest);
    body()->addWidget(m_facts);
    body()->addWidget(m_threshold);
    body()->addWidget(actionButton(m_abort));
    m_tick.setInterval(1000);
    connect(&m_tick, &QTimer::timeout, this, [this] {
        if (isVisible())
            tick();
    });
}

void LiveBrownOut::show(const api::BrownOut &brownOut, const api::DeprecationEvidence *evidence, Time sampled, bool mayAbort)
{
    if (brownOut.id.value != m_brownOut.id.value)
        m_told = false;
    m_brownOut = brownOut;
    m_sampled = sampled;
    setTitle(tr("Brown-out %1 runs").arg(brownOut.number));
    m_abort->setEnabled(mayAbort);
    QStringList who, clients;
    if (evidence) {
        std::vector<api::DeprecationPerson> people;
        std::copy_if(evidence->people.begin(), evidence->people.end(), std::back_inserter(people), [](const auto &one) { return one.refused > 0; });
        std::sort(people.begin(), people.end(), [](const auto &a, const auto &b) { return a.refused > b.refused; });
        for (std::size_t i = 0; i < std::min(people.size(), named); ++i)
            who << tr("%1 %2 ×").arg(ltr(text(people[i].user)), formatCount(people[i].refused));
        for (std::size_t i = 0; i < std::min(evidence->clients.size(), named); ++i)
            clients << text(evidence->clients[i].client + ' ' + evidence->clients[i].version).trimmed();
    }
    const QString at = brownOut.abortAt > 0 ? tr("at %1 refusals").arg(formatCount(brownOut.abortAt)) : tr("never");
    m_facts->set({{tr("Refused"), tr("%1 uses of %2 people").arg(formatCount(brownOut.refused), formatCount(brownOut.people)), false, {}},
                  {tr("Moved over"), formatCount(brownOut.movedOver), false, {}},
                  {tr("Refused in all"), who.isEmpty() ? dash() : who.join(QStringLiteral(", ")), false, tr("In all brown-outs of this record, by person")},
                  {tr("Clients"), clients.isEmpty() ? dash() : clients.join(QStringLiteral(", ")), false, tr("Of all uses in 90 days")},
                  {tr("Collateral"), dash(), false, tr("How many of the registry's other answers are errors is not counted")},
                  {tr("On call"), brownOut.onCall.empty() ? dash() : text(brownOut.onCall), false, {}},
                  {tr("Aborts by itself"), at, false, {}}});
    m_threshold->setVisible(brownOut.abortAt > 0);
    m_threshold->setRange(0, static_cast<int>(std::min<std::int64_t>(std::max<std::int64_t>(brownOut.abortAt, 1), 1'000'000)));
    m_threshold->setValue(static_cast<int>(std::min<std::int64_t>(brownOut.refused, m_threshold->maximum())));
    tick();
    m_tick.start();
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
