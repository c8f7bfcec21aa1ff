// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sql/postgres/bound_params.h"

#include "core/base/utf8.h"

#include <fmt/format.h>

namespace cm::sql::pg {

namespace {

std::string hexOf(std::span<const std::byte> bytes)
{
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text = "\\x";
    text.reserve(2 + 2 * bytes.size());
    for (const std::byte byte : bytes) {
        text += digits[std::to_integer<unsigned>(byte) >> 4];
        text += digits[std::to_integer<unsigned>(byte) & 15U];
    }
    return text;
}

struct TextOf {
    Result<std::string> operator()(std::monostate) const { return std::string(); }
    Result<std::string> operator()(std::int64_t number) const { return std::to_string(number); }
    Result<std::string> operator()(double number) const { return fmt::format("{}", number); }
    Result<std::string> operator()(bool flag) const { return std::string(flag ? "t" : "f"); }
    Result<std::string> operator()(std::string_view text) const
    {
        if (text.find('\0') != std::string_view::npos || !isUtf8(text))
            return fail(ErrorCode::InvalidInput, "a text is not UTF-8, or holds a zero byte");
        return std::string(text);
    }
    Result<std::string> operator()(Bytes bytes) const { return hexOf(bytes.data); }
};

}  // namespace

Result<BoundParams> BoundParams::of(std::span<const Param> params)
{
    BoundParams bound;
    bound.m_texts.reserve(params.size());
    for (const Param &param : params) {
        CM_TRY_ASSIGN(std::string text, std::visit(TextOf(), param.value()));
        bound.m_texts.push_back(std::move(text));
        bound.m_nulls.push_back(std::holds_alternative<std::monostate>(param.value()));
    }
    return bound;
}

Link::Params BoundParams::pointers() const
{
    Link::Params out;
    out.reserve(m_texts.size());
    for (std::size_t i = 0; i < m_texts.size(); ++i)
        out.push_back(m_nulls[i] ? nullptr : m_texts[i].c_str());
    return out;
}

}  // namespace cm::sql::pg
