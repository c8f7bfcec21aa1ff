// SPDX-License-Identifier: GPL-3.0-or-later
// All counts of one subject in one bucket, and the bytes in which they are kept: for each dimension its values
// with a count for each client class, so that any breakdown has any classes in or out. Values are codes: 0 for
// what a line did not tell, `strangers` for what is beyond mostValues and no known value (known_values.h), 1 for what was
// beyond them when known values had no places of their own, else the id of a text plus textOffset. Plain values.
#pragma once

#include "core/api/client_class.h"
#include "core/base/result.h"

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

namespace cm::metrics {

inline constexpr std::size_t classCount = api::EnumNames<api::ClientClass>::values.size();
using ClassCounts = std::array<std::int64_t, classCount>;  // by ClientClass

using Code = std::int64_t;
inline constexpr Code notTold = 0;
inline constexpr Code others = 1;
inline constexpr Code strangers = Code{1} << 48;
inline constexpr Code textOffset = 1;
// Of one dimension of one bucket: whatever a stream sends, a row stays some 100 KB. Known values have places beside these.
inline constexpr std::size_t mostValues = 4096;

// Whether a count is of one value alone.
[[nodiscard]] constexpr bool isFolded(Code code)
{
    return code == others || code == strangers;
}

// How many values a list may have, and which find a place in it all the same.
struct Places {
    std::size_t most = mostValues;
    const std::unordered_set<Code> *reserved = nullptr;
};

// By rising code, each once.
using CountList = std::vector<std::pair<Code, ClassCounts>>;

void addTo(ClassCounts &counts, const ClassCounts &more);
// A value without a place counts among the strangers.
void addTo(CountList &list, Code code, const ClassCounts &counts, const Places &places = {});
void addTo(CountList &list, const CountList &more, const Places &places = {});

[[nodiscard]] std::string encodeList(const CountList &list);
// Corrupt for bytes that encodeList() did not write, as the next.
[[nodiscard]] Result<CountList> decodeList(std::span<const std::byte> bytes);

// The order is that of the bytes: only ever add behind.
enum class Dimension : std::uint8_t { Total, FileType, Country, Installer, Python, System, Version };
inline constexpr std::size_t dimensionCount = 7;

class Figures {
public:
    [[nodiscard]] const CountList &of(Dimension dimension) const { return m_lists[static_cast<std::size_t>(dimension)]; }
    [[nodiscard]] CountList &of(Dimension dimension) { return m_lists[static_cast<std::size_t>(dimension)]; }
    void add(const Figures &more, const Places &places = {});
    friend bool operator==(const Figures &, const Figures &) = default;

private:
    std::array<CountList, dimensionCount> m_lists;
};

[[nodiscard]] std::string encodeFigures(const Figures &figures);
[[nodiscard]] Result<Figures> decodeFigures(std::span<const std::byte> bytes);
// One dimension, the others passed over.
[[nodiscard]] Result<CountList> decodeDimension(std::span<const std::byte> bytes, Dimension dimension);

}  // namespace cm::metrics
