// SPDX-License-Identifier: GPL-3.0-or-later
// How lines are read, and what may become of one. Plain values, any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace cm::metrics {

// Compatible: the same outcome as PyPI's own parser, its quirks included. Strict: the quirks mended, each
// difference listed in this folder's README.
enum class Mode { Compatible, Strict };
enum class Outcome : std::uint8_t { Download, Simple, Ignored, Unprocessed, Refused };

// A longer line is refused, and no more of it held than shows that it is too long. Clients send user agents of some
// hundred bytes; CDNs cut off what is longer than 8 KB.
inline constexpr std::size_t longestLine = 16 * 1024;
// The reason of a line that is ignored for its user agent.
inline constexpr std::string_view ignoredClient = "Client";

// A store keeps the mode as the position of a source of this name, which no stream and no file has; what it says of a change of
// it, for every chart, and who says so.
inline constexpr std::string_view modeSource = "mode of the parser";
inline constexpr std::string_view modeAuthor = "cheesemongerd ingest";
constexpr std::string_view wordsOfChange(Mode to)
{
    return to == Mode::Strict ? "lines are read in the strict mode, no longer as PyPI's parser reads them"
                              : "lines are read as PyPI's parser reads them, no longer in the strict mode";
}

}  // namespace cm::metrics
