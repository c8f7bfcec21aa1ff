// SPDX-License-Identifier: GPL-3.0-or-later
// What may have to go and nobody has said so of it: looked at as a whole before any of it goes, held back where it is too
// much, and let go when somebody who has seen it says so.
#include "core/host/whole_file.h"
#include "core/mirror/mirror.h"
#include "core/mirror/status.h"

#include <algorithm>
#include <fmt/format.h>

namespace cm::mirror {
namespace {

constexpr std::size_t mostDoubtful = 300, mostNamed = 5;

std::string projectsText(std::int64_t count)
{
    return fmt::format("{} project{}", count, count == 1 ? "" : "s");
}

// What somebody may do, who has to know first whose wish it is.
std::string wayOut(const Filters &filters, const Losses &held)
{
    const auto ours = std::ranges::count_if(held, [&](const auto &one) { return !filters.wantsProject(one.first); });
    const std::string_view names = filters.allow.empty() ? "projects.deny" : filters.deny.empty() ? "projects.allow" : "projects.allow, projects.deny";
    std::string text = "If the upstream means it";
    if (ours > 0 && ours == std::ssize(held))
        text = fmt::format("It is the filter of this mirror ({}) that leaves them out. If that is meant", names);
    else if (ours > 0)
        text = fmt::format("The filter of this mirror ({}) leaves out {} of them, the upstream has lost the others. If both are meant", names, ours);
    return text + ", allow these deletions in the desktop, or run `cheesemongerd mirror --once --allow-deletions` once";
}

Loss lossBy(const Job &job)
{
    const bool gone = job.outcome == Job::Outcome::Gone;
    return lossOf(gone ? job.known.files : job.plan.withdrawn, gone);
}

}  // namespace

// As the run before has left it. What nobody can read is found anew by this one.
void Mirror::readHeld()
{
    const auto text = host::readWhole(host::heldFile(m_options.root), host::mostHeld);
    auto losses = text ? readLosses(*text) : Result<Losses>(Losses());
    m_heldBack = losses ? std::move(*losses) : Losses();
    m_heldTold = heldBack(m_heldBack, statusHeld);
}

void Mirror::noteHeld()
{
    // Nothing waits for a word without waiting.
    if (const auto pending = m_state.pending(0); pending && pending->count == 0)
        m_heldBack.clear();
    HeldBack held = heldBack(m_heldBack, statusHeld);
    if (held.digest == m_heldTold.digest)
        return;
    const auto file = host::heldFile(m_options.root);
    if (const auto written = m_heldBack.empty() ? host::removeWhole(file) : host::writeWhole(file, lossesText(m_heldBack), 0644); !written)
        return note(written.error().detail);
    m_heldTold = std::move(held);
}

// Once, whatever comes of it: what stayed would be followed twice.
void Mirror::takeAllowance()
{
    m_order.reset();
    m_mayGo.clear();
    m_gone = 0;
    auto order = host::readAllow(m_options.root);
    if (order && !*order)
        return;
    if (const auto removed = host::removeAllow(m_options.root); !removed)
        return note("an order to allow deletions cannot be taken away, and is not followed: " + removed.error().detail);
    if (!order)
        return note("an order to allow deletions is none: " + order.error().detail);
    const host::AllowOrder allow = std::move(**order);
    std::string problem;
    if (allow.until <= m_clock.now())
        problem = "It came too late to be followed: nothing was deleted by it";
    else if (m_heldBack.empty())
        problem = "Nothing is held back any more";
    else if (allow.digest != m_heldTold.digest)
        problem = fmt::format("Another set is held back by now ({}): look at it and allow that", projectsText(m_heldTold.projects));
    if (!problem.empty())
        return remember({"allow-deletions", allow.digest, m_clock.now(), false, problem, allow.by});
    m_mayGo = m_heldBack;
    m_shown = static_cast<std::int64_t>(m_mayGo.size());
    m_order = allow;
}

// `whole`: the run has come to its end.
void Mirror::endAllowance(bool whole)
{
    if (!m_order)
        return;
    std::string statement = fmt::format("{} of {} lost what was allowed", m_gone, projectsText(m_shown));
    if (!whole)
        statement += "; the run was stopped before it was done: what is left is held back still";
    else if (!m_mayGo.empty())
        statement += fmt::format("; of others, such as {}, the registry shows something else by now or nothing: they are served as they were", m_mayGo.begin()->first);
    else if (m_gone < m_shown)
        statement += "; the registry offers the others again";
    remember({"allow-deletions", m_order->digest, m_clock.now(), m_mayGo.empty(), statement, m_order->by});
    m_order.reset();
    m_mayGo.clear();
}

// Held until all was looked at that may lose something, so that the brake sees how much that is; of many the pages are not
// kept meanwhile, for a registry that shows nothing must not take more memory than there is.
void Mirror::doubt(std::unique_ptr<Job> job)
{
    const std::string &name = job->pending.name;
    Loss loss = lossBy(*job);
    const auto isIn = [&](const Losses &losses) {
        const auto found = losses.find(name);
        return found != losses.end() && found->second == loss;
    };
    if (isIn(m_mayGo) || isIn(m_passed)) {
        m_allowed.push_back(std::move(job));
    } else if (m_doubtful.size() < mostDoubtful) {
        m_doubtful.push_back(std::move(job));
    } else {
        m_spilled[name] = {job->pending.required, std::move(loss)};
        job->partial = false;  // it is looked at again at its time
        over(*job);
    }
}

void Mirror::publishDoubtful(bool last)
{
    const bool all = m_gatherer->load().losable == 0 && (!m_more || m_place.rank == Rank::New);
    if ((m_doubtful.empty() && m_spilled.empty()) || !(last || all))
        return;
    Jobs doubtful = std::exchange(m_doubtful, {});
    // What was held once waits for a word, also where the upstream does not answer for it now.
    Losses waiting = m_heldBack;
    for (const auto &job : doubtful)
        waiting.erase(job->pending.name);
    for (const auto &[name, spilled] : m_spilled)
        waiting.erase(name);
    std::erase_if(waiting, [this](const auto &held) { return m_mayGo.contains(held.first); });
    const auto losing = static_cast<std::int64_t>(doubtful.size() + m_spilled.size()) + m_lost;
    const auto count = losing + static_cast<std::int64_t>(waiting.size());
    const std::int64_t projects = m_state.facts().projects + m_lost;
    // Of what somebody has allowed no more goes than was seen.
    const bool differs = !m_options.brake.released &&
                         (std::ranges::any_of(doubtful, [this](const auto &job) { return m_mayGo.contains(job->pending.name); }) ||
                          std::ranges::any_of(m_spilled, [this](const auto &spilled) { return m_mayGo.contains(spilled.first); }));
    if (differs || brakeHolds(m_options.brake, count, projects))
        return hold(doubtful, count, projects);
    m_lost = losing;
    m_again = m_again || !m_spilled.empty();
    for (auto &[name, spilled] : std::exchange(m_spilled, {}))
        m_passed[name] = std::move(spilled.loss);
    publishLosing(std::move(doubtful));
}

void Mirror::hold(const Jobs &doubtful, std::int64_t count, std::int64_t projects)
{
    for (const auto &job : doubtful)
        m_heldBack[job->pending.name] = lossBy(*job);
    const auto spilled = std::exchange(m_spilled, {});
    for (const auto &[name, one] : spilled)
        m_heldBack[name] = one.loss;
    std::vector<std::string> named;
    for (auto held = m_heldBack.begin(); held != m_heldBack.end() && named.size() < mostNamed; ++held)
        named.push_back(held->first);
    const Error held{ErrorCode::GuardFailed,
                     fmt::format("{} of {} projects would lose files or go at once: held back, and served as they were. Among them: {}. {}", count, projects,
                                 fmt::join(named, ", "), wayOut(m_options.filters, m_heldBack)),
                     {},
                     {}};
    std::vector<State::Failure> failures;
    for (const auto &[name, one] : spilled)
        failures.push_back({name, held.detail});
    m_report.failed += static_cast<std::int64_t>(failures.size());
    if (const auto set = m_state.setBack(failures, m_rounds.now); !set) {
        m_abandoned = true;
        note(set.error().detail);
    }
    setBack(doubtful, held);
    noteHeld();
}

// What is published is held back no more.
void Mirror::settled(const Job &job)
{
    const std::string &name = job.pending.name;
    m_heldBack.erase(name);
    m_passed.erase(name);
    const bool lost = job.outcome == Job::Outcome::Gone || job.plan.loses;
    if (m_mayGo.erase(name) > 0 && lost)
        ++m_gone;
}

}  // namespace cm::mirror
