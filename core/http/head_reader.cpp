// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/http/head_reader.h"

#include "core/http/header.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <fmt/format.h>

namespace cm::http {
namespace {

namespace beast = boost::beast::http;
using boost::beast::error_code;

constexpr std::size_t maxFields = 128;
constexpr std::uint32_t maxHead = 64 * 1024;  // the connection stops earlier

Method methodOf(beast::verb verb)
{
    switch (verb) {
    case beast::verb::get: return Method::Get;
    case beast::verb::head: return Method::Head;
    case beast::verb::post: return Method::Post;
    case beast::verb::put: return Method::Put;
    case beast::verb::delete_: return Method::Delete;
    case beast::verb::patch: return Method::Patch;
    case beast::verb::options: return Method::Options;
    default: return Method::Other;
    }
}

struct Collected {
    Method method = Method::Other;
    std::string_view methodName;
    std::string_view target;
    std::string_view host;
    int version = 0;
    int hosts = 0;
    int transferEncodings = 0;
    int contentLengths = 0;
    bool folded = false;
    bool tooManyFields = false;
    bool expectsContinue = false;
    bool expectsOther = false;
};

class Parser final : public beast::basic_parser<true> {
public:
    Parser(std::string_view text, std::vector<RequestHead::Field> &fields) : m_text(text), m_fields(fields) {}
    Collected collected;

private:
    using View = boost::beast::string_view;

    void on_request_impl(beast::verb verb, View name, View target, int version, error_code &) override
    {
        collected.method = methodOf(verb);
        collected.methodName = name;
        collected.target = target;
        collected.version = version;
    }

    void on_field_impl(beast::field field, View name, View value, error_code &) override
    {
        // Beast joins folded lines in a buffer of its own; nobody needs them (RFC 9112 section 5.2).
        if (!value.empty() && (value.data() < m_text.data() || value.data() > m_text.data() + m_text.size()))
            collected.folded = true;
        if (m_fields.size() >= maxFields) {
            collected.tooManyFields = true;
            return;
        }
        m_fields.push_back({name, value});
        switch (field) {
        case beast::field::host:
            ++collected.hosts;
            collected.host = value;
            break;
        case beast::field::transfer_encoding: ++collected.transferEncodings; break;
        case beast::field::content_length: ++collected.contentLengths; break;
        case beast::field::expect:
            (equalsIgnoringCase(value, "100-continue") ? collected.expectsContinue : collected.expectsOther) = true;
            break;
        default: break;
        }
    }

    void on_response_impl(int, View, int, error_code &) override {}
    void on_header_impl(error_code &) override {}
    void on_body_init_impl(const boost::optional<std::uint64_t> &, error_code &) override {}
    std::size_t on_body_impl(View body, error_code &) override { return body.size(); }
    void on_chunk_header_impl(std::uint64_t, View, error_code &) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, View body, error_code &) override { return body.size(); }
    void on_finish_impl(error_code &) override {}

    std::string_view m_text;
    std::vector<RequestHead::Field> &m_fields;
};

Result<void> parseFailure(const error_code &error)
{
    if (error == beast::error::header_limit)
        return fail(ErrorCode::TooLarge, "the request head is too large");
    if (error == beast::error::bad_version)
        return fail(ErrorCode::Unsupported, "only HTTP/1.0 and HTTP/1.1 are spoken here");
    return fail(ErrorCode::InvalidInput, fmt::format("malformed request: {}", error.message()));
}

// What the parser of Boost 1.81 lets pass although it lets two readers see two different requests.
Result<void> guardFraming(const Parser &parser)
{
    const Collected &seen = parser.collected;
    if (seen.tooManyFields)
        return fail(ErrorCode::TooLarge, "too many header fields");
    if (seen.folded)
        return fail(ErrorCode::InvalidInput, "a header line is folded");
    if (seen.hosts > 1)
        return fail(ErrorCode::InvalidInput, "more than one Host header");
    if (seen.hosts == 0 && seen.version >= 11)
        return fail(ErrorCode::InvalidInput, "the Host header is missing");
    if (seen.transferEncodings > 0) {
        if (seen.version < 11)
            return fail(ErrorCode::InvalidInput, "Transfer-Encoding in HTTP/1.0");
        if (seen.contentLengths > 0)
            return fail(ErrorCode::InvalidInput, "both Content-Length and Transfer-Encoding");
        if (seen.transferEncodings > 1 || !parser.chunked())
            return fail(ErrorCode::Unsupported, "the only transfer coding spoken here is chunked");
    }
    if (seen.contentLengths > 1)
        return fail(ErrorCode::InvalidInput, "more than one Content-Length header");
    if (seen.expectsOther)
        return fail(ErrorCode::InvalidInput, "the only expectation met here is 100-continue");
    return {};
}

// The path and query of origin-form and absolute-form (RFC 9112 section 3.2).
Result<std::string_view> originForm(std::string_view target, Method method)
{
    if (target.starts_with('/') || (target == "*" && method == Method::Options))
        return target;
    const auto scheme = target.find("://");
    if (scheme == std::string_view::npos || scheme > 5)
        return fail(ErrorCode::InvalidInput, "the request target is no path");
    const auto slash = target.find('/', scheme + 3);
    return slash == std::string_view::npos ? std::string_view("/") : target.substr(slash);
}

}  // namespace

Result<void> HeadReader::read(std::string_view text, RequestHead &head)
{
    head.m_fields.clear();
    Parser parser(text, head.m_fields);
    parser.header_limit(maxHead);
    parser.body_limit(boost::none);
    error_code error;
    parser.put(boost::asio::const_buffer(text.data(), text.size()), error);
    if (error)
        return parseFailure(error);
    if (!parser.is_header_done())
        return fail(ErrorCode::InvalidInput, "the request head is incomplete");
    CM_TRY(guardFraming(parser));

    const Collected &seen = parser.collected;
    head.m_method = seen.method;
    head.m_methodName = seen.methodName;
    head.m_target = seen.target;
    head.m_version = seen.version;
    head.m_host = seen.host;
    head.m_keepAlive = parser.keep_alive();
    head.m_expectsContinue = seen.expectsContinue && seen.version >= 11;
    if (parser.chunked())
        head.m_contentLength.reset();
    else
        head.m_contentLength = parser.content_length() ? *parser.content_length() : 0;

    CM_TRY_ASSIGN(const std::string_view origin, originForm(seen.target, seen.method));
    const auto question = origin.find('?');
    head.m_rawPath = origin.substr(0, question);
    head.m_query = question == std::string_view::npos ? std::string_view{} : origin.substr(question + 1);
    head.m_path = head.m_rawPath;
    if (head.m_rawPath.find('%') != std::string_view::npos) {
        CM_TRY_ASSIGN(head.m_decodedPath, percentDecode(head.m_rawPath));
        if (head.m_decodedPath.find('\0') != std::string::npos)
            return fail(ErrorCode::InvalidInput, "the path holds a NUL");
        head.m_path = head.m_decodedPath;
    }
    return {};
}

}  // namespace cm::http
