// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/incidents/incident_report.h"

#include "core/api/codec.h"
#include "ui/format/acts.h"
#include "ui/format/error_words.h"
#include "ui/format/format.h"
#include "ui/format/names.h"
#include "ui/format/signals.h"

#include <QCoreApplication>

#include <algorithm>

namespace cm::ui {

namespace {

QString tr(const char *source)
{
    return QCoreApplication::translate("incident_report", source);
}

// Nothing loads and nothing runs, whatever a browser would take for an address or a script.
constexpr const char *head =
    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
    "<meta name=\"viewport\" content=\"width=device-width\">\n<meta name=\"generator\" content=\"Cheesemonger\">\n"
    "<style>\n"
    ":root{color-scheme:light dark}\n"
    "body{font:15px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:78rem;padding:0 1rem}\n"
    "h1{font-size:1.5rem;margin:0}h2{font-size:1.1rem;margin:2rem 0 .5rem}p{margin:.3rem 0}\n"
    "table{border-collapse:collapse;width:100%}th,td{text-align:start;vertical-align:top;padding:.3rem .6rem;border-bottom:1px solid #8886}\n"
    "td{white-space:pre-wrap;overflow-wrap:anywhere}td.t{white-space:nowrap;font-variant-numeric:tabular-nums}\n"
    ".critical{color:#c43d2a}.warning{color:#9a6a00}.unknown{color:#6a58b8}.ok{color:#2d8a60}.dim{opacity:.75}\n"
    "@media(prefers-color-scheme:dark){.critical{color:#e5604d}.warning{color:#e0a63a}.unknown{color:#9b8bd6}.ok{color:#4fb286}}\n"
    "</style>\n";

// Text as markup, and nothing in it that no page may have.
QString escaped(const QString &words)
{
    QString clean = words;
    for (QChar &c : clean) {
        const bool keeps = c == QLatin1Char('\n') || c == QLatin1Char('\t');
        if (!keeps && c.category() == QChar::Other_Control)
            c = QChar::ReplacementCharacter;
    }
    return clean.toHtmlEscaped();
}

// Isolated, so that no direction of writing reaches what stands beside it.
QString shown(const QString &words)
{
    return QStringLiteral("<bdi>%1</bdi>").arg(escaped(words));
}

QString shown(const std::string &words)
{
    return shown(text(words));
}

QString orNone(const std::string &words)
{
    return words.empty() ? dash() : shown(words);
}

// By a word as well as by its colour.
QString marked(api::Verdict verdict)
{
    const char *name = verdict == api::Verdict::Ok        ? "ok"
                       : verdict == api::Verdict::Warning ? "warning"
                       : verdict == api::Verdict::Unknown ? "unknown"
                                                          : "critical";
    return QStringLiteral("<span class=\"%1\">%2</span>").arg(QLatin1String(name), nameFor(verdict).toHtmlEscaped());
}

QString time(Time moment)
{
    return formatSecond(moment);
}

class Sheet {
public:
    void heading(const QString &words) { m_out += QStringLiteral("<h2>%1</h2>\n").arg(words.toHtmlEscaped()); }
    // `markup` is ours, or comes from shown().
    void line(const QString &markup) { m_out += QStringLiteral("<p>%1</p>\n").arg(markup); }
    void begin(const QStringList &columns)
    {
        m_out += QStringLiteral("<table>\n<tr>");
        for (const QString &column : columns)
            m_out += QStringLiteral("<th>%1</th>").arg(column.toHtmlEscaped());
        m_out += QStringLiteral("</tr>\n");
    }
    // The first cell is a time, or short.
    void row(const QStringList &cells)
    {
        m_out += QStringLiteral("<tr>");
        for (qsizetype i = 0; i < cells.size(); ++i)
            m_out += (i == 0 ? QStringLiteral("<td class=\"t\">%1</td>") : QStringLiteral("<td>%1</td>")).arg(cells.at(i));
        m_out += QStringLiteral("</tr>\n");
    }
    void end() { m_out += QStringLiteral("</table>\n"); }
    [[nodiscard]] const QString &markup() const { return m_out; }

private:
    QString m_out;
};

void addNow(Sheet &sheet, const api::Incident &incident)
{
    if (!incident.state)
        return;
    const api::VerdictLine &line = incident.state->line;
    sheet.heading(tr("When this was written, %1 UTC").arg(time(incident.time)));
    sheet.line(QStringLiteral("<strong>%1: %2</strong>").arg(marked(line.verdict), shown(line.statement)));
    if (!line.affected.empty())
        sheet.line(tr("Who is hit: %1").toHtmlEscaped().arg(shown(line.affected)));
    if (!line.notAtRisk.empty())
        sheet.line(tr("Not at risk: %1").toHtmlEscaped().arg(shown(line.notAtRisk)));
    sheet.begin({tr("Node"), tr("Role"), tr("State"), tr("What")});
    for (const api::Node &node : incident.state->nodes) {
        if (node.verdict != api::Verdict::Ok)
            sheet.row({shown(node.name), shown(roleWords(node.role)), marked(node.verdict), shown(node.statement)});
    }
    sheet.end();
    const auto well = std::count_if(incident.state->nodes.begin(), incident.state->nodes.end(), [](const api::Node &node) { return node.verdict == api::Verdict::Ok; });
    sheet.line(tr("%1 of %2 nodes are well.").arg(well).arg(incident.state->nodes.size()).toHtmlEscaped());
}

void addAlerts(Sheet &sheet, const api::Incident &incident)
{
    sheet.heading(tr("Alerts"));
    if (incident.alerts.empty()) {
        sheet.line(tr("None was open in this span.").toHtmlEscaped());
        return;
    }
    sheet.begin({tr("Began, UTC"), tr("Closed"), tr("State"), tr("Node"), tr("What, and what to do"), tr("Owner and note")});
    for (const api::Alert &alert : incident.alerts) {
        QString what = shown(alert.statement);
        if (!alert.runbook.empty())
            what += QStringLiteral("\n<span class=\"dim\">%1</span>").arg(tr("Next: %1").toHtmlEscaped().arg(shown(alert.runbook)));
        for (const api::AlertConsequence &one : alert.consequences)
            what += QStringLiteral("\n%1 %2").arg(marked(one.verdict), shown(one.statement));
        sheet.row({time(alert.started), alert.closed ? time(*alert.closed) : dash(), QStringLiteral("%1, %2").arg(marked(alert.verdict), nameFor(alert.state).toHtmlEscaped()),
                   shown(alert.node), what, alert.owner.empty() ? dash() : QStringLiteral("%1\n%2").arg(shown(alert.owner), shown(alert.note))});
    }
    sheet.end();
}

void addActions(Sheet &sheet, const api::Incident &incident)
{
    if (incident.actions.empty())
        return;
    sheet.heading(tr("Actions"));
    sheet.begin({tr("Began, UTC"), tr("Ended"), tr("Action"), tr("By"), tr("Steps")});
    for (const api::Action &action : incident.actions) {
        QStringList steps;
        for (const auto *part : {&action.steps, &action.aftermath}) {
            for (const api::ActionStep &step : *part)
                steps << QStringLiteral("%1: %2").arg(nameFor(step.state).toHtmlEscaped(), shown(step.statement));
        }
        sheet.row({time(action.started), action.ended ? time(*action.ended) : dash(),
                   QStringLiteral("%1: %2\n%3").arg(shown(actVerb(action.wish)), nameFor(action.state).toHtmlEscaped(), shown(action.statement)),
                   QStringLiteral("%1\n%2").arg(shown(action.actor), shown(action.reason)), steps.join(QLatin1Char('\n'))});
    }
    sheet.end();
}

// Both, oldest first; of one moment the monitor's before the registry's.
std::vector<api::TimelineEvent> merged(const api::Incident &incident, const RegistryLines &registry)
{
    std::vector<api::TimelineEvent> all = incident.timeline;
    for (auto line = registry.lines.rbegin(); line != registry.lines.rend(); ++line)
        all.push_back(registryEvent(*line));
    std::stable_sort(all.begin(), all.end(), [](const auto &a, const auto &b) { return a.time < b.time; });
    return all;
}

void addTimeline(Sheet &sheet, const api::Incident &incident, const RegistryLines &registry)
{
    sheet.heading(tr("What happened"));
    sheet.begin({tr("Time, UTC"), tr("Event"), tr("Node"), tr("What"), tr("By")});
    for (const api::TimelineEvent &event : merged(incident, registry)) {
        const bool ours = event.kind.starts_with(registryKind);
        sheet.row({time(event.time), shown(eventWords(event)), ours ? tr("the registry").toHtmlEscaped() : orNone(event.node), shown(event.statement), orNone(event.actor)});
    }
    sheet.end();
}

void addSilences(Sheet &sheet, const api::Incident &incident)
{
    if (incident.silences.empty())
        return;
    sheet.heading(tr("Silences"));
    sheet.begin({tr("Began, UTC"), tr("Until"), tr("Held back"), tr("Why"), tr("By")});
    for (const api::Silence &silence : incident.silences)
        sheet.row({time(silence.created), time(silence.ended.value_or(silence.until)), shown(matchWords(silence.match)), shown(silence.reason), shown(silence.author)});
    sheet.end();
}

void addAudit(Sheet &sheet, const api::Incident &incident)
{
    if (incident.audit.empty())
        return;
    sheet.heading(tr("What people did at the monitor"));
    sheet.begin({tr("Time, UTC"), tr("By"), tr("Action"), tr("Subject"), tr("Why")});
    for (auto line = incident.audit.rbegin(); line != incident.audit.rend(); ++line)
        sheet.row({time(line->time), shown(line->actor), shown(actionName(line->action)), orNone(line->subject), orNone(line->reason)});
    sheet.end();
}

// The least and the most of each; every bucket is in the JSON.
void addFigures(Sheet &sheet, const api::Incident &incident)
{
    if (incident.series.empty())
        return;
    sheet.heading(tr("Figures"));
    sheet.begin({tr("Node"), tr("Figure"), tr("Least"), tr("Most"), tr("When it was most, UTC"), tr("Not measured")});
    for (const api::Series &series : incident.series) {
        const api::SeriesPoint *least = nullptr, *most = nullptr;
        std::int64_t gaps = 0;
        for (const api::SeriesPoint &point : series.points) {
            gaps += point.count == 0 ? 1 : 0;
            if (point.min && (!least || *point.min < *least->min))
                least = &point;
            if (point.max && (!most || *point.max > *most->max))
                most = &point;
        }
        sheet.row({shown(series.target), shown(signalName(series.signal)), least ? shown(valueIn(series.unit, *least->min)) : dash(),
                   most ? shown(valueIn(series.unit, *most->max)) : dash(), most ? time(most->time) : dash(),
                   gaps > 0 ? formatDuration(std::chrono::seconds(gaps * series.stepSeconds)) : dash()});
    }
    sheet.end();
}

}  // namespace

QStringList leftOutOf(const api::Incident &incident, const RegistryLines &registry)
{
    QStringList out;
    for (const std::string &words : incident.leftOut)
        out << text(words);
    if (registry.problem) {
        const ErrorWords words = wordsFor(*registry.problem);
        out << (registry.lines.empty() ? tr("What was done to the registry: it did not answer (%1)").arg(words.title)
                                       : tr("A part of what was done to the registry: it answered no more (%1)").arg(words.title));
    } else if (registry.cut) {
        out << tr("What was done to the registry before %1: its audit is longer than what was read").arg(formatTime(*registry.cut));
    }
    if (registry.routine > 0)
        out << tr("Uploads and sign-ins of the registry: %1 lines of its audit").arg(formatCount(registry.routine));
    return out;
}

QByteArray incidentAsJson(const api::Incident &incident, const RegistryLines &registry)
{
    api::Json json = api::toJson(incident);
    auto &lines = json.as_object()["registry_audit"].emplace_array();
    for (const api::AuditEntry &line : registry.lines)
        lines.push_back(api::toJson(line));
    auto &leftOut = json.as_object()["left_out"].emplace_array();
    for (const QString &words : leftOutOf(incident, registry))
        leftOut.push_back(api::Json(words.toStdString()));
    return QByteArray::fromStdString(api::printJson(json)) + '\n';
}

QByteArray incidentAsHtml(const api::Incident &incident, const RegistryLines &registry)
{
    const QString name = incident.topology.name.empty() ? tr("the registry") : text(incident.topology.name);
    const QString title = tr("Incident of %1, %2 to %3 UTC").arg(name, formatMinute(incident.from), formatMinute(incident.until));
    Sheet sheet;
    sheet.line(tr("Told by monitor %1 at %2 UTC; the whole as JSON is in this file's element \"incident\".")
                   .toHtmlEscaped()
                   .arg(shown(incident.topology.monitor), time(incident.time)));
    const QStringList leftOut = leftOutOf(incident, registry);
    for (const QString &words : leftOut)
        sheet.line(tr("Not in here: %1").toHtmlEscaped().arg(shown(words)));
    addNow(sheet, incident);
    addAlerts(sheet, incident);
    addActions(sheet, incident);
    addTimeline(sheet, incident, registry);
    addSilences(sheet, incident);
    addAudit(sheet, incident);
    addFigures(sheet, incident);
    // No string of it can end the element, nor begin another.
    QByteArray json = incidentAsJson(incident, registry);
    json.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026");
    QByteArray out(head);
    out += "<title>" + escaped(title).toUtf8() + "</title>\n</head>\n<body>\n<h1>" + shown(title).toUtf8() + "</h1>\n";
    out += sheet.markup().toUtf8();
    out += "<script type=\"application/json\" id=\"incident\">" + json + "</script>\n</body>\n</html>\n";
    return out;
}

}  // namespace cm::ui
