// SPDX-License-Identifier: GPL-3.0-or-later
// Letters that are refused, late or never taken.
#include "core/monitor/alerts/courier.h"

#include <algorithm>
#include <doctest/doctest.h>

using namespace cm;
using namespace cm::monitor;
using namespace std::chrono_literals;

namespace {

const Time noon = *parseRfc3339("2026-11-22T12:00:00Z");

// Takes every letter but those that begin with "bad", which it refuses for themselves, and none at all while it is away.
struct Picky : Receiver {
    std::string m_name = "hook";
    std::atomic<bool> &away;
    explicit Picky(std::atomic<bool> &away) : away(away) {}
    const std::string &name() const override { return m_name; }
    std::string_view kind() const override { return "webhook"; }
    std::string letterFor(const api::Alert &, const LetterContext &) const override { return {}; }
    Result<std::string> deliver(const std::string &letter, const std::stop_token &) override
    {
        if (away)
            return fail(ErrorCode::Unavailable, "it answers 503");
        if (letter.starts_with("bad"))
            return fail(ErrorCode::InvalidInput, "it answers 400");
        return std::string();
    }
};

struct Post {
    std::atomic<bool> away = false;
    ManualClock clock{noon};
    Log log{LogLevel::Error};
    std::mutex mutex;
    std::condition_variable told;
    std::vector<std::int64_t> taken;
    std::vector<Trouble> troubles;
    Courier courier;

    Post()
        : courier(receivers(), clock, log,
                  [this](const std::vector<std::int64_t> &ids) {
                      const std::lock_guard lock(mutex);
                      taken.insert(taken.end(), ids.begin(), ids.end());
                      told.notify_all();
                  },
                  [this](const Trouble &trouble) {
                      const std::lock_guard lock(mutex);
                      troubles.push_back(trouble);
                      told.notify_all();
                  })
    {
        courier.start();
    }
    ~Post() { courier.stop(); }

    std::vector<std::unique_ptr<Receiver>> receivers()
    {
        std::vector<std::unique_ptr<Receiver>> all;
        all.push_back(std::make_unique<Picky>(away));
        return all;
    }
    void send(std::int64_t id, const std::string &body) { courier.send("hook", {{id, noon, body}}); }
    template <class Holds>
    void waitFor(Holds holds)
    {
        std::unique_lock lock(mutex);
        told.wait(lock, holds);
    }
    std::size_t saying(const std::string &words) const
    {
        return static_cast<std::size_t>(std::count_if(troubles.begin(), troubles.end(), [&](const Trouble &one) { return one.statement.find(words) != std::string::npos; }));
    }
};

}  // namespace

TEST_CASE("a letter that is refused for itself delays none behind it, and is told once")
{
    Post post;
    post.send(1, "bad");
    for (std::int64_t id = 2; id <= 20; ++id)
        post.send(id, "good");
    post.waitFor([&] { return post.taken.size() == 19; });
    CHECK(post.taken.front() == 2);
    // It is tried again, and one that comes later is not held up by its pauses either.
    while (post.courier.state().at(0).failed < 2 || post.courier.state().at(0).waiting > 1)
        std::this_thread::sleep_for(10ms);  // until the courier's own pause of a second is over
    post.send(21, "good");
    post.waitFor([&] { return post.taken.size() == 20; });
    CHECK(post.saying("hook refuses a letter: it answers 400") == 1);
    CHECK(post.troubles.size() == 1);
}

TEST_CASE("a receiver that is away gets everything in its order later, and its absence is told once")
{
    Post post;
    post.away = true;
    for (std::int64_t id = 1; id <= 3; ++id)
        post.send(id, "good");
    while (post.courier.state().at(0).failed < 2)
        std::this_thread::sleep_for(10ms);  // until the courier's own pause of a second is over
    post.away = false;
    post.waitFor([&] { return post.taken.size() == 3; });
    CHECK(post.taken == std::vector<std::int64_t>{1, 2, 3});
    CHECK(post.saying("hook takes no letters: it answers 503") == 1);
    CHECK(post.troubles.size() == 1);
}

TEST_CASE("a letter that nobody has taken for a day is given up, but tried once at least")
{
    Post post;
    post.clock.advance(25h);
    post.send(1, "good");
    post.send(2, "bad");
    post.waitFor([&] { return post.taken.size() == 1 && post.troubles.size() == 2; });
    CHECK(post.troubles.back().givenUp == 2);
    CHECK(post.troubles.back().statement == "A letter to hook of 2026-11-22T12:00:00.000000Z is given up after a day: it answers 400");
    CHECK(post.courier.state().at(0).waiting == 0);
}

TEST_CASE("letters for which there is no room are told of")
{
    Post post;
    post.away = true;
    constexpr std::int64_t most = 10'000;
    for (std::int64_t id = 1; id <= most; ++id)
        post.send(id, "good");
    CHECK(post.courier.state().at(0).lastProblem.find("no room") == std::string::npos);
    post.send(most + 1, "good");
    const api::Receiver state = post.courier.state().at(0);
    CHECK(state.waiting == most);
    CHECK(state.lastProblem.starts_with("Behind 10000 letters there was no room for 1 more: sent after a restart"));
}
