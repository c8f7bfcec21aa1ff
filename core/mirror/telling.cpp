// SPDX-License-Identifier: GPL-3.0-or-later
// What a mirror tells of itself in status.json, during a run and between two, and the orders that it finds in its folder.
#include "core/host/drain_file.h"
#include "core/host/out_file.h"
#include "core/host/whole_file.h"
#include "core/mirror/mirror.h"
#include "core/mirror/status.h"

#include <algorithm>

namespace cm::mirror {
namespace {

constexpr std::size_t mostErrors = 20, mostHeldRead = 2000;
constexpr auto tellEvery = std::chrono::seconds(2);

// Whether it may be over by itself: whoever answers wrongly or not at all, a cache that is behind, a connection that was cut.
// What the upstream is and what is allowed here is for somebody to decide, as is what goes from a full disk.
bool mayPass(const Error &error)
{
    switch (error.code) {
    case ErrorCode::Unavailable: return !isFull(error);
    case ErrorCode::Timeout:
    case ErrorCode::BadAnswer:
    case ErrorCode::Corrupt:
    case ErrorCode::NotFound:
    case ErrorCode::RateLimited: return true;
    default: return false;
    }
}

}  // namespace

std::filesystem::path pauseFile(const std::filesystem::path &root)
{
    return root / "pause.json";
}

void Mirror::writeStatus()
{
    const auto pending = pendingToTell();
    if (!pending)
        note(pending.error().detail);
    const std::lock_guard lock(m_telling);
    m_told.reset();
    const bool changed = m_report.published + m_report.removed > 0;
    Result<void> written = m_tree.writeNote("status.json", statusText(pending ? *pending : State::PendingSummary()), changed);
    if (written && m_report.sound() && m_report.pending == 0)
        written = m_tree.writeNote("last-modified", lastModifiedText(m_started), changed);
    if (!written)
        note(written.error().detail);
}

// What is held back waits for a word and not for another try: it comes behind what failed.
Result<State::PendingSummary> Mirror::pendingToTell()
{
    const auto held = static_cast<std::int64_t>(std::min<std::size_t>(m_heldBack.size(), mostHeldRead));
    CM_TRY_ASSIGN(State::PendingSummary pending, m_state.pending(statusPending + held));
    for (Pending &one : pending.first)
        one.held = m_heldBack.contains(one.name);
    std::ranges::stable_partition(pending.first, [](const Pending &one) { return !one.held; });
    pending.first.resize(std::min<std::size_t>(pending.first.size(), statusPending));
    return pending;
}

// Up to where the copy is whole by now; what a run is about to do is added to it (tellProgress()).
void Mirror::tellMeanwhile()
{
    const auto pending = pendingToTell();
    if (!pending)
        return;
    const std::lock_guard lock(m_telling);
    m_told = statusText(*pending);
}

// A first run has nothing before it to go on from, and may take days.
void Mirror::tellFirst()
{
    const auto isFirst = [this] {
        const std::lock_guard lock(m_telling);
        return m_told && m_told->empty();
    };
    if (isFirst())
        tellMeanwhile();
}

std::string Mirror::statusText(State::PendingSummary pending)
{
    const Facts &facts = m_state.facts();
    m_report.serial = facts.serial;
    m_report.upstreamSerial = facts.upstreamSerial;
    m_report.pending = pending.count;
    m_report.leftOut = facts.leftOut;
    m_report.syncedThrough = pending.wholeThrough(facts.serial);
    if (m_lastChecked == Time{})
        m_lastChecked = lastCheckedOf(m_tree.web() / "status.json");
    return renderStatus({facts, m_report, m_started, m_lastChecked, std::move(pending.first), m_options.every, m_heldTold, standing()});
}

// What came of an order, for those who wait for that.
void Mirror::remember(const Outcome &outcome)
{
    Facts facts = m_state.facts();
    facts.outcomes = withOutcome(facts.outcomes, outcome);
    if (const auto saved = m_state.setFacts(facts); !saved)
        note(saved.error().detail);
    m_log.write(outcome.done ? LogLevel::Info : LogLevel::Warning, "mirror.order",
                {{"order", std::string_view(outcome.order)}, {"by", std::string_view(outcome.by)}, {"outcome", std::string_view(outcome.statement)}});
}

std::optional<api::AgentDrain> Mirror::paused() const
{
    auto found = host::readDrain(pauseFile(m_options.root));
    // What nobody can read holds nobody back: a copy that grows old unseen is worse than one that moves.
    if (!found || !*found || (*found)->until <= m_clock.now())
        return std::nullopt;
    return std::move(*found);
}

// What nobody can read is out all the same: its web server looks only whether it is there.
std::optional<api::AgentOut> Mirror::out() const
{
    auto found = host::readOut(m_options.root);
    return found ? std::move(*found) : std::nullopt;
}

Standing Mirror::standing()
{
    Standing standing{paused(), out(), std::nullopt};
    const auto now = std::chrono::steady_clock::now();
    if (standing.paused)
        standing.next = standing.paused->until;
    else if (const auto due = m_schedule.due(now); due && !m_stopped)
        standing.next = m_clock.now() + std::chrono::duration_cast<std::chrono::microseconds>(*due - now);
    return standing;
}

// All else stays as the last run has told it.
void Mirror::writeStanding(const std::string &last)
{
    if (const auto written = m_tree.writeNote("status.json", renderStanding(last, standing()), false); !written)
        m_log.warning("mirror.status", {{"detail", std::string_view(written.error().detail)}});
}

void Mirror::tellPause(const api::AgentDrain &paused)
{
    m_log.info("mirror.paused", {{"until", std::string_view(formatRfc3339(paused.until))}, {"by", std::string_view(paused.by)}});
    const std::lock_guard lock(m_telling);
    m_schedule.ended(std::nullopt, std::chrono::steady_clock::now());
    writeStanding(host::readWhole(m_tree.web() / "status.json").value_or(std::string()));
}

std::optional<Time> Mirror::endOut()
{
    const auto ended = host::endOut(m_options.root, m_clock.now());
    if (!ended) {
        if (!std::exchange(m_outTold, true))
            m_log.error("mirror.out", {{"detail", std::string_view(ended.error().detail)}});
        return std::nullopt;
    }
    m_outTold = false;
    if (*ended) {
        m_log.info("mirror.returned", {{"until", std::string_view(formatRfc3339((*ended)->until.value_or(Time())))}, {"by", std::string_view((*ended)->by)}});
        const std::lock_guard lock(m_telling);
        // A run that is on its way tells it with what it tells next.
        const auto last = host::readWhole(m_tree.web() / "status.json");
        if (!m_told && last)
            writeStanding(*last);
    }
    const auto still = out();
    return still ? still->until : std::nullopt;
}

std::optional<Schedule::Moment> Mirror::due()
{
    const std::lock_guard lock(m_telling);
    const auto now = std::chrono::steady_clock::now();
    auto due = m_schedule.due(now);
    // A pause that ends by itself ends at its time, whatever the tick is.
    if (const auto held = paused(); due && held)
        due = std::min(*due, now + std::chrono::ceil<std::chrono::milliseconds>(held->until - m_clock.now()));
    return due;
}

void Mirror::openTelling()
{
    const std::lock_guard lock(m_telling);
    m_told = host::readWhole(m_tree.web() / "status.json").value_or(std::string());
    m_toldAt = std::chrono::steady_clock::now();
}

void Mirror::tellProgress()
{
    const std::lock_guard lock(m_telling);
    const auto now = std::chrono::steady_clock::now();
    if (!m_told || now - m_toldAt < tellEvery)
        return;
    m_toldAt = now;
    const std::string text = renderProgress(*m_told, m_progress, out(), m_started, m_lastChecked, m_clock.now());
    if (const auto written = m_tree.writeNote("status.json", text, false); !written)
        m_log.warning("mirror.progress", {{"detail", std::string_view(written.error().detail)}});
}

void Mirror::note(const std::string &error)
{
    const bool known = std::ranges::find(m_report.errors, error) != m_report.errors.end();
    if (!known && m_report.errors.size() < mostErrors)
        m_report.errors.push_back(error);
    m_log.warning("mirror.failed", {{"detail", std::string_view(error)}});
}

void Mirror::failedFor(const Error &error, std::int64_t before)
{
    m_held = m_held || !mayPass(error);
    m_failedBefore = std::min(m_failedBefore.value_or(before), before);
}

}  // namespace cm::mirror
