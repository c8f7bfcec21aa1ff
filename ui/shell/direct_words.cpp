// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/direct_words.h"

#include "ui/format/format.h"

#include <algorithm>
#include <array>

namespace cm::ui {

namespace {

// More than these are told in groups.
constexpr qsizetype mostNamed = 6;
constexpr qsizetype namedOfGroup = 4;

// The worst first.
constexpr std::array order{DirectOutcome::NoAnswer,  DirectOutcome::NoWay,   DirectOutcome::Refuses,         DirectOutcome::AnswersWrong,
                           DirectOutcome::Untrusted, DirectOutcome::Answers, DirectOutcome::TakesConnections};

}  // namespace

QString DirectWords::glance(const DirectReport &report, std::string_view role)
{
    QStringList parts;
    std::array<QStringList, order.size()> groups;
    for (const DirectLook &look : report.nodes) {
        const auto place = std::find(order.begin(), order.end(), look.outcome);
        if (place == order.end() || (!role.empty() && look.role != role))
            continue;
        parts << one(look.outcome).arg(ltr(text(look.name)));
        groups[static_cast<std::size_t>(place - order.begin())] << ltr(text(look.name));
    }
    if (parts.size() <= mostNamed)
        return parts.join(QStringLiteral(", "));
    parts.clear();
    for (std::size_t i = 0; i < order.size(); ++i) {
        if (groups[i].size() == 1)
            parts << one(order[i]).arg(groups[i].first());
        else if (!groups[i].isEmpty())
            parts << many(order[i]).arg(someOf(groups[i], namedOfGroup));
    }
    return parts.join(QStringLiteral("; "));
}

QString DirectWords::one(DirectOutcome outcome)
{
    switch (outcome) {
    case DirectOutcome::Answers:
        return tr("%1 answers");
    case DirectOutcome::Untrusted:
        return tr("%1 answers with a certificate that is not trusted here");
    case DirectOutcome::AnswersWrong:
        return tr("%1 is not well");
    case DirectOutcome::TakesConnections:
        return tr("%1 takes connections");
    case DirectOutcome::Refuses:
        return tr("%1 refuses");
    case DirectOutcome::NoWay:
        return tr("%1 is not reachable");
    default:
        return tr("%1 does not answer");
    }
}

QString DirectWords::many(DirectOutcome outcome)
{
    switch (outcome) {
    case DirectOutcome::Answers:
        return tr("%1 answer");
    case DirectOutcome::Untrusted:
        return tr("%1 answer with a certificate that is not trusted here");
    case DirectOutcome::AnswersWrong:
        return tr("%1 are not well");
    case DirectOutcome::TakesConnections:
        return tr("%1 take connections");
    case DirectOutcome::Refuses:
        return tr("%1 refuse");
    case DirectOutcome::NoWay:
        return tr("%1 cannot be reached");
    default:
        return tr("%1 do not answer");
    }
}

QString DirectWords::someOf(const QStringList &names, qsizetype most)
{
    const QString some = names.mid(0, most).join(QStringLiteral(", "));
    return names.size() > most ? tr("%1 and %2 more").arg(some, formatCount(names.size() - most)) : some;
}

QString DirectWords::state(const DirectLook &look, std::chrono::milliseconds deadline)
{
    switch (look.outcome) {
    case DirectOutcome::NotYet:
        return tr("not looked at yet");
    case DirectOutcome::Answers:
        return tr("answers this desktop");
    case DirectOutcome::Untrusted:
        return tr("answers, certificate not trusted");
    case DirectOutcome::AnswersWrong:
        return tr("is not well: %1").arg(text(look.detail));
    case DirectOutcome::TakesConnections:
        return tr("takes connections");
    case DirectOutcome::Refuses:
        return tr("refuses connections");
    case DirectOutcome::NoAnswer:
        return tr("no answer in %1").arg(formatDuration(deadline));
    case DirectOutcome::NoWay:
        return tr("not reachable");
    case DirectOutcome::CannotLook:
        break;
    }
    return tr("not seen from here");
}

QString DirectWords::explanation(const DirectLook &look, std::chrono::milliseconds deadline, Time now)
{
    QStringList lines{tr("From this desktop: %1").arg(state(look, deadline))};
    if (!look.detail.empty() && look.outcome != DirectOutcome::AnswersWrong)
        lines << text(look.detail);
    if (look.outcome == DirectOutcome::TakesConnections)
        lines << tr("Nothing more is known of it.");
    if (look.failures >= DirectProbe::enough)
        lines << tr("%1 looks in a row").arg(look.failures);
    if (look.looked)
        lines << tr("Looked %1").arg(formatAge(*look.looked, now));
    return lines.join(QLatin1Char('\n'));
}

Mark DirectWords::mark(const DirectLook &look)
{
    const bool web = look.role == "web";
    switch (look.outcome) {
    case DirectOutcome::Answers:
        return Mark::Ok;
    case DirectOutcome::Untrusted:
        return Mark::Warning;
    case DirectOutcome::TakesConnections:
        return Mark::Deprecated;
    case DirectOutcome::AnswersWrong:
        return Mark::Critical;
    case DirectOutcome::Refuses:
    case DirectOutcome::NoAnswer:
        if (web && look.failures >= DirectProbe::enough)
            return Mark::Critical;
        return look.outcome == DirectOutcome::Refuses ? Mark::Warning : Mark::Unknown;
    default:
        return Mark::Unknown;
    }
}

bool DirectWords::isSeen(const DirectLook &look)
{
    return look.outcome != DirectOutcome::NotYet && look.outcome != DirectOutcome::CannotLook && look.outcome != DirectOutcome::NoWay &&
        (look.outcome != DirectOutcome::NoAnswer || mark(look) == Mark::Critical);
}

std::optional<std::chrono::microseconds> DirectWords::age(const DirectReport &report, Time now)
{
    std::optional<Time> oldest;
    for (const DirectLook &look : report.nodes) {
        if (look.looked && (!oldest || *look.looked < *oldest))
            oldest = look.looked;
    }
    return oldest ? std::optional<std::chrono::microseconds>(std::max<std::chrono::microseconds>(now - *oldest, std::chrono::microseconds(0))) : std::nullopt;
}

QStringList DirectWords::unseen(const DirectReport &report)
{
    const auto has = [&report](std::string_view role) {
        return static_cast<int>(std::count_if(report.nodes.begin(), report.nodes.end(), [role](const DirectLook &look) { return look.role == role; }));
    };
    QStringList out;
    if (has("web") > 0)
        out << tr("Uploads and installs: only the health of a web node is asked");
    if (has("postgres") > 0)
        out << tr("Replication: lag, slots, timelines, and what a promotion would lose");
    if (has("pgpool") > 0)
        out << tr("pgpool: what each believes of the databases, and the quorum");
    if (const int disks = has("disk"); disks > 0)
        out << tr("Disks: how full they are (%1)").arg(disks);
    if (const int certificates = has("certificate"); certificates > 0)
        out << tr("Certificates on disk: what they say and when they end (%1)").arg(certificates);
    if (const int agents = has("agent"); agents > 0)
        out << tr("Agents: what they know, and every act that needs one (%1)").arg(agents);
    out << tr("Alerts, and what happens from now on: nobody records it");
    QStringList names;
    for (const DirectLook &look : report.nodes) {
        if (look.outcome == DirectOutcome::CannotLook && look.role != "disk" && look.role != "certificate" && look.role != "agent")
            names << ltr(text(look.name));
    }
    if (!names.isEmpty())
        out << tr("No address to look at: %1").arg(someOf(names, mostNamed));
    return out;
}

}  // namespace cm::ui
