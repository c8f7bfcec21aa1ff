// SPDX-License-Identifier: GPL-3.0-or-later
// Values that counts know by themselves: they have places of their own, which nobody takes by making names up. They are some
// hundred a dimension, so that a row stays bounded. Pure, any thread.
#pragma once

#include "core/metrics/store/figures.h"

#include <span>
#include <string_view>

namespace cm::metrics {

// Installers of the grammar as it spells them, systems as Python names them, file types, Pythons from 1.0 to 4.99, countries
// of two capital letters. Versions never: they are those of the files that there are.
[[nodiscard]] bool isKnownValue(Dimension dimension, std::string_view value);
// Those of installers, systems and file types.
[[nodiscard]] std::span<const std::string_view> knownNames(Dimension dimension);

}  // namespace cm::metrics
