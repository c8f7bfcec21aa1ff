// SPDX-License-Identifier: GPL-3.0-or-later
// All counts of one subject in one bucket, and the bytes in which they are kept: for each dimension its values
// with a count for each client class, so that any breakdown has any classes in or out. Values are codes: 0 for
// what a line did not tell, 1 for what is beyond mostValues, else the id of a text plus textOffset. Plain values.
#pragma once

#include "core/api/client_class.h"
#include "core/base/result.h"

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace cm::metrics {

inline constexpr std::size_t classCount = api::EnumNames<api::ClientClass>::values.size();
using ClassCounts = std::array<std::int64_t, classCount>;  // by ClientClass

using Code = std::int64_t;
inline constexpr Code notTold = 0;
inline constexpr Code others = 1;
inline constexpr Code textOffset = 1;
// Of one dimension of one bucket: whatever a stream sends, a row stays some 100 KB.
inline constexpr std::size_t mostValues = 4096;

// By rising code, each once.
using CountList = std::vector<std::pair<Code, ClassCounts>>;

void addTo(ClassCounts &counts, const ClassCounts &more);
void addTo(CountList &list, Code code, const ClassCounts &counts, std::size_t most = mostValues);
void addTo(CountList &list, const CountList &more, std::size_t most = mostValues);

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
    void add(const Figures &more);
    friend bool operator==(const Figures &, const Figures &) = default;

private:
    std::array<CountList, dimensionCount> m_lists;
};

[[nodiscard]] std::string encodeFigures(const Figures &figures);
[[nodiscard]] Result<Figures> decodeFigures(std::span<const std::byte> bytes);
// One dimension, the others passed over.
[[nodiscard]] Result<CountList> decodeDimension(std::span<const std::byte> bytes, Dimension dimension);

}  // namespace cm::metrics
