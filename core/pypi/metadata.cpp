// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pypi/metadata.h"

#include "core/base/utf8.h"
#include "core/pypi/metadata_fields.h"
#include "core/pypi/text.h"
#include "core/pypi/upload_form.h"

#include <algorithm>

namespace cm::pypi {
namespace {

std::string_view takeLine(std::string_view &rest)
{
    const std::size_t end = rest.find('\n');
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    if (line.ends_with('\r'))
        line.remove_suffix(1);
    return line;
}

bool isHeaderName(std::string_view name)
{
    return !name.empty() && std::ranges::all_of(name, [](char c) { return c > 0x20 && c < 0x7f; });
}

// A description in the header keeps its line breaks: each further line is indented by eight
// blanks, or by seven and a "|".
std::string_view withoutIndent(std::string_view line)
{
    constexpr std::string_view blanks = "        ";
    if (line.starts_with("       |") || line.starts_with(blanks))
        return line.substr(8);
    return line;
}

struct Header {
    std::string name;   // lower case
    std::string value;  // stripped, folded lines joined by "\n"
};

// Takes one header with its folded lines; nothing when the headers are over.
bool takeHeader(std::string_view &rest, Header &header)
{
    std::string_view next = rest;
    const std::string_view line = takeLine(next);
    const std::size_t colon = line.find(':');
    if (line.empty() || colon == std::string_view::npos || !isHeaderName(line.substr(0, colon)))
        return false;
    header.name = lowered(line.substr(0, colon));
    header.value = stripped(line.substr(colon + 1));
    const bool isDescription = header.name == "description";
    while (!next.empty() && (next.front() == ' ' || next.front() == '\t')) {
        const std::string_view folded = takeLine(next);
        header.value.push_back('\n');
        header.value.append(isDescription ? withoutIndent(folded) : stripped(folded));
    }
    rest = next;
    return true;
}

// False for a second Metadata-Version, Name or Version: which one counts would depend on the reader.
bool store(Metadata &metadata, const Header &header)
{
    if (stripped(header.value).empty() || header.value == "UNKNOWN")
        return true;
    for (const SingleField &field : singleFields) {
        if (field.header != header.name)
            continue;
        std::string &value = metadata.*field.member;
        if (!value.empty())
            return field.form != "metadata_version" && field.form != "name" && field.form != "version";
        value = header.value;
        return true;
    }
    for (const RepeatedField &field : repeatedFields) {
        if (field.header == header.name)
            (metadata.*field.member).push_back(header.value);
    }
    return true;
}

}  // namespace

Result<Metadata> parseMetadata(std::string_view bytes)
{
    if (!isUtf8(bytes))
        return fail(ErrorCode::InvalidInput, "the metadata is not UTF-8");
    if (bytes.find('\0') != std::string_view::npos)
        return fail(ErrorCode::InvalidInput, "the metadata contains a NUL");
    Metadata metadata;
    Header header;
    bool any = false;
    while (takeHeader(bytes, header)) {
        any = true;
        if (!store(metadata, header))
            return fail(ErrorCode::InvalidInput, "the metadata names " + header.name + " twice");
    }
    if (!any)
        return fail(ErrorCode::InvalidInput, "the metadata does not begin with a field");
    if (bytes.starts_with("\r\n"))
        bytes.remove_prefix(2);
    else if (bytes.starts_with('\n'))
        bytes.remove_prefix(1);
    if (!stripped(bytes).empty() && metadata.description.empty())
        metadata.description = bytes;
    return metadata;
}

Metadata metadataFromForm(const FormFields &fields)
{
    Metadata metadata;
    for (const auto &[name, raw] : fields) {
        for (const SingleField &field : singleFields) {
            if (field.form != name)
                continue;
            std::string &value = metadata.*field.member;
            // "None" is how older clients write "absent", but it may also be what a project is called.
            if (value.empty())
                value = field.form == "name" ? std::string(stripped(raw)) : cleanFormValue(raw);
            if (value == "UNKNOWN")
                value.clear();
        }
        for (const RepeatedField &field : repeatedFields) {
            if (field.form != name && (field.formAlias.empty() || field.formAlias != name))
                continue;
            if (std::string value = cleanFormValue(raw); !value.empty())
                (metadata.*field.member).push_back(std::move(value));
        }
    }
    return metadata;
}

void appendFormFields(FormFields &out, const Metadata &metadata)
{
    for (const SingleField &field : singleFields) {
        if (const std::string &value = metadata.*field.member; !value.empty())
            out.emplace_back(field.form, value);
    }
    for (const RepeatedField &field : repeatedFields) {
        for (const std::string &value : metadata.*field.member)
            out.emplace_back(field.form, value);
    }
}

std::vector<std::string> splitKeywords(std::string_view keywords)
{
    const bool commas = keywords.find(',') != std::string_view::npos;
    const std::string_view separators = commas ? "," : " \t\n\r";
    std::vector<std::string> words;
    std::size_t begin = 0;
    while (begin <= keywords.size()) {
        const std::size_t end = std::min(keywords.find_first_of(separators, begin), keywords.size());
        if (const std::string_view word = stripped(keywords.substr(begin, end - begin)); !word.empty())
            words.emplace_back(word);
        begin = end + 1;
    }
    return words;
}

std::pair<std::string, std::string> splitProjectUrl(std::string_view projectUrl)
{
    const std::size_t comma = projectUrl.find(',');
    if (comma == std::string_view::npos)
        return {std::string(stripped(projectUrl)), {}};
    return {std::string(stripped(projectUrl.substr(0, comma))), std::string(stripped(projectUrl.substr(comma + 1)))};
}

}  // namespace cm::pypi
