// SPDX-License-Identifier: GPL-3.0-or-later
// JSON as Python's json module reads it, and what str() and bool() make of the values: user agents of installers
// bear JSON, and PyPI's parser keeps whatever str() gives. A value; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cm::metrics {

class PythonJson {
public:
    enum class Type { Null, False, True, Integer, Float, String, Array, Object };

    // Nothing where json.loads() raises: also for integers above 4300 digits, and for nesting above `deepest`
    // (where Python's own limit depends on its stack).
    static std::optional<PythonJson> parse(std::string_view text);
    // The value at the front of `text`, whatever follows it.
    static std::optional<PythonJson> parseFront(std::string_view text);

    [[nodiscard]] Type type() const { return m_type; }
    [[nodiscard]] bool isNull() const { return m_type == Type::Null; }
    // A member of an object: the last of that name. Null pointer when there is none, or no object.
    [[nodiscard]] const PythonJson *member(std::string_view key) const;
    // Of a string; a lone surrogate stands there as U+FFFD.
    [[nodiscard]] const std::string &string() const { return m_text; }
    [[nodiscard]] const std::vector<PythonJson> &items() const { return m_items; }
    [[nodiscard]] std::vector<std::string_view> keys() const;
    [[nodiscard]] bool truth() const;
    // As str() spells it.
    [[nodiscard]] std::string spelled() const;

    static constexpr int deepest = 900;

private:
    class Reader;

    void appendRepr(std::string &out) const;

    Type m_type = Type::Null;
    double m_number = 0;
    std::string m_text;  // of a string; the digits of an integer
    std::vector<PythonJson> m_items;  // of an array; the values of an object
    std::vector<std::string> m_keys;
};

}  // namespace cm::metrics
