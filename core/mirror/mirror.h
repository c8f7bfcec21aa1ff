// SPDX-License-Identifier: GPL-3.0-or-later
// A static copy of a registry, kept up to date by runs: learn what changed, fetch and verify it, publish it so that no
// reader sees anything half done, say how far that went. What was withdrawn is looked at and published first, and a run that
// takes long asks again what changed: neither many files nor a slow one hold up a quarantine. A run may end at any moment, by
// a signal, a kill or a full disk: the tree is whole, and the next run goes on. Owned by the composition root; run() by one
// thread, progress from any.
#pragma once

#include "core/api/agent.h"
#include "core/base/log.h"
#include "core/host/mirror_orders.h"
#include "core/mirror/filters.h"
#include "core/mirror/follow.h"
#include "core/mirror/gather.h"
#include "core/mirror/losses.h"
#include "core/mirror/plan.h"
#include "core/mirror/reserve.h"
#include "core/mirror/schedule.h"
#include "core/mirror/state.h"
#include "core/mirror/tree.h"
#include "core/mirror/upstream.h"

#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace cm::mirror {

struct Options {
    std::string upstream;  // as registryAddress() answers
    std::filesystem::path root;
    std::string baseUrl;  // under which people reach it, without a slash at the end; empty: not known
    Filters filters;
    Brake brake;
    FetchOptions fetch;
    std::size_t jobs = 8;
    std::uint64_t bandwidth = 0;  // bytes a second; 0: no bound
    double scrubPercent = 0;      // of the files and of the pages, a day
    // How long bytes are kept after they are out of the index, and served when it was a filter of ours that took them out.
    std::chrono::seconds grace{3600};
    std::chrono::seconds indexEvery{300};  // at the least, between two global indexes of many projects
    std::chrono::hours reconcileEvery{24};
    bool acceptUpstream = false;
    std::chrono::seconds every{0};  // between two runs, for those who read the status; 0: somebody else starts each
    // How often a run that takes longer asks the upstream what changed meanwhile; `every` where that is less.
    std::chrono::seconds askEvery{30};
    std::chrono::seconds scrubFor{15};  // at most so long in one run
};

// By which the agent of the host keeps a mirror from running until a time (core/host/drain_file.h).
[[nodiscard]] std::filesystem::path pauseFile(const std::filesystem::path &root);

// How far the run is; any thread.
struct Progress {
    std::atomic<std::int64_t> projectsDone{0};  // looked at, whatever came of that
    std::atomic<std::int64_t> projectsLeft{0};  // pending, as far as that is known
    Traffic traffic;
};

struct RunReport {
    std::vector<std::string> errors;  // the first of them, with what to do
    std::string leftOut;              // what of the upstream's index nobody can mirror, in words; no failure of the run
    std::int64_t published = 0, removed = 0, failed = 0, pending = 0;
    std::int64_t requests = 0, bytes = 0, files = 0;
    std::int64_t checked = 0, damaged = 0;
    std::int64_t serial = 0, upstreamSerial = 0, syncedThrough = 0;
    bool stopped = false;
    bool paused = false;  // nothing was done, by order
    std::chrono::steady_clock::duration took{};
    [[nodiscard]] bool sound() const { return errors.empty() && !stopped; }
};

struct Standing;
struct Outcome;

class Mirror {
public:
    Mirror(Options options, sql::Database &database, const Clock &clock, Log &log);
    // Makes the tree where there is none, clears away what a run that was killed has left, then runs. Everything that
    // goes wrong is in the report and in status.json. One run of a folder at a time: the caller holds a lock.
    RunReport run(const std::stop_token &stop);
    // While it is kept from running; a run that is on its way is to be stopped then. Any thread.
    [[nodiscard]] std::optional<api::AgentDrain> paused() const;
    [[nodiscard]] std::optional<api::AgentOut> out() const;
    // When the next run is due, after now; nothing when somebody else starts each. Any thread.
    [[nodiscard]] std::optional<Schedule::Moment> due();
    // Puts it back into rotation when the time is over for which it was taken out; answers when that of what holds will
    // be. One thread, any.
    std::optional<Time> endOut();
    // Has status.json tell of the run that is on its way, as often as anybody needs that. Any thread.
    void tellProgress();
    [[nodiscard]] const Progress &progress() const { return m_progress; }

private:
    using Moment = std::chrono::steady_clock::time_point;

    Result<void> open();
    Result<void> mendPages(const std::set<std::string_view> &pending);
    void begin(const std::stop_token &stop);
    // take_up.cpp
    Result<void> takeUp(const std::stop_token &stop);
    Result<std::int64_t> takeUpPages(const std::stop_token &stop);
    [[nodiscard]] KnownProject onDisk(const std::string &name) const;
    Result<std::int64_t> sweepUnknown(const std::stop_token &stop);
    // mirror.cpp
    Result<void> follow(const std::stop_token &stop);
    bool compare(const std::stop_token &stop);
    void followAgain(const std::stop_token &stop);
    void writeIndexWhenDue();
    Result<void> writeIndex();
    // work.cpp
    void workOff(const std::stop_token &stop);
    void beginWork();
    void countLeft();
    void noteLeft();
    bool wantsMore(const std::stop_token &stop) const;
    void feed();
    void feedStale();
    bool take(const Pending &wish);
    [[nodiscard]] bool hasRoom(const Gatherer::Load &load) const;
    void sort(Jobs jobs);
    void sortOne(std::unique_ptr<Job> job, Jobs &failed);
    void publishDue(bool last);
    void publishLosing(Jobs losing);
    void drop();
    void over(const Job &job);
    void setBack(const Jobs &jobs);
    void setBack(const Jobs &jobs, const Error &error);
    void noteSetBack(const Jobs &jobs);
    bool ranFull(const Error &error);
    Result<void> withRoom(const std::function<Result<void>()> &write);
    // brake.cpp
    void readHeld();
    void noteHeld();
    void takeAllowance();
    void endAllowance(bool whole);
    void doubt(std::unique_ptr<Job> job);
    void publishDoubtful(bool last);
    void hold(const Jobs &doubtful, std::int64_t count, std::int64_t projects);
    void settled(const Job &job);
    // again.cpp
    void takeAgain();
    bool lookAgain(const std::stop_token &stop);
    Result<bool> readAgain(const std::string &name, const std::stop_token &stop);
    void endAgain();
    // publish.cpp
    void publish(Jobs jobs);
    Result<void> publishAll(Jobs &jobs);
    Result<void> turnAll(Jobs &jobs);
    Result<void> refuseSharedPaths(Jobs &jobs);
    std::vector<std::filesystem::path> place(Jobs &jobs);
    Result<std::vector<std::filesystem::path>> placeOne(Job &job);
    Result<Settled> turn(Job &job);
    void dropOlderPages(const KnownProject &known, const Settled &settled);
    // scrub.cpp
    void expire();
    bool scrub(const std::stop_token &stop);
    Result<std::int64_t> scrubFiles(std::int64_t quota, Moment until, const std::stop_token &stop);
    Result<std::int64_t> scrubPages(std::int64_t quota, Moment until, const std::stop_token &stop);
    // Files that were read again: as they should be, or not.
    struct FilesRead {
        std::vector<std::string> sound;
        std::vector<KnownFile> damaged;
        [[nodiscard]] std::int64_t count() const { return static_cast<std::int64_t>(sound.size() + damaged.size()); }
    };
    void readFile(const KnownFile &file, FilesRead &read) const;
    Result<void> noteRead(const FilesRead &read);
    // telling.cpp
    void writeStatus();
    void remember(const Outcome &outcome);
    Result<State::PendingSummary> pendingToTell();
    void tellMeanwhile();
    void tellFirst();
    void tellPause(const api::AgentDrain &paused);
    [[nodiscard]] std::string statusText(State::PendingSummary pending);  // with m_telling held
    [[nodiscard]] Standing standing();             // the same
    void writeStanding(const std::string &last);  // the same
    void failedFor(const Error &error, std::int64_t before);
    void openTelling();
    void note(const std::string &error);

    const Options m_options;
    State m_state;
    Tree m_tree;
    Reserve m_reserve;
    const Clock &m_clock;
    Log &m_log;
    Throttle m_throttle;
    Progress m_progress;
    Fetcher m_fetcher;  // for what the thread that runs it asks itself
    Upstream m_upstream;
    std::unique_ptr<Gatherer> m_gatherer;
    // Of one run, as far as nothing else is said.
    RunReport m_report;
    Time m_started{};
    std::optional<std::int64_t> m_failedBefore;  // how often what failed had, the least of it
    bool m_held = false;                         // something failed that somebody has to see to
    bool m_full = false;
    bool m_left = false;       // the upstream wants to be left alone for long
    bool m_tight = false;  // there is room for what goes alone
    bool m_accepting = false;  // whatever the upstream shows
    bool m_abandoned = false;  // the upstream must not be followed any more, or nothing can be remembered
    std::optional<Error> m_unasked;  // why the upstream was not heard when it was asked again, the last time
    Moment m_askAgain{};
    // Work: what is done comes through m_ready, m_losing (withdrawn, and meant) or m_doubtful (to be held against the brake).
    Rounds m_rounds;
    Place m_place;        // what was fed so far
    bool m_more = false;  // something may be pending behind it
    bool m_again = false;  // also before it
    struct Taken {
        std::int64_t required = 0;
        bool changed = false;  // since it was taken
    };
    std::map<std::string, Taken> m_taken;  // under way, or done and not over
    Jobs m_ready, m_losing, m_allowed, m_doubtful, m_stale;
    std::size_t m_readyWeight = 0;
    Moment m_readySince{};
    // Doubtful ones that were looked at, of more than are kept: fetched once more when they may go.
    struct Spilled {
        std::int64_t required = 0;
        Loss loss;
    };
    std::map<std::string, Spilled> m_spilled;
    Losses m_passed;   // of these, what the brake has let through
    Losses m_mayGo;    // by an order, as it was shown to who gave it; without what has gone
    std::optional<host::AllowOrder> m_order;  // that
    std::int64_t m_shown = 0, m_gone = 0;     // how many that were, and have gone
    // Projects that somebody wants to be looked at anew, by their names.
    struct Again {
        std::filesystem::path file;  // of the order
        std::string by;
        bool read = false;           // its files
        std::int64_t files = 0, damaged = 0;
    };
    std::map<std::string, Again> m_ordered;
    std::int64_t m_lost = 0;   // projects of the doubtful that lost something in this round
    std::int64_t m_named = 0;  // projects that did because the journal names them, in this run
    // Of all runs.
    Losses m_heldBack;  // by the brake; also in the folder
    HeldBack m_heldTold;
    bool m_outTold = false;      // that it cannot be ended; of who calls endOut()
    std::int64_t m_unheard = 0;  // runs in which the upstream was not heard, since the last in which it was
    std::mutex m_telling;  // status.json, and what follows
    Schedule m_schedule;
    bool m_stopped = false;  // the last run was, and maybe no other follows
    Time m_lastChecked{};
    std::optional<std::string> m_told;  // by status.json before the run that is on its way
    std::chrono::steady_clock::time_point m_toldAt;
    bool m_accepted = false;  // acceptUpstream was done
};

}  // namespace cm::mirror
