// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/python_json.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <numeric>

namespace cm::metrics {
namespace {

constexpr std::size_t longestInteger = 4300;

constexpr bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

void appendUtf8(std::string &out, unsigned code)
{
    if (code < 0x80) {
        out += static_cast<char>(code);
    } else if (code < 0x800) {
        out += static_cast<char>(0xC0U | (code >> 6U));
        out += static_cast<char>(0x80U | (code & 0x3FU));
    } else if (code < 0x10000) {
        out += static_cast<char>(0xE0U | (code >> 12U));
        out += static_cast<char>(0x80U | ((code >> 6U) & 0x3FU));
        out += static_cast<char>(0x80U | (code & 0x3FU));
    } else {
        out += static_cast<char>(0xF0U | (code >> 18U));
        out += static_cast<char>(0x80U | ((code >> 12U) & 0x3FU));
        out += static_cast<char>(0x80U | ((code >> 6U) & 0x3FU));
        out += static_cast<char>(0x80U | (code & 0x3FU));
    }
}

// As repr() of a float: the shortest digits that read back, an exponent below 1e-4 and from 1e16 on.
std::string spelledFloat(double number)
{
    if (std::isnan(number))
        return "nan";
    if (std::isinf(number))
        return number < 0 ? "-inf" : "inf";
    char buffer[64];
    const double size = std::fabs(number);
    const bool plain = size == 0 || (size >= 1e-4 && size < 1e16);
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, number, plain ? std::chars_format::fixed : std::chars_format::scientific);
    std::string text(buffer, end.ptr);
    if (plain && text.find('.') == std::string::npos)
        text += ".0";
    return text;
}

void appendReprOfString(std::string &out, std::string_view text)
{
    constexpr std::string_view digits = "0123456789abcdef";
    const char quote = text.find('\'') != std::string_view::npos && text.find('"') == std::string_view::npos ? '"' : '\'';
    out += quote;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == quote || c == '\\') {
            out += '\\';
            out += c;
        } else if (c == '\n' || c == '\r' || c == '\t') {
            out += c == '\n' ? "\\n" : c == '\r' ? "\\r" : "\\t";
        } else if (byte < 0x20 || byte == 0x7F) {
            out += "\\x";
            out += digits[byte >> 4U];
            out += digits[byte & 15U];
        } else {
            out += c;
        }
    }
    out += quote;
}

}  // namespace

class PythonJson::Reader {
public:
    explicit Reader(std::string_view text) : m_text(text) {}

    void skipBlanks()
    {
        while (m_at < m_text.size() && (m_text[m_at] == ' ' || m_text[m_at] == '\t' || m_text[m_at] == '\n' || m_text[m_at] == '\r'))
            ++m_at;
    }
    [[nodiscard]] bool atEnd() const { return m_at == m_text.size(); }

    bool read(PythonJson &value)
    {
        if (atEnd() || m_depth > deepest)
            return false;
        switch (m_text[m_at]) {
        case '"':
            value.m_type = Type::String;
            return readString(value.m_text);
        case '{':
            return nested([&] { return readObject(value); });
        case '[':
            return nested([&] { return readArray(value); });
        default:
            return readWord(value) || readNumber(value);
        }
    }

private:
    template <class Read>
    bool nested(const Read &read)
    {
        ++m_depth;
        ++m_at;
        const bool good = read();
        --m_depth;
        return good;
    }

    bool take(char c)
    {
        if (atEnd() || m_text[m_at] != c)
            return false;
        ++m_at;
        return true;
    }

    bool readWord(PythonJson &value)
    {
        struct Word {
            std::string_view text;
            Type type;
            double number;
        };
        constexpr double infinity = std::numeric_limits<double>::infinity();
        static constexpr Word words[] = {{"null", Type::Null, 0},
                                         {"true", Type::True, 0},
                                         {"false", Type::False, 0},
                                         {"NaN", Type::Float, std::numeric_limits<double>::quiet_NaN()},
                                         {"Infinity", Type::Float, infinity},
                                         {"-Infinity", Type::Float, -infinity}};
        for (const Word &word : words) {
            if (m_text.substr(m_at).starts_with(word.text)) {
                value.m_type = word.type;
                value.m_number = word.number;
                m_at += word.text.size();
                return true;
            }
        }
        return false;
    }

    std::size_t digitsAt(std::size_t at) const
    {
        std::size_t end = at;
        while (end < m_text.size() && isDigit(m_text[end]))
            ++end;
        return end - at;
    }

    bool readNumber(PythonJson &value)
    {
        std::size_t end = m_at + (m_text[m_at] == '-' ? 1 : 0);
        const std::size_t whole = digitsAt(end);
        if (whole == 0)
            return false;
        // A zero at the front is a number of its own; what follows it is wrong where a value has ended.
        end += m_text[end] == '0' ? 1 : whole;
        const std::size_t integerEnd = end;
        if (end < m_text.size() && m_text[end] == '.' && digitsAt(end + 1) > 0)
            end += 1 + digitsAt(end + 1);
        if (end < m_text.size() && (m_text[end] == 'e' || m_text[end] == 'E')) {
            const std::size_t sign = end + 1 < m_text.size() && (m_text[end + 1] == '+' || m_text[end + 1] == '-') ? 1 : 0;
            if (const std::size_t digits = digitsAt(end + 1 + sign); digits > 0)
                end += 1 + sign + digits;
        }
        const std::string text(m_text.substr(m_at, end - m_at));
        if (end == integerEnd) {
            value.m_type = Type::Integer;
            value.m_text = text == "-0" ? "0" : text;
            m_at = end;
            return whole <= longestInteger;
        }
        value.m_type = Type::Float;
        value.m_number = std::strtod(text.c_str(), nullptr);
        m_at = end;
        return true;
    }

    // Four digits of a \u escape; -1 when there are none.
    int readHex()
    {
        if (m_text.size() - m_at < 4)
            return -1;
        unsigned code = 0;
        const char *const from = m_text.data() + m_at;
        const auto result = std::from_chars(from, from + 4, code, 16);
        if (result.ec != std::errc() || result.ptr != from + 4)
            return -1;
        m_at += 4;
        return static_cast<int>(code);
    }

    bool readUnicode(std::string &out)
    {
        const int code = readHex();
        if (code < 0)
            return false;
        auto unit = static_cast<unsigned>(code);
        if (unit >= 0xD800 && unit < 0xDC00 && m_text.substr(m_at).starts_with("\\u")) {
            const std::size_t before = m_at;
            m_at += 2;
            const int low = readHex();
            if (low < 0)
                return false;
            if (low >= 0xDC00 && low < 0xE000)
                unit = 0x10000 + ((unit - 0xD800) << 10U) + (static_cast<unsigned>(low) - 0xDC00);
            else
                m_at = before;
        }
        appendUtf8(out, unit >= 0xD800 && unit < 0xE000 ? 0xFFFD : unit);
        return true;
    }

    bool readString(std::string &out)
    {
        for (++m_at; m_at < m_text.size();) {
            const char c = m_text[m_at++];
            if (c == '"')
                return true;
            if (static_cast<unsigned char>(c) < 0x20)
                return false;
            if (c != '\\') {
                out += c;
                continue;
            }
            if (atEnd())
                return false;
            const char escape = m_text[m_at++];
            constexpr std::string_view letters = "\"\\/bfnrt", meanings = "\"\\/\b\f\n\r\t";
            if (escape == 'u') {
                if (!readUnicode(out))
                    return false;
            } else if (const std::size_t letter = letters.find(escape); letter != std::string_view::npos) {
                out += meanings[letter];
            } else {
                return false;
            }
        }
        return false;
    }

    bool readArray(PythonJson &value)
    {
        value.m_type = Type::Array;
        skipBlanks();
        if (take(']'))
            return true;
        for (;;) {
            skipBlanks();
            if (!read(value.m_items.emplace_back()))
                return false;
            skipBlanks();
            if (take(']'))
                return true;
            if (!take(','))
                return false;
        }
    }

    bool readObject(PythonJson &value)
    {
        value.m_type = Type::Object;
        skipBlanks();
        if (take('}'))
            return true;
        for (;;) {
            skipBlanks();
            std::string key;
            if (atEnd() || m_text[m_at] != '"' || !readString(key))
                return false;
            skipBlanks();
            if (!take(':'))
                return false;
            skipBlanks();
            value.m_keys.push_back(std::move(key));
            if (!read(value.m_items.emplace_back()))
                return false;
            skipBlanks();
            if (take('}')) {
                dropRepeated(value);
                return true;
            }
            if (!take(','))
                return false;
        }
    }

    // A name that comes again takes the place of the first.
    static void dropRepeated(PythonJson &object)
    {
        std::vector<std::size_t> order(object.m_keys.size());
        std::iota(order.begin(), order.end(), std::size_t{0});
        std::ranges::stable_sort(order, {}, [&](std::size_t index) -> const std::string & { return object.m_keys[index]; });
        std::vector<bool> repeated(order.size());
        bool any = false;
        for (std::size_t from = 0, to = 0; from < order.size(); from = to) {
            for (to = from + 1; to < order.size() && object.m_keys[order[to]] == object.m_keys[order[from]]; ++to)
                repeated[order[to]] = any = true;
            if (to - from > 1)
                object.m_items[order[from]] = std::move(object.m_items[order[to - 1]]);
        }
        if (!any)
            return;
        std::size_t kept = 0;
        for (std::size_t i = 0; i < repeated.size(); ++i) {
            if (repeated[i])
                continue;
            if (kept != i) {
                object.m_keys[kept] = std::move(object.m_keys[i]);
                object.m_items[kept] = std::move(object.m_items[i]);
            }
            ++kept;
        }
        object.m_keys.resize(kept);
        object.m_items.resize(kept);
    }

    const std::string_view m_text;
    std::size_t m_at = 0;
    int m_depth = 0;
};

std::optional<PythonJson> PythonJson::parse(std::string_view text)
{
    Reader reader(text);
    PythonJson value;
    reader.skipBlanks();
    if (!reader.read(value))
        return std::nullopt;
    reader.skipBlanks();
    return reader.atEnd() ? std::optional(std::move(value)) : std::nullopt;
}

std::optional<PythonJson> PythonJson::parseFront(std::string_view text)
{
    Reader reader(text);
    PythonJson value;
    reader.skipBlanks();
    return reader.read(value) ? std::optional(std::move(value)) : std::nullopt;
}

const PythonJson *PythonJson::member(std::string_view key) const
{
    const auto found = std::ranges::find(m_keys, key);
    return found == m_keys.end() ? nullptr : &m_items[static_cast<std::size_t>(found - m_keys.begin())];
}

std::vector<std::string_view> PythonJson::keys() const
{
    return {m_keys.begin(), m_keys.end()};
}

bool PythonJson::truth() const
{
    switch (m_type) {
    case Type::Null:
    case Type::False:
        return false;
    case Type::True:
        return true;
    case Type::Integer:
        return m_text != "0";
    case Type::Float:
        return m_number != 0;
    case Type::String:
        return !m_text.empty();
    case Type::Array:
    case Type::Object:
        break;
    }
    return !m_items.empty();
}

std::string PythonJson::spelled() const
{
    if (m_type == Type::String)
        return m_text;
    std::string out;
    appendRepr(out);
    return out;
}

void PythonJson::appendRepr(std::string &out) const
{
    switch (m_type) {
    case Type::Null:
        out += "None";
        return;
    case Type::False:
        out += "False";
        return;
    case Type::True:
        out += "True";
        return;
    case Type::Integer:
        out += m_text;
        return;
    case Type::Float:
        out += spelledFloat(m_number);
        return;
    case Type::String:
        appendReprOfString(out, m_text);
        return;
    case Type::Array:
    case Type::Object:
        break;
    }
    const bool object = m_type == Type::Object;
    out += object ? '{' : '[';
    for (std::size_t i = 0; i < m_items.size(); ++i) {
        if (i > 0)
            out += ", ";
        if (object) {
            appendReprOfString(out, m_keys[i]);
            out += ": ";
        }
        m_items[i].appendRepr(out);
    }
    out += object ? '}' : ']';
}

}  // namespace cm::metrics
