// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/http/transport.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

namespace cm::http {
namespace {

constexpr std::size_t mostPerWrite = 256 * 1024;

IoResult systemResult(ssize_t result, IoState wouldBlock)
{
    if (result > 0)
        return {IoState::Done, static_cast<std::size_t>(result)};
    if (result == 0)
        return {IoState::End, 0};
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)
        return {wouldBlock, 0};
    return {IoState::Broken, 0};
}

// The only entry of its kind. Several, or bytes that no text may hold, are nobody's name.
std::string soleEntry(const X509_NAME *name, int kind)
{
    const int at = X509_NAME_get_index_by_NID(name, kind, -1);
    if (at < 0 || X509_NAME_get_index_by_NID(name, kind, at) >= 0)
        return {};
    unsigned char *text = nullptr;
    const int size = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
    std::string entry = size > 0 ? std::string(reinterpret_cast<const char *>(text), static_cast<std::size_t>(size)) : "";
    OPENSSL_free(text);
    return entry.find('\0') == std::string::npos ? entry : std::string();
}

std::string failureOf(unsigned long error, long verified)
{
    const char *reason = error != 0 ? ERR_reason_error_string(error) : nullptr;
    std::string failure = reason ? reason : "the other side broke it off";
    if (ERR_GET_REASON(error) == SSL_R_CERTIFICATE_VERIFY_FAILED)
        failure.append(": ").append(X509_verify_cert_error_string(verified));
    return failure;
}

}  // namespace

Transport::Transport(int socket, SSL_CTX *context, std::span<std::byte> scratch) : m_socket(socket), m_scratch(scratch)
{
    if (context == nullptr)
        return;
    m_ssl = SSL_new(context);
    if (m_ssl == nullptr || SSL_set_fd(m_ssl, socket) != 1)
        m_broken = true;
    else
        SSL_set_accept_state(m_ssl);
}

Transport::~Transport()
{
    SSL_free(m_ssl);
}

IoResult Transport::tlsResult(int result)
{
    if (result > 0)
        return {IoState::Done, static_cast<std::size_t>(result)};
    switch (SSL_get_error(m_ssl, result)) {
    case SSL_ERROR_WANT_READ: return {IoState::WantRead, 0};
    case SSL_ERROR_WANT_WRITE: return {IoState::WantWrite, 0};
    case SSL_ERROR_ZERO_RETURN: return {IoState::End, 0};
    default: break;
    }
    const unsigned long error = ERR_peek_error();
    m_plainPeer = ERR_GET_REASON(error) == SSL_R_HTTP_REQUEST;
    m_failure = failureOf(error, SSL_get_verify_result(m_ssl));
    ERR_clear_error();
    m_broken = true;
    return {IoState::Broken, 0};
}

IoResult Transport::handshake()
{
    // First: where SSL_new failed there is no m_ssl, and this is no plain connection.
    if (m_broken)
        return {IoState::Broken, 0};
    if (m_ssl == nullptr)
        return {IoState::Done, 0};
    ERR_clear_error();
    const IoResult result = tlsResult(SSL_do_handshake(m_ssl));
    m_established = result.state == IoState::Done;
    return result;
}

std::optional<PeerSubject> Transport::peerSubject() const
{
    if (m_ssl == nullptr || !m_established || SSL_get_verify_result(m_ssl) != X509_V_OK)
        return std::nullopt;
    const X509 *certificate = SSL_get0_peer_certificate(m_ssl);
    if (certificate == nullptr)
        return std::nullopt;
    const X509_NAME *subject = X509_get_subject_name(certificate);
    return PeerSubject{soleEntry(subject, NID_commonName), soleEntry(subject, NID_organizationalUnitName)};
}

IoResult Transport::read(void *buffer, std::size_t size)
{
    if (m_ssl == nullptr)
        return systemResult(::recv(m_socket, buffer, size, 0), IoState::WantRead);
    if (m_broken)
        return {IoState::Broken, 0};
    ERR_clear_error();
    return tlsResult(SSL_read(m_ssl, buffer, static_cast<int>(std::min<std::size_t>(size, 1U << 30))));
}

IoResult Transport::write(std::span<const iovec> buffers, bool more)
{
    if (m_ssl == nullptr) {
        msghdr message{};
        message.msg_iov = const_cast<iovec *>(buffers.data());
        message.msg_iovlen = buffers.size();
        return systemResult(::sendmsg(m_socket, &message, MSG_NOSIGNAL | (more ? MSG_MORE : 0)), IoState::WantWrite);
    }
    if (buffers.size() == 1 || buffers.front().iov_len >= m_scratch.size())
        return writeTls(buffers.front().iov_base, buffers.front().iov_len);
    // Few full records instead of one for each buffer.
    std::size_t filled = 0;
    for (const iovec &buffer : buffers) {
        const auto count = std::min(buffer.iov_len, m_scratch.size() - filled);
        std::memcpy(m_scratch.data() + filled, buffer.iov_base, count);
        filled += count;
    }
    return writeTls(m_scratch.data(), filled);
}

IoResult Transport::writeTls(const void *bytes, std::size_t size)
{
    if (m_broken)
        return {IoState::Broken, 0};
    ERR_clear_error();
    // A write is all or nothing: after WANT_WRITE the same bytes come again, from the same place in the
    // same amount, and OpenSSL goes on at the record it had reached.
    return tlsResult(SSL_write(m_ssl, bytes, static_cast<int>(std::min(size, mostPerWrite))));
}

IoResult Transport::sendFile(int file, std::uint64_t offset, std::uint64_t size)
{
    if (m_ssl == nullptr) {
        auto position = static_cast<off_t>(offset);
        return systemResult(::sendfile(m_socket, file, &position, std::min<std::uint64_t>(size, 1U << 30)),
                            IoState::WantWrite);
    }
    const auto wanted = std::min<std::uint64_t>(size, m_scratch.size());
    const ssize_t count = ::pread(file, m_scratch.data(), wanted, static_cast<off_t>(offset));
    if (count <= 0)
        return {IoState::Broken, 0};
    return writeTls(m_scratch.data(), static_cast<std::size_t>(count));
}

void Transport::shutdownWrite()
{
    if (m_ssl != nullptr && m_established && !m_broken) {
        ERR_clear_error();
        SSL_shutdown(m_ssl);
        ERR_clear_error();
    }
    ::shutdown(m_socket, SHUT_WR);
}

IoResult Transport::discard(std::size_t most)
{
    return systemResult(::recv(m_socket, m_scratch.data(), std::min(most, m_scratch.size()), 0), IoState::WantRead);
}

}  // namespace cm::http
