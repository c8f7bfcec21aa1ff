// SPDX-License-Identifier: GPL-3.0-or-later
// The line on top of Overview while the monitor is silent and this desktop looks itself.
#include "ui/format/format.h"
#include "ui/format/signals.h"
#include "ui/pages/overview/verdict.h"
#include "ui/shell/direct_words.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace cm::ui {

namespace {

// A database that took writes when the monitor last spoke.
bool wasPrimary(const api::MonitorState &state, const std::string &name)
{
    const api::Node *node = nodeIn(state, name);
    const api::Signal *role = node ? factOf(*node, "role") : nullptr;
    return role && role->text == "primary";
}

bool isReached(const DirectLook &look)
{
    return look.outcome == DirectOutcome::Answers || look.outcome == DirectOutcome::TakesConnections || look.outcome == DirectOutcome::Untrusted;
}

QStringList reached(const DirectReport &report)
{
    QStringList names;
    for (const DirectLook &look : report.nodes) {
        if (isReached(look))
            names << ltr(text(look.name));
    }
    return names;
}

}  // namespace

QString VerdictWords::orderOf(const DirectProbe &direct, const api::MonitorState &state, QString *first)
{
    // Each needs those before it. What has another of its kind that can be reached can wait, as can a standby or a monitor.
    constexpr std::array<std::string_view, 6> needs{"primary", "gluster", "pgpool", "web", "ssh", "cdn"};
    struct Stage {
        QStringList start, look;
        bool served = false;
    };
    std::array<Stage, needs.size()> stages;
    QStringList wait;
    for (const DirectLook &look : direct.report().nodes) {
        const QString name = text(look.name);
        const std::string_view role = look.role == "postgres" && wasPrimary(state, look.name) ? std::string_view("primary") : std::string_view(look.role);
        const auto at = static_cast<std::size_t>(std::find(needs.begin(), needs.end(), role) - needs.begin());
        const bool away = look.outcome == DirectOutcome::Refuses || look.outcome == DirectOutcome::NoAnswer || look.outcome == DirectOutcome::NoWay ||
            look.outcome == DirectOutcome::AnswersWrong;
        if (at == needs.size() && away)
            wait << ltr(name);
        if (at == needs.size())
            continue;
        stages[at].served = stages[at].served || isReached(look);
        if (away)
            (look.outcome == DirectOutcome::Refuses ? stages[at].start : stages[at].look) << name;
    }
    QString all;
    for (std::size_t i = 0; i < stages.size(); ++i) {
        const Stage &stage = stages[i];
        const QString start = stage.start.join(QStringLiteral(", ")), look = stage.look.join(QStringLiteral(", "));
        if (stage.served) {
            wait = stage.start + stage.look + wait;
            continue;
        }
        if (start.isEmpty() && look.isEmpty())
            continue;
        const QString begin = needs[i] == "primary" ? tr("start %1, if no other database has become the primary").arg(start) : tr("start %1").arg(start);
        const QString words = look.isEmpty() ? begin
            : start.isEmpty()                ? tr("look at %1 from a second place").arg(look)
                                             : tr("%1, and look at %2 from a second place", "start some of a stage, look at others").arg(begin, look);
        all = all.isEmpty() ? words : tr("%1; then %2", "one stage of a start after the other").arg(all, words);
        if (first->isEmpty())
            *first = stage.start.isEmpty() ? stage.look.first() : stage.start.first();
    }
    const QString rest = wait.join(QStringLiteral(", "));
    return rest.isEmpty() ? all : all.isEmpty() ? tr("look at %1 from a second place").arg(rest) : tr("%1. These can wait: %2").arg(all, rest);
}

OverviewVerdict VerdictWords::of(const DirectProbe &direct, const api::MonitorState &state, std::optional<Time> since, OverviewVerdict told, Time now)
{
    const QString glance = DirectWords::glance(direct.report());
    const auto age = DirectWords::age(direct.report(), now);
    const QString looked = age ? tr("Looked from here within the last %1.").arg(formatDuration(*age)) : QString();
    if (!direct.isRegistryAway()) {
        if (!glance.isEmpty())
            told.detail = tr("From this desktop: %1. %2\n%3", "what was seen, how old it is, what else").arg(glance, looked, told.detail);
        return told;
    }
    const bool anybody = direct.hasReachedAnybody();
    OverviewVerdict out;
    // Where nobody at all is reached, it may be us.
    out.verdict = anybody ? api::Verdict::Critical : api::Verdict::Unknown;
    const QString webs = DirectWords::glance(direct.report(), "web");
    out.sentence = webs.isEmpty() ? tr("Neither the registry nor the monitor answers") : tr("Neither the registry nor the monitor answers: %1").arg(webs);
    const QString last = since ? tr("All else on this page is the monitor's last word, %1 old: %2").arg(formatDuration(now - *since), text(state.line.statement))
                               : tr("The monitor has not told anything yet.");
    out.detail = looked.isEmpty() ? last : tr("%1 %2", "one sentence after the other").arg(looked, last);
    out.facts << VerdictFact{tr("Who is hit"), anybody ? tr("everybody, as far as this desktop sees") : tr("not known: this desktop reaches nobody"), true};
    if (!anybody) {
        out.facts << VerdictFact{tr("Next"), tr("try this desktop's own network first: nobody answers at all, so it may be that alone. Then look from a second place")};
    } else {
        const QString order = orderOf(direct, state, &out.look);
        out.facts << VerdictFact{tr("Your own link"), tr("works: %1 can be reached").arg(DirectWords::someOf(reached(direct.report())))};
        if (!order.isEmpty())
            out.facts << VerdictFact{tr("Next"), order};
    }
    out.facts << VerdictFact{tr("Do not"), tr("promote or fence anything: nobody sees who takes writes now"), true};
    return out;
}

}  // namespace cm::ui
