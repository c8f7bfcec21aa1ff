// SPDX-License-Identifier: GPL-3.0-or-later
// A regular file read by position. Small files are held whole, so that walking over a small wheel
// costs one system call. Owned by one reader, one thread at a time.
#pragma once

#include "core/base/result.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

namespace cm::archive {

class File {
public:
    static Result<File> open(const std::filesystem::path &path);
    ~File();
    File(File &&other) noexcept;
    File &operator=(File &&) = delete;

    [[nodiscard]] std::uint64_t size() const { return m_size; }
    // Fills `out`; the number of bytes is smaller only at the end of the file.
    Result<std::size_t> readAt(std::uint64_t offset, std::span<char> out) const;
    // Exactly `length` bytes; Corrupt when the file ends before.
    [[nodiscard]] Result<std::string> bytesAt(std::uint64_t offset, std::size_t length) const;

private:
    File(int descriptor, std::uint64_t size) : m_descriptor(descriptor), m_size(size) {}
    Result<std::size_t> readFromDisk(std::uint64_t offset, std::span<char> out) const;

    int m_descriptor = -1;
    std::uint64_t m_size = 0;
    std::string m_whole;  // the file itself when it is small
};

}  // namespace cm::archive
