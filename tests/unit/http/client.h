// SPDX-License-Identifier: GPL-3.0-or-later
// A blocking raw client for the tests of the server: sends exactly the bytes it is told, plain or
// over TLS, and reads answers. Every read gives up after ten seconds, so that a defect fails a test
// instead of hanging it. One thread.
#pragma once

#include <cstdint>
#include <map>
#include <openssl/ssl.h>
#include <string>
#include <string_view>

namespace cm::http::test {

struct Answer {
    int status = 0;
    std::string reason;
    std::map<std::string, std::string> headers;  // lower-case names
    std::string body;
    bool complete = false;  // as many bytes as Content-Length says, or read to the end
};

class Client {
public:
    explicit Client(std::uint16_t port, bool tls = false, bool v6 = false);
    ~Client();
    Client(const Client &) = delete;
    Client &operator=(const Client &) = delete;

    // False when the peer has gone.
    bool send(std::string_view bytes);
    void finishSending();
    // One answer; `head` for the answer to HEAD, which has no body.
    Answer receive(bool head = false);
    Answer get(std::string_view path, std::string_view extraLines = {});
    // Everything until the peer closes.
    std::string receiveAll();
    // Some bytes; empty at the end of the stream.
    std::string receiveSome();
    [[nodiscard]] bool isConnected() const { return m_socket >= 0; }
    // Whether the peer ends the connection without sending more.
    bool peerCloses();
    // Whether something can be read (or the end) before so many milliseconds have passed.
    [[nodiscard]] bool isReadableWithin(int milliseconds) const;

private:
    int m_socket = -1;
    SSL_CTX *m_context = nullptr;
    SSL *m_ssl = nullptr;
    std::string m_buffer;
};

// Writes a self-signed certificate for localhost; `name` distinguishes several.
void writeCertificate(const std::string &certificateFile, const std::string &keyFile, const std::string &name);

}  // namespace cm::http::test
