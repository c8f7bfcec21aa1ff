// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/downloads/completeness_card.h"

#include "ui/format/download_words.h"
#include "ui/format/format.h"
#include "ui/theme/metrics.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/share_strip.h"
#include "ui/widgets/state_mark.h"

#include <QLabel>
#include <QVBoxLayout>

#include <algorithm>
#include <optional>
#include <utility>

namespace cm::ui {

namespace {

constexpr std::size_t namedReasons = 4;
constexpr int mostRows = 3;  // more of them scroll
constexpr int doubledPlace = 4;

using Known = std::optional<std::int64_t>;

// Of the lines that are told, those that did not come; what came twice stands in for none. Absent: nobody tells.
template <class Told>
Known missingOf(const Told &of)
{
    return of.sent && of.told ? Known(std::max<std::int64_t>(0, *of.sent - *of.told + of.doubled)) : std::nullopt;
}

QString senderName(const api::LineSender &sender)
{
    return sender.name.empty() ? CompletenessCard::tr("not named") : text(sender.name);
}

QString senderTip(const api::LineSender &sender)
{
    if (!sender.sent || !sender.told)
        return CompletenessCard::tr("It tells nothing: how many it sent is not known");
    return CompletenessCard::tr("Of the time of which it tells: %1 sent, %2 came").arg(formatCount(*sender.sent), formatCount(*sender.told));
}

// Of which bucket the figure is the largest, as the chart names it; nothing: it is 0 in all.
template <class Figure>
std::optional<std::pair<QString, std::int64_t>> worstOf(const api::DownloadCompleteness &completeness, Figure &&figure)
{
    const api::CompletenessBucket *worst = nullptr;
    std::int64_t most = 0;
    for (const api::CompletenessBucket &bucket : completeness.buckets) {
        if (const std::int64_t lines = figure(bucket); lines > most) {
            most = lines;
            worst = &bucket;
        }
    }
    return worst ? std::optional(std::pair(bucketName(completeness.step, worst->start), most)) : std::nullopt;
}

// A sender of whose lines most are missing, while as many came that nobody tells of: they may come under a name that is not
// the one it tells by. Null: none.
const api::LineSender *misnamedOf(const api::DownloadCompleteness &completeness)
{
    for (const api::LineSender &sender : completeness.senders) {
        const std::int64_t missing = missingOf(sender).value_or(0);
        if (missing > 0 && 2 * missing > *sender.sent && 10 * completeness.untold >= 9 * missing)
            return &sender;
    }
    return nullptr;
}

}  // namespace

// The worst first.
QStringList CompletenessCard::troublesOf(const api::DownloadCompleteness &completeness)
{
    QStringList out;
    if (const std::int64_t missing = missingOf(completeness).value_or(0); missing > 0)
        out << tr("%1 of %2 lines sent are missing").arg(formatCount(missing), formatCount(*completeness.sent));
    if (completeness.doubled > 0)
        out << tr("%1 lines more came than were sent: they are counted twice").arg(formatCount(completeness.doubled));
    if (completeness.known > 0 && completeness.known < completeness.minutes)
        out << missingWords(completeness.minutes, completeness.known);
    return out;
}

// With their share of all that came.
QString CompletenessCard::againWords(const api::LineFigures &lines)
{
    const std::int64_t all = lines.received + lines.repeated;
    return all > 0 && lines.repeated > 0
        ? tr("%1 (%2)", "lines that came again, and their share").arg(formatCount(lines.repeated), formatPercent(static_cast<double>(lines.repeated) / static_cast<double>(all)))
        : formatCount(lines.repeated);
}

CompletenessCard::CompletenessCard(QWidget *parent)
    : Card(tr("Completeness"), parent), m_strip(new ShareStrip(tr("What became of the lines"))), m_state(new StateMark), m_figures(wrappedLabel()), m_words(wrappedLabel())
{
    using Row = api::LineSender;
    const auto figure = [](const Known &value) { return orDash(value, formatCount); };
    m_model = new Model({column<Row>({QStringLiteral("name"), tr("Sender"), false, true, false, {}, 14, true}, senderName, senderTip),
                         column<Row>({QStringLiteral("received"), tr("Received"), true, false, false, {}, 11}, [](const Row &row) { return formatCount(row.received); }),
                         column<Row>({QStringLiteral("sent"), tr("Sent"), true, false, false, {}, 11}, [figure](const Row &row) { return figure(row.sent); }, senderTip),
                         column<Row>({QStringLiteral("told"), tr("Of these came"), true, false, false, {}, 14}, [figure](const Row &row) { return figure(row.told); }, senderTip),
                         column<Row>({QStringLiteral("doubled"), tr("Too many"), true, false, false, {}, 10}, [](const Row &row) { return row.sent ? formatCount(row.doubled) : dash(); },
                                     [](const Row &) { return CompletenessCard::tr("Of hours in which more than 3 % too many came: lines are counted twice then"); },
                                     [](const Row &row) { return row.doubled > 0 ? std::optional(api::Verdict::Warning) : std::nullopt; }),
                         column<Row>({QStringLiteral("missing"), tr("Missing"), true, false, false, {}, 10}, [figure](const Row &row) { return figure(missingOf(row)); },
                                     senderTip,
                                     [](const Row &row) { return missingOf(row).value_or(0) > 0 ? std::optional(api::Verdict::Warning) : std::nullopt; })},
                        [](const Row &row) { return text(row.name); }, this);
    m_senders = new DataTable(tr("Senders of lines"));
    m_senders->setTable(m_model);
    auto *inner = new QWidget;
    auto *layout = new QVBoxLayout(inner);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(metrics::unit);
    layout->addWidget(m_state);
    layout->addWidget(m_strip);
    layout->addWidget(m_figures);
    layout->addWidget(m_words);
    layout->addWidget(m_senders);
    m_words->setForegroundRole(QPalette::PlaceholderText);
    m_senders->hide();
    // Whatever the page is about.
    setNote(tr("of the whole log"));
    setContent(inner);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Minimum);
}

void CompletenessCard::setCompleteness(const api::DownloadCompleteness &completeness)
{
    const api::LineFigures &lines = completeness.total;
    const Known missing = missingOf(completeness);
    showState(completeness);
    m_strip->setVisible(completeness.known > 0);
    m_strip->setParts({{tr("Downloads stored"), formatCount(lines.downloads), static_cast<double>(lines.downloads), 0},
                       {tr("Index requests stored"), formatCount(lines.simple), static_cast<double>(lines.simple), 1},
                       {tr("Ignored"), formatCount(lines.ignored), static_cast<double>(lines.ignored), 5},
                       {tr("Not understood"), formatCount(lines.unprocessed), static_cast<double>(lines.unprocessed), 3},
                       {tr("Refused"), formatCount(lines.refused), static_cast<double>(lines.refused), 2},
                       {tr("Sent again, dropped"), againWords(lines), static_cast<double>(lines.repeated), 4},
                       {tr("Sent, not received"), orDash(missing, formatCount), static_cast<double>(missing.value_or(0)), 0, true}});
    const bool known = completeness.known > 0;
    const auto figure = [known](std::int64_t count) { return known ? formatCount(count) : dash(); };
    m_figures->setText(tr("Sent %1 · received %2 · parsed %3 · stored %4")
                           .arg(orDash(completeness.sent, formatCount), figure(lines.received), figure(lines.downloads + lines.simple), figure(lines.stored)));
    // The mark has room for one trouble.
    QStringList words = troublesOf(completeness).mid(1);
    if (completeness.sent && completeness.told)
        words << tr("of the lines sent %1 came").arg(formatCount(*completeness.told - completeness.doubled));
    if (const auto worst = worstOf(completeness, [](const auto &bucket) { return missingOf(bucket).value_or(0); }))
        words << tr("most are missing of %1: %2").arg(worst->first, formatCount(worst->second));
    if (const auto worst = worstOf(completeness, [](const auto &bucket) { return bucket.doubled; }))
        words << tr("most are too many of %1: %2").arg(worst->first, formatCount(worst->second));
    if (const auto worst = worstOf(completeness, [](const auto &bucket) { return bucket.lines ? bucket.lines->repeated : 0; }))
        words << tr("most were sent again on %1: %2").arg(worst->first, formatCount(worst->second));
    if (const api::LineSender *sender = misnamedOf(completeness))
        words << tr("most lines of %1 are missing, and as many came from senders that tell nothing: it may tell by another name than its lines bear").arg(senderName(*sender));
    if (completeness.sent && completeness.untold > 0)
        words << tr("%1 lines came from senders that tell nothing: of those nobody knows how many were sent").arg(formatCount(completeness.untold));
    if (!completeness.sent && known)
        words << tr("no sender tells how many it sent");
    if (completeness.newest)
        words << tr("newest of %1").arg(formatTime(*completeness.newest));
    QStringList reasons;
    for (std::size_t i = 0; i < std::min(namedReasons, completeness.reasons.size()); ++i)
        reasons << QStringLiteral("%1 %2").arg(ltr(text(completeness.reasons[i].reason)), formatCount(completeness.reasons[i].lines));
    if (!reasons.isEmpty())
        words << tr("not counted: %1").arg(reasons.join(QStringLiteral(", ")));
    words.removeAll(QString());
    m_words->setText(words.join(QStringLiteral(" · ")));
    showSenders(completeness);
}

void CompletenessCard::showState(const api::DownloadCompleteness &completeness)
{
    const api::LineFigures &lines = completeness.total;
    const std::int64_t parsed = lines.downloads + lines.simple;
    const QStringList troubles = troublesOf(completeness);
    if (lines.stored != parsed)
        m_state->setState(Mark::Critical, tr("%1 lines were parsed, but %2 are in the counts").arg(formatCount(parsed), formatCount(lines.stored)));
    else if (completeness.known == 0)
        m_state->setState(Mark::Unknown, tr("Nothing is known of this window"));
    else if (!troubles.isEmpty())
        m_state->setState(Mark::Warning, troubles.front());
    else
        m_state->setState(Mark::Ok, tr("Every minute is known"));
}

// Where nobody tells anything they would be nothing but dashes.
void CompletenessCard::showSenders(const api::DownloadCompleteness &completeness)
{
    m_model->setRows(QList<api::LineSender>(completeness.senders.begin(), completeness.senders.end()));
    const int rows = std::min(static_cast<int>(completeness.senders.size()), mostRows);
    m_senders->setRowsHigh(rows);
    // Where there is none it would be nothing but in the way.
    m_senders->setColumnHidden(doubledPlace, completeness.doubled == 0);
    m_senders->setVisible(rows > 0 && completeness.sent);
}

void CompletenessCard::setUnknown(const QString &why)
{
    m_state->setState(Mark::Unknown, tr("Not known: %1").arg(why));
    m_strip->hide();
    m_senders->hide();
    m_figures->setText(tr("Sent %1 · received %2 · parsed %3 · stored %4").arg(dash(), dash(), dash(), dash()));
    m_words->clear();
}

}  // namespace cm::ui
