// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/verdicts/ingests.h"

#include "core/monitor/verdicts/content.h"
#include "core/monitor/verdicts/parts.h"

#include <algorithm>
#include <fmt/format.h>

namespace cm::monitor {
namespace {

namespace code = api::finding;

constexpr double lateWarning = 300, lateCritical = 900;  // seconds
constexpr double quietAfter = 300;
constexpr double fullWarning = 0.8, fullCritical = 0.95;

// A second, of all caches together; nothing where nobody tells.
double requestsAt(const std::vector<EdgeInput> &edges, Time stillFresh)
{
    double sum = 0;
    for (const EdgeInput &edge : edges) {
        if (edge.rates.answers() && edge.rates.taken >= stillFresh)
            sum += edge.rates.facts->requests.value_or(0);
    }
    return sum;
}

// The age of the newest time that lines name is none where nothing happens, nor of what waits here to be counted: what
// counts is how much older it was than the last line when that came.
void judgeLateness(const IngestInput &ingest, RawFindings &out)
{
    const IngestFacts &facts = *ingest.watched.facts;
    if (!facts.newestAge || !facts.silentSeconds || *facts.silentSeconds > quietAfter)
        return;
    const double late = *facts.newestAge - std::max(*facts.silentSeconds, facts.waitingSeconds.value_or(0));
    if (late > lateWarning)
        out.push_back({ingest.name, std::string(code::linesLate), late > lateCritical ? Verdict::Critical : Verdict::Warning,
                       fmt::format("The newest line that comes to {} tells of {} before it came", ingest.name, secondsText(late)),
                       ingest.watched.taken, 2, 2, {}, {}});
}

// The lower of the two where something was lost, the higher where something came twice.
std::optional<double> shareOf(const IngestFacts &facts)
{
    if (!facts.arrivedShare || !facts.sentShare)
        return facts.sentShare ? facts.sentShare : facts.arrivedShare;
    return *facts.sentShare > 1 && *facts.arrivedShare >= 0.97 ? *facts.sentShare : std::min(*facts.sentShare, *facts.arrivedShare);
}

void judgeCounting(const IngestInput &ingest, RawFindings &out)
{
    const IngestFacts &facts = *ingest.watched.facts;
    const auto add = [&](Verdict verdict, std::string_view found, std::string statement) {
        out.push_back({ingest.name, std::string(found), verdict, std::move(statement), ingest.watched.taken, 2, 2, {}, {}});
    };
    const std::string because = facts.problem.empty() ? std::string() : ": " + facts.problem;
    if (const double waits = facts.waitingSeconds.value_or(0); waits > lateWarning)
        add(waits > lateCritical ? Verdict::Critical : Verdict::Warning, code::countsLate,
            fmt::format("{} holds lines that have waited {} to be counted{}", ingest.name, secondsText(waits), because));
    if (facts.spoolLimit <= 0)
        return;
    if (const double full = facts.waitingBytes / facts.spoolLimit; full >= fullWarning)
        add(full >= fullCritical ? Verdict::Critical : Verdict::Warning, code::spoolFull,
            fmt::format("The spool of {} is {:.0f} % full: at 100 % senders wait, and lines over UDP are lost{}", ingest.name, 100 * full, because));
}

}  // namespace

RawFindings judgeIngests(const std::vector<IngestInput> &ingests, const std::vector<EdgeInput> &edges, Time stillFresh)
{
    RawFindings out;
    for (const IngestInput &ingest : ingests) {
        RawFindings unanswered = judgeAnswer(ingest.name, ingest.watched);
        out.insert(out.end(), unanswered.begin(), unanswered.end());
        if (!ingest.watched.answers() || ingest.watched.taken < stillFresh)
            continue;
        const IngestFacts &facts = *ingest.watched.facts;
        StreamFacts stream{facts.connections > 0, facts.silentSeconds.value_or(facts.runsFor), requestsAt(edges, stillFresh), {}, {}, {}};
        if (const auto share = shareOf(facts)) {
            stream.sent = 1;
            stream.parsed = share;
        }
        RawFindings streamed = judgeStream(ingest.name, stream, ingest.watched.taken);
        out.insert(out.end(), std::make_move_iterator(streamed.begin()), std::make_move_iterator(streamed.end()));
        judgeLateness(ingest, out);
        judgeCounting(ingest, out);
    }
    return out;
}

}  // namespace cm::monitor
