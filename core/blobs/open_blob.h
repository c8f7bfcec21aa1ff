// SPDX-License-Identifier: GPL-3.0-or-later
// A stored blob open for reading: owns the descriptor and closes it. One owner, movable; the
// descriptor may be given to sendfile or pread from any thread while this lives.
#pragma once

#include <cstdint>
#include <unistd.h>
#include <utility>

namespace cm::blobs {

class OpenBlob {
public:
    OpenBlob(int fd, std::uint64_t size) : m_fd(fd), m_size(size) {}
    ~OpenBlob() { reset(); }
    OpenBlob(OpenBlob &&other) noexcept : m_fd(other.release()), m_size(other.m_size) {}
    OpenBlob &operator=(OpenBlob &&other) noexcept
    {
        if (this != &other) {
            reset();
            m_size = other.m_size;
            m_fd = other.release();
        }
        return *this;
    }

    [[nodiscard]] int fd() const { return m_fd; }
    [[nodiscard]] std::uint64_t size() const { return m_size; }
    // The caller closes it from now on.
    [[nodiscard]] int release() { return std::exchange(m_fd, -1); }

private:
    void reset()
    {
        if (m_fd >= 0)
            ::close(std::exchange(m_fd, -1));
    }

    int m_fd;
    std::uint64_t m_size;
};

}  // namespace cm::blobs
