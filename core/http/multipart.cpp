// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/http/multipart.h"

#include "core/http/header.h"
#include "core/http/request_head.h"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>

namespace cm::http {
namespace {

constexpr std::size_t maxPreamble = 64 * 1024;
constexpr std::size_t maxPadding = 256;  // spaces after a boundary

// Reads `key=value` pairs after the first ';', values as token or quoted string.
class Parameters {
public:
    explicit Parameters(std::string_view text) : m_rest(text) {}

    bool next(std::string &key, std::string &value)
    {
        const auto start = m_rest.find_first_not_of("; \t");
        if (start == std::string_view::npos)
            return false;
        m_rest.remove_prefix(start);
        const auto equals = m_rest.find_first_of("=;");
        key = std::string(trimmed(m_rest.substr(0, equals)));
        std::transform(key.begin(), key.end(), key.begin(),
                       [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
        value.clear();
        if (equals == std::string_view::npos || m_rest[equals] == ';') {
            m_rest = equals == std::string_view::npos ? std::string_view{} : m_rest.substr(equals);
            return true;
        }
        m_rest.remove_prefix(equals + 1);
        if (m_rest.starts_with('"'))
            readQuoted(value);
        else
            readToken(value);
        return true;
    }

private:
    void readToken(std::string &value)
    {
        const auto end = m_rest.find(';');
        value = std::string(trimmed(m_rest.substr(0, end)));
        m_rest = end == std::string_view::npos ? std::string_view{} : m_rest.substr(end);
    }

    void readQuoted(std::string &value)
    {
        std::size_t i = 1;
        for (; i < m_rest.size() && m_rest[i] != '"'; ++i) {
            // Only these two are escapes: old browsers send Windows paths unescaped.
            if (m_rest[i] == '\\' && i + 1 < m_rest.size() && (m_rest[i + 1] == '"' || m_rest[i + 1] == '\\'))
                ++i;
            value.push_back(m_rest[i]);
        }
        m_rest.remove_prefix(std::min(i + 1, m_rest.size()));
    }

    std::string_view m_rest;
};

// The value of `filename*=` (RFC 8187): charset'language'percent-encoded; other charsets are left.
bool decodeExtended(std::string_view text, std::string &value)
{
    const auto first = text.find('\'');
    const auto second = first == std::string_view::npos ? first : text.find('\'', first + 1);
    if (second == std::string_view::npos || !equalsIgnoringCase(text.substr(0, first), "utf-8"))
        return false;
    auto decoded = percentDecode(text.substr(second + 1));
    if (!decoded)
        return false;
    value = std::move(*decoded);
    return true;
}

Result<void> readDisposition(std::string_view value, PartHead &part)
{
    const auto semicolon = value.find(';');
    if (!equalsIgnoringCase(trimmed(value.substr(0, semicolon)), "form-data"))
        return fail(ErrorCode::InvalidInput, "A part of the form is not form-data.");
    if (semicolon == std::string_view::npos)
        return {};
    Parameters parameters(value.substr(semicolon));
    std::string key;
    std::string text;
    bool extended = false;
    while (parameters.next(key, text)) {
        if (key == "name") {
            part.name = text;
        } else if (key == "filename" && !extended) {
            part.fileName = text;
            part.hasFileName = true;
        } else if (key == "filename*" && decodeExtended(text, part.fileName)) {
            extended = true;
            part.hasFileName = true;
        }
    }
    return {};
}

// The position behind the empty line that ends a head; npos when it is not there yet.
std::size_t headEnd(std::string_view text)
{
    for (std::size_t line = 0;;) {
        const auto end = text.find('\n', line);
        if (end == std::string_view::npos)
            return end;
        if (end == line || (end == line + 1 && text[line] == '\r'))
            return end + 1;
        line = end + 1;
    }
}

}  // namespace

Result<std::string> MultipartReader::boundaryOf(std::string_view contentType)
{
    const auto semicolon = contentType.find(';');
    if (!equalsIgnoringCase(trimmed(contentType.substr(0, semicolon)), "multipart/form-data"))
        return fail(ErrorCode::InvalidInput, "The request is not multipart/form-data.");
    if (semicolon != std::string_view::npos) {
        Parameters parameters(contentType.substr(semicolon));
        std::string key;
        std::string value;
        while (parameters.next(key, value)) {
            // RFC 2046 stops at 70 characters; some uploaders use a few more.
            if (key == "boundary" && !value.empty() && value.size() <= 200)
                return value;
        }
    }
    return fail(ErrorCode::InvalidInput, "The content type names no usable boundary.");
}

MultipartReader::MultipartReader(std::string_view boundary, MultipartHandler &handler, MultipartLimits limits)
    : m_boundary("--"), m_handler(handler), m_limits(limits)
{
    m_boundary.append(boundary);
}

Result<void> MultipartReader::feed(std::span<const std::byte> bytes)
{
    if (!m_failure)
        return m_failure;
    std::string joined;
    m_rest = {reinterpret_cast<const char *>(bytes.data()), bytes.size()};
    if (!m_kept.empty()) {
        joined = std::move(m_kept);
        joined.append(m_rest);
        m_rest = joined;
    }
    m_failure = run();
    m_kept = m_failure ? std::string(m_rest) : std::string{};
    m_rest = {};
    return m_failure;
}

Result<void> MultipartReader::finish()
{
    if (m_failure && m_state != State::Epilogue) {
        m_failure = m_state == State::Preamble
                        ? fail(ErrorCode::InvalidInput, "The request holds no form: its boundary was not found.")
                        : fail(ErrorCode::InvalidInput, "The form is cut off: its closing boundary is missing.");
    }
    return m_failure;
}

Result<void> MultipartReader::run()
{
    for (Result<bool> step = true; *step;) {
        switch (m_state) {
        case State::Preamble: step = stepPreamble(); break;
        case State::Head: step = stepHead(); break;
        case State::Data: step = stepData(); break;
        case State::Epilogue:
            m_rest = {};
            step = false;
            break;
        }
        CM_TRY(step);
    }
    return {};
}

// What follows a boundary decides whether it is one at all, and on the first one how lines end here.
MultipartReader::Ending MultipartReader::endingOf(std::string_view after, std::size_t &length)
{
    if (after.starts_with("--")) {
        length = 2;
        return Ending::Last;
    }
    if (after.empty() || after == "-")
        return Ending::NeedMore;
    const auto end = after.find_first_not_of(" \t");
    if (end == std::string_view::npos)
        return after.size() > maxPadding ? Ending::None : Ending::NeedMore;
    const bool carriageReturn = after[end] == '\r';
    if (carriageReturn && end + 1 == after.size())
        return Ending::NeedMore;
    if (after[end + (carriageReturn ? 1 : 0)] != '\n')
        return Ending::None;
    length = end + (carriageReturn ? 2 : 1);
    if (m_delimiter.empty())
        m_delimiter = (carriageReturn ? "\r\n" : "\n") + m_boundary;
    return Ending::Part;
}

Result<bool> MultipartReader::stepPreamble()
{
    while (!m_rest.empty()) {
        if (m_lineStart) {
            if (m_rest.size() < m_boundary.size() && m_boundary.starts_with(m_rest))
                return false;
            std::size_t length = 0;
            const bool matches = m_rest.starts_with(m_boundary);
            const Ending ending = matches ? endingOf(m_rest.substr(m_boundary.size()), length) : Ending::None;
            if (ending == Ending::NeedMore)
                return false;
            if (ending != Ending::None) {
                m_rest.remove_prefix(m_boundary.size() + length);
                m_state = ending == Ending::Last ? State::Epilogue : State::Head;
                return true;
            }
        }
        const auto end = m_rest.find('\n');
        const auto count = end == std::string_view::npos ? m_rest.size() : end + 1;
        m_lineStart = end != std::string_view::npos;
        m_preambleBytes += count;
        if (m_preambleBytes > maxPreamble)
            return fail(ErrorCode::InvalidInput, "The request holds no form: its boundary was not found.");
        m_rest.remove_prefix(count);
    }
    return false;
}

Result<bool> MultipartReader::stepHead()
{
    const auto end = headEnd(m_rest);
    if (std::min(end, m_rest.size()) > m_limits.headBytes)
        return fail(ErrorCode::TooLarge,
                    fmt::format("The header of a form field is larger than {} bytes.", m_limits.headBytes));
    if (end == std::string_view::npos)
        return false;
    if (++m_parts > m_limits.parts)
        return fail(ErrorCode::TooLarge, fmt::format("The form has more than {} fields.", m_limits.parts));
    CM_TRY(beginPart(m_rest.substr(0, end)));
    m_rest.remove_prefix(end);
    m_state = State::Data;
    m_fieldBytes = 0;
    // An empty part has its boundary right here, without a line end of its own.
    m_lineStart = true;
    return true;
}

Result<void> MultipartReader::beginPart(std::string_view lines)
{
    m_part = {};
    bool disposition = false;
    while (!lines.empty()) {
        const auto end = lines.find('\n');
        auto line = lines.substr(0, end);
        lines.remove_prefix(end + 1);
        if (line.ends_with('\r'))
            line.remove_suffix(1);
        const auto colon = line.find(':');
        if (colon == std::string_view::npos)
            continue;
        const auto name = trimmed(line.substr(0, colon));
        const auto value = trimmed(line.substr(colon + 1));
        if (equalsIgnoringCase(name, "Content-Disposition")) {
            CM_TRY(readDisposition(value, m_part));
            disposition = true;
        } else if (equalsIgnoringCase(name, "Content-Type")) {
            m_part.contentType = std::string(value);
        }
    }
    if (!disposition || m_part.name.empty())
        return fail(ErrorCode::InvalidInput, "A part of the form has no name.");
    return m_handler.partBegin(m_part);
}

Result<void> MultipartReader::emit(std::size_t count)
{
    if (count == 0)
        return {};
    m_fieldBytes += count;
    if (!m_part.hasFileName && m_fieldBytes > m_limits.fieldBytes)
        return fail(ErrorCode::TooLarge,
                    fmt::format("The form field '{}' is larger than {} bytes.", m_part.name, m_limits.fieldBytes));
    CM_TRY(m_handler.partData(std::as_bytes(std::span(m_rest.data(), count))));
    m_rest.remove_prefix(count);
    m_lineStart = false;
    return {};
}

// How much of the rest is certainly data: all but an end that may be the start of a delimiter.
std::size_t MultipartReader::plainPrefix() const
{
    const auto window = std::min(m_rest.size(), m_delimiter.size() - 1);
    for (std::size_t at = m_rest.size() - window; at < m_rest.size(); ++at) {
        if (std::memcmp(m_rest.data() + at, m_delimiter.data(), m_rest.size() - at) == 0)
            return at;
    }
    return m_rest.size();
}

Result<bool> MultipartReader::stepData()
{
    std::string_view wanted = m_delimiter;
    std::size_t found = 0;
    if (m_lineStart && (m_rest.starts_with(m_boundary) || m_boundary.starts_with(m_rest))) {
        if (m_rest.size() < m_boundary.size())
            return false;
        wanted = m_boundary;
    } else {
        const void *match = memmem(m_rest.data(), m_rest.size(), m_delimiter.data(), m_delimiter.size());
        if (match == nullptr) {
            CM_TRY(emit(plainPrefix()));
            return false;
        }
        found = static_cast<std::size_t>(static_cast<const char *>(match) - m_rest.data());
    }
    CM_TRY(emit(found));
    std::size_t length = 0;
    const Ending ending = endingOf(m_rest.substr(wanted.size()), length);
    if (ending == Ending::NeedMore)
        return false;
    if (ending == Ending::None) {
        CM_TRY(emit(wanted.size()));
        return true;
    }
    m_rest.remove_prefix(wanted.size() + length);
    CM_TRY(m_handler.partEnd());
    m_state = ending == Ending::Last ? State::Epilogue : State::Head;
    return true;
}

}  // namespace cm::http
