// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/http/client/http_client.h"

#include <algorithm>
#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <boost/url/parse.hpp>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <unistd.h>
#include <vector>

namespace cm::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using boost::system::error_code;
using Tls = beast::ssl_stream<beast::tcp_stream>;

// Whether the peer ended the connection because of what we presented, or did not. Under TLS 1.3 that comes
// after our handshake, with the first answer.
bool ofOurCertificate(const error_code &error)
{
    if (error.category() != asio::error::get_ssl_category())
        return false;
    switch (ERR_GET_REASON(static_cast<unsigned long>(error.value()))) {
    case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
    case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
    case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
    case SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE: return true;
    default: return false;
    }
}

}  // namespace

struct HttpClient::State {
    ClientOptions options;
    asio::io_context io{1};
    std::optional<asio::ssl::context> context;
    std::optional<beast::tcp_stream> plain;
    std::optional<Tls> tls;
    std::optional<Certificate> certificate;
    beast::flat_buffer buffer;
    std::chrono::steady_clock::time_point deadline;  // of what is awaited
    bool connected = false;
    bool sunk = false;  // the sink has taken something

    std::chrono::steady_clock::time_point until(std::chrono::milliseconds time) const
    {
        const auto own = std::chrono::steady_clock::now() + time;
        return options.deadline ? std::min(own, *options.deadline) : own;
    }

    beast::tcp_stream &tcp() { return tls ? tls->next_layer() : *plain; }

    // Runs one asynchronous operation to its end on this thread. The loop looks at the clock, so that no timer is set
    // for each of the steps that a request has.
    template <class Start>
    error_code await(const std::stop_token &stop, Start start)
    {
        error_code result = asio::error::would_block;
        bool ended = false;
        start([&](error_code error, auto &&...) {
            result = error;
            ended = true;
        });
        bool late = false;
        {
            // Closed and not cancelled: the next of several steps has to fail too.
            const std::stop_callback closing(stop, [this] { asio::post(io, [this] { tcp().close(); }); });
            io.restart();
            io.run_until(deadline);
            late = !ended;
            if (late) {
                tcp().close();
                io.restart();
                io.run();
            }
        }
        const bool stopped = stop.stop_requested();
        if (stopped) {
            // What came when it had ended is not for the next one.
            io.restart();
            io.poll();
        }
        return late && !stopped ? make_error_code(beast::error::timeout) : result;
    }

    Error errorOf(error_code error, std::string_view doing, const std::stop_token &stop) const
    {
        const std::string where = fmt::format("{}:{}", options.host, options.port);
        if (stop.stop_requested())
            return {ErrorCode::Cancelled, "stopped", {}, {}};
        if (error == beast::error::timeout || error == asio::error::timed_out)
            return {ErrorCode::Timeout, fmt::format("{}: no answer in time while {}", where, doing), {}, {}};
        if (error == asio::error::connection_refused)
            return {ErrorCode::Unavailable, fmt::format("{}: connection refused", where), {}, {}};
        if (error == beast::http::error::body_limit)
            return {ErrorCode::TooLarge, fmt::format("{}: the answer is too large", where), {}, {}};
        if (error.category() == make_error_code(beast::http::error::bad_version).category() &&
            error != beast::http::error::end_of_stream)
            return {ErrorCode::Corrupt, fmt::format("{}: {}", where, error.message()), {}, {}};
        if (ofOurCertificate(error))
            return {ErrorCode::Unauthorized, fmt::format("{}: it does not take our certificate: {}", where, error.message()), {}, {}};
        return {ErrorCode::Unavailable, fmt::format("{}: {} while {}", where, error.message(), doing), {}, {}};
    }

    // At least one.
    Result<std::vector<asio::ip::tcp::endpoint>> endpoints()
    {
        error_code error;
        const auto address = asio::ip::make_address(options.host, error);
        if (!error)
            return std::vector{asio::ip::tcp::endpoint(address, options.port)};
        // Names wait for the system's resolver; topologies that must not wait give addresses.
        asio::ip::tcp::resolver resolver(io);
        const auto found = resolver.resolve(options.host, std::to_string(options.port), error);
        if (error || found.empty())
            return fail(ErrorCode::Unavailable, fmt::format("{}: {}", options.host, error.message()));
        return std::vector<asio::ip::tcp::endpoint>(found.begin(), found.end());
    }

    Result<void> presentCertificate(SSL_CTX *native) const
    {
        if (options.certFile.empty())
            return {};
        const bool loaded = SSL_CTX_use_certificate_chain_file(native, options.certFile.c_str()) == 1 &&
                            SSL_CTX_use_PrivateKey_file(native, options.keyFile.c_str(), SSL_FILETYPE_PEM) == 1 &&
                            SSL_CTX_check_private_key(native) == 1;
        ERR_clear_error();
        return loaded ? Result<void>()
                      : fail(ErrorCode::InvalidInput, fmt::format("{} and {} are no certificate and its key in PEM",
                                                                  options.certFile, options.keyFile));
    }

    Result<void> makeContext()
    {
        if (context)
            return {};
        context.emplace(asio::ssl::context::tls_client);
        SSL_CTX *native = context->native_handle();
        SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
        SSL_CTX_set_options(native, SSL_OP_IGNORE_UNEXPECTED_EOF);
        if (const auto presented = presentCertificate(native); !presented) {
            context.reset();
            return presented;
        }
        if (!options.verify)
            return {};
        const bool loaded = options.caFile.empty() ? SSL_CTX_set_default_verify_paths(native) == 1
                                                   : SSL_CTX_load_verify_locations(native, options.caFile.c_str(), nullptr) == 1;
        ERR_clear_error();
        if (!loaded) {
            context.reset();
            return fail(ErrorCode::InvalidInput, options.caFile + " holds no certificates in PEM");
        }
        SSL_CTX_set_verify(native, SSL_VERIFY_PEER, nullptr);
        return {};
    }

    // The first that answers, in the order of the resolver. One that does not answer has an even share of what is left of the time.
    Result<void> connectToOne(const std::vector<asio::ip::tcp::endpoint> &targets, std::chrono::steady_clock::time_point whole, const std::stop_token &stop)
    {
        error_code error;
        for (std::size_t i = 0; i < targets.size(); ++i) {
            const auto now = std::chrono::steady_clock::now();
            if (i > 0 && (now >= whole || stop.stop_requested()))
                break;
            deadline = now + (whole - now) / static_cast<std::int64_t>(targets.size() - i);
            if (options.tls)
                tls.emplace(io, *context);
            else
                plain.emplace(io);
            error = await(stop, [&](auto done) { tcp().async_connect(targets[i], done); });
            if (!error)
                return {};
        }
        return fail(errorOf(error, "connecting", stop));
    }

    Result<void> connect(const std::stop_token &stop)
    {
        const auto whole = until(options.connectTimeout);
        drop();
        CM_TRY_ASSIGN(const auto targets, endpoints());
        if (options.tls)
            CM_TRY(makeContext());
        CM_TRY(connectToOne(targets, whole, stop));
        deadline = whole;
        error_code ignored;
        tcp().socket().set_option(asio::ip::tcp::no_delay(true), ignored);
        if (options.tls)
            CM_TRY(handshake(stop));
        connected = true;
        return {};
    }

    Result<void> handshake(const std::stop_token &stop)
    {
        const std::string &name = options.serverName.empty() ? options.host : options.serverName;
        SSL *native = tls->native_handle();
        error_code notAddress;
        const auto address = asio::ip::make_address(name, notAddress);
        if (notAddress)
            SSL_set_tlsext_host_name(native, name.c_str());
        if (options.verify && notAddress)
            SSL_set1_host(native, name.c_str());
        else if (options.verify)
            X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(native), address.to_string().c_str());
        const error_code error =
            await(stop, [&](auto done) { tls->async_handshake(asio::ssl::stream_base::client, done); });
        const long verified = SSL_get_verify_result(native);
        ERR_clear_error();
        if (X509 *peer = SSL_get0_peer_certificate(native))
            certificate = describeCertificate(*peer);
        if (error && options.verify && verified != X509_V_OK)
            return fail(ErrorCode::Unauthorized, fmt::format("{}:{}: {}", options.host, options.port,
                                                             X509_verify_cert_error_string(verified)));
        if (error)
            return fail(errorOf(error, "shaking hands", stop));
        return {};
    }

    template <class Message>
    void setHead(Message &message, const ClientRequest &request) const
    {
        message.method_string(request.method);
        message.target(request.target);
        message.version(11);
        const std::string &name = options.serverName.empty() ? options.host : options.serverName;
        const bool v6 = name.find(':') != std::string::npos;
        const bool usual = options.port == (options.tls ? 443 : 80);
        message.set(beast::http::field::host,
                    fmt::format("{}{}{}{}", v6 ? "[" : "", name, v6 ? "]" : "",
                                usual ? std::string() : fmt::format(":{}", options.port)));
        message.set(beast::http::field::user_agent, "cheesemongerd");
        for (const Header &header : request.headers) {
            // Whom the request is for, where that is another name than that of the connection.
            if (header.name == "Host")
                message.set(beast::http::field::host, header.value);
            else
                message.insert(header.name, header.value);
        }
    }

    template <class Stream>
    Result<void> ask(Stream &stream, const ClientRequest &request, const std::stop_token &stop)
    {
        if (request.file)
            return askWithFile(stream, request, stop);
        beast::http::request<beast::http::string_body> message;
        setHead(message, request);
        message.body() = request.body;
        message.prepare_payload();
        if (const error_code error =
                await(stop, [&](auto done) { beast::http::async_write(stream, message, done); }); error)
            return fail(errorOf(error, "asking", stop));
        return {};
    }

    // A peer that refuses early answers and reads no more: what it said is worth more than that sending failed.
    template <class Stream>
    Result<void> askWithFile(Stream &stream, const ClientRequest &request, const std::stop_token &stop)
    {
        beast::http::request<beast::http::empty_body> message;
        setHead(message, request);
        message.content_length(request.body.size() + request.file->size + request.bodyEnd.size());
        beast::http::request_serializer<beast::http::empty_body> serializer(message);
        if (const error_code error = await(stop, [&](auto done) { beast::http::async_write_header(stream, serializer, done); }); error)
            return fail(errorOf(error, "asking", stop));
        const auto put = [&](std::string_view piece) -> Result<bool> {
            const error_code error = await(stop, [&](auto done) { asio::async_write(stream, asio::buffer(piece.data(), piece.size()), done); });
            if (error == asio::error::broken_pipe || error == asio::error::connection_reset)
                return false;
            return error ? Result<bool>(fail(errorOf(error, "asking", stop))) : Result<bool>(true);
        };
        CM_TRY_ASSIGN(bool heard, put(request.body));
        std::vector<char> piece(256 * 1024);
        for (std::uint64_t at = 0; heard && at < request.file->size;) {
            const std::size_t wanted = static_cast<std::size_t>(std::min<std::uint64_t>(piece.size(), request.file->size - at));
            const ssize_t got = ::pread(request.file->fd, piece.data(), wanted, static_cast<off_t>(at));
            if (got <= 0)
                return fail(ErrorCode::InvalidInput, "the file to be sent cannot be read");
            CM_TRY_ASSIGN(heard, put({piece.data(), static_cast<std::size_t>(got)}));
            at += static_cast<std::uint64_t>(got);
        }
        if (heard)
            CM_TRY(put(request.bodyEnd));
        return {};
    }

    template <class Message>
    ClientAnswer headOf(const Message &message) const
    {
        ClientAnswer answer;
        answer.status = static_cast<int>(message.result_int());
        for (const auto &field : message)
            answer.headers.push_back({std::string(field.name_string()), std::string(field.value())});
        return answer;
    }

    template <class Stream, class Parser>
    Result<ClientAnswer> readWhole(Stream &stream, Parser &parser, const std::stop_token &stop)
    {
        if (const error_code error =
                await(stop, [&](auto done) { beast::http::async_read(stream, buffer, parser, done); }); error)
            return fail(errorOf(error, "waiting for the answer", stop));
        ClientAnswer answer = headOf(parser.get());
        answer.body = std::move(parser.get().body());
        if (!parser.get().keep_alive())
            drop();
        return answer;
    }

    template <class Stream>
    Result<ClientAnswer> readInto(Stream &stream, const ClientRequest &request, const AnswerSink &sink, const std::stop_token &stop)
    {
        beast::http::response_parser<beast::http::buffer_body> parser;
        parser.body_limit(boost::none);
        parser.skip(request.method == "HEAD");
        if (const error_code error =
                await(stop, [&](auto done) { beast::http::async_read_header(stream, buffer, parser, done); }); error)
            return fail(errorOf(error, "waiting for the answer", stop));
        if (parser.get().result_int() != 200) {
            beast::http::response_parser<beast::http::string_body> text(std::move(parser));
            text.body_limit(options.maxBody);
            return readWhole(stream, text, stop);
        }
        ClientAnswer answer = headOf(parser.get());
        std::array<char, 64 * 1024> piece;
        deadline = until(options.idleTimeout);
        while (!parser.is_done()) {
            auto &body = parser.get().body();
            body.data = piece.data();
            body.size = piece.size();
            // What there is, and not a whole piece: a body that comes slowly does not stand still.
            error_code error = await(stop, [&](auto done) { beast::http::async_read_some(stream, buffer, parser, done); });
            if (error == beast::http::error::need_buffer)
                error = {};
            if (error)
                return fail(errorOf(error, "reading the answer", stop));
            if (const std::size_t got = piece.size() - body.size; got > 0) {
                sunk = true;
                CM_TRY(sink(std::string_view(piece.data(), got)));
                deadline = until(options.idleTimeout);
            }
        }
        if (!parser.get().keep_alive())
            drop();
        return answer;
    }

    template <class Stream>
    Result<ClientAnswer> exchange(Stream &stream, const ClientRequest &request, const AnswerSink *sink, const std::stop_token &stop)
    {
        CM_TRY(ask(stream, request, stop));
        if (sink)
            return readInto(stream, request, *sink, stop);
        beast::http::response_parser<beast::http::string_body> parser;
        parser.body_limit(options.maxBody);
        parser.skip(request.method == "HEAD");
        return readWhole(stream, parser, stop);
    }

    Result<ClientAnswer> exchange(const ClientRequest &request, const AnswerSink *sink, const std::stop_token &stop)
    {
        auto answer = tls ? exchange(*tls, request, sink, stop) : exchange(*plain, request, sink, stop);
        if (!answer)
            drop();
        return answer;
    }

    void drop()
    {
        connected = false;
        buffer.clear();
        tls.reset();
        plain.reset();
        certificate = {};
    }
};

HttpClient::HttpClient(ClientOptions options) : m_state(std::make_unique<State>())
{
    m_state->options = std::move(options);
}

HttpClient::~HttpClient() = default;

Result<ClientAnswer> HttpClient::send(const ClientRequest &request, std::stop_token stop)
{
    return sendInto(request, nullptr, stop);
}

Result<ClientAnswer> HttpClient::send(const ClientRequest &request, const AnswerSink &sink, std::stop_token stop)
{
    return sendInto(request, &sink, stop);
}

Result<ClientAnswer> HttpClient::sendInto(const ClientRequest &request, const AnswerSink *sink, const std::stop_token &stop)
{
    State &state = *m_state;
    const auto begun = std::chrono::steady_clock::now();
    const auto deadline = state.until(state.options.totalTimeout);
    const bool kept = state.connected;
    state.sunk = false;
    if (!kept)
        CM_TRY(state.connect(stop));
    state.deadline = deadline;
    auto answer = state.exchange(request, sink, stop);
    if (!answer && kept && answer.error().code == ErrorCode::Unavailable && state.options.resend &&
        !state.sunk && !stop.stop_requested()) {
        CM_TRY(state.connect(stop));
        state.deadline = deadline;
        answer = state.exchange(request, sink, stop);
    }
    if (answer)
        answer->elapsed = std::chrono::steady_clock::now() - begun;
    return answer;
}

Result<void> HttpClient::connect(std::stop_token stop)
{
    return m_state->connect(stop);
}

const std::optional<Certificate> &HttpClient::certificate() const
{
    return m_state->certificate;
}

void HttpClient::close()
{
    m_state->drop();
}

std::string_view ClientAnswer::header(std::string_view name) const noexcept
{
    for (const Header &header : headers) {
        if (equalsIgnoringCase(header.name, name))
            return header.value;
    }
    return {};
}

Result<HttpUrl> parseHttpUrl(std::string_view text)
{
    const auto parsed = boost::urls::parse_uri(text);
    const bool plain = parsed && parsed->scheme() == "http";
    if (!parsed || (!plain && parsed->scheme() != "https") || parsed->encoded_host().empty() || parsed->has_userinfo())
        return fail(ErrorCode::InvalidInput, fmt::format("'{}' is no http or https address", text));
    HttpUrl url;
    url.tls = !plain;
    url.host = parsed->host_address();
    url.port = parsed->has_port() ? parsed->port_number() : static_cast<std::uint16_t>(plain ? 80 : 443);
    url.target = std::string(parsed->encoded_target());
    if (url.target.empty())
        url.target = "/";
    return url;
}

ClientOptions optionsFor(const HttpUrl &url)
{
    ClientOptions options;
    options.host = url.host;
    options.port = url.port;
    options.tls = options.verify = url.tls;
    return options;
}

}  // namespace cm::http
