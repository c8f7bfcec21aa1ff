// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/http/chunked_reader.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <fmt/format.h>

namespace cm::http {

namespace beast = boost::beast::http;
using boost::beast::error_code;

namespace {

constexpr std::size_t maxUndecided = 16 * 1024;  // a chunk header with extensions, or trailers

}  // namespace

class ChunkedReader::Parser final : public beast::basic_parser<true> {
public:
    std::string *out = nullptr;

private:
    using View = boost::beast::string_view;

    void on_request_impl(beast::verb, View, View, int, error_code &) override {}
    void on_response_impl(int, View, int, error_code &) override {}
    void on_field_impl(beast::field, View, View, error_code &) override {}
    void on_header_impl(error_code &) override {}
    void on_body_init_impl(const boost::optional<std::uint64_t> &, error_code &) override {}
    std::size_t on_body_impl(View body, error_code &) override { return body.size(); }
    void on_chunk_header_impl(std::uint64_t, View, error_code &) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, View body, error_code &) override
    {
        out->append(body);
        return body.size();
    }
    void on_finish_impl(error_code &) override {}
};

ChunkedReader::ChunkedReader() : m_parser(std::make_unique<Parser>())
{
    // The real head was read already; this one brings the parser to the start of a chunked body.
    static constexpr std::string_view head = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
    m_parser->body_limit(boost::none);
    error_code error;
    m_parser->put(boost::asio::const_buffer(head.data(), head.size()), error);
}

ChunkedReader::~ChunkedReader() = default;

bool ChunkedReader::isDone() const
{
    return m_parser->is_done();
}

Result<void> ChunkedReader::feed(std::string_view bytes, std::string &out)
{
    std::string joined;
    if (!m_kept.empty()) {
        joined = std::move(m_kept);
        joined.append(bytes);
        bytes = joined;
    }
    m_parser->out = &out;
    while (!bytes.empty() && !m_parser->is_done()) {
        error_code error;
        const std::size_t used = m_parser->put(boost::asio::const_buffer(bytes.data(), bytes.size()), error);
        bytes.remove_prefix(used);
        if (error == beast::error::need_more || (!error && used == 0))
            break;
        if (error)
            return fail(ErrorCode::InvalidInput, fmt::format("malformed chunked body: {}", error.message()));
    }
    if (!m_parser->is_done() && bytes.size() > maxUndecided)
        return fail(ErrorCode::InvalidInput, "malformed chunked body: a chunk header is too long");
    m_kept = std::string(bytes);
    return {};
}

}  // namespace cm::http
