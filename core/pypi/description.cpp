// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pypi/description.h"

#include "core/pypi/text.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <utility>
#include <vector>

namespace cm::pypi {
namespace {

constexpr std::array<std::string_view, 46> directives{
    "admonition", "attention", "caution", "class", "code", "code-block", "compound", "container", "contents",
    "csv-table", "danger", "date", "default-role", "epigraph", "error", "figure", "footer", "header", "highlights",
    "hint", "image", "important", "line-block", "list-table", "math", "meta", "note", "parsed-literal", "pull-quote",
    "replace", "restructuredtext-test-directive", "role", "rubric", "section-numbering", "sectnum", "sidebar",
    "sourcecode", "table", "target-notes", "tip", "title", "topic", "unicode", "warning",
    // Known, but switched off where strangers' texts are rendered.
    "include", "raw"};
constexpr std::array<std::string_view, 22> roles{
    "abbreviation", "ab", "acronym", "ac", "code", "emphasis", "literal", "math", "pep", "pep-reference", "raw", "rfc",
    "rfc-reference", "strong", "sub", "subscript", "sup", "superscript", "t", "title", "title-reference", "index"};
// Shorter lines of punctuation may be text.
constexpr std::size_t surelyUnderline = 4;

template <std::size_t N>
bool isOneOf(const std::array<std::string_view, N> &list, std::string_view word)
{
    return std::ranges::find(list, word) != list.end();
}

bool isAlnum(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool isPunctuation(char c)
{
    return c > 0x20 && c < 0x7f && !isAlnum(c);
}

bool isNameCharacter(char c)
{
    return isAlnum(c) || c == '-' || c == '_' || c == '.' || c == '+' || c == ':';
}

// Letters and digits with single marks between them, as directives and roles are called.
bool isSimpleName(std::string_view name)
{
    if (name.empty() || !isAlnum(name.front()) || !isAlnum(name.back()) || !std::ranges::all_of(name, isNameCharacter))
        return false;
    return std::ranges::adjacent_find(name, [](char a, char b) { return !isAlnum(a) && !isAlnum(b); }) == name.end();
}

std::vector<std::string_view> linesOf(std::string_view text)
{
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        std::string_view line = text.substr(0, end);
        while (!line.empty() && (line.back() == ' ' || line.back() == '\r' || line.back() == '\t'))
            line.remove_suffix(1);
        lines.push_back(line);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return lines;
}

bool isUnderline(std::string_view line)
{
    return line.size() >= surelyUnderline && isPunctuation(line.front()) &&
           line.find_first_not_of(line.front()) == std::string_view::npos;
}

// "1. ", "a) ", "iv. ": an item of a list, no title.
bool beginsItem(std::string_view line)
{
    const std::size_t end = line.find_first_of(".)");
    return end != std::string_view::npos && end > 0 && std::ranges::all_of(line.substr(0, end), isAlnum) &&
           (end + 1 == line.size() || line[end + 1] == ' ');
}

// Columns at least: what is not ASCII may combine, or be wide.
std::size_t leastWidth(std::string_view line)
{
    return static_cast<std::size_t>(std::ranges::count_if(line, [](char c) { return static_cast<unsigned char>(c) < 0x80; }));
}

// ".. name::" without anything before it; empty when the line is something else.
std::string directiveOf(std::string_view line)
{
    if (!line.starts_with(".. "))
        return {};
    line = stripped(line.substr(3));
    const std::size_t end = line.find("::");
    if (end == std::string_view::npos || !isSimpleName(line.substr(0, end)) || (end + 2 < line.size() && line[end + 2] != ' '))
        return {};
    return lowered(line.substr(0, end));
}

std::optional<std::string> directiveProblem(const std::string &name)
{
    if (name == "raw" || name == "include")
        return fmt::format("\"{}\" directive disabled.", name);
    if (isOneOf(directives, name))
        return std::nullopt;
    return fmt::format("Unknown directive type \"{}\".", name);
}

// The paragraph without its ``literals``; nothing when it holds marks whose pairs only a renderer knows.
std::optional<std::string> withoutLiterals(std::string_view paragraph)
{
    std::string out;
    for (;;) {
        const std::size_t open = paragraph.find("``");
        out += paragraph.substr(0, open);
        if (open == std::string_view::npos)
            break;
        const std::size_t close = paragraph.find("``", open + 2);
        if (close == std::string_view::npos)
            return std::nullopt;
        // Line ends are kept for counting.
        for (const char c : paragraph.substr(open, close - open))
            out += c == '\n' ? '\n' : 'x';
        paragraph.remove_prefix(close + 2);
    }
    if (out.find_first_of("*|\\<[") != std::string::npos)
        return std::nullopt;
    return out;
}

// The name in ":name:`text`" whose first backtick stands at `tick`; empty when it is no role for certain.
std::string_view roleBefore(std::string_view text, std::size_t tick)
{
    if (tick < 3 || text[tick - 1] != ':' || tick + 1 >= text.size() || text[tick + 1] <= ' ')
        return {};
    std::size_t begin = tick - 1;
    while (begin > 0 && isNameCharacter(text[begin - 1]))
        --begin;
    const std::string_view marked = text.substr(begin, tick - begin);
    if (marked.size() < 3 || marked.front() != ':' || (begin > 0 && text[begin - 1] != ' ' && text[begin - 1] != '\n' && text[begin - 1] != '('))
        return {};
    const std::string_view name = marked.substr(1, marked.size() - 2);
    return isSimpleName(name) ? name : std::string_view();
}

// Whether the text from after the backtick at `tick` ends with one that surely closes it.
bool closes(std::string_view text, std::size_t tick)
{
    const std::size_t end = text.find('`', tick + 1);
    if (end == std::string_view::npos || end == tick + 1 || text[end - 1] <= ' ')
        return false;
    return end + 1 == text.size() || std::string_view(" \n.,;:!?)").find(text[end + 1]) != std::string_view::npos;
}

// The first :role:`text` of a paragraph that no docutils knows.
std::optional<MarkupProblem> roleProblem(std::string_view paragraph, std::size_t line)
{
    const auto text = withoutLiterals(paragraph);
    if (!text)
        return std::nullopt;
    bool open = false;  // between a pair of backticks
    for (std::size_t at = 0; at < text->size(); ++at) {
        if ((*text)[at] == '\n')
            ++line;
        if ((*text)[at] != '`')
            continue;
        open = !open;
        if (!open)
            continue;
        const std::string_view name = roleBefore(*text, at);
        if (!name.empty() && closes(*text, at) && !isOneOf(roles, lowered(name)))
            return MarkupProblem{line, fmt::format("Unknown interpreted text role \"{}\".", name)};
    }
    return std::nullopt;
}

}  // namespace

Result<DescriptionFormat> descriptionFormat(std::string_view contentType)
{
    if (stripped(contentType).empty())
        return DescriptionFormat::Rst;
    std::optional<DescriptionFormat> format;
    while (!contentType.empty() || !format) {
        const std::size_t end = contentType.find(';');
        const std::string part = lowered(stripped(contentType.substr(0, end)));
        contentType.remove_prefix(end == std::string_view::npos ? contentType.size() : end + 1);
        if (!format) {
            if (part == "text/plain")
                format = DescriptionFormat::PlainText;
            else if (part == "text/x-rst")
                format = DescriptionFormat::Rst;
            else if (part == "text/markdown")
                format = DescriptionFormat::Markdown;
            else
                return fail(ErrorCode::InvalidInput, "the type must be text/plain, text/x-rst or text/markdown");
            continue;
        }
        const std::size_t equals = part.find('=');
        const std::string_view name = stripped(std::string_view(part).substr(0, equals));
        std::string_view value = equals == std::string::npos ? std::string_view() : stripped(std::string_view(part).substr(equals + 1));
        if (value.size() > 1 && value.front() == '"' && value.back() == '"')
            value = value.substr(1, value.size() - 2);
        if (name == "charset" && value != "utf-8")
            return fail(ErrorCode::InvalidInput, "the charset must be UTF-8");
        if (name == "variant" && format == DescriptionFormat::Markdown && value != "gfm" && value != "commonmark")
            return fail(ErrorCode::InvalidInput, "the variant must be GFM or CommonMark");
    }
    return *format;
}

std::optional<MarkupProblem> firstRstProblem(std::string_view text)
{
    const std::vector<std::string_view> lines = linesOf(text);
    // Roles and directives of its own make the text's other names unknowable.
    const bool ownRoles = text.find(".. role::") != std::string_view::npos ||
                          text.find(".. default-role::") != std::string_view::npos;
    std::string_view above;  // the line before, blank ones passed over
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const std::string_view line = lines[i];
        const std::string_view before = std::exchange(above, line.empty() ? above : line);
        // After "::" even what is not indented may be a literal block.
        if (line.empty() || (i > 0 && !lines[i - 1].empty()) || before.ends_with("::"))
            continue;
        if (const std::string directive = directiveOf(line); !directive.empty()) {
            if (auto problem = directiveProblem(directive))
                return MarkupProblem{i + 1, std::move(*problem)};
            continue;
        }
        if (!isAlnum(line.front()) || beginsItem(line))
            continue;
        if (i + 1 < lines.size() && isUnderline(lines[i + 1])) {
            if (lines[i + 1].size() < leastWidth(line))
                return MarkupProblem{i + 2, "Title underline too short."};
            continue;
        }
        std::string paragraph;
        for (std::size_t at = i; at < lines.size() && !lines[at].empty() && lines[at].front() != ' ' && lines[at].front() != '\t'; ++at)
            paragraph.append(lines[at]).push_back('\n');
        if (ownRoles)
            continue;
        if (auto problem = roleProblem(paragraph, i + 1))
            return problem;
    }
    return std::nullopt;
}

}  // namespace cm::pypi
