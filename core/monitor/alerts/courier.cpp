// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/alerts/courier.h"

#include <algorithm>

namespace cm::monitor {
namespace {

constexpr std::size_t mostWaiting = 10'000;
constexpr auto longestPause = std::chrono::seconds(30);

}  // namespace

Courier::Courier(std::vector<std::unique_ptr<Receiver>> receivers, const Clock &clock, Log &log,
                 std::function<void(const std::vector<std::int64_t> &)> taken)
    : m_clock(clock), m_log(log), m_taken(std::move(taken))
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
    std::unique_lock lock(m_mutex);
    while (box.wake.wait(lock, stop, [&] { return !box.letters.empty(); })) {
        const Letter letter = box.letters.front();
        lock.unlock();
        const Result<std::string> sent = box.receiver->deliver(letter.body, stop);
        if (sent)
            m_taken({letter.id});
        lock.lock();
        if (stop.stop_requested())
            return;
        note(box, sent);
        if (sent) {
            box.letters.pop_front();
            pause = std::chrono::seconds(1);
            continue;
        }
        // A letter that is refused for itself lets those behind it pass, and is tried again after them.
        if (sent.error().code == ErrorCode::InvalidInput) {
            box.letters.push_back(std::move(box.letters.front()));
            box.letters.pop_front();
        }
        box.wake.wait_for(lock, stop, pause, [] { return false; });
        pause = std::min(pause * 2, std::chrono::seconds(longestPause));
    }
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
