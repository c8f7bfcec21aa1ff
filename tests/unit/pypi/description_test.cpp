// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pypi/description.h"

#include <boost/json.hpp>
#include <doctest/doctest.h>
#include <fstream>
#include <iterator>

using namespace cm;
using namespace cm::pypi;

TEST_CASE("the type of a description")
{
    CHECK(descriptionFormat("") == DescriptionFormat::Rst);
    CHECK(descriptionFormat("text/x-rst; charset=UTF-8") == DescriptionFormat::Rst);
    CHECK(descriptionFormat("Text/Markdown;variant=CommonMark; charset=\"utf-8\"") == DescriptionFormat::Markdown);
    CHECK(descriptionFormat("text/plain;") == DescriptionFormat::PlainText);
    for (const char *bad : {"text/html", ";", "markdown", "text/markdown; variant=Pandoc", "text/markdown; charset=latin-1",
                            "text/plain; charset=", "text/x-rst; charset"})
        CHECK_MESSAGE(descriptionFormat(bad).error().code == ErrorCode::InvalidInput, bad);
}

// The integration suite gives the same texts to docutils.
TEST_CASE("reStructuredText that every docutils refuses, and nothing else")
{
    std::ifstream file(CHEESEMONGER_TEST_DATA "/descriptions/rst.json");
    const auto cases = boost::json::parse(std::string(std::istreambuf_iterator<char>(file), {}));
    for (const auto &one : cases.as_array()) {
        const auto problem = firstRstProblem(boost::json::value_to<std::string>(one.at("text")));
        CHECK_MESSAGE(problem.has_value() == one.at("refused").as_bool(), boost::json::value_to<std::string>(one.at("name")));
    }
    CHECK(firstRstProblem("Demo\n=====\n\nInstallation\n------\n")->line == 5);
    CHECK(firstRstProblem("a\nb :foo:`c`\n")->what == "Unknown interpreted text role \"foo\".");
}

TEST_CASE("a hostile description costs no more than its length")
{
    // Quadratic work on these would not end within the time of a test.
    std::string roles, literals;
    for (int i = 0; i < 1'000'000; ++i) {
        roles += ":`";
        literals += ":a:`b` ``";
    }
    CHECK_FALSE(firstRstProblem(roles));
    firstRstProblem(literals);
    firstRstProblem(std::string(4'000'000, '`'));
    firstRstProblem(std::string(4'000'000, ':'));
    firstRstProblem("x" + std::string(2'000'000, '\n') + std::string(2'000'000, '='));
}
