// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/format/deprecation_words.h"

#include "ui/format/format.h"

#include <QCoreApplication>

#include <algorithm>
#include <array>

namespace cm::ui {

namespace {

using State = api::DeprecationState;

QString tr(const char *source)
{
    return QCoreApplication::translate("deprecations", source);
}

struct Guard {
    std::string_view wire;
    const char *holds;
    const char *doesNot;
};

constexpr std::array guards{
    Guard{"owner", QT_TRANSLATE_NOOP("deprecations", "Somebody runs it"), QT_TRANSLATE_NOOP("deprecations", "Nobody who may act runs it")},
    Guard{"indirect", QT_TRANSLATE_NOOP("deprecations", "A project's downloads stand for indirect use"), QT_TRANSLATE_NOOP("deprecations", "No project's downloads stand for indirect use")},
    Guard{"replacement", QT_TRANSLATE_NOOP("deprecations", "A replacement is named"), QT_TRANSLATE_NOOP("deprecations", "No replacement is named")},
    Guard{"link", QT_TRANSLATE_NOOP("deprecations", "A page explains it"), QT_TRANSLATE_NOOP("deprecations", "No page explains it")},
    Guard{"dates", QT_TRANSLATE_NOOP("deprecations", "Dates are set, and in order"), QT_TRANSLATE_NOOP("deprecations", "Dates are missing, or out of order")},
    Guard{"measured", QT_TRANSLATE_NOOP("deprecations", "Uses were measured long enough"), QT_TRANSLATE_NOOP("deprecations", "Uses were not measured long enough")},
    Guard{"complete", QT_TRANSLATE_NOOP("deprecations", "The record of uses is whole"), QT_TRANSLATE_NOOP("deprecations", "The record of uses has gaps")},
    Guard{"reachable", QT_TRANSLATE_NOOP("deprecations", "Everybody can be reached by mail"), QT_TRANSLATE_NOOP("deprecations", "Not everybody can be reached by mail")},
    Guard{"told", QT_TRANSLATE_NOOP("deprecations", "Everybody who can be reached was told"), QT_TRANSLATE_NOOP("deprecations", "Not everybody was told")},
    Guard{"tombstone", QT_TRANSLATE_NOOP("deprecations", "The tombstone answers right on every node"), QT_TRANSLATE_NOOP("deprecations", "The tombstone does not answer right on every node")},
    Guard{"alerts", QT_TRANSLATE_NOOP("deprecations", "No critical alert is open"), QT_TRANSLATE_NOOP("deprecations", "Alerts are in the way")},
    Guard{"window", QT_TRANSLATE_NOOP("deprecations", "Its time is free"), QT_TRANSLATE_NOOP("deprecations", "Its time does not do")},
    Guard{"weekday", QT_TRANSLATE_NOOP("deprecations", "It falls on working days"), QT_TRANSLATE_NOOP("deprecations", "It falls on a weekend")},
    Guard{"ramp", QT_TRANSLATE_NOOP("deprecations", "It is not much longer than those before"), QT_TRANSLATE_NOOP("deprecations", "It is much longer than those before")},
    Guard{"on-call", QT_TRANSLATE_NOOP("deprecations", "Somebody is on call"), QT_TRANSLATE_NOOP("deprecations", "Nobody is on call")},
    Guard{"abort", QT_TRANSLATE_NOOP("deprecations", "It aborts by itself"), QT_TRANSLATE_NOOP("deprecations", "It does not abort by itself")},
    Guard{"brown-outs", QT_TRANSLATE_NOOP("deprecations", "A brown-out went through to its end"), QT_TRANSLATE_NOOP("deprecations", "No brown-out went through to its end")},
    Guard{"no-window", QT_TRANSLATE_NOOP("deprecations", "No brown-out is planned or runs"), QT_TRANSLATE_NOOP("deprecations", "A brown-out is planned or runs")},
    Guard{"quiet", QT_TRANSLATE_NOOP("deprecations", "Few enough uses are left"), QT_TRANSLATE_NOOP("deprecations", "Too many uses are left")},
    Guard{"sunset-date", QT_TRANSLATE_NOOP("deprecations", "The day of the sunset has come"), QT_TRANSLATE_NOOP("deprecations", "The day of the sunset has not come")},
    Guard{"residual", QT_TRANSLATE_NOOP("deprecations", "It was watched long enough after its end"), QT_TRANSLATE_NOOP("deprecations", "It was not watched long enough after its end")},
    Guard{"removal-date", QT_TRANSLATE_NOOP("deprecations", "The day of the removal has come"), QT_TRANSLATE_NOOP("deprecations", "The day of the removal has not come")},
    Guard{"mentions", QT_TRANSLATE_NOOP("deprecations", "The registry's own texts no longer mention it"), QT_TRANSLATE_NOOP("deprecations", "The registry's own texts still mention it")},
    Guard{"second-person", QT_TRANSLATE_NOOP("deprecations", "A second person has confirmed"), QT_TRANSLATE_NOOP("deprecations", "A second person has not confirmed")},
};

QString date(const std::optional<Time> &time)
{
    return time ? formatDate(*time) : tr(QT_TRANSLATE_NOOP("deprecations", "a date that is not set"));
}

}  // namespace

QString nameFor(api::DeprecationState state)
{
    switch (state) {
    case State::Proposed:
        return tr(QT_TRANSLATE_NOOP("deprecations", "Proposed"));
    case State::Measuring:
        return tr(QT_TRANSLATE_NOOP("deprecations", "Measuring"));
    case State::Announced:
        return tr(QT_TRANSLATE_NOOP("deprecations", "Announced"));
    case State::Warning:
        return tr(QT_TRANSLATE_NOOP("deprecations", "Warning"));
    case State::BrownOut:
        return tr(QT_TRANSLATE_NOOP("deprecations", "Brown-out"));
    case State::Sunset:
        return tr(QT_TRANSLATE_NOOP("deprecations", "Sunset"));
    case State::Removed:
        return tr(QT_TRANSLATE_NOOP("deprecations", "Removed"));
    case State::Closed:
        return tr(QT_TRANSLATE_NOOP("deprecations", "Closed"));
    case State::Paused:
        return tr(QT_TRANSLATE_NOOP("deprecations", "Paused"));
    case State::RolledBack:
        return tr(QT_TRANSLATE_NOOP("deprecations", "Rolled back"));
    case State::Cancelled:
        return tr(QT_TRANSLATE_NOOP("deprecations", "Cancelled"));
    case State::Frozen:
        break;
    }
    return tr(QT_TRANSLATE_NOOP("deprecations", "Frozen"));
}

QString nameFor(api::DeprecationKind kind)
{
    using Kind = api::DeprecationKind;
    switch (kind) {
    case Kind::Channel:
        return tr(QT_TRANSLATE_NOOP("deprecations", "channel"));
    case Kind::Endpoint:
        return tr(QT_TRANSLATE_NOOP("deprecations", "endpoint"));
    case Kind::Authentication:
        return tr(QT_TRANSLATE_NOOP("deprecations", "authentication"));
    case Kind::ClientVersion:
        return tr(QT_TRANSLATE_NOOP("deprecations", "client version"));
    case Kind::FileType:
        return tr(QT_TRANSLATE_NOOP("deprecations", "file type"));
    case Kind::MetadataVersion:
        return tr(QT_TRANSLATE_NOOP("deprecations", "metadata version"));
    case Kind::Digest:
        break;
    }
    return tr(QT_TRANSLATE_NOOP("deprecations", "digest"));
}

QString nameFor(api::Stance stance)
{
    switch (stance) {
    case api::Stance::For:
        return tr(QT_TRANSLATE_NOOP("deprecations", "for it"));
    case api::Stance::Against:
        return tr(QT_TRANSLATE_NOOP("deprecations", "against it"));
    case api::Stance::Note:
        break;
    }
    return tr(QT_TRANSLATE_NOOP("deprecations", "a note"));
}

QString nameFor(api::BrownOutState state)
{
    switch (state) {
    case api::BrownOutState::Planned:
        return tr(QT_TRANSLATE_NOOP("deprecations", "planned"));
    case api::BrownOutState::Running:
        return tr(QT_TRANSLATE_NOOP("deprecations", "running"));
    case api::BrownOutState::Ended:
        return tr(QT_TRANSLATE_NOOP("deprecations", "ended"));
    case api::BrownOutState::Aborted:
        return tr(QT_TRANSLATE_NOOP("deprecations", "aborted"));
    case api::BrownOutState::CalledOff:
        break;
    }
    return tr(QT_TRANSLATE_NOOP("deprecations", "called off"));
}

bool isRead(const std::vector<api::Retirable> &retirable, api::DeprecationKind kind, const std::string &subject)
{
    return std::any_of(retirable.begin(), retirable.end(), [&](const api::Retirable &one) { return one.isRead && one.kind == kind && one.subject == subject; });
}

QString guardWords(const api::DeprecationGuard &guard)
{
    const auto found = std::find_if(guards.begin(), guards.end(), [&](const Guard &one) { return one.wire == guard.name; });
    const QString detail = text(guard.detail);
    // One that this desktop does not know says itself what it is about.
    if (found == guards.end())
        return detail.isEmpty() ? text(guard.name) : detail;
    if (guard.state == api::GuardState::Unknown)
        return tr(QT_TRANSLATE_NOOP("deprecations", "Not known: %1")).arg(detail.isEmpty() ? tr(found->holds) : detail);
    const QString words = tr(guard.state == api::GuardState::Met ? found->holds : found->doesNot);
    return detail.isEmpty() || detail.compare(words, Qt::CaseInsensitive) == 0 ? words : tr(QT_TRANSLATE_NOOP("deprecations", "%1: %2")).arg(words, detail);
}

QString stepEntry(api::DeprecationState to, bool back)
{
    if (back)
        return tr(QT_TRANSLATE_NOOP("deprecations", "Resu&me…"));
    switch (to) {
    case State::Proposed:
        return tr(QT_TRANSLATE_NOOP("deprecations", "Back to the propo&sal…"));
    case State::Measuring:
        return tr(QT_TRANSLATE_NOOP("deprecations", "Start &measuring…"));
    case State::Announced:
        return tr(QT_TRANSLATE_NOOP("deprecations", "A&nnounce…"));
    case State::Warning:
        return tr(QT_TRANSLATE_NOOP("deprecations", "&Warn at each use…"));
    case State::BrownOut:
        return tr(QT_TRANSLATE_NOOP("deprecations", "&Schedule brown-out…"));
    case State::Sunset:
        return tr(QT_TRANSLATE_NOOP("deprecations", "Suns&et…"));
    case State::Removed:
        return tr(QT_TRANSLATE_NOOP("deprecations", "Declare re&moved…"));
    case State::Closed:
        return tr(QT_TRANSLATE_NOOP("deprecations", "Clos&e…"));
    case State::Paused:
        return tr(QT_TRANSLATE_NOOP("deprecations", "&Pause…"));
    case State::RolledBack:
        return tr(QT_TRANSLATE_NOOP("deprecations", "Roll bac&k…"));
    case State::Cancelled:
        return tr(QT_TRANSLATE_NOOP("deprecations", "&Cancel…"));
    case State::Frozen:
        break;
    }
    return tr(QT_TRANSLATE_NOOP("deprecations", "Free&ze as it is…"));
}

QString stepVerb(api::DeprecationState to, bool back, const QString &title)
{
    const auto verb = [&] {
        if (back)
            return tr(QT_TRANSLATE_NOOP("deprecations", "Re&sume %1"));
        switch (to) {
        case State::Proposed:
            return tr(QT_TRANSLATE_NOOP("deprecations", "&Take %1 back to a proposal"));
        case State::Measuring:
            return tr(QT_TRANSLATE_NOOP("deprecations", "&Measure %1"));
        case State::Announced:
            return tr(QT_TRANSLATE_NOOP("deprecations", "A&nnounce the end of %1"));
        case State::Warning:
            return tr(QT_TRANSLATE_NOOP("deprecations", "&Warn at each use of %1"));
        case State::BrownOut:
            return tr(QT_TRANSLATE_NOOP("deprecations", "&Schedule a brown-out of %1"));
        case State::Sunset:
            return tr(QT_TRANSLATE_NOOP("deprecations", "&End %1"));
        case State::Removed:
            return tr(QT_TRANSLATE_NOOP("deprecations", "&Declare %1 removed"));
        case State::Closed:
            return tr(QT_TRANSLATE_NOOP("deprecations", "C&lose the record of %1"));
        case State::Paused:
            return tr(QT_TRANSLATE_NOOP("deprecations", "&Pause %1"));
        case State::RolledBack:
            return tr(QT_TRANSLATE_NOOP("deprecations", "Roll %1 &back"));
        case State::Cancelled:
            return tr(QT_TRANSLATE_NOOP("deprecations", "&Keep %1 for good"));
        case State::Frozen:
            break;
        }
        return tr(QT_TRANSLATE_NOOP("deprecations", "Free&ze %1 as it is"));
    };
    return verb().arg(title);
}

QString stepName(api::DeprecationState to, bool back, std::int64_t brownOut)
{
    if (back)
        return tr(QT_TRANSLATE_NOOP("deprecations", "resume"));
    if (to == State::BrownOut)
        return tr(QT_TRANSLATE_NOOP("deprecations", "brown-out %1")).arg(brownOut);
    return nameFor(to).toLower();
}

QStringList stepPlan(const api::DeprecationRecord &record, api::DeprecationState to, bool back)
{
    const api::DeprecationTerms &terms = record.terms;
    if (back)
        return {tr(QT_TRANSLATE_NOOP("deprecations", "The clock runs again, from where it was stopped.")),
                tr(QT_TRANSLATE_NOOP("deprecations", "The dates are as they were: sunset %1.")).arg(date(terms.sunset))};
    switch (to) {
    case State::Proposed:
        return {tr(QT_TRANSLATE_NOOP("deprecations", "Nothing changes for anybody; the record is a proposal again."))};
    case State::Measuring:
        return {tr(QT_TRANSLATE_NOOP("deprecations", "Each use is recorded with its person, key or token, project and client.")),
                tr(QT_TRANSLATE_NOOP("deprecations", "Nobody is told, nobody is refused."))};
    case State::Announced:
        return {tr(QT_TRANSLATE_NOOP("deprecations", "The public pages say that it ends on %1, and what to use instead: %2.")).arg(date(terms.sunset), text(terms.replacement)),
                tr(QT_TRANSLATE_NOOP("deprecations", "Answers carry the dates as headers; nobody is refused.")),
                tr(QT_TRANSLATE_NOOP("deprecations", "Messages to the people are drafted, and sent when you send them."))};
    case State::Warning:
        return {tr(QT_TRANSLATE_NOOP("deprecations", "Each use is answered with a notice that names the replacement and the date.")),
                tr(QT_TRANSLATE_NOOP("deprecations", "Nobody is refused."))};
    case State::BrownOut:
        return {tr(QT_TRANSLATE_NOOP("deprecations", "From the start to the end each use is refused, with the end and the replacement in words.")),
                tr(QT_TRANSLATE_NOOP("deprecations", "It ends by each node's own clock, whatever else lives or dies.")),
                tr(QT_TRANSLATE_NOOP("deprecations", "People with an exemption go on."))};
    case State::Sunset:
        return {tr(QT_TRANSLATE_NOOP("deprecations", "From now on each use is refused for good, with the replacement in words.")),
                tr(QT_TRANSLATE_NOOP("deprecations", "Nothing that was uploaded is touched; exemptions go on until they end."))};
    case State::Removed:
        return {tr(QT_TRANSLATE_NOOP("deprecations", "The record says that code, keys and hosts of it are gone.")),
                tr(QT_TRANSLATE_NOOP("deprecations", "The tombstone goes on answering."))};
    case State::Closed:
        return {tr(QT_TRANSLATE_NOOP("deprecations", "The record is closed and stays to be read; the report can be exported."))};
    case State::Paused:
        return {tr(QT_TRANSLATE_NOOP("deprecations", "Dates stay, the clock stands still: nothing is announced and nobody is refused.")),
                tr(QT_TRANSLATE_NOOP("deprecations", "A brown-out that is planned does not begin."))};
    case State::RolledBack:
        return {tr(QT_TRANSLATE_NOOP("deprecations", "It works again within a minute, on every node.")),
                tr(QT_TRANSLATE_NOOP("deprecations", "Each use is answered with a notice, as at the stage Warning."))};
    case State::Cancelled:
        return {tr(QT_TRANSLATE_NOOP("deprecations", "It is not retired: notices and headers end at once.")),
                tr(QT_TRANSLATE_NOOP("deprecations", "The record stays, with everything that was said."))};
    case State::Frozen:
        break;
    }
    return {tr(QT_TRANSLATE_NOOP("deprecations", "It stays as it is: kept for those who use it, closed to what is new.")),
            tr(QT_TRANSLATE_NOOP("deprecations", "No further stage follows."))};
}

QString stepUndo(api::DeprecationState to, bool back)
{
    if (back)
        return tr(QT_TRANSLATE_NOOP("deprecations", "It can be paused again at any time."));
    switch (to) {
    case State::Announced:
    case State::Warning:
        return tr(QT_TRANSLATE_NOOP("deprecations", "Pausing or cancelling takes the words back; people will have read them."));
    case State::BrownOut:
        return tr(QT_TRANSLATE_NOOP("deprecations", "It can be called off before it begins and aborted while it runs."));
    case State::Sunset:
        return tr(QT_TRANSLATE_NOOP("deprecations", "Rolling back makes it work again within a minute."));
    case State::Paused:
        return tr(QT_TRANSLATE_NOOP("deprecations", "Resuming goes on where it was."));
    case State::RolledBack:
        return tr(QT_TRANSLATE_NOOP("deprecations", "The sunset can be entered again, with its guards."));
    case State::Removed:
    case State::Closed:
    case State::Cancelled:
    case State::Frozen:
        return tr(QT_TRANSLATE_NOOP("deprecations", "This cannot be undone; a new record can be proposed."));
    case State::Proposed:
    case State::Measuring:
        break;
    }
    return tr(QT_TRANSLATE_NOOP("deprecations", "It can be cancelled at any time."));
}

QString stepDone(api::DeprecationState to, bool back, const QString &title)
{
    if (back)
        return tr(QT_TRANSLATE_NOOP("deprecations", "%1: resumed")).arg(title);
    if (to == State::BrownOut)
        return tr(QT_TRANSLATE_NOOP("deprecations", "%1: a brown-out is planned")).arg(title);
    return tr(QT_TRANSLATE_NOOP("deprecations", "%1: %2")).arg(title, nameFor(to).toLower());
}

const std::vector<api::DeprecationState> &stages()
{
    static const std::vector<State> all{State::Proposed, State::Measuring, State::Announced, State::Warning,
                                        State::BrownOut, State::Sunset,    State::Removed,   State::Closed};
    return all;
}

api::DeprecationState stageOf(const api::DeprecationRecord &record)
{
    const auto isStage = [](State state) { return std::find(stages().begin(), stages().end(), state) != stages().end(); };
    if (isStage(record.state))
        return record.state;
    if (record.state == State::RolledBack)
        return State::Warning;
    if (record.pausedFrom)
        return isStage(*record.pausedFrom) ? *record.pausedFrom : State::Warning;
    for (auto step = record.steps.rbegin(); step != record.steps.rend(); ++step) {
        if (isStage(step->from))
            return step->from;
    }
    return State::Proposed;
}

std::optional<Time> stageDate(const api::DeprecationRecord &record, api::DeprecationState stage)
{
    if (stage == State::Proposed)
        return record.created;
    for (auto step = record.steps.rbegin(); step != record.steps.rend(); ++step) {
        if (step->to == stage)
            return step->time;
    }
    if (stage == State::Announced)
        return record.terms.deprecated;
    if (stage == State::Sunset)
        return record.terms.sunset;
    if (stage == State::Removed)
        return record.terms.removal;
    if (stage == State::BrownOut) {
        for (const api::BrownOut &one : record.brownOuts) {
            if (one.state == api::BrownOutState::Planned)
                return one.starts;
        }
    }
    return std::nullopt;
}

}  // namespace cm::ui
