// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/replication/standby_lines.h"

#include "core/api/findings.h"
#include "ui/format/format.h"
#include "ui/format/signals.h"

namespace cm::ui {

namespace {

using Cell = ComparisonGrid::Cell;

Cell words(const std::string &value)
{
    return {value.empty() ? dash() : text(value), {}, false};
}

// A figure with its age in the tool tip.
Cell figure(const api::Figure &figure, const std::string &unit)
{
    return {figure.value ? valueIn(unit, *figure.value) : dash(), figure.sampled ? formatTime(*figure.sampled) : QString(), false};
}

}  // namespace

QStringList StandbyWords::observers(const api::StandbyReplication &standby)
{
    return {standby.primary.empty() ? tr("No primary") : tr("%1 says").arg(text(standby.primary)), tr("%1 says").arg(text(standby.name))};
}

QString StandbyWords::loss(const api::StandbyReplication &standby)
{
    const QString bytes = figureBytes(standby.lossBytes);
    return standby.lossSeconds.value.value_or(0) > 0 ? QStringLiteral("%1 · %2").arg(bytes, figureSeconds(standby.lossSeconds)) : bytes;
}

QList<ComparisonGrid::Line> StandbyWords::lines(const api::StandbyReplication &standby, bool old, Time now)
{
    const QString sees = !standby.primarySees ? dash() : *standby.primarySees ? text(standby.primaryState) : tr("knows nothing of it");
    const QString receiver = standby.receiverStatus.empty() ? standby.standbySampled ? tr("receives nothing") : dash() : text(standby.receiverStatus);
    const bool connected = standby.primarySees.value_or(false) == !standby.receiverStatus.empty();
    const bool paused = standby.pauseState == "paused" || standby.pauseState == "pause requested";
    const Cell none{dash(), {}, false};
    QList<ComparisonGrid::Line> lines{
        {tr("Connection"), {{sees, {}, false}, {receiver, {}, false}}, connected || !standby.primarySees ? Mark::None : Mark::Warning},
        {tr("Not sent yet"), {figure(standby.sendBytes, "bytes"), none}, Mark::None},
        {tr("Not written yet"), {figure(standby.writeBytes, "bytes"), none}, Mark::None},
        {tr("Not flushed yet"), {figure(standby.flushBytes, "bytes"), none}, Mark::None},
        {tr("Received up to"), {none, words(standby.receiveLsn)}, Mark::None},
        {tr("Not replayed yet"),
         {figure(standby.replayBytes, "bytes"), figure(standby.receiveReplayBytes, "bytes")},
         standby.finding == api::finding::stalled || standby.finding == api::finding::lagging ? Mark::Warning : Mark::None},
        {tr("Behind in time"), {figure(standby.replaySeconds, "seconds"), figure(standby.heartbeatSeconds, "seconds")}, Mark::None},
        {tr("Last word of the other"), {figure(standby.replyAgeSeconds, "seconds"), figure(standby.messageAgeSeconds, "seconds")}, Mark::None},
        {tr("Replay"), {none, words(standby.pauseState)}, paused ? Mark::Warning : Mark::None},
        {tr("Replayed up to"), {none, words(standby.replayLsn)}, Mark::None},
        {tr("Part of a commit"), {words(standby.syncState), none}, Mark::None},
        {tr("Slot"), {words(standby.slot), none}, Mark::None},
        {tr("Timeline"), {none, {orDash(standby.timeline, formatCount), {}, false}}, Mark::None}};
    const auto age = [now](const std::optional<Time> &sampled) {
        return Cell{sampled ? tr("%1 old").arg(formatSampleAge(*sampled, now)) : dash(), sampled ? formatTime(*sampled) : QString(), false};
    };
    for (ComparisonGrid::Line &line : lines) {
        for (Cell &cell : line.cells)
            cell.struck = old && cell.text != dash();
    }
    lines.append({tr("Taken"), {age(standby.primarySampled), age(standby.standbySampled)}, Mark::None});
    return lines;
}

}  // namespace cm::ui
