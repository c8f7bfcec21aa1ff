// SPDX-License-Identifier: GPL-3.0-or-later
// The bytes inside a gzip file, piece by piece, with a budget: what unpacks to more stops. Several
// gzip members in a row are one stream (RFC 1952). One thread at a time; the File outlives it.
#pragma once

#include "core/archive/file.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>
#include <zlib.h>

namespace cm::archive {

class GzipSource {
public:
    enum class End { None, Complete, Broken, OverBudget, ReadFailed };

    GzipSource(const File &file, std::uint64_t budget);
    ~GzipSource();
    GzipSource(const GzipSource &) = delete;
    GzipSource &operator=(const GzipSource &) = delete;

    // The next piece, valid until the next call; empty when end() is no longer None.
    std::string_view next();
    [[nodiscard]] End end() const { return m_end; }
    [[nodiscard]] const Error &readError() const { return m_readError; }
    // Unpacked bytes so far, and how many of them up to the last one that is not zero.
    [[nodiscard]] std::uint64_t produced() const { return m_produced; }
    [[nodiscard]] std::uint64_t producedToLastNonZero() const { return m_lastNonZero; }
    // After Complete: bytes behind the last gzip member that are not zero.
    [[nodiscard]] bool hasTrailingData() const { return m_trailing; }

private:
    bool refill();
    bool startNextMember();
    void noteOutput(std::string_view piece);

    const File &m_file;
    std::uint64_t m_budget;
    std::uint64_t m_offset = 0;  // of the next byte to read from the file
    std::uint64_t m_produced = 0;
    std::uint64_t m_lastNonZero = 0;
    bool m_trailing = false;
    bool m_ready = false;
    End m_end = End::None;
    Error m_readError;
    z_stream m_stream{};
    std::vector<char> m_in;
    std::vector<char> m_out;
};

}  // namespace cm::archive
