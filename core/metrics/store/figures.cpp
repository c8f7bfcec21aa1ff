// SPDX-License-Identifier: GPL-3.0-or-later
// A list: the number of its values; for each the distance to the code before it, a byte with a bit for each class
// that has a count, and these counts. Figures: a version, then for each dimension the length of its list in bytes
// and the list. Numbers are of seven bits a byte, the lowest first.
#include "core/metrics/store/figures.h"

#include <algorithm>

namespace cm::metrics {
namespace {

constexpr std::uint8_t formatVersion = 1;

void putNumber(std::string &out, std::uint64_t number)
{
    while (number >= 0x80) {
        out += static_cast<char>(number | 0x80U);
        number >>= 7;
    }
    out += static_cast<char>(number);
}

class Bytes {
public:
    explicit Bytes(std::span<const std::byte> bytes) : m_bytes(bytes) {}

    bool take(std::uint64_t &number)
    {
        number = 0;
        for (unsigned shift = 0; shift < 63; shift += 7) {
            if (m_bytes.empty())
                return false;
            const auto byte = std::to_integer<std::uint64_t>(m_bytes.front());
            m_bytes = m_bytes.subspan(1);
            number |= (byte & 0x7fU) << shift;
            if (byte < 0x80)
                return true;
        }
        return false;
    }
    bool take(std::size_t length, std::span<const std::byte> &part)
    {
        if (length > m_bytes.size())
            return false;
        part = m_bytes.first(length);
        m_bytes = m_bytes.subspan(length);
        return true;
    }
    [[nodiscard]] bool atEnd() const { return m_bytes.empty(); }
    [[nodiscard]] std::size_t left() const { return m_bytes.size(); }

private:
    std::span<const std::byte> m_bytes;
};

tl::unexpected<Error> corrupt()
{
    return fail(ErrorCode::Corrupt, "counts of downloads: a row is not as it was written");
}

auto placeOf(CountList &list, Code code)
{
    return std::ranges::lower_bound(list, code, {}, &CountList::value_type::first);
}

}  // namespace

void addTo(ClassCounts &counts, const ClassCounts &more)
{
    for (std::size_t i = 0; i < counts.size(); ++i)
        counts[i] += more[i];
}

void addTo(CountList &list, Code code, const ClassCounts &counts, const Places &places)
{
    auto at = placeOf(list, code);
    if (at == list.end() || at->first != code) {
        const bool hasPlace = list.size() < places.most || code == notTold || isFolded(code) || (places.reserved != nullptr && places.reserved->contains(code));
        if (!hasPlace) {
            addTo(list, strangers, counts, places);
            return;
        }
        at = list.insert(at, {code, ClassCounts{}});
    }
    addTo(at->second, counts);
}

void addTo(CountList &list, const CountList &more, const Places &places)
{
    if (list.empty() && more.size() <= places.most) {
        list = more;
        return;
    }
    for (const auto &[code, counts] : more)
        addTo(list, code, counts, places);
}

std::string encodeList(const CountList &list)
{
    std::string out;
    putNumber(out, list.size());
    Code before = 0;
    for (const auto &[code, counts] : list) {
        putNumber(out, static_cast<std::uint64_t>(code - before));
        before = code;
        unsigned classes = 0;
        for (std::size_t i = 0; i < counts.size(); ++i)
            classes |= counts[i] != 0 ? 1U << i : 0U;
        out += static_cast<char>(classes);
        for (const std::int64_t count : counts) {
            if (count != 0)
                putNumber(out, static_cast<std::uint64_t>(count));
        }
    }
    return out;
}

Result<CountList> decodeList(std::span<const std::byte> bytes)
{
    Bytes in(bytes);
    std::uint64_t size = 0;
    // A value has three bytes at least, but for the smallest lists.
    if (!in.take(size) || size > in.left())
        return corrupt();
    CountList list(size);
    std::uint64_t code = 0;
    for (auto &[value, counts] : list) {
        std::uint64_t distance = 0;
        std::uint64_t classes = 0;
        if (!in.take(distance) || !in.take(classes) || classes >= 1U << classCount)
            return corrupt();
        code += distance;
        value = static_cast<Code>(code);
        for (std::size_t i = 0; i < counts.size(); ++i) {
            std::uint64_t count = 0;
            if (((classes >> i) & 1U) != 0 && !in.take(count))
                return corrupt();
            counts[i] = static_cast<std::int64_t>(count);
        }
    }
    return in.atEnd() ? Result<CountList>(std::move(list)) : corrupt();
}

void Figures::add(const Figures &more, const Places &places)
{
    for (std::size_t i = 0; i < m_lists.size(); ++i)
        addTo(m_lists[i], more.m_lists[i], places);
}

std::string encodeFigures(const Figures &figures)
{
    std::string out(1, static_cast<char>(formatVersion));
    for (std::size_t i = 0; i < dimensionCount; ++i) {
        const std::string list = encodeList(figures.of(static_cast<Dimension>(i)));
        putNumber(out, list.size());
        out += list;
    }
    return out;
}

Result<Figures> decodeFigures(std::span<const std::byte> bytes)
{
    if (bytes.empty() || std::to_integer<std::uint8_t>(bytes.front()) != formatVersion)
        return corrupt();
    Bytes in(bytes.subspan(1));
    Figures figures;
    for (std::size_t i = 0; i < dimensionCount; ++i) {
        std::uint64_t length = 0;
        std::span<const std::byte> part;
        if (!in.take(length) || !in.take(static_cast<std::size_t>(length), part))
            return corrupt();
        CM_TRY_ASSIGN(figures.of(static_cast<Dimension>(i)), decodeList(part));
    }
    return in.atEnd() ? Result<Figures>(std::move(figures)) : corrupt();
}

Result<CountList> decodeDimension(std::span<const std::byte> bytes, Dimension dimension)
{
    if (bytes.empty() || std::to_integer<std::uint8_t>(bytes.front()) != formatVersion)
        return corrupt();
    Bytes in(bytes.subspan(1));
    for (std::size_t i = 0; i < dimensionCount; ++i) {
        std::uint64_t length = 0;
        std::span<const std::byte> part;
        if (!in.take(length) || !in.take(static_cast<std::size_t>(length), part))
            return corrupt();
        if (i == static_cast<std::size_t>(dimension))
            return decodeList(part);
    }
    return corrupt();
}

}  // namespace cm::metrics
