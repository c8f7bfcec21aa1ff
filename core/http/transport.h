// SPDX-License-Identifier: GPL-3.0-or-later
// Non-blocking reading and writing on a connected socket, plain or through OpenSSL. Owned by a
// connection and used on its I/O thread; it never waits, it says what to wait for. The descriptor
// stays the caller's.
#pragma once

#include "core/http/request_head.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <openssl/types.h>
#include <span>
#include <string>
#include <sys/uio.h>

namespace cm::http {

enum class IoState { Done, WantRead, WantWrite, End, Broken };

struct IoResult {
    IoState state = IoState::Broken;
    std::size_t bytes = 0;
};

class Transport {
public:
    // Without `context` the socket is plain. `scratch` is shared by the connections of one thread
    // and holds what is gathered or read from a file for one record.
    Transport(int socket, SSL_CTX *context, std::span<std::byte> scratch);
    ~Transport();
    Transport(const Transport &) = delete;
    Transport &operator=(const Transport &) = delete;

    [[nodiscard]] bool isTls() const { return m_ssl != nullptr; }
    IoResult handshake();
    // Of the certificate that was verified; known after the handshake.
    [[nodiscard]] std::optional<PeerSubject> peerSubject() const;
    // The peer spoke plain HTTP to a TLS port; known after a failed handshake.
    [[nodiscard]] bool peerSpokePlainHttp() const { return m_plainPeer; }
    // Why TLS is Broken, for a log.
    [[nodiscard]] const std::string &failure() const { return m_failure; }
    IoResult read(void *buffer, std::size_t size);
    // Writes from the buffers in order; `more` announces that a file follows.
    IoResult write(std::span<const iovec> buffers, bool more);
    IoResult sendFile(int file, std::uint64_t offset, std::uint64_t size);
    // Nothing more will be written: close_notify and FIN.
    void shutdownWrite();
    // Reads raw bytes and throws them away.
    IoResult discard(std::size_t most);

private:
    IoResult tlsResult(int result);
    IoResult writeTls(const void *bytes, std::size_t size);

    int m_socket;
    SSL *m_ssl = nullptr;
    std::span<std::byte> m_scratch;
    bool m_established = false;
    bool m_broken = false;
    bool m_plainPeer = false;
    std::string m_failure;
};

}  // namespace cm::http
