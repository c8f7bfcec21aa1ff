// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/alerts/courier.h"

#include <algorithm>
#include <fmt/format.h>

namespace cm::monitor {
namespace {

constexpr std::size_t mostWaiting = 10'000;
constexpr auto longestPause = std::chrono::seconds(30);

using SteadyClock = std::chrono::steady_clock;

}  // namespace

Courier::Courier(std::vector<std::unique_ptr<Receiver>> receivers, const Clock &clock, Log &log,
                 std::function<void(const std::vector<std::int64_t> &)> taken, std::function<void(const Trouble &)> failed)
    : m_clock(clock), m_log(log), m_taken(std::move(taken)), m_failed(std::move(failed))
{
    for (auto &receiver : receivers) {
        auto box = std::make_unique<Box>();
        box->state.name = receiver->name();
        box->state.kind = receiver->kind();
        box->receiver = std::move(receiver);
        m_boxes.push_back(std::move(box));
    }
}

void Courier::start()
{
    for (const auto &box : m_boxes)
        box->thread = std::jthread([this, &box = *box](const std::stop_token &stop) { run(box, stop); });
}

void Courier::stop()
{
    for (const auto &box : m_boxes)
        box->thread.request_stop();
    for (const auto &box : m_boxes) {
        if (box->thread.joinable())
            box->thread.join();
    }
}

void Courier::send(const std::string &receiver, std::vector<Letter> letters)
{
    const std::lock_guard lock(m_mutex);
    for (const auto &box : m_boxes) {
        if (box->receiver->name() != receiver)
            continue;
        for (Letter &letter : letters) {
            if (box->letters.size() < mostWaiting)
                box->letters.push_back(std::move(letter));
            else if (++box->passedOver == 1)
                m_log.warning("alert.no_room", {{"receiver", std::string_view(receiver)}, {"waiting", static_cast<std::int64_t>(mostWaiting)}});
        }
        box->wake.notify_one();
    }
}

std::vector<const Receiver *> Courier::receivers() const
{
    std::vector<const Receiver *> out;
    for (const auto &box : m_boxes)
        out.push_back(box->receiver.get());
    return out;
}

std::vector<api::Receiver> Courier::state() const
{
    std::vector<api::Receiver> out;
    const std::lock_guard lock(m_mutex);
    for (const auto &box : m_boxes) {
        api::Receiver state = box->state;
        if (box->passedOver > 0)
            state.lastProblem = fmt::format("Behind {} letters there was no room for {} more: sent after a restart{}{}", mostWaiting, box->passedOver,
                                            state.lastProblem.empty() ? "" : "; ", state.lastProblem);
        state.waiting = static_cast<std::int64_t>(box->letters.size());
        for (const Letter &letter : box->letters)
            state.oldestWaiting = std::min(state.oldestWaiting.value_or(letter.created), letter.created);
        out.push_back(std::move(state));
    }
    return out;
}

void Courier::run(Box &box, const std::stop_token &stop)
{
    auto pause = std::chrono::seconds(1);
    const auto next = [&box] {
        const auto now = SteadyClock::now();
        return std::find_if(box.letters.begin(), box.letters.end(), [&](const Letter &letter) { return letter.due <= now; });
    };
    std::unique_lock lock(m_mutex);
    while (box.wake.wait(lock, stop, [&] { return !box.letters.empty(); })) {
        const auto found = next();
        if (found == box.letters.end()) {
            const auto soonest = std::min_element(box.letters.begin(), box.letters.end(), [](const Letter &a, const Letter &b) { return a.due < b.due; });
            const auto due = soonest->due;
            box.wake.wait_until(lock, stop, due, [&] { return next() != box.letters.end(); });
            continue;
        }
        // Others may be put behind it meanwhile; none is taken away but here.
        const auto at = static_cast<std::size_t>(found - box.letters.begin());
        const Letter letter = *found;
        lock.unlock();
        const Result<std::string> sent = box.receiver->deliver(letter.body, stop);
        if (sent)
            m_taken({letter.id});
        lock.lock();
        if (stop.stop_requested())
            return;
        note(box, sent);
        const std::vector<Trouble> troubles = settle(box, at, sent);
        lock.unlock();
        for (const Trouble &trouble : troubles)
            m_failed(trouble);
        lock.lock();
        if (sent || sent.error().code == ErrorCode::InvalidInput) {
            pause = std::chrono::seconds(1);
            continue;
        }
        box.wake.wait_for(lock, stop, pause, [] { return false; });
        pause = std::min(pause * 2, std::chrono::seconds(longestPause));
    }
}

// What becomes of the letter that was tried; with the mutex held. Answers what there is to tell.
std::vector<Trouble> Courier::settle(Box &box, std::size_t at, const Result<std::string> &sent)
{
    std::vector<Trouble> troubles;
    const std::string &name = box.state.name;
    if (sent) {
        box.letters.erase(box.letters.begin() + static_cast<std::ptrdiff_t>(at));
        box.failing = false;
        return troubles;
    }
    Letter &letter = box.letters[at];
    const bool refused = sent.error().code == ErrorCode::InvalidInput;
    ++letter.tries;
    if (refused && letter.tries == 1)
        troubles.push_back({name, fmt::format("{} refuses a letter: {}", name, sent.error().detail), std::nullopt});
    if (!refused && !box.failing)
        troubles.push_back({name, fmt::format("{} takes no letters: {}", name, sent.error().detail), std::nullopt});
    box.failing = !refused;
    // One that is refused for itself lets those behind it pass.
    if (refused)
        letter.due = SteadyClock::now() + std::min<std::chrono::seconds>(std::chrono::seconds(1 << std::min(letter.tries - 1, 5)), longestPause);
    if (m_clock.now() - letter.created > longest) {
        troubles.push_back({name, fmt::format("A letter to {} of {} is given up after a day: {}", name, formatRfc3339(letter.created), sent.error().detail), letter.id});
        box.letters.erase(box.letters.begin() + static_cast<std::ptrdiff_t>(at));
    }
    return troubles;
}

// With the mutex held.
void Courier::note(Box &box, const Result<std::string> &sent)
{
    const std::string &problem = sent ? *sent : sent.error().detail;
    if (sent) {
        ++box.state.delivered;
        box.state.lastDelivered = m_clock.now();
    } else {
        ++box.state.failed;
    }
    box.state.lastProblem = problem;
    if (!problem.empty())
        m_log.warning(sent ? "alert.delivered_in_part" : "alert.undelivered",
                      {{"receiver", std::string_view(box.state.name)}, {"detail", std::string_view(problem)}});
}

}  // namespace cm::monitor
