// SPDX-License-Identifier: GPL-3.0-or-later
// Everything of a request but its body. The server owns it and reuses it for the next request of the
// connection: it is valid inside dispatch(), and until a Deferred handler has returned or a BodySink
// was told finish() or abort(). Views point into the connection's buffer. Read-only, one thread at a
// time; copy what must live longer.
#pragma once

#include "core/base/result.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cm::http {

// Whose certificate the peer has shown, verified: the subject's CN and OU, empty where there is not
// exactly one.
struct PeerSubject {
    std::string name;
    std::string unit;
};

enum class Method { Get, Head, Post, Put, Delete, Patch, Options, Other };

class RequestHead {
public:
    struct Field {
        std::string_view name;
        std::string_view value;
    };

    RequestHead() = default;
    RequestHead(const RequestHead &) = delete;
    RequestHead &operator=(const RequestHead &) = delete;

    [[nodiscard]] Method method() const { return m_method; }
    // As sent, such as "PROPFIND".
    [[nodiscard]] std::string_view methodName() const { return m_methodName; }
    // The request target as sent, with its query.
    [[nodiscard]] std::string_view target() const { return m_target; }
    // Percent-decoded, begins with '/' ("*" for OPTIONS *), no NUL. Dot segments, double slashes and
    // bytes that are not UTF-8 are left as they are: a path here is a key, never a file name.
    [[nodiscard]] std::string_view path() const { return m_path; }
    // The path still encoded, for redirects.
    [[nodiscard]] std::string_view rawPath() const { return m_rawPath; }
    // After '?', still encoded.
    [[nodiscard]] std::string_view query() const { return m_query; }
    // Decoded ('+' is a space); the first of that name.
    [[nodiscard]] std::optional<std::string> queryParameter(std::string_view name) const;
    [[nodiscard]] std::vector<std::pair<std::string, std::string>> queryParameters() const;

    // The first value of that name, empty when there is none; names ignore case.
    [[nodiscard]] std::string_view header(std::string_view name) const noexcept;
    [[nodiscard]] bool hasHeader(std::string_view name) const noexcept;
    // All values of that name in order.
    [[nodiscard]] std::vector<std::string_view> headers(std::string_view name) const;
    [[nodiscard]] const std::vector<Field> &fields() const { return m_fields; }
    [[nodiscard]] std::string_view host() const { return m_host; }

    // Absent for a chunked body; 0 when the request has none.
    [[nodiscard]] std::optional<std::uint64_t> contentLength() const { return m_contentLength; }
    [[nodiscard]] bool hasBody() const { return !m_contentLength || *m_contentLength > 0; }
    // 10 or 11.
    [[nodiscard]] int version() const { return m_version; }
    [[nodiscard]] bool keepAlive() const { return m_keepAlive; }
    [[nodiscard]] bool expectsContinue() const { return m_expectsContinue; }

    // The peer's address without a port, such as "127.0.0.1" or "::1" (an IPv4-mapped address is
    // shown as IPv4).
    [[nodiscard]] std::string_view remoteAddress() const { return m_remoteAddress; }
    [[nodiscard]] bool isLoopback() const { return m_isLoopback; }
    [[nodiscard]] bool isTls() const { return m_isTls; }
    // Only where the listener requires certificates of its clients.
    [[nodiscard]] const std::optional<PeerSubject> &peer() const { return m_peer; }
    // Made by the server, sent back as X-Request-Id.
    [[nodiscard]] std::string_view requestId() const { return m_requestId; }

private:
    friend class HeadReader;
    friend class Connection;

    Method m_method = Method::Other;
    int m_version = 11;
    bool m_keepAlive = true;
    bool m_expectsContinue = false;
    bool m_isTls = false;
    bool m_isLoopback = false;
    std::string_view m_methodName;
    std::string_view m_target;
    std::string_view m_path;
    std::string_view m_rawPath;
    std::string_view m_query;
    std::string_view m_host;
    std::vector<Field> m_fields;
    std::optional<std::uint64_t> m_contentLength = 0;
    std::string_view m_remoteAddress;
    std::optional<PeerSubject> m_peer;
    std::string_view m_requestId;
    std::string m_decodedPath;
};

// Percent-decoding; InvalidInput for a broken escape. `plusIsSpace` as in queries and forms.
[[nodiscard]] Result<std::string> percentDecode(std::string_view text, bool plusIsSpace = false);
// Everything but unreserved characters (RFC 3986) and those of `keep` becomes %XX.
[[nodiscard]] std::string percentEncode(std::string_view text, std::string_view keep = {});

}  // namespace cm::http
