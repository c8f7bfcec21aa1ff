// SPDX-License-Identifier: GPL-3.0-or-later
// What a stream of bytes is cut into, whichever way messages are framed in it. Plain values, any thread.
#pragma once

#include "core/metrics/mode.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace cm::metrics::intake {

using metrics::longestLine;
// The words by which lines are counted that are longer than longestLine, or were cut off.
inline constexpr std::string_view tooLong = "TooLong";
inline constexpr std::string_view cutOff = "CutOff";  // the connection ended in the middle of a line

// NeedMore: give the rest again with what comes behind it. Broken: nothing can be made of these bytes, nor of what
// follows.
enum class Framing { Frame, NeedMore, Broken };

// Without the end of line that some senders put into their frames.
[[nodiscard]] inline std::string_view withoutLineEnd(std::string_view line)
{
    if (line.ends_with('\n'))
        line.remove_suffix(1);
    if (line.ends_with('\r'))
        line.remove_suffix(1);
    return line;
}

// Without the mark of its order of bytes with which some editors and systems begin a text; of its first line.
[[nodiscard]] inline std::string_view withoutMark(std::string_view line)
{
    constexpr std::string_view mark = "\xef\xbb\xbf";
    if (line.starts_with(mark))
        line.remove_prefix(mark.size());
    return line;
}

}  // namespace cm::metrics::intake
