// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/alerts/mail.h"

#include "core/base/hash.h"
#include "core/mail/message.h"
#include "core/monitor/verdicts/finding.h"

#include <algorithm>
#include <fmt/format.h>

namespace cm::monitor {
namespace {

constexpr std::size_t mostConsequences = 20;

bool isOver(const api::Alert &alert)
{
    return alert.state == api::AlertState::Closed;
}

std::string ageText(Time from, Time until)
{
    return secondsText(std::max(std::chrono::duration<double>(until - from).count(), 0.0));
}

std::string timeText(Time time)
{
    const std::string text = formatRfc3339(time);
    return fmt::format("{} {} UTC", text.substr(0, 10), text.substr(11, 8));
}

}  // namespace

std::string mailSubject(const api::Alert &alert)
{
    return fmt::format("[{}] {}: {}", isOver(alert) ? "resolved" : api::nameOf(alert.verdict), alert.node, alert.statement);
}

std::string mailBody(const api::Alert &alert, const LetterContext &context)
{
    std::string out = alert.statement + "\n\n";
    const auto line = [&out](std::string_view name, std::string_view value) {
        if (!value.empty())
            out.append(name).append(value).append("\n");
    };
    line("Registry:  ", context.registry);
    line("Node:      ", fmt::format("{} ({})", alert.node, alert.role));
    line("Finding:   ", fmt::format("{}, {}", alert.finding, api::nameOf(alert.verdict)));
    line("Since:     ", timeText(alert.started));
    if (isOver(alert) && alert.closed)
        line("Over:      ", fmt::format("{}, after {}", timeText(*alert.closed), ageText(alert.started, *alert.closed)));
    else
        line("For:       ", ageText(alert.started, context.now));
    if (!alert.owner.empty())
        line("Owner:     ", alert.note.empty() ? alert.owner : fmt::format("{}: {}", alert.owner, alert.note));
    if (!alert.consequences.empty())
        out.append("\nWho is hit by it:\n");
    std::size_t shown = 0;
    for (const api::AlertConsequence &consequence : alert.consequences) {
        if (shown++ == mostConsequences) {
            out.append(fmt::format("  and {} more\n", alert.consequences.size() - mostConsequences));
            break;
        }
        out.append(fmt::format("  {} ({}): {}\n", consequence.node, api::nameOf(consequence.verdict), consequence.statement));
    }
    if (!alert.runbook.empty())
        out.append("\nWhat helps:\n").append(alert.runbook).append("\n");
    line("\nLook at it: ", context.monitorUrl);
    return out;
}

std::string MailReceiver::letterFor(const api::Alert &alert, const LetterContext &context) const
{
    mail::Message message;
    message.from = m_settings.from;
    message.to = m_settings.to;
    message.fromName = "Cheesemonger";
    message.subject = mailSubject(alert);
    message.body = mailBody(alert, context);
    // All mails of an alert answer one that was never sent: which was the first, nobody knows any more after a
    // restart, and a mail with an id that was used before is thrown away as its double.
    const std::string thread = fmt::format("alert-{}.{}", alert.id.value, alert.started.time_since_epoch().count());
    message.thread = mail::messageIdOf(thread, m_settings.from);
    message.messageId = mail::messageIdOf(thread + "." + toHex(randomBytes(8)), m_settings.from);
    message.date = context.now;
    return mail::composeMessage(message);
}

Result<std::string> MailReceiver::deliver(const std::string &letter, const std::stop_token &stop)
{
    CM_TRY_ASSIGN(const auto refused, mail::sendMail(m_settings.server, m_settings.from, m_settings.to, letter, stop));
    std::string problem;
    for (const mail::Refused &one : refused)
        problem.append(problem.empty() ? "" : "; ").append(fmt::format("{} is refused: {}", one.address, one.reply));
    return problem;
}

}  // namespace cm::monitor
