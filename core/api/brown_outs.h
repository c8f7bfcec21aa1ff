// SPDX-License-Identifier: GPL-3.0-or-later
// Brown-outs of what is on its way out: planned short refusals, whom each refuses and what fails beside it. A figure that
// nobody knows is absent, never 0. Plain values, any thread.
#pragma once

#include "core/api/client_class.h"
#include "core/api/types.h"

namespace cm::api {

enum class BrownOutState { Planned, Running, Ended, Aborted, CalledOff };
template <>
struct EnumNames<BrownOutState> {
    static constexpr std::array values{std::pair{BrownOutState::Planned, std::string_view("planned")},
                                       std::pair{BrownOutState::Running, std::string_view("running")},
                                       std::pair{BrownOutState::Ended, std::string_view("ended")},
                                       std::pair{BrownOutState::Aborted, std::string_view("aborted")},
                                       std::pair{BrownOutState::CalledOff, std::string_view("called_off")}};
};

// A planned short refusal. It ends by each node's own clock, whatever else lives or dies.
struct BrownOut {
    Id id;
    // 1 … n.
    std::int64_t number = 0;
    Time starts;
    Time ends;
    BrownOutState state = BrownOutState::Planned;
    std::string onCall;
    // Refusals at which it is aborted by itself; 0: never.
    std::int64_t abortAt = 0;
    std::int64_t refused = 0;
    std::int64_t people = 0;
    // Of those, who has since come by another way.
    std::int64_t movedOver = 0;
    std::string endedBy;
    std::string endReason;
    std::optional<Time> endedEarly;
    // Besides: refusals of those that no account stands behind. Of an endpoint that is read each network of theirs counts
    // for `abortAt` once a minute; of uploads they are no part of a brown-out at all, else strangers could end it.
    std::int64_t anonymous = 0;
    friend bool operator==(const BrownOut &, const BrownOut &) = default;
    BOOST_DESCRIBE_CLASS(BrownOut, (),
                         (id, number, starts, ends, state, onCall, abortAt, refused, people, movedOver, endedBy, endReason,
                          endedEarly, anonymous),
                         (), ())
};

// Refusals of one class of clients. The class is what the client says of itself: a tool that does not tell whether it runs
// in continuous integration is of the class of its name. `clientClass` absent: the use was kept by a program that did not look.
struct RefusedClass {
    std::optional<ClientClass> clientClass;
    std::int64_t refused = 0;
    std::int64_t people = 0;
    friend bool operator==(const RefusedClass &, const RefusedClass &) = default;
    BOOST_DESCRIBE_CLASS(RefusedClass, (), (clientClass, refused, people), (), ())
};

struct RefusedInBrownOut {
    std::string user;
    std::int64_t refused = 0;
    Time first;
    Time last;
    // Came by another way since, and by which.
    std::optional<Time> movedOver;
    std::string movedTo;
    friend bool operator==(const RefusedInBrownOut &, const RefusedInBrownOut &) = default;
    BOOST_DESCRIBE_CLASS(RefusedInBrownOut, (), (user, refused, first, last, movedOver, movedTo), (), ())
};

// Requests beside what retires. Refused: a 4xx for another reason than what retires. Failed: a 5xx. Installs: the simple
// index and files.
struct CollateralCounts {
    std::int64_t uploads = 0;
    std::int64_t uploadsRefused = 0;
    std::int64_t uploadsFailed = 0;
    std::int64_t installs = 0;
    std::int64_t installsFailed = 0;
    friend bool operator==(const CollateralCounts &, const CollateralCounts &) = default;
    BOOST_DESCRIBE_CLASS(CollateralCounts, (), (uploads, uploadsRefused, uploadsFailed, installs, installsFailed), (), ())
};

// By the counters of one node, of which caches in front see more.
struct NodeCollateral {
    std::string node;
    // Of the window, as far as this node has counted: from its first moment, or from the node's start.
    Time from;
    Time to;
    CollateralCounts during;
    // Of as long a time just before the window; absent: the node has not counted for so long.
    std::optional<CollateralCounts> before;
    friend bool operator==(const NodeCollateral &, const NodeCollateral &) = default;
    BOOST_DESCRIBE_CLASS(NodeCollateral, (), (node, from, to, during, before), (), ())
};

// One brown-out, while it runs or later.
struct BrownOutView {
    BrownOut brownOut;
    // Most refusals first; together they are `brownOut.refused` and `brownOut.anonymous`.
    std::vector<RefusedClass> classes;
    // The 50 with the most refusals; gone with the uses (400 days).
    std::vector<RefusedInBrownOut> people;
    std::vector<NodeCollateral> collateral;
    // Nodes that serve and whose figures are not there (yet).
    std::vector<std::string> uncounted;
    Time sampled;
    friend bool operator==(const BrownOutView &, const BrownOutView &) = default;
    BOOST_DESCRIBE_CLASS(BrownOutView, (), (brownOut, classes, people, collateral, uncounted, sampled), (), ())
};

struct BrownOutRef {
    Id deprecation;
    Id brownOut;
    BOOST_DESCRIBE_CLASS(BrownOutRef, (), (deprecation, brownOut), (), ())
};

// Ends one that runs, calls off one that is planned.
struct EndBrownOut {
    Id deprecation;
    Id brownOut;
    std::string reason;
    BOOST_DESCRIBE_CLASS(EndBrownOut, (), (deprecation, brownOut, reason), (), ())
};

}  // namespace cm::api
