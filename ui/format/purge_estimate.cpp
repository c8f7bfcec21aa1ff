// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/format/purge_estimate.h"

#include "core/api/findings.h"
#include "ui/format/format.h"
#include "ui/format/signals.h"

#include <QCoreApplication>
#include <QLocale>

#include <algorithm>

namespace cm::ui {

namespace {

// HTML, and the two of PEP 691.
constexpr std::int64_t formsOfAPage = 3;

QString tr(const char *source, int n = -1)
{
    return QCoreApplication::translate("purge", source, nullptr, n);
}

QString perSecond(double value)
{
    return valueIn("per-second", value);
}

const api::Signal *told(const api::Node &node, std::string_view name)
{
    const api::Signal *fact = factOf(node, name);
    return fact && fact->value && !fact->stale ? fact : nullptr;
}

QString aboutProject(const PurgeFigures &figures)
{
    if (!figures.files || !figures.caches)
        return tr(QT_TRANSLATE_NOOP("purge", "Its page in each form, its JSON and its files with their metadata are asked for anew, once. How many that is, is unknown."));
    const std::int64_t each = formsOfAPage + 1 + 2 * *figures.files;
    return tr(QT_TRANSLATE_NOOP("purge", "About %1 answers are asked for anew, once each: its page in each form, its JSON and %n file(s) with their metadata."),
              static_cast<int>(*figures.files))
        .arg(formatCount(each * std::max<std::int64_t>(*figures.caches, 1)));
}

QString aboutPages(const PurgeFigures &figures)
{
    const auto most = figures.projects && figures.caches
                          ? std::optional(formsOfAPage * (*figures.projects + 1) * std::max<std::int64_t>(*figures.caches, 1))
                          : std::nullopt;
    if (figures.objects && (!most || *figures.objects < *most))
        return tr(QT_TRANSLATE_NOOP("purge", "At most %1 pages are asked for anew, once each: the CDN holds no more answers than these, and some of them are files."))
            .arg(formatCount(*figures.objects));
    if (most)
        return tr(QT_TRANSLATE_NOOP("purge", "At most %1 pages are asked for anew, once each: those of %2 projects and their list, in each form."))
            .arg(formatCount(*most), formatCount(*figures.projects));
    return tr(QT_TRANSLATE_NOOP("purge", "How many pages are asked for anew is unknown."));
}

QString aboutEverything(const PurgeFigures &figures)
{
    return figures.objects ? tr(QT_TRANSLATE_NOOP("purge", "All %1 answers that the CDN holds are asked for anew, each when somebody wants it next.")).arg(formatCount(*figures.objects))
                           : tr(QT_TRANSLATE_NOOP("purge", "How many answers the CDN holds, and so how many are asked for anew, is unknown."));
}

// What the web nodes get now, and what they may get at first.
QString aboutLoad(PurgeWhat what, const PurgeFigures &figures)
{
    if (what == PurgeWhat::Project)
        return tr(QT_TRANSLATE_NOOP("purge", "Everything else stays in the CDN."));
    if (!figures.requests)
        return tr(QT_TRANSLATE_NOOP("purge", "How many requests the CDN keeps from the web nodes now is unknown: it may be all there are."));
    if (!figures.hitRatio)
        return tr(QT_TRANSLATE_NOOP("purge", "Clients ask %1; how much of that the CDN answers itself is unknown. At first it may pass on all.")).arg(perSecond(*figures.requests));
    const double now = *figures.requests * (1 - *figures.hitRatio);
    const QString first = tr(QT_TRANSLATE_NOOP("purge", "Clients ask %1; the CDN answers %2 of it itself and passes about %3 on."))
                              .arg(perSecond(*figures.requests), formatPercent(*figures.hitRatio), perSecond(now));
    if (what == PurgeWhat::SimplePages)
        return tr(QT_TRANSLATE_NOOP("purge", "%1 Until each page was asked for once it passes on what is asked for pages; how much that is, is unknown.")).arg(first);
    // Of hardly anything every multiple is large.
    return now < 0.1 ? tr(QT_TRANSLATE_NOOP("purge", "%1 At first it may pass on all.")).arg(first)
                     : tr(QT_TRANSLATE_NOOP("purge", "%1 At first it may pass on all: %2 times as much.")).arg(first, QLocale().toString(*figures.requests / now, 'f', 1));
}

}  // namespace

PurgeFigures purgeFigures(const api::MonitorState &state)
{
    PurgeFigures figures;
    bool first = true;
    double answered = 0;
    for (const api::Node &node : state.nodes) {
        if (node.role != "cdn")
            continue;
        const api::Signal *objects = told(node, "objects"), *requests = told(node, "requests"), *ratio = told(node, "hit-ratio");
        const auto add = [first](auto &sum, const api::Signal *fact) {
            using Number = typename std::remove_reference_t<decltype(sum)>::value_type;
            if (!fact)
                sum.reset();
            else if (first)
                sum = static_cast<Number>(*fact->value);
            else if (sum)
                *sum += static_cast<Number>(*fact->value);
        };
        add(figures.objects, objects);
        add(figures.requests, requests);
        if (requests && ratio && (first || figures.hitRatio)) {
            answered += *requests->value * *ratio->value;
            figures.hitRatio = 0;
        } else {
            figures.hitRatio.reset();
        }
        for (const api::Signal *fact : {objects, requests, ratio}) {
            if (fact && (!figures.sampled || fact->sampled < *figures.sampled))
                figures.sampled = fact->sampled;
        }
        first = false;
    }
    if (figures.hitRatio && figures.requests && *figures.requests > 0)
        figures.hitRatio = answered / *figures.requests;
    else
        figures.hitRatio.reset();
    return figures;
}

QStringList purgeEstimate(PurgeWhat what, bool soft, const PurgeFigures &figures)
{
    QStringList lines{what == PurgeWhat::Project       ? aboutProject(figures)
                      : what == PurgeWhat::SimplePages ? aboutPages(figures)
                                                       : aboutEverything(figures),
                      aboutLoad(what, figures)};
    lines << (soft ? tr(QT_TRANSLATE_NOOP("purge", "Soft: what the CDN holds now stays for the time when no web node answers."))
                   : tr(QT_TRANSLATE_NOOP("purge", "Hard: what the CDN holds now is gone at once. If the web nodes fail before it is asked for again, only the mirror can serve it.")));
    return lines;
}

ReadyNodes readyWebNodes(const api::MonitorState &state)
{
    namespace code = api::finding;
    ReadyNodes nodes;
    for (const api::Node &node : state.nodes) {
        if (node.role != "web")
            continue;
        const bool out = std::any_of(node.findings.begin(), node.findings.end(), [](const api::NodeFinding &one) { return one.code == code::drained; }) ||
                         node.finding == code::drained;
        ++nodes.all;
        nodes.ready += !out && (node.verdict == api::Verdict::Ok || node.verdict == api::Verdict::Warning) ? 1 : 0;
        nodes.unknown += node.verdict == api::Verdict::Unknown ? 1 : 0;
    }
    return nodes;
}

}  // namespace cm::ui
