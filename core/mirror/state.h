// SPDX-License-Identifier: GPL-3.0-or-later
// What a mirror remembers between runs, in a database of its own: how far it has followed the upstream, which projects
// are still to be looked at, what is published and which files belong to it. Every change is one transaction that is on
// disk when the call returns. Owned by the mirror, the database by the composition root; known() from any
// thread, the rest from the one that runs the mirror. Errors: Unavailable (a full disk, say), Corrupt.
#pragma once

#include "core/base/clock.h"
#include "core/mirror/listings.h"
#include "core/sql/database.h"

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace cm::mirror {

struct Facts {
    std::string identity;  // of the upstream
    std::string upstream;  // its address
    std::string way;       // how changes are learnt: journal, changelog, index; empty: not found out yet
    std::string mark;      // of the row of the journal at `serial`
    std::string etag;      // of the upstream's index
    std::string filters;   // as they were when all projects were last looked at
    std::string leftOut;   // what of the upstream's index nobody can mirror, in words
    std::string outcomes;  // of orders, as status.json tells them
    std::int64_t serial = 0;          // everything up to it is published or pending
    std::int64_t upstreamSerial = 0;  // the last one it told
    std::int64_t indexSerial = 0;     // as the global index says
    std::string indexIdentity;        // of the registry whose copy it listed then
    bool indexStale = true;           // it does not tell what is published
    bool linksLooked = true;          // at all links, of which versions before this one could leave some without pages
    Time indexWritten{}, lastChanged{}, reconciled{}, scrubbed{};
    std::int64_t projects = 0;  // that are listed
    std::int64_t files = 0;     // that are served
    friend bool operator==(const Facts &, const Facts &) = default;
};

struct Change {
    std::string name;  // normalised
    std::string display;
    std::int64_t required = 0;
    bool removed = false;  // the last thing the journal tells of it is its removal
    bool named = false;    // the journal tells that something of it was withdrawn
    // The first serial at which something of it is not here, 0 where nothing is missing; absent: `required`.
    std::optional<std::int64_t> missing;
};

// What is pending is looked at in this order: what the journal says was withdrawn, what is published here and may have to go,
// what is new here and can lose nothing.
enum class Rank { Named = 0, Published = 1, New = 2 };

struct Pending {
    std::string name, display;
    std::int64_t required = 0;  // 0: no change of it is missing, what is published has to be mended
    bool removed = false;
    bool held = false;  // by the brake; as far as it is told to others
    Time since{};
    std::int64_t tries = 0;
    std::string error;
    Rank rank = Rank::New;
};

// Rounds are counted up while a run goes on, and no two runs have the same. What was tried in the rounds from these to `now` is
// left alone.
struct Rounds {
    std::int64_t now = 0;
    std::int64_t published = 0;  // for what is published here
    std::int64_t fresh = 0;      // for what is new
};

// Behind which pending project, in the order in which they are looked at.
struct Place {
    Rank rank = Rank::Named;
    std::string name;
};

enum class FileState { Arriving = 0, Served = 1, Fading = 2, Aside = 3, Damaged = 4 };

struct KnownFile {
    std::string path, project, sha256;
    std::uint64_t size = 0;
    std::string metadata;  // its digest; empty: none
    FileState state = FileState::Served;
    Time until{};
    friend bool operator==(const KnownFile &, const KnownFile &) = default;
};
// Whether its project's page names it: what is damaged stays there until it has come again.
[[nodiscard]] inline bool isOnPage(const KnownFile &file)
{
    return file.state == FileState::Served || file.state == FileState::Damaged;
}

struct KnownProject {
    std::string display;
    std::int64_t serial = 0;
    bool listed = false;
    std::string page, previous;  // folders; empty: never published
    std::vector<KnownFile> files;
    std::string digest;  // of the pages, as digestOf() answers it; empty: not known
};

// What is now true of one project; written by settle().
struct Settled {
    std::string name;
    std::optional<KnownProject> published;  // nothing: it is gone
    std::vector<KnownFile> files;           // all that are kept of it, those set aside included
    // Up to which serial nothing of it is pending any more; nothing: it stays pending, for something is still missing.
    std::optional<std::int64_t> through;
};

class State {
public:
    explicit State(sql::Database &database) : m_database(database) {}
    Result<void> open(Time now);
    // The facts as they are by now, for one who only looks: another process may have the mirror run. Changes nothing.
    Result<void> reload();

    [[nodiscard]] const Facts &facts() const { return m_facts; }
    // What the tree still tells of the index when nothing is remembered: on disk with the next facts that are.
    void recallIndex(const std::string &identity, std::int64_t serial);
    // Writes nothing when nothing is different.
    Result<void> setFacts(const Facts &facts);

    // Notes what changed and moves on to `facts`, together.
    Result<void> follow(const std::vector<Change> &changes, const Facts &facts, Time now);
    // What of the whole list is looked at.
    enum class Look {
        Newer,  // what is newer than what is published
        All,
        Anew,  // all, and nothing that was known of another registry, or of another history, counts
    };
    // Compares the whole list with what is published: pending become these projects and those that are not listed any more.
    // Answers how many.
    Result<std::int64_t> reconcile(const ProjectList &list, const std::function<bool(std::string_view)> &wanted, Look look,
                                   const Facts &facts, Time now);
    // Published with a higher serial than they are listed with, in a list that is as new as that; the first of them.
    struct Fallen {
        std::string name;
        std::int64_t serial = 0, listed = 0;
    };
    Result<std::vector<Fallen>> fallen(const ProjectList &list, std::size_t limit);

    // Behind `place`, without those that were tried in these rounds.
    Result<std::vector<Pending>> pendingAfter(const Place &place, const Rounds &rounds, std::int64_t limit);
    struct PendingSummary {
        std::int64_t count = 0;
        std::int64_t lowest = 0;  // the first serial that is missing here; 0: none is
        std::vector<Pending> first;
        // Up to where the copy is whole, of one that has followed its upstream up to `serial`.
        [[nodiscard]] std::int64_t wholeThrough(std::int64_t serial) const
        {
            return lowest > 0 ? std::max<std::int64_t>(std::min(lowest - 1, serial), 0) : serial;
        }
    };
    Result<PendingSummary> pending(std::int64_t shown);
    Result<std::optional<Pending>> pendingOf(const std::string &name);
    // It is fetched anew, whatever is published of it; one that is not known here may turn out not to be there.
    Result<void> lookAgain(const std::string &name, Time now);

    // Nothing is published of a project that is not known: then all is empty.
    Result<KnownProject> known(const std::string &name);
    // Of many at one moment, in their order.
    Result<std::vector<KnownProject>> known(const std::vector<std::string> &names);

    // Before the first byte of a batch gets its final place: which projects, which files are on their way.
    Result<void> claim(const std::vector<std::string> &names, const std::vector<KnownFile> &arriving);
    // Not in the global index any more, though still there.
    Result<void> unlist(const std::vector<std::string> &names, const Facts &facts);
    // After it is published.
    Result<void> settle(const std::vector<Settled> &batch, const Facts &facts);
    struct Failure {
        std::string name, error;
    };
    // What was claimed stays so: the next run sweeps what was placed of it.
    Result<void> setBack(const std::vector<Failure> &failures, std::int64_t round);
    // What a run that ended in between has left.
    struct Leftovers {
        std::vector<std::string> projects;
        std::vector<KnownFile> files;
    };
    Result<Leftovers> leftovers();
    // Paths of those files that are served already: they are known from now on. All others are forgotten.
    Result<void> settleLeftovers(const std::vector<std::string> &served);

    // Of every project that is published, its folder.
    Result<void> forEachPage(const std::function<void(std::string_view name, std::string_view page)> &visitor);
    // Whether nothing was ever remembered here.
    [[nodiscard]] bool isFresh() const;
    // Projects that are on disk and not known here, by name: known from now on, and pending, so that each is looked at.
    Result<void> takeUp(const std::map<std::string, KnownProject> &found, Time now);
    // Sets the facts that are counts by what is known.
    Result<void> countAgain();

    // Listed projects by name.
    Result<void> forEachListed(const std::function<void(std::string_view display, std::int64_t serial)> &visitor);
    // Fading and set aside past their time.
    Result<std::vector<KnownFile>> expired(Time now, std::int64_t limit);
    Result<void> forget(const std::vector<std::string> &paths);
    // Served, those checked longest ago first, and before `since`.
    Result<std::vector<KnownFile>> longestUnchecked(Time since, std::int64_t limit);
    // Damaged ones make their projects pending.
    Result<void> noteChecked(const std::vector<std::string> &sound, const std::vector<KnownFile> &damaged, Time now);
    // Pages of projects, the same way.
    struct KnownPage {
        std::string name, digest;
    };
    Result<std::vector<KnownPage>> pagesLongestUnchecked(Time since, std::int64_t limit);
    Result<void> notePagesChecked(const std::vector<KnownPage> &sound, const std::vector<std::string> &damaged, Time now);
    // Whose the files at these paths are, by their folded() paths; without those that nobody has.
    Result<std::map<std::string, std::string>> owners(const std::vector<std::string> &paths);

private:
    Result<void> saveFacts(sql::Connection &connection, const Facts &facts);
    // Once they are on disk.
    void remember(const Facts &facts);

    sql::Database &m_database;
    Facts m_facts;
    std::map<std::string, std::string> m_saved;
};

}  // namespace cm::mirror
