// SPDX-License-Identifier: GPL-3.0-or-later
#include "client.h"

#include <algorithm>
#include <arpa/inet.h>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace cm::http::test {

Client::Client(std::uint16_t port, bool tls, bool v6)
{
    m_socket = ::socket(v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const timeval patience{10, 0};
    ::setsockopt(m_socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setsockopt(m_socket, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    sockaddr_in v4Address{};
    v4Address.sin_family = AF_INET;
    v4Address.sin_port = htons(port);
    v4Address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    sockaddr_in6 v6Address{};
    v6Address.sin6_family = AF_INET6;
    v6Address.sin6_port = htons(port);
    v6Address.sin6_addr = in6addr_loopback;
    const auto *address = v6 ? reinterpret_cast<sockaddr *>(&v6Address) : reinterpret_cast<sockaddr *>(&v4Address);
    if (::connect(m_socket, address, v6 ? sizeof v6Address : sizeof v4Address) != 0) {
        ::close(m_socket);
        m_socket = -1;
        return;
    }
    if (!tls)
        return;
    m_context = SSL_CTX_new(TLS_client_method());
    m_ssl = SSL_new(m_context);
    SSL_set_fd(m_ssl, m_socket);
    if (SSL_connect(m_ssl) != 1) {
        ::close(m_socket);
        m_socket = -1;
    }
}

Client::~Client()
{
    SSL_free(m_ssl);
    SSL_CTX_free(m_context);
    if (m_socket >= 0)
        ::close(m_socket);
}

bool Client::send(std::string_view bytes)
{
    while (!bytes.empty()) {
        const auto count = m_ssl != nullptr
                               ? static_cast<ssize_t>(SSL_write(m_ssl, bytes.data(), static_cast<int>(bytes.size())))
                               : ::send(m_socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (count <= 0)
            return false;
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
}

void Client::finishSending()
{
    ::shutdown(m_socket, SHUT_WR);
}

std::string Client::receiveSome()
{
    if (!m_buffer.empty())
        return std::exchange(m_buffer, {});
    std::string bytes(64 * 1024, '\0');
    const auto count = m_ssl != nullptr ? static_cast<ssize_t>(SSL_read(m_ssl, bytes.data(), static_cast<int>(bytes.size())))
                                        : ::recv(m_socket, bytes.data(), bytes.size(), 0);
    bytes.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    return bytes;
}

std::string Client::receiveAll()
{
    std::string all;
    for (std::string some = receiveSome(); !some.empty(); some = receiveSome())
        all += some;
    return all;
}

bool Client::peerCloses()
{
    return receiveSome().empty() && (m_ssl != nullptr || errno != EAGAIN);
}

bool Client::isReadableWithin(int milliseconds) const
{
    pollfd wanted{m_socket, POLLIN, 0};
    return ::poll(&wanted, 1, milliseconds) > 0;
}

Answer Client::receive(bool head)
{
    Answer answer;
    std::string text;
    std::size_t end = std::string::npos;
    for (;;) {
        const std::string some = receiveSome();
        text += some;
        end = text.find("\r\n\r\n");
        if (end != std::string::npos)
            break;
        if (some.empty())
            return answer;
    }
    const std::string lines = text.substr(0, end + 2);
    answer.status = std::atoi(lines.substr(lines.find(' ') + 1, 3).c_str());
    const auto firstEnd = lines.find("\r\n");
    answer.reason = lines.substr(13, firstEnd - 13);
    for (std::size_t at = firstEnd + 2; at < lines.size();) {
        const auto lineEnd = lines.find("\r\n", at);
        const auto colon = lines.find(": ", at);
        std::string name = lines.substr(at, colon - at);
        std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
        answer.headers[name] = lines.substr(colon + 2, lineEnd - colon - 2);
        at = lineEnd + 2;
    }
    answer.body = text.substr(end + 4);
    const auto length = answer.headers.find("content-length");
    std::size_t wanted = length == answer.headers.end() ? 0 : std::strtoull(length->second.c_str(), nullptr, 10);
    if (head || answer.status == 304 || answer.status / 100 == 1)
        wanted = 0;
    while (answer.body.size() < wanted) {
        const std::string some = receiveSome();
        if (some.empty())
            return answer;
        answer.body += some;
    }
    m_buffer = answer.body.substr(wanted);
    answer.body.resize(wanted);
    answer.complete = true;
    return answer;
}

Answer Client::get(std::string_view path, std::string_view extraLines)
{
    send("GET " + std::string(path) + " HTTP/1.1\r\nHost: test\r\n" + std::string(extraLines) + "\r\n");
    return receive();
}

void writeCertificate(const std::string &certificateFile, const std::string &keyFile, const std::string &name)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = X509_new();
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, key);
    X509_NAME *subject = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char *>(name.c_str()), -1, -1, 0);
    X509_set_issuer_name(certificate, subject);
    X509_sign(certificate, key, EVP_sha256());
    FILE *file = std::fopen(certificateFile.c_str(), "w");
    PEM_write_X509(file, certificate);
    std::fclose(file);
    file = std::fopen(keyFile.c_str(), "w");
    PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
    std::fclose(file);
    X509_free(certificate);
    EVP_PKEY_free(key);
}

}  // namespace cm::http::test
