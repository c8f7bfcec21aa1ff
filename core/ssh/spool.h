// SPDX-License-Identifier: GPL-3.0-or-later
// Where an upload is kept while it is read and sent on: a file without a name, which is gone with its process whatever
// ends that, and one of a number of places, so that no more are under way at once than the disk has room for. Made by the
// gateway, one thread. Errors: RateLimited (every place is taken), Unavailable (the folder).
#pragma once

#include "core/base/descriptor.h"
#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string_view>

namespace cm::ssh {

class Spool {
public:
    // The folder is the account's own and readable by nobody else.
    static Result<std::unique_ptr<Spool>> open(const std::filesystem::path &folder, std::int64_t places);

    Result<void> append(std::span<const std::byte> bytes);
    [[nodiscard]] std::uint64_t size() const { return m_size; }
    [[nodiscard]] int fd() const { return m_file.get(); }

private:
    Spool(int place, int file) : m_place(place), m_file(file) {}
    Descriptor m_place;  // holds a lock
    Descriptor m_file;
    std::uint64_t m_size = 0;
};

}  // namespace cm::ssh
