// SPDX-License-Identifier: GPL-3.0-or-later
// What a second person has agreed to: one step with all that makes it that step. Kept as text with the record. Pure, any
// thread.
#pragma once

#include "core/registry/deprecations.h"

#include <string_view>

namespace cm::registry {

// Of the record, its revision and everything in the step. The plan of a step and the word for it have the same.
[[nodiscard]] std::string digestOf(catalog::Id deprecation, std::int64_t revision, const WishedStep &step);
[[nodiscard]] std::string agreementText(const Agreement &agreement);
// Nothing for an empty text, and for one that no program of ours has written.
[[nodiscard]] std::optional<Agreement> agreementIn(std::string_view text);
// In what `step` differs from what was agreed, as a list of words; empty: in nothing.
[[nodiscard]] std::string differenceOf(const Agreement &agreement, std::int64_t revision, const WishedStep &step);

}  // namespace cm::registry
