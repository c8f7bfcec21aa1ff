// SPDX-License-Identifier: GPL-3.0-or-later
// One value for a $n of a statement. Text and bytes are views: the statement copies them when it is
// bound, so they need to live only until query() or execute() returns. Any thread.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace cm::sql {

struct Bytes {
    std::span<const std::byte> data;
};

class Param {
public:
    using Value = std::variant<std::monostate, std::int64_t, double, bool, std::string_view, Bytes>;

    Param(std::nullopt_t) {}
    Param(bool value) : m_value(value) {}
    template <std::integral T>
        requires(!std::same_as<T, bool>)
    Param(T value) : m_value(static_cast<std::int64_t>(value))
    {
    }
    Param(double value) : m_value(value) {}
    Param(std::string_view value) : m_value(value) {}
    Param(const std::string &value) : m_value(std::string_view(value)) {}
    Param(const char *value) : m_value(std::string_view(value)) {}
    Param(Bytes value) : m_value(value) {}
    template <class T>
    Param(const std::optional<T> &value)
    {
        if (value)
            m_value = Param(*value).m_value;
    }

    [[nodiscard]] const Value &value() const { return m_value; }

private:
    Value m_value;
};

}  // namespace cm::sql
