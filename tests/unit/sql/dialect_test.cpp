// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sql/dialect.h"

#include <doctest/doctest.h>

using namespace cm;
using namespace cm::sql;

namespace {

class EchoDialect final : public Dialect {
public:
    [[nodiscard]] std::string_view name() const override { return "echo"; }
    [[nodiscard]] Result<std::string> placeholder(const std::vector<std::string> &words) const override
    {
        if (words[0] == "unknown")
            return fail(ErrorCode::Internal, "unknown");
        std::string out = "<";
        for (const std::string &word : words)
            out += word + ">";
        return out;
    }
    [[nodiscard]] Condition substringMatch(std::string_view, std::string_view, std::string_view, std::string_view,
                                           int) const override
    {
        return {};
    }
    [[nodiscard]] std::string highestIdentity(std::string_view, std::string_view) const override { return {}; }
    [[nodiscard]] std::vector<std::string> continueIdentity(std::string_view, std::string_view) const override
    {
        return {};
    }
};

}  // namespace

TEST_CASE("placeholders are filled by the driver, unknown and open ones are errors")
{
    const EchoDialect dialect;
    CHECK(*expandPlaceholders(dialect, "a {{identity}}, {{x:y:z}}!") == "a <identity>, <x>y>z>!");
    CHECK(*expandPlaceholders(dialect, "plain { } text") == "plain { } text");
    CHECK(*expandPlaceholders(dialect, "") == "");
    CHECK_FALSE(expandPlaceholders(dialect, "a {{unknown}} b"));
    CHECK_FALSE(expandPlaceholders(dialect, "a {{identity b"));
}
