// SPDX-License-Identifier: GPL-3.0-or-later
// HTTP/1.1 from our side: one connection to one host, blocking, with a deadline for connecting and one
// for the whole. Made and used by one thread; a connection is kept between calls until the other side or
// close() ends it. Errors: Unavailable (`refused` in the detail when nobody listens), Timeout, Cancelled,
// InvalidInput for an address or a file, Corrupt for an answer that is none, TooLarge, Unauthorized for a
// certificate that is not trusted, theirs or ours. A status of failure is an answer, no error.
#pragma once

#include "core/http/client/certificate.h"
#include "core/http/header.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

namespace cm::http {

struct ClientOptions {
    std::string host;  // address or name to connect to
    std::uint16_t port = 0;
    bool tls = false;
    std::string serverName;  // for SNI and Host; empty: `host`
    // What the peer's certificate is held to: nothing, so that also a wrong one can be looked at, or the
    // system's roots, or those of `caFile`.
    bool verify = false;
    std::string caFile;
    // Our own certificate (a chain) and its key, PEM, for a peer that asks who we are; both or none.
    std::string certFile;
    std::string keyFile;
    // Whether a request may go out a second time when a kept connection turns out to have been ended.
    bool resend = true;
    std::chrono::milliseconds connectTimeout{1000};
    std::chrono::milliseconds totalTimeout{2000};
    // How long a body that goes into a sink may stand still; it has no time for the whole.
    std::chrono::milliseconds idleTimeout{10000};
    // When all is to be over, however many requests there are; absent: each has its own time.
    std::optional<std::chrono::steady_clock::time_point> deadline;
    std::size_t maxBody = 1U << 20;
};

// A part of a body that lies in a file: sent in pieces, from its beginning each time. The descriptor is the caller's.
struct BodyFile {
    int fd = -1;
    std::uint64_t size = 0;
};

struct ClientRequest {
    std::string method = "GET";
    std::string target = "/";
    Headers headers;
    std::string body;
    // Then these, when there is a file.
    std::optional<BodyFile> file;
    std::string bodyEnd;
};

struct ClientAnswer {
    int status = 0;
    Headers headers;
    std::string body;
    std::chrono::steady_clock::duration elapsed{};
    [[nodiscard]] std::string_view header(std::string_view name) const noexcept;
};

// Takes a body in pieces as they come; an error ends the exchange and is its answer.
using AnswerSink = std::function<Result<void>(std::string_view piece)>;

class HttpClient {
public:
    explicit HttpClient(ClientOptions options);
    ~HttpClient();
    HttpClient(const HttpClient &) = delete;
    HttpClient &operator=(const HttpClient &) = delete;

    // Connects when there is no connection. An idle connection that the other side has ended is made anew
    // once, before anything of the request has been answered, unless `resend` forbids.
    Result<ClientAnswer> send(const ClientRequest &request, std::stop_token stop = {});
    // The same for an answer of any length: the body of a 200 goes into `sink`, that of another status into the
    // answer. Once the sink has taken something nothing is sent again.
    Result<ClientAnswer> send(const ClientRequest &request, const AnswerSink &sink, std::stop_token stop = {});
    // Connects and shakes hands only.
    Result<void> connect(std::stop_token stop = {});
    // What the peer presented on this connection; nothing without TLS.
    [[nodiscard]] const std::optional<Certificate> &certificate() const;
    void close();

private:
    struct State;
    Result<ClientAnswer> sendInto(const ClientRequest &request, const AnswerSink *sink, const std::stop_token &stop);

    std::unique_ptr<State> m_state;
};

// "http://host:port/path", "https://[::1]/": where it leads. InvalidInput.
struct HttpUrl {
    bool tls = false;
    std::string host;
    std::uint16_t port = 0;
    std::string target;
};
[[nodiscard]] Result<HttpUrl> parseHttpUrl(std::string_view url);
// For its server, whose certificate counts where there is one.
[[nodiscard]] ClientOptions optionsFor(const HttpUrl &url);

}  // namespace cm::http
