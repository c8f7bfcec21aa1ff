// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pypi/version.h"

#include "core/pypi/text.h"

#include <algorithm>
#include <array>
#include <span>

namespace cm::pypi {
namespace {

constexpr bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

constexpr bool isSeparator(char c)
{
    return c == '-' || c == '_' || c == '.';
}

std::string withoutLeadingZeros(std::string_view digits)
{
    const std::size_t first = digits.find_first_not_of('0');
    return first == std::string_view::npos ? std::string("0") : std::string(digits.substr(first));
}

// Both without leading zeros, so the longer one is the larger one.
std::strong_ordering compareNumbers(std::string_view a, std::string_view b)
{
    if (a.size() != b.size())
        return a.size() <=> b.size();
    return a.compare(b) <=> 0;
}

// Walks over a lower-case version text.
class Cursor {
public:
    explicit Cursor(std::string_view text) : m_rest(text) {}

    [[nodiscard]] bool atEnd() const { return m_rest.empty(); }
    [[nodiscard]] std::string_view rest() const { return m_rest; }
    void rewind(std::string_view rest) { m_rest = rest; }

    bool take(char c)
    {
        if (m_rest.empty() || m_rest.front() != c)
            return false;
        m_rest.remove_prefix(1);
        return true;
    }

    bool takeSeparator()
    {
        if (m_rest.empty() || !isSeparator(m_rest.front()))
            return false;
        m_rest.remove_prefix(1);
        return true;
    }

    std::string_view takeDigits()
    {
        const auto end = std::ranges::find_if_not(m_rest, isDigit);
        const auto digits = m_rest.substr(0, static_cast<std::size_t>(end - m_rest.begin()));
        m_rest.remove_prefix(digits.size());
        return digits;
    }

    // "[-_.]?word[-_.]?number?": the number ("0" when there is none), or nothing and no move.
    std::optional<std::string> takePart(std::string_view word)
    {
        const std::string_view before = m_rest;
        takeSeparator();
        if (!m_rest.starts_with(word)) {
            m_rest = before;
            return std::nullopt;
        }
        m_rest.remove_prefix(word.size());
        takeSeparator();
        return withoutLeadingZeros(takeDigits());
    }

private:
    std::string_view m_rest;
};

struct PreWord {
    std::string_view word;
    char letter;
};
// Longer spellings before their beginnings.
constexpr std::array preWords{PreWord{"alpha", 'a'},   PreWord{"a", 'a'},   PreWord{"beta", 'b'}, PreWord{"b", 'b'},
                              PreWord{"preview", 'r'}, PreWord{"pre", 'r'}, PreWord{"c", 'r'},    PreWord{"rc", 'r'}};
constexpr std::array<std::string_view, 3> postWords{"post", "rev", "r"};

std::optional<std::string> takePost(Cursor &cursor)
{
    const std::string_view before = cursor.rest();
    if (cursor.take('-')) {
        if (const std::string_view digits = cursor.takeDigits(); !digits.empty())
            return withoutLeadingZeros(digits);
        cursor.rewind(before);
    }
    for (const std::string_view word : postWords) {
        if (auto number = cursor.takePart(word))
            return number;
    }
    return std::nullopt;
}

// False when what follows "+" is no local version.
bool takeLocal(Cursor &cursor, std::vector<std::string> &segments)
{
    std::string segment;
    const auto finish = [&] {
        const bool number = std::ranges::all_of(segment, isDigit);
        segments.push_back(number ? withoutLeadingZeros(segment) : segment);
        segment.clear();
    };
    for (const char c : cursor.rest()) {
        if (isSeparator(c)) {
            if (segment.empty())
                return false;
            finish();
        } else if (isDigit(c) || (c >= 'a' && c <= 'z')) {
            segment.push_back(c);
        } else {
            return false;
        }
    }
    if (segment.empty())
        return false;
    finish();
    cursor.rewind({});
    return true;
}

std::span<const std::string> trimmed(const std::vector<std::string> &release)
{
    std::size_t size = release.size();
    while (size > 1 && release[size - 1] == "0")
        --size;
    return {release.data(), size};
}

std::strong_ordering compareReleases(const std::vector<std::string> &left, const std::vector<std::string> &right)
{
    const auto a = trimmed(left);
    const auto b = trimmed(right);
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
        if (const auto order = compareNumbers(a[i], b[i]); order != 0)
            return order;
    }
    return a.size() <=> b.size();
}

// Numbers come after words, a longer local version after its own beginning.
std::strong_ordering compareLocals(const std::vector<std::string> &a, const std::vector<std::string> &b)
{
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
        const bool numberA = isDigit(a[i].front()) && std::ranges::all_of(a[i], isDigit);
        const bool numberB = isDigit(b[i].front()) && std::ranges::all_of(b[i], isDigit);
        if (numberA != numberB)
            return numberA <=> numberB;
        const auto order = numberA ? compareNumbers(a[i], b[i]) : a[i].compare(b[i]) <=> 0;
        if (order != 0)
            return order;
    }
    return a.size() <=> b.size();
}

std::strong_ordering compareOptional(const std::optional<std::string> &a, const std::optional<std::string> &b)
{
    if (a && b)
        return compareNumbers(*a, *b);
    return a.has_value() <=> b.has_value();
}

}  // namespace

Result<Version> Version::parse(std::string_view text)
{
    const std::string spelled = lowered(stripped(text));
    Cursor cursor(spelled);
    cursor.take('v');
    Version version;
    std::string_view digits = cursor.takeDigits();
    if (!digits.empty() && cursor.take('!')) {
        version.m_epoch = withoutLeadingZeros(digits);
        digits = cursor.takeDigits();
    }
    if (digits.empty())
        return fail(ErrorCode::InvalidInput, "no PEP 440 version: it does not begin with a number");
    version.m_release.push_back(withoutLeadingZeros(digits));
    while (true) {
        const std::string_view before = cursor.rest();
        if (!cursor.take('.'))
            break;
        digits = cursor.takeDigits();
        if (digits.empty()) {
            cursor.rewind(before);
            break;
        }
        version.m_release.push_back(withoutLeadingZeros(digits));
    }
    for (const PreWord &pre : preWords) {
        if (auto number = cursor.takePart(pre.word)) {
            version.m_pre = Pre{pre.letter, std::move(*number)};
            break;
        }
    }
    version.m_post = takePost(cursor);
    version.m_dev = cursor.takePart("dev");
    if (cursor.take('+') && !takeLocal(cursor, version.m_local))
        return fail(ErrorCode::InvalidInput,
                    "no PEP 440 version: the local part is not letters, digits and separators");
    if (!cursor.atEnd())
        return fail(ErrorCode::InvalidInput, "no PEP 440 version: cannot read '" + std::string(cursor.rest()) + "'");
    return version;
}

std::string Version::spell(bool trimZeros, bool withLocal) const
{
    std::string text;
    if (m_epoch != "0")
        text.append(m_epoch).push_back('!');
    const auto release = trimZeros ? trimmed(m_release) : std::span<const std::string>(m_release);
    for (std::size_t i = 0; i < release.size(); ++i) {
        if (i > 0)
            text.push_back('.');
        text.append(release[i]);
    }
    if (m_pre)
        text.append(m_pre->letter == 'r' ? "rc" : std::string(1, m_pre->letter)).append(m_pre->number);
    if (m_post)
        text.append(".post").append(*m_post);
    if (m_dev)
        text.append(".dev").append(*m_dev);
    for (std::size_t i = 0; withLocal && i < m_local.size(); ++i)
        text.append(i == 0 ? "+" : ".").append(m_local[i]);
    return text;
}

std::string Version::normalised() const
{
    return spell(false, true);
}

std::string Version::canonical() const
{
    return spell(true, true);
}

std::string Version::publicPart() const
{
    return spell(false, false);
}

std::strong_ordering operator<=>(const Version &a, const Version &b)
{
    if (const auto order = compareNumbers(a.m_epoch, b.m_epoch); order != 0)
        return order;
    if (const auto order = compareReleases(a.m_release, b.m_release); order != 0)
        return order;
    // A development release of the final one comes before its pre-releases, these before the final.
    const auto preClass = [](const Version &v) {
        if (v.m_pre)
            return 1;
        return !v.m_post && v.m_dev ? 0 : 2;
    };
    if (const auto order = preClass(a) <=> preClass(b); order != 0)
        return order;
    if (a.m_pre && b.m_pre) {
        if (const auto order = a.m_pre->letter <=> b.m_pre->letter; order != 0)
            return order;
        if (const auto order = compareNumbers(a.m_pre->number, b.m_pre->number); order != 0)
            return order;
    }
    if (const auto order = compareOptional(a.m_post, b.m_post); order != 0)
        return order;
    if (a.m_dev.has_value() != b.m_dev.has_value())
        return a.m_dev ? std::strong_ordering::less : std::strong_ordering::greater;
    if (const auto order = compareOptional(a.m_dev, b.m_dev); order != 0)
        return order;
    return compareLocals(a.m_local, b.m_local);
}

std::string canonicalVersion(std::string_view text)
{
    const auto version = Version::parse(text);
    return version ? version->canonical() : std::string(text);
}

std::strong_ordering compareVersions(std::string_view a, std::string_view b)
{
    const auto left = Version::parse(a);
    const auto right = Version::parse(b);
    if (left && right)
        return *left <=> *right;
    if (left.has_value() != right.has_value())
        return left.has_value() <=> right.has_value();
    return a.compare(b) <=> 0;
}

bool isValidVersion(std::string_view text)
{
    return Version::parse(text).has_value();
}

}  // namespace cm::pypi
