// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/http_upload.h"

#include <arpa/inet.h>
#include <cstring>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace cm::bench {
namespace {

constexpr std::string_view boundary = "----------bench-boundary-7f3a";

std::string base64(std::string_view text)
{
    static constexpr char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    for (std::size_t i = 0; i < text.size(); i += 3) {
        std::uint32_t group = 0;
        for (std::size_t j = 0; j < 3; ++j)
            group = (group << 8) | (i + j < text.size() ? static_cast<unsigned char>(text[i + j]) : 0U);
        for (std::size_t j = 0; j < 4; ++j)
            out += i + j > text.size() ? '=' : alphabet[(group >> (18 - 6 * j)) & 63U];
    }
    return out;
}

std::string field(std::string_view name, std::string_view value)
{
    return fmt::format("--{}\r\nContent-Disposition: form-data; name=\"{}\"\r\n\r\n{}\r\n", boundary, name, value);
}

}  // namespace

UploadConnection::UploadConnection(std::uint16_t port, std::string token)
    : m_port(port), m_authorization("Basic " + base64("__token__:" + token))
{
}

UploadConnection::~UploadConnection()
{
    if (m_socket >= 0)
        ::close(m_socket);
}

Result<void> UploadConnection::connect()
{
    m_socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(m_port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (m_socket < 0 || ::connect(m_socket, reinterpret_cast<sockaddr *>(&address), sizeof address) != 0)
        return fail(ErrorCode::Unavailable, std::strerror(errno));
    const int on = 1;
    ::setsockopt(m_socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return {};
}

Result<void> UploadConnection::send(std::string_view bytes)
{
    while (!bytes.empty()) {
        const ssize_t sent = ::send(m_socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0)
            return fail(ErrorCode::Unavailable, std::strerror(errno));
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return {};
}

Result<void> UploadConnection::upload(const Wheel &wheel)
{
    if (m_socket < 0)
        CM_TRY(connect());
    std::string before = field(":action", "file_upload") + field("protocol_version", "1") + field("name", wheel.name) +
                         field("version", wheel.version) + field("filetype", "bdist_wheel") + field("pyversion", "py3") +
                         field("metadata_version", "2.1") + field("requires_python", ">=3.8") +
                         field("summary", "a wheel to measure with") + field("sha256_digest", wheel.sha256);
    before += fmt::format("--{}\r\nContent-Disposition: form-data; name=\"content\"; filename=\"{}\"\r\n"
                          "Content-Type: application/octet-stream\r\n\r\n", boundary, wheel.filename);
    const std::string after = fmt::format("\r\n--{}--\r\n", boundary);
    std::string head = fmt::format("POST /legacy/ HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nAuthorization: {}\r\n"
                                   "Content-Type: multipart/form-data; boundary={}\r\nContent-Length: {}\r\n\r\n",
                                   m_port, m_authorization, boundary,
                                   before.size() + wheel.bytes.size() + after.size());
    if (wheel.bytes.size() < 256 * 1024) {
        CM_TRY(send(head + before + wheel.bytes + after));
    } else {
        CM_TRY(send(head + before));
        CM_TRY(send(wheel.bytes));
        CM_TRY(send(after));
    }
    return readAnswer();
}

Result<void> UploadConnection::readAnswer()
{
    std::string answer;
    char buffer[8192];
    std::size_t headEnd = std::string::npos;
    std::size_t length = 0;
    while (headEnd == std::string::npos || answer.size() < headEnd + 4 + length) {
        const ssize_t count = ::recv(m_socket, buffer, sizeof buffer, 0);
        if (count <= 0)
            return fail(ErrorCode::Unavailable, "the connection ended before the answer did");
        answer.append(buffer, static_cast<std::size_t>(count));
        if (headEnd != std::string::npos)
            continue;
        headEnd = answer.find("\r\n\r\n");
        const std::size_t at = answer.find("Content-Length: ");
        if (headEnd != std::string::npos && at < headEnd)
            length = std::stoul(answer.substr(at + 16));
    }
    if (!answer.starts_with("HTTP/1.1 200"))
        return fail(ErrorCode::InvalidInput, answer.substr(0, answer.find("\r\n")));
    return {};
}

}  // namespace cm::bench
