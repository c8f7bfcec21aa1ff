// SPDX-License-Identifier: GPL-3.0-or-later
// The Varnish of this host, by what its own programs tell: counters since its start, its view of its backends, and which
// answers it has given lately. What a program does not say is absent, never 0. Any thread; looking blocks as long as
// the programs, at most some seconds. Source: varnishstat(1), varnish-cli(7), varnishncsa(1) of Varnish 6 and 7.
#pragma once

#include "core/api/agent.h"
#include "core/base/result.h"

#include <string>
#include <string_view>

namespace cm::agent {

// `instance` as Varnish's -n has it; empty: the one without a name. Unavailable when it does not run, or is not ours to read.
[[nodiscard]] Result<api::AgentEdge> lookAtEdge(const std::string &instance, Time now);
// Of the last minute: walks the whole log that is in memory, so it is asked seldom.
[[nodiscard]] Result<api::AgentAnswers> lookAtAnswers(const std::string &instance, Time now);

// The same from texts. Pure. Corrupt for what is no answer.
[[nodiscard]] Result<api::AgentEdge> readEdge(std::string_view counters, std::string_view backends, Time now);
// Lines of "<seconds since 1970> <status>", in any order.
[[nodiscard]] api::AgentAnswers readAnswers(std::string_view lines, Time now);

}  // namespace cm::agent
