// SPDX-License-Identifier: GPL-3.0-or-later
// A client that does nothing but upload: one keep-alive connection over a blocking socket, one
// thread at a time.
#pragma once

#include "core/base/result.h"
#include "tests/bench/wheel_maker.h"

#include <cstdint>
#include <string>

namespace cm::bench {

class UploadConnection {
public:
    UploadConnection(std::uint16_t port, std::string token);
    ~UploadConnection();
    UploadConnection(const UploadConnection &) = delete;
    UploadConnection &operator=(const UploadConnection &) = delete;

    // Sends one legacy upload and reads the answer. An error for anything but 200.
    Result<void> upload(const Wheel &wheel);

private:
    Result<void> connect();
    Result<void> send(std::string_view bytes);
    Result<void> readAnswer();

    std::uint16_t m_port;
    std::string m_authorization;
    int m_socket = -1;
};

}  // namespace cm::bench
