// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/verdicts/mirrors.h"

#include "core/monitor/verdicts/parts.h"

#include <algorithm>
#include <fmt/format.h>

namespace cm::monitor {
namespace {

namespace code = api::finding;

// A minute is what a mirror has between two runs when it does not say otherwise.
constexpr double usualCycle = 60;
constexpr std::size_t projectsNamed = 3;
// So many runs in a row are no accident.
constexpr std::int64_t lastingTries = 3;
constexpr double lateCycles = 2, deadCycles = 10, behindCycles = 3;

std::string timeText(Time time)
{
    return formatRfc3339(time).substr(0, 19) + "Z";
}

std::string outText(const api::AgentOut &out)
{
    const std::string end = out.until ? "until " + timeText(*out.until) : "without an end, since " + timeText(out.since);
    return fmt::format("{} by {}: {}", end, out.by, out.reason);
}

bool isFresh(const MirrorInput &mirror, Time stillFresh)
{
    return mirror.watched.answers() && mirror.watched.taken >= stillFresh;
}

class Mirrors {
public:
    Mirrors(const std::vector<AgentInput> &agents, Time stillFresh, Time now) : m_agents(agents), m_stillFresh(stillFresh), m_now(now) {}

    void judge(const MirrorInput &mirror)
    {
        RawFindings unanswered = judgeAnswer(mirror.name, mirror.watched);
        m_out.insert(m_out.end(), unanswered.begin(), unanswered.end());
        m_mirror = &mirror;
        m_told = toldOf(mirror, m_agents, m_stillFresh);
        if (isFresh(mirror, m_stillFresh)) {
            judgeServing(*mirror.watched.facts);
            judgeAge(*mirror.watched.facts);
            judgeLacks(*mirror.watched.facts);
        }
        judgeSamples();
    }

    RawFindings take() { return std::move(m_out); }

private:
    void add(Verdict verdict, std::string_view found, std::string statement, Time taken, std::string subject = {}, int raiseAfter = 2, int clearAfter = 2)
    {
        m_out.push_back({m_mirror->name, std::string(found), verdict, std::move(statement), taken, raiseAfter, clearAfter, {}, std::move(subject)});
    }

    void judgeServing(const MirrorFacts &facts)
    {
        const std::string &name = m_mirror->name;
        const Time taken = m_mirror->watched.taken;
        const bool out = facts.health.status == 503;
        if (out)
            add(Verdict::Warning, code::outOfRotation, fmt::format("{} is out of rotation{}", name, outWords()), taken, {}, 1, 1);
        else if (!facts.health.works())
            add(Verdict::Critical, code::channelBroken, fmt::format("{} does not say that it is ready: {}", name, facts.health.text()), taken, "health");
        if (facts.page && !facts.page->answer.works())
            add(Verdict::Critical, code::channelBroken, fmt::format("{} does not serve the page of the canary: {}", name, facts.page->answer.text()), taken,
                "simple");
        if (facts.file && !facts.file->works())
            add(Verdict::Critical, code::channelBroken, fmt::format("{} does not serve the file of the canary: {}", name, facts.file->text()), taken, "file");
        judgeEmptiness(facts, taken);
    }

    // Only its host knows who put the file there; it may have been asked before it was, or the answer be another's.
    [[nodiscard]] std::string outWords() const
    {
        if (!m_told || !m_told->out)
            return fmt::format(": who did it, and until when, is not known, as {}", m_told ? "its agent tells of no order" : "no agent tells of it");
        return m_told->out->by.empty() ? ", without an end: somebody put the file \"out\" into its folder" : " " + outText(*m_told->out);
    }

    // A page of an older serial may have been empty then; one of the same serial never was.
    void judgeEmptiness(const MirrorFacts &facts, Time taken)
    {
        const bool asked = facts.page && facts.origin && facts.page->answer.works() && facts.origin->answer.works();
        if (!asked || facts.page->files != 0 || facts.origin->files.value_or(0) == 0)
            return;
        const bool older = facts.page->serial && facts.origin->serial && *facts.page->serial < *facts.origin->serial;
        if (!older)
            add(Verdict::Critical, code::mirrorEmpty,
                fmt::format("{} serves the page of the canary with no file, and the origin has {}: who installs from it is told that there is nothing", m_mirror->name,
                            *facts.origin->files),
                taken, "canary");
    }

    void judgeAge(const MirrorFacts &facts)
    {
        const std::string &name = m_mirror->name;
        const Time taken = m_mirror->watched.taken;
        const auto &paused = m_told && m_told->paused ? m_told->paused : facts.status ? facts.status->paused : std::nullopt;
        if (paused && paused->until > m_now) {
            // That it grows old meanwhile is meant.
            add(Verdict::Warning, code::paused, fmt::format("{} is paused until {} by {}: {}", name, timeText(paused->until), paused->by, paused->reason), taken, {}, 1, 1);
            return;
        }
        if (!facts.status) {
            add(Verdict::Unknown, code::mirrorStale, fmt::format("Nobody knows how old {} is: {}", name, facts.statusProblem), taken);
            return;
        }
        const MirrorLimits limits = limitsOf(*m_mirror);
        const auto age = ageOf(*m_mirror, m_now);
        const double behind = facts.behindSeconds.value_or(0);
        if (!age)
            add(Verdict::Unknown, code::mirrorStale, fmt::format("{} has never heard what it copies{}", name, because(*facts.status)), taken);
        else if (*age > limits.warning)
            add(*age > limits.critical ? Verdict::Critical : Verdict::Warning, code::mirrorStale,
                fmt::format("{} serves a copy that was last compared {} ago{}", name, secondsText(*age), because(*facts.status)), taken);
        else if (behind > limits.behind)
            add(behind > limits.critical ? Verdict::Critical : Verdict::Warning, code::mirrorStale,
                fmt::format("{} answers and is {} serials behind for {}{}", name, facts.originSerial.value_or(0) - facts.status->syncedThrough, secondsText(behind),
                            because(*facts.status)),
                taken);
        if (m_told && !m_told->running && facts.status->every)
            add(Verdict::Warning, code::mirrorStopped, fmt::format("Nothing refreshes {}: its process does not run", name), taken);
    }

    // What waits for somebody: a word, or a look at why it cannot be copied.
    void judgeLacks(const MirrorFacts &facts)
    {
        if (!facts.status)
            return;
        const std::string &name = m_mirror->name;
        const Time taken = m_mirror->watched.taken;
        if (const auto &held = facts.status->held) {
            std::string names;
            for (std::size_t i = 0; i < std::min(held->first.size(), projectsNamed); ++i)
                names += (i > 0 ? ", " : ": ") + held->first[i].name;
            const std::int64_t others = held->projects - static_cast<std::int64_t>(std::min(held->first.size(), projectsNamed));
            add(Verdict::Warning, code::mirrorHolds,
                fmt::format("{} holds back what {} would lose{}{}", name, countText(held->projects, "project"), names,
                            others > 0 ? fmt::format(" and {} more", others) : std::string()),
                taken, {}, 1, 1);
        }
        const auto lasting = [](const MirrorLack &lack) { return lack.tries >= lastingTries; };
        const auto &lacks = facts.status->lacks;
        const auto first = std::find_if(lacks.begin(), lacks.end(), lasting);
        if (first == lacks.end())
            return;
        const auto others = std::count_if(first + 1, lacks.end(), lasting);
        add(Verdict::Warning, code::mirrorLacks,
            fmt::format("{} cannot copy what changed of {}{}: {}", name, first->project, others > 0 ? fmt::format(" and {} more", others) : std::string(), first->error), taken);
    }

    // What holds it up, as far as it says.
    static std::string because(const MirrorStatus &status)
    {
        if (!status.errors.empty())
            return ": " + status.errors.front();
        if (status.running)
            return ", and works on it: " + progressText(*status.running);
        return {};
    }

    // Seen once it is seen: bytes do not differ now and then. What is wrong is looked at again, and so is over at once.
    void judgeSamples()
    {
        if (!m_mirror->sampled.facts)
            return;
        const SampleFacts &facts = *m_mirror->sampled.facts;
        std::int64_t empty = 0, different = 0;
        for (const SampledFile &wrong : facts.wrong)
            ++(wrong.empty ? empty : different);
        for (const SampledFile &wrong : facts.wrong) {
            const std::int64_t others = (wrong.empty ? empty : different) - 1;
            const std::string more = others > 0 ? fmt::format(" (and {} more)", others) : std::string();
            add(Verdict::Critical, wrong.empty ? code::mirrorEmpty : code::digestMismatch, fmt::format("{} serves {}{}", m_mirror->name, wrong.problem, more),
                m_mirror->sampled.taken, {}, 1, 1);
        }
    }

    const std::vector<AgentInput> &m_agents;
    const Time m_stillFresh, m_now;
    const MirrorInput *m_mirror = nullptr;
    const api::AgentMirror *m_told = nullptr;
    RawFindings m_out;
};

}  // namespace

RawFindings judgeMirrors(const std::vector<MirrorInput> &mirrors, const std::vector<AgentInput> &agents, Time stillFresh, Time now)
{
    Mirrors judge(agents, stillFresh, now);
    for (const MirrorInput &mirror : mirrors)
        judge.judge(mirror);
    return judge.take();
}

const api::AgentMirror *toldOf(const MirrorInput &mirror, const std::vector<AgentInput> &agents, Time stillFresh)
{
    for (const AgentInput &agent : agents) {
        if (agent.host == mirror.host && agent.watched.answers() && agent.watched.taken >= stillFresh && agent.watched.facts->state.mirror)
            return &*agent.watched.facts->state.mirror;
    }
    return nullptr;
}

bool isReady(const MirrorInput &mirror, Time stillFresh)
{
    return isFresh(mirror, stillFresh) && mirror.watched.facts->health.works();
}

std::optional<double> ageOf(const MirrorInput &mirror, Time now)
{
    const auto &facts = mirror.watched.facts;
    if (!facts || !facts->status || !facts->status->lastChecked)
        return std::nullopt;
    return std::max(0.0, std::chrono::duration<double>(now - *facts->status->lastChecked).count());
}

MirrorLimits limitsOf(const MirrorInput &mirror)
{
    const auto &facts = mirror.watched.facts;
    const double cycle = facts && facts->status ? facts->status->every.value_or(usualCycle) : usualCycle;
    return {lateCycles * cycle, deadCycles * cycle, behindCycles * cycle};
}

std::string progressText(const MirrorRun &run)
{
    return fmt::format("{} projects done, {} left", run.done, run.left);
}

}  // namespace cm::monitor
