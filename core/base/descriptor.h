// SPDX-License-Identifier: GPL-3.0-or-later
// An open file descriptor, or -1 of an open that failed: closed with this. One owner, one thread.
#pragma once

#include <unistd.h>

namespace cm {

class Descriptor {
public:
    explicit Descriptor(int fd) : m_fd(fd) {}
    ~Descriptor()
    {
        if (m_fd >= 0)
            ::close(m_fd);
    }
    Descriptor(const Descriptor &) = delete;
    Descriptor &operator=(const Descriptor &) = delete;
    [[nodiscard]] int get() const { return m_fd; }

private:
    int m_fd;
};

}  // namespace cm
