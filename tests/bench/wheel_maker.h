// SPDX-License-Identifier: GPL-3.0-or-later
// Wheels for measuring: valid, uncompressed, with a payload of the size asked for. Any thread.
#pragma once

#include <cstdint>
#include <string>

namespace cm::bench {

struct Wheel {
    std::string name;
    std::string version;
    std::string filename;
    std::string bytes;
    std::string sha256;
};

// `payload` bytes of noise in one module beside METADATA, WHEEL and RECORD.
Wheel makeWheel(const std::string &name, const std::string &version, std::size_t payload, std::uint64_t seed);

}  // namespace cm::bench
