// SPDX-License-Identifier: GPL-3.0-or-later
// The rules behind readUserAgent(): each looks at a whole user agent and answers what it makes of it. Pure, any thread.
#pragma once

#include "core/metrics/python_json.h"
#include "core/metrics/user_agent.h"

#include <optional>
#include <string_view>

namespace cm::metrics {

// An installer by name and version alone, in the class of its name.
[[nodiscard]] Client knownClient(std::string_view name, std::string_view version);
// The clients of which no record is kept.
[[nodiscard]] bool isIgnored(std::string_view userAgent, Mode mode);
// The older installers, mirrors, fetchers of an operating system and browsers, each by its own form.
[[nodiscard]] std::optional<Client> matchForms(std::string_view userAgent, Mode mode);
// The details that JSON tells, in whatever types, as PyPI's parser structures them.
[[nodiscard]] Client structureCompatible(const PythonJson &json);
// The same of the types that they should have; what has another is left out.
[[nodiscard]] Details structureStrict(const PythonJson &json);
[[nodiscard]] Client readStrictUserAgent(std::string_view userAgent);
// As shlex.join() quotes words.
[[nodiscard]] std::string shellJoined(const std::vector<std::string> &words);

}  // namespace cm::metrics
