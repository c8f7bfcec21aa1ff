// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/format/signals.h"

#include "ui/format/format.h"
#include "ui/format/names.h"

#include <QCoreApplication>
#include <QLocale>
#include <QStringList>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

namespace cm::ui {

namespace {

QString tr(const char *source)
{
    return QCoreApplication::translate("signals", source);
}

struct Word {
    std::string_view wire;
    const char *words;
};

constexpr std::array roles{Word{"web", QT_TRANSLATE_NOOP("signals", "web")},
                           Word{"postgres", QT_TRANSLATE_NOOP("signals", "database")},
                           Word{"pgpool", QT_TRANSLATE_NOOP("signals", "pgpool")},
                           Word{"etcd", QT_TRANSLATE_NOOP("signals", "etcd")},
                           Word{"gluster", QT_TRANSLATE_NOOP("signals", "files")},
                           Word{"cdn", QT_TRANSLATE_NOOP("signals", "CDN")},
                           Word{"mirror", QT_TRANSLATE_NOOP("signals", "mirror")},
                           Word{"ssh", QT_TRANSLATE_NOOP("signals", "ssh upload")},
                           Word{"ingest", QT_TRANSLATE_NOOP("signals", "metrics")},
                           Word{"certificate", QT_TRANSLATE_NOOP("signals", "certificate")},
                           Word{"disk", QT_TRANSLATE_NOOP("signals", "disk")},
                           Word{"agent", QT_TRANSLATE_NOOP("signals", "agent")},
                           Word{"monitor", QT_TRANSLATE_NOOP("signals", "monitor")}};

constexpr std::array kinds{Word{"verdict.changed", QT_TRANSLATE_NOOP("signals", "verdict changed")},
                           Word{"version.changed", QT_TRANSLATE_NOOP("signals", "version changed")},
                           Word{"alert.opened", QT_TRANSLATE_NOOP("signals", "alert opened")},
                           Word{"alert.changed", QT_TRANSLATE_NOOP("signals", "alert changed")},
                           Word{"alert.acknowledged", QT_TRANSLATE_NOOP("signals", "alert acknowledged")},
                           Word{"alert.released", QT_TRANSLATE_NOOP("signals", "alert released")},
                           Word{"alert.closed", QT_TRANSLATE_NOOP("signals", "alert closed")},
                           Word{"silence.created", QT_TRANSLATE_NOOP("signals", "silence began")},
                           Word{"silence.ended", QT_TRANSLATE_NOOP("signals", "silence ended")},
                           Word{"delivery.failed", QT_TRANSLATE_NOOP("signals", "delivery failed")},
                           Word{"monitor.started", QT_TRANSLATE_NOOP("signals", "monitor started")},
                           Word{"action.started", QT_TRANSLATE_NOOP("signals", "action began")},
                           Word{"action.step", QT_TRANSLATE_NOOP("signals", "step of an action")},
                           Word{"action.ended", QT_TRANSLATE_NOOP("signals", "action ended")},
                           Word{"action.refused", QT_TRANSLATE_NOOP("signals", "action refused")}};

// Where the name alone could be read as something else.
constexpr std::array names{Word{"serving", QT_TRANSLATE_NOOP("signals", "installs come from")},
                           Word{"list-age", QT_TRANSLATE_NOOP("signals", "list kept for")},
                           Word{"list-behind", QT_TRANSLATE_NOOP("signals", "list behind for")},
                           Word{"page-behind", QT_TRANSLATE_NOOP("signals", "pages behind for")},
                           Word{"mirror-age", QT_TRANSLATE_NOOP("signals", "mirror compared")},
                           Word{"objects", QT_TRANSLATE_NOOP("signals", "answers held")},
                           Word{"hit-ratio", QT_TRANSLATE_NOOP("signals", "from the cache")},
                           Word{"hit-ratio-before", QT_TRANSLATE_NOOP("signals", "cache, hour before")},
                           Word{"errors", QT_TRANSLATE_NOOP("signals", "answers with 5xx")},
                           Word{"counters-error", QT_TRANSLATE_NOOP("signals", "not measured, for")},
                           Word{"pops", QT_TRANSLATE_NOOP("signals", "points of presence")},
                           Word{"worst-pop", QT_TRANSLATE_NOOP("signals", "worst of them")},
                           Word{"drill", QT_TRANSLATE_NOOP("signals", "last fallback drill")},
                           Word{"drill-age", QT_TRANSLATE_NOOP("signals", "since that drill")},
                           Word{"purges-waiting", QT_TRANSLATE_NOOP("signals", "purges that wait")},
                           Word{"purge-oldest", QT_TRANSLATE_NOOP("signals", "the oldest waits for")},
                           Word{"purge-error", QT_TRANSLATE_NOOP("signals", "why they wait")},
                           Word{"origin-serial", QT_TRANSLATE_NOOP("signals", "registry's serial")},
                           Word{"origin-error", QT_TRANSLATE_NOOP("signals", "registry not compared")},
                           Word{"sample", QT_TRANSLATE_NOOP("signals", "file drawn last")},
                           Word{"samples", QT_TRANSLATE_NOOP("signals", "files drawn")},
                           Word{"samples-wrong", QT_TRANSLATE_NOOP("signals", "wrong among them")},
                           Word{"held-back", QT_TRANSLATE_NOOP("signals", "projects held back")},
                           Word{"lines", QT_TRANSLATE_NOOP("signals", "log lines")},
                           Word{"last-line", QT_TRANSLATE_NOOP("signals", "since the last line")},
                           Word{"newest-line", QT_TRANSLATE_NOOP("signals", "age of the newest line")},
                           Word{"uncounted", QT_TRANSLATE_NOOP("signals", "oldest uncounted line")},
                           Word{"uncounted-why", QT_TRANSLATE_NOOP("signals", "why lines wait")},
                           Word{"spool", QT_TRANSLATE_NOOP("signals", "lines in the spool")},
                           Word{"lines-refused", QT_TRANSLATE_NOOP("signals", "lines refused")},
                           Word{"lines-repeated", QT_TRANSLATE_NOOP("signals", "lines sent twice")},
                           Word{"lines-lost", QT_TRANSLATE_NOOP("signals", "lines lost")},
                           Word{"session-time", QT_TRANSLATE_NOOP("signals", "a session takes")},
                           Word{"ssh-answer", QT_TRANSLATE_NOOP("signals", "a client is told")},
                           Word{"to-heal", QT_TRANSLATE_NOOP("signals", "files to be healed")},
                           Word{"split-brain", QT_TRANSLATE_NOOP("signals", "files with two versions")},
                           Word{"split-unlisted", QT_TRANSLATE_NOOP("signals", "more of them, not named")}};
// Before the name of a node or of a project.
constexpr std::array prefixes{Word{"backend-", QT_TRANSLATE_NOOP("signals", "%1, says the CDN")}, Word{"requests-", QT_TRANSLATE_NOOP("signals", "requests to %1")}, Word{"purges-", QT_TRANSLATE_NOOP("signals", "purges of %1")},
                              Word{"held-back-", QT_TRANSLATE_NOOP("signals", "%1, held back")}, Word{"not-copied-", QT_TRANSLATE_NOOP("signals", "%1, not copied")},
                              Word{"split-file-", QT_TRANSLATE_NOOP("signals", "%1, two versions")}};

template <std::size_t N>
std::optional<QString> knownWords(const std::array<Word, N> &words, const std::string &wire)
{
    for (const Word &word : words) {
        if (word.wire == wire)
            return tr(word.words);
    }
    return std::nullopt;
}

template <std::size_t N>
QString wordsIn(const std::array<Word, N> &words, const std::string &wire)
{
    return knownWords(words, wire).value_or(text(wire));
}

}  // namespace

QString valueIn(const std::string &unit, double value)
{
    if (unit == "bytes")
        return formatBytes(static_cast<std::int64_t>(value));
    if (unit == "seconds")
        return formatDuration(std::chrono::microseconds(static_cast<std::int64_t>(value * 1e6)));
    if (unit == "ratio")
        return formatPercent(value);
    if (unit == "per-second")
        return tr(QT_TRANSLATE_NOOP("signals", "%1/s")).arg(value < 10 ? QLocale().toString(value, 'f', 1) : formatCount(std::llround(value)));
    return formatCount(std::llround(value));
}

const api::Signal *factOf(const api::Node &node, std::string_view name)
{
    const auto found = std::find_if(node.facts.begin(), node.facts.end(), [name](const api::Signal &fact) { return fact.name == name; });
    return found == node.facts.end() ? nullptr : &*found;
}

const api::Node *nodeIn(const api::MonitorState &state, std::string_view name)
{
    const auto found = std::find_if(state.nodes.begin(), state.nodes.end(), [name](const api::Node &node) { return node.name == name; });
    return found == state.nodes.end() ? nullptr : &*found;
}

const api::NodeFinding *leadingFinding(const api::MonitorState &state)
{
    const api::Node *cause = nodeIn(state, state.line.cause);
    if (!cause)
        return nullptr;
    const auto found = std::find_if(cause->findings.begin(), cause->findings.end(), [&state](const api::NodeFinding &one) { return one.code == state.line.finding; });
    return found == cause->findings.end() ? nullptr : &*found;
}

bool hasFinding(const api::Node &node, std::string_view code)
{
    return node.finding == code || std::any_of(node.findings.begin(), node.findings.end(), [code](const api::NodeFinding &one) { return one.code == code; });
}

bool isPrimary(const api::Node &node)
{
    const api::Signal *role = factOf(node, "role");
    return role && role->text == "primary" && !role->stale;
}

std::string splitFileOf(const api::Signal &fact)
{
    constexpr std::string_view before = "split-file-";
    return fact.name.starts_with(before) ? fact.name.substr(before.size()) : std::string();
}

QString signalValue(const api::Signal &fact)
{
    if (fact.unit == "text")
        return fact.text.empty() ? dash() : text(fact.text);
    return fact.value ? valueIn(fact.unit, *fact.value) : dash();
}

QString signalName(const std::string &name)
{
    if (auto known = knownWords(names, name))
        return *std::move(known);
    for (const Word &word : prefixes) {
        if (name.starts_with(word.wire))
            return tr(word.words).arg(text(name.substr(word.wire.size())));
    }
    QString words = text(name);
    words.replace(QLatin1Char('_'), QLatin1Char(' ')).replace(QLatin1Char('-'), QLatin1Char(' '));
    return words;
}

QString figureBytes(const api::Figure &figure)
{
    return figure.value ? valueIn("bytes", *figure.value) : dash();
}

QString figureSeconds(const api::Figure &figure)
{
    return figure.value ? valueIn("seconds", *figure.value) : dash();
}

QString thresholdWords(const api::Signal &fact)
{
    const QString warning = fact.warning ? valueIn(fact.unit, *fact.warning) : dash();
    const QString critical = fact.critical ? valueIn(fact.unit, *fact.critical) : dash();
    if (!fact.warning && !fact.critical)
        return dash();
    return QStringLiteral("%1 · %2").arg(warning, critical);
}

QString roleWords(const std::string &role)
{
    return wordsIn(roles, role);
}

QString nameFor(api::AlertState state)
{
    switch (state) {
    case api::AlertState::Firing:
        return tr(QT_TRANSLATE_NOOP("signals", "firing"));
    case api::AlertState::Acknowledged:
        return tr(QT_TRANSLATE_NOOP("signals", "acknowledged"));
    case api::AlertState::Silenced:
        return tr(QT_TRANSLATE_NOOP("signals", "silenced"));
    case api::AlertState::Closed:
        break;
    }
    return tr(QT_TRANSLATE_NOOP("signals", "closed"));
}

QString eventWords(const api::TimelineEvent &event)
{
    if (event.kind == "verdict.changed" && event.after) {
        return event.before ? tr(QT_TRANSLATE_NOOP("signals", "%1, was %2")).arg(nameFor(*event.after), nameFor(*event.before))
                            : nameFor(*event.after);
    }
    if (event.kind.starts_with(registryKind))
        return actionName(event.kind.substr(registryKind.size()));
    return wordsIn(kinds, event.kind);
}

std::optional<Time> returnOf(const api::Alert &alert)
{
    return alert.state == api::AlertState::Acknowledged ? alert.acknowledgedUntil : std::nullopt;
}

std::optional<Time> firstReturn(const std::vector<api::Alert> &alerts)
{
    std::optional<Time> first;
    for (const api::Alert &alert : alerts) {
        const auto one = returnOf(alert);
        first = one && (!first || *one < *first) ? one : first;
    }
    return first;
}

QString matchWords(const api::SilenceMatch &match)
{
    QStringList parts;
    if (!match.node.empty())
        parts << text(match.node);
    if (!match.role.empty())
        parts << roleWords(match.role);
    if (!match.finding.empty())
        parts << text(match.finding);
    if (!match.site.empty())
        parts << text(match.site);
    return parts.isEmpty() ? dash() : parts.join(QStringLiteral(" · "));
}

}  // namespace cm::ui
