// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/registry/description.h"

#include <doctest/doctest.h>

using namespace cm;
using namespace cm::registry;

TEST_CASE("Markdown renders, with tables and without anything active")
{
    const auto html = renderDescription("# Title\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n<script>alert(1)</script>\n\n"
                                        "[x](javascript:alert(1)) [y](https://example.org/)\n",
                                        "text/markdown; charset=UTF-8; variant=GFM");
    REQUIRE(html.has_value());
    CHECK(html->find("<h1>Title</h1>") != std::string::npos);
    CHECK(html->find("<table>") != std::string::npos);
    CHECK(html->find("<script") == std::string::npos);
    CHECK(html->find("javascript:") == std::string::npos);
    CHECK(html->find("https://example.org/") != std::string::npos);
}

TEST_CASE("Other texts are shown as they are")
{
    CHECK(*renderDescription("a < b & \"c\"", "text/plain") == "<pre>a &lt; b &amp; &quot;c&quot;</pre>\n");
    CHECK(renderDescription("Title\n=====\n", "").has_value());
    CHECK(descriptionType("") == "text/x-rst");
    CHECK(descriptionType(" Text/Markdown ; variant=GFM") == "text/markdown");
    CHECK_FALSE(renderDescription("x", "text/html").has_value());
    CHECK_FALSE(renderDescription("\xff", "text/markdown").has_value());
}

TEST_CASE("Deeply nested Markdown ends")
{
    CHECK(renderDescription(std::string(50'000, '>') + "x", "text/markdown").has_value());
    CHECK(renderDescription(std::string(50'000, '['), "text/markdown").has_value());
}
