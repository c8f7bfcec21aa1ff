// SPDX-License-Identifier: GPL-3.0-or-later
// Facts of mirrors and of the cache as signals.
#include "core/monitor/evaluator.h"
#include "core/monitor/signal_list.h"

#include <algorithm>
#include <fmt/format.h>

namespace cm::monitor {
namespace {

template <class Number>
std::optional<double> figureOf(const std::optional<Number> &number)
{
    return number ? std::optional(static_cast<double>(*number)) : std::nullopt;
}

std::optional<double> secondsOf(const HttpFacts &answer)
{
    return answer.status > 0 && answer.status < 400 ? std::optional(answer.seconds) : std::nullopt;
}

constexpr std::size_t projectsShown = 10;

std::string timeText(Time time)
{
    return formatRfc3339(time).substr(0, 19) + "Z";
}

void addStatus(Signals &signals, const MirrorStatus &status)
{
    signals.figure("serial", static_cast<double>(status.syncedThrough), "count");
    signals.figure("projects", static_cast<double>(status.projects), "count");
    signals.figure("pending", static_cast<double>(status.pending), "count");
    signals.figure("failed", static_cast<double>(status.failed), "count", 1);
    if (!status.errors.empty())
        signals.text("error", status.errors.front(), Verdict::Warning);
    if (status.held) {
        signals.figure("held-back", static_cast<double>(status.held->projects), "count", 1);
        for (std::size_t i = 0; i < std::min(status.held->first.size(), projectsShown); ++i) {
            const MirrorHeld::Project &project = status.held->first[i];
            signals.text(("held-back-" + project.name).c_str(),
                         fmt::format("{}{} would go", project.whole ? "all of it: " : "", countText(project.files, "file")), Verdict::Warning);
        }
    }
    for (std::size_t i = 0; i < std::min(status.lacks.size(), projectsShown); ++i)
        signals.text(("not-copied-" + status.lacks[i].project).c_str(), status.lacks[i].error, Verdict::Warning);
    if (!status.running)
        return;
    const MirrorRun &run = *status.running;
    signals.text("run", progressText(run));
    signals.figure("run-done", static_cast<double>(run.done), "count");
    signals.figure("run-left", static_cast<double>(run.left), "count");
    signals.figure("run-bytes", run.bytes, "bytes");
}

std::string waitingText(const PurgeFacts &purges)
{
    std::string text = purges.waiting == 0 ? std::string("nothing waits") : fmt::format("{}{} waiting", purges.waiting, purges.more ? " and more" : "");
    if (purges.waiting > 0 && purges.oldest)
        text += fmt::format(", the oldest for {:.0f} s", *purges.oldest);
    return purges.problem.empty() ? text : text + ": " + purges.problem;
}

// What each web node has still to tell the caches; of one that does not say so, nobody knows.
void addPurges(std::vector<api::Signal> &out, const std::vector<WebInput> &webs, Time stillFresh)
{
    for (const WebInput &web : webs) {
        Signals signals = signalsFor(web.watched, "http", stillFresh);
        const auto &facts = web.watched.facts;
        signals.text(("purges-" + web.name).c_str(), facts && facts->purges ? waitingText(*facts->purges) : std::string(),
                     !facts || !facts->purges ? Verdict::Unknown : facts->purges->problem.empty() ? Verdict::Ok : Verdict::Warning);
        for (api::Signal &signal : signals.take())
            out.push_back(std::move(signal));
    }
}

// How far the registry, what clients get of it and the mirror have come, side by side, and how old the two copies are.
void addCompared(std::vector<api::Signal> &out, const EdgeInput &input, const std::vector<MirrorInput> &mirrors, Time stillFresh, Time now)
{
    const auto &facts = input.compared.facts;
    Signals signals = signalsFor(input.compared, "http", stillFresh);
    signals.figure("registry-serial", facts ? figureOf(facts->originSerial) : std::nullopt, "count");
    if (facts && !facts->originProblem.empty())
        signals.text("origin-error", facts->originProblem, Verdict::Warning);
    const bool listed = facts && facts->list;
    signals.figure("serial", listed ? figureOf(facts->list->serial) : std::nullopt, "count");
    signals.figure("list-age", listed ? facts->list->age : std::nullopt, "seconds");
    const EdgeLimits limits = edgeLimits();
    signals.figure("list-behind", facts ? facts->lag.list : std::nullopt, "seconds", limits.list, limits.critical);
    signals.figure("page-behind", facts ? facts->lag.pages : std::nullopt, "seconds", limits.pages, limits.critical);
    for (api::Signal &signal : signals.take())
        out.push_back(std::move(signal));
    if (mirrors.empty())
        return;
    const MirrorInput &mirror = mirrors.front();
    const MirrorStatus *status = mirror.watched.facts && mirror.watched.facts->status ? &*mirror.watched.facts->status : nullptr;
    Signals copy = signalsFor(mirror.watched, "http", stillFresh);
    copy.figure("mirror-serial", status ? std::optional(static_cast<double>(status->syncedThrough)) : std::nullopt, "count");
    copy.figure("mirror-age", ageOf(mirror, now), "seconds", limitsOf(mirror).warning, limitsOf(mirror).critical);
    for (api::Signal &signal : copy.take())
        out.push_back(std::move(signal));
}

std::string sampledText(const SampledFile &file)
{
    const std::string what = file.file.empty() ? file.project + ": no file" : file.file;
    return fmt::format("{}, {}", what, !file.problem.empty() ? "not as it should be" : file.hashed ? "right" : "listed as at the origin; too big to be read");
}

}  // namespace

std::vector<api::Signal> signalsOf(const IngestInput &input, Time stillFresh)
{
    const auto &facts = input.watched.facts;
    Signals signals = signalsFor(input.watched, "http", stillFresh);
    signals.figure("lines", facts ? facts->rate : std::nullopt, "per-second");
    signals.figure("last-line", facts ? facts->silentSeconds : std::nullopt, "seconds");
    signals.figure("newest-line", facts ? facts->newestAge : std::nullopt, "seconds");
    signals.figure("uncounted", facts ? facts->waitingSeconds : std::nullopt, "seconds", 300, 900);
    const bool limited = facts && facts->spoolLimit > 0;
    signals.figure("spool", limited ? std::optional(facts->waitingBytes) : std::nullopt, "bytes",
                   limited ? std::optional(0.8 * facts->spoolLimit) : std::nullopt, limited ? std::optional(0.95 * facts->spoolLimit) : std::nullopt);
    if (facts) {
        signals.figure("connections", static_cast<double>(facts->connections), "count");
        signals.figure("lines-refused", static_cast<double>(facts->refused), "count");
        signals.figure("lines-repeated", static_cast<double>(facts->repeated), "count");
        signals.figure("lines-lost", static_cast<double>(facts->lost), "count");
        if (!facts->problem.empty())
            signals.text("uncounted-why", facts->problem, Verdict::Warning);
    }
    return signals.take();
}

std::vector<api::Signal> signalsOf(const SshInput &input, Time stillFresh)
{
    const auto &facts = input.watched.facts;
    Signals signals = signalsFor(input.watched, "ssh", stillFresh);
    signals.figure("session-time", facts ? std::optional(facts->seconds) : std::nullopt, "seconds");
    if (facts)
        signals.text("ssh-answer", facts->words, facts->status == 200 ? Verdict::Ok : Verdict::Critical);
    return signals.take();
}

std::vector<api::Signal> signalsOf(const MirrorInput &input, Time stillFresh, Time now)
{
    const auto &facts = input.watched.facts;
    Signals signals = signalsFor(input.watched, "http", stillFresh);
    const MirrorLimits limits = limitsOf(input);
    signals.figure("age", ageOf(input, now), "seconds", limits.warning, limits.critical);
    signals.figure("behind", facts ? facts->behindSeconds : std::nullopt, "seconds", limits.behind, limits.critical);
    signals.text("rotation", !facts || facts->health.status == 0 ? "" : facts->health.status == 200 ? "in" : "out",
                 facts && facts->health.status != 200 ? Verdict::Warning : Verdict::Ok);
    if (facts) {
        signals.figure("origin-serial", figureOf(facts->originSerial), "count");
        if (!facts->originProblem.empty())
            signals.text("origin-error", facts->originProblem, Verdict::Warning);
        if (facts->status)
            addStatus(signals, *facts->status);
        if (facts->page)
            signals.figure("simple-time", secondsOf(facts->page->answer), "seconds", 1);
        if (facts->file)
            signals.figure("file-time", secondsOf(*facts->file), "seconds", 1);
    }
    std::vector<api::Signal> out = signals.take();
    if (input.sampled.facts && input.sampled.facts->last) {
        const SampleFacts &sampled = *input.sampled.facts;
        // Its own time: one is taken each half minute.
        Signals samples("digest", sampled.last->taken, false);
        samples.text("sample", sampledText(*sampled.last), sampled.last->problem.empty() ? Verdict::Ok : Verdict::Critical);
        samples.figure("samples", static_cast<double>(sampled.checked), "count");
        samples.figure("samples-wrong", static_cast<double>(sampled.wrong.size()), "count", std::nullopt, 1);
        for (api::Signal &signal : samples.take())
            out.push_back(std::move(signal));
    }
    return out;
}

std::vector<api::Signal> signalsOf(const EdgeInput &input, const std::vector<MirrorInput> &mirrors, const std::vector<WebInput> &webs, Time stillFresh,
                                   Time now)
{
    const auto &facts = input.watched.facts;
    Signals signals = signalsFor(input.watched, "http", stillFresh);
    const std::string serving = servingNow(input, mirrors);
    const bool byMirror = std::any_of(mirrors.begin(), mirrors.end(), [&](const MirrorInput &mirror) { return serving.starts_with(mirror.name + ","); });
    signals.text("serving", serving, serving == "nobody" ? Verdict::Critical : byMirror ? Verdict::Warning : Verdict::Ok);
    if (facts && facts->page) {
        signals.figure("simple-time", secondsOf(facts->page->answer), "seconds", 1);
    }
    if (facts && facts->file)
        signals.figure("file-time", secondsOf(facts->file->answer), "seconds", 1);
    std::vector<api::Signal> out = signals.take();
    addCompared(out, input, mirrors, stillFresh, now);
    const EdgeRates *known = input.rates.facts ? &*input.rates.facts : nullptr;
    Signals rates = signalsFor(input.rates, known ? known->source.c_str() : "agent", stillFresh);
    if (input.rates.wasTried() && !input.rates.answers())
        rates.text("counters-error", input.rates.problem, Verdict::Warning);
    rates.figure("requests", known ? known->requests : std::nullopt, "per-second");
    if (known) {
        for (const auto &[backend, perSecond] : known->sent)
            rates.figure(("requests-" + backend).c_str(), perSecond, "per-second");
    }
    rates.figure("objects", known ? figureOf(known->objects) : std::nullopt, "count");
    rates.figure("hit-ratio", known ? known->hitRatio : std::nullopt, "ratio");
    rates.figure("hit-ratio-before", known ? known->hitRatioBefore : std::nullopt, "ratio");
    const bool answered = known && known->answers && known->answers->all > 0;
    rates.figure("errors", answered ? std::optional(static_cast<double>(known->answers->failed) / static_cast<double>(known->answers->all)) : std::nullopt, "ratio", 0.005,
                 0.05);
    if (known && !known->pops.empty()) {
        const auto worst = std::max_element(known->pops.begin(), known->pops.end(), [](const PopFacts &a, const PopFacts &b) {
            return static_cast<double>(a.errors) * static_cast<double>(b.requests) < static_cast<double>(b.errors) * static_cast<double>(a.requests);
        });
        rates.figure("pops", static_cast<double>(known->pops.size()), "count");
        rates.text("worst-pop", worst->errors == 0 ? "none fails" : fmt::format("{}: {} of {} failed", worst->pop, worst->errors, worst->requests));
    }
    if (known) {
        for (const api::AgentEdgeBackend &backend : known->backends)
            rates.text(("backend-" + backend.name).c_str(), !backend.healthy ? "" : *backend.healthy ? "healthy" : "sick",
                       backend.healthy && !*backend.healthy ? Verdict::Warning : Verdict::Ok);
    }
    for (api::Signal &signal : rates.take())
        out.push_back(std::move(signal));
    addPurges(out, webs, stillFresh);
    if (input.drill) {
        Signals drill("drill", input.drill->ended, false);
        drill.text("drill", fmt::format("{}: {}", timeText(input.drill->ended), input.drill->passed ? "passed" : "failed"), input.drill->passed ? Verdict::Ok : Verdict::Warning);
        drill.figure("drill-age", std::chrono::duration<double>(now - input.drill->ended).count(), "seconds", 31.0 * 86400);
        for (api::Signal &signal : drill.take())
            out.push_back(std::move(signal));
    }
    return out;
}

}  // namespace cm::monitor
