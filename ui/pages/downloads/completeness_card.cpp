// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/downloads/completeness_card.h"

#include "ui/format/download_words.h"
#include "ui/format/format.h"
#include "ui/theme/metrics.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/share_strip.h"
#include "ui/widgets/state_mark.h"

#include <QLabel>
#include <QVBoxLayout>

namespace cm::ui {

namespace {

constexpr std::size_t namedReasons = 4;

}  // namespace

CompletenessCard::CompletenessCard(QWidget *parent)
    : Card(tr("Completeness"), parent), m_strip(new ShareStrip(tr("What became of the lines"))), m_state(new StateMark), m_words(wrappedLabel())
{
    auto *inner = new QWidget;
    auto *layout = new QVBoxLayout(inner);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(metrics::unit);
    layout->addWidget(m_state);
    layout->addWidget(m_strip);
    layout->addWidget(m_words);
    m_words->setForegroundRole(QPalette::PlaceholderText);
    setContent(inner);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Minimum);
}

void CompletenessCard::setCompleteness(const api::DownloadCompleteness &completeness)
{
    const api::LineFigures &lines = completeness.total;
    const std::int64_t parsed = lines.downloads + lines.simple;
    if (lines.stored != parsed)
        m_state->setState(Mark::Critical, tr("%1 lines were parsed, but %2 are in the counts").arg(formatCount(parsed), formatCount(lines.stored)));
    else if (completeness.known == 0)
        m_state->setState(Mark::Unknown, tr("Nothing is known of this window"));
    else if (completeness.known < completeness.minutes)
        m_state->setState(Mark::Warning, missingWords(completeness.minutes, completeness.known));
    else
        m_state->setState(Mark::Ok, tr("Every minute is known"));
    m_strip->setVisible(completeness.known > 0);
    m_strip->setParts({{tr("Downloads stored"), formatCount(lines.downloads), static_cast<double>(lines.downloads), 0},
                       {tr("Index requests stored"), formatCount(lines.simple), static_cast<double>(lines.simple), 1},
                       {tr("Ignored"), formatCount(lines.ignored), static_cast<double>(lines.ignored), 5},
                       {tr("Not understood"), formatCount(lines.unprocessed), static_cast<double>(lines.unprocessed), 3},
                       {tr("Refused"), formatCount(lines.refused), static_cast<double>(lines.refused), 2}});
    QStringList words;
    words << tr("%1 lines received").arg(formatCount(lines.received));
    words << tr("%1 sent by the CDN").arg(orDash(completeness.sent, formatCount));
    if (completeness.newest)
        words << tr("newest of %1").arg(formatTime(*completeness.newest));
    QStringList reasons;
    for (std::size_t i = 0; i < std::min(namedReasons, completeness.reasons.size()); ++i)
        reasons << QStringLiteral("%1 %2").arg(ltr(text(completeness.reasons[i].reason)), formatCount(completeness.reasons[i].lines));
    if (!reasons.isEmpty())
        words << tr("not counted: %1").arg(reasons.join(QStringLiteral(", ")));
    m_words->setText(words.join(QStringLiteral(" · ")));
}

void CompletenessCard::setUnknown(const QString &why)
{
    m_state->setState(Mark::Unknown, tr("Not known: %1").arg(why));
    m_strip->hide();
    m_words->clear();
}

}  // namespace cm::ui
