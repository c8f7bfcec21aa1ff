// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mirror/xmlrpc.h"

#include <charconv>
#include <expat.h>
#include <fmt/format.h>
#include <memory>
#include <variant>

namespace cm::mirror {
namespace {

constexpr std::size_t deepest = 24;
constexpr std::size_t mostValues = 2'000'000;

struct Value;
using Array = std::vector<Value>;
struct Value {
    std::variant<std::monostate, std::int64_t, std::string, Array> content;  // a struct is an array of its values
};

// Builds the one value of an answer. Elements that are not of XML-RPC end the reading.
class Reader {
public:
    Result<Value> read(std::string_view xml)
    {
        const std::unique_ptr<XML_ParserStruct, decltype(&XML_ParserFree)> parser(XML_ParserCreate(nullptr), XML_ParserFree);
        m_parser = parser.get();
        XML_SetUserData(m_parser, this);
        XML_SetElementHandler(
            m_parser, [](void *self, const char *name, const char **) { static_cast<Reader *>(self)->begin(name); },
            [](void *self, const char *name) { static_cast<Reader *>(self)->end(name); });
        XML_SetCharacterDataHandler(m_parser, [](void *self, const char *text, int length) {
            static_cast<Reader *>(self)->m_text.append(text, static_cast<std::size_t>(length));
        });
        XML_SetStartDoctypeDeclHandler(m_parser, [](void *self, const char *, const char *, const char *, int) {
            static_cast<Reader *>(self)->stop("it declares a document type");
        });
        const auto status = XML_Parse(m_parser, xml.data(), static_cast<int>(xml.size()), 1);
        if (m_problem.empty() && status != XML_STATUS_OK)
            m_problem = XML_ErrorString(XML_GetErrorCode(m_parser));
        if (m_problem.empty() && (m_stack.size() != 1 || m_stack[0].size() != 1))
            m_problem = "it has not exactly one value";
        if (!m_problem.empty())
            return fail(ErrorCode::Corrupt, "the upstream's XML-RPC answer is wrong: " + m_problem);
        if (m_fault)
            return fail(ErrorCode::Unsupported, "the upstream refuses XML-RPC: " + faultText());
        return std::move(m_stack[0][0]);
    }

private:
    void stop(std::string problem)
    {
        if (m_problem.empty())
            m_problem = std::move(problem);
        XML_StopParser(m_parser, XML_FALSE);
    }

    void begin(std::string_view name)
    {
        m_text.clear();
        m_typed = false;
        if (++m_depth > deepest || ++m_values > mostValues)
            return stop("it is too deep or too large");
        if (name == "fault")
            m_fault = true;
        else if (name == "array" || name == "struct")
            m_stack.emplace_back();
    }

    void end(std::string_view name)
    {
        --m_depth;
        if (name == "int" || name == "i4" || name == "i8")
            addNumber();
        else if (name == "string" || name == "double" || name == "boolean" || name == "dateTime.iso8601" || name == "base64")
            add({m_text});
        else if (name == "nil" || name == "ex:nil")
            add({std::string()});
        else if (name == "array" || name == "struct") {
            Array content = std::move(m_stack.back());
            m_stack.pop_back();
            add({std::move(content)});
        } else if (name == "value" && !m_typed)
            add({m_text});  // without a type it is a string
        m_typed = name != "value" && name != "data" && name != "member" && name != "name";
        m_text.clear();
    }

    void addNumber()
    {
        std::int64_t number = 0;
        const auto [stopped, error] = std::from_chars(m_text.data(), m_text.data() + m_text.size(), number);
        if (error != std::errc() || stopped != m_text.data() + m_text.size())
            return stop(fmt::format("'{}' is no number", m_text.substr(0, 40)));
        add({number});
    }

    void add(Value value)
    {
        if (m_stack.empty())
            return stop("a value stands where none may");
        m_stack.back().push_back(std::move(value));
    }

    [[nodiscard]] std::string faultText() const
    {
        const auto *members = std::get_if<Array>(&m_stack[0][0].content);
        for (const Value &member : members ? *members : Array{}) {
            if (const auto *text = std::get_if<std::string>(&member.content))
                return text->substr(0, 300);
        }
        return "without a reason";
    }

    XML_Parser m_parser = nullptr;
    std::vector<Array> m_stack{1};
    std::string m_text;
    std::string m_problem;
    std::size_t m_depth = 0;
    std::size_t m_values = 0;
    bool m_typed = false;  // the value that is ending had an element of its type
    bool m_fault = false;
};

std::string call(std::string_view method, std::string_view params)
{
    return fmt::format("<?xml version=\"1.0\"?>\n<methodCall><methodName>{}</methodName><params>{}</params></methodCall>\n", method, params);
}

std::string textOf(const Value &value)
{
    if (const auto *text = std::get_if<std::string>(&value.content))
        return *text;
    if (const auto *number = std::get_if<std::int64_t>(&value.content))
        return std::to_string(*number);
    return {};
}

}  // namespace

std::string changelogSinceSerial(std::int64_t serial)
{
    return call("changelog_since_serial", fmt::format("<param><value><int>{}</int></value></param>", serial));
}

std::string changelogLastSerial()
{
    return call("changelog_last_serial", "");
}

Result<std::vector<JournalRow>> readChangelog(std::string_view xml)
{
    CM_TRY_ASSIGN(const Value answer, Reader().read(xml));
    const auto *rows = std::get_if<Array>(&answer.content);
    if (!rows)
        return fail(ErrorCode::Corrupt, "the upstream's change log is no list");
    std::vector<JournalRow> out;
    for (const Value &row : *rows) {
        const auto *columns = std::get_if<Array>(&row.content);
        if (!columns || columns->size() != 5 || !std::holds_alternative<std::int64_t>((*columns)[4].content))
            return fail(ErrorCode::Corrupt, "a row of the upstream's change log is not name, version, time, action and serial");
        out.push_back({std::get<std::int64_t>((*columns)[4].content), textOf((*columns)[0]), textOf((*columns)[1]),
                       textOf((*columns)[3]), textOf((*columns)[2])});
    }
    return out;
}

Result<std::int64_t> readSerial(std::string_view xml)
{
    CM_TRY_ASSIGN(const Value answer, Reader().read(xml));
    const auto *number = std::get_if<std::int64_t>(&answer.content);
    return number ? Result<std::int64_t>(*number) : Result<std::int64_t>(fail(ErrorCode::Corrupt, "the upstream's serial is no number"));
}

}  // namespace cm::mirror
