// SPDX-License-Identifier: GPL-3.0-or-later
// Header fields and the small grammars inside their values (RFC 9110): names compared without
// regard to case, entity tags, Accept-Encoding, Range. Values, any thread.
#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cm::http {

struct Header {
    std::string name;
    std::string value;
    friend bool operator==(const Header &, const Header &) = default;
};

using Headers = std::vector<Header>;

// ASCII letters only, as header names and schemes are compared.
[[nodiscard]] bool equalsIgnoringCase(std::string_view a, std::string_view b) noexcept;
// Without spaces and tabs at both ends.
[[nodiscard]] std::string_view trimmed(std::string_view text) noexcept;
// InvalidInput when the name is no token or the value holds CR, LF or NUL: nothing that a client
// sent may end one of our header lines early.
[[nodiscard]] Result<void> checkHeader(std::string_view name, std::string_view value);
// A reason phrase that is safe on the wire: printable ASCII, anything else becomes '?', cut to 1,024
// characters.
[[nodiscard]] std::string safeReason(std::string_view reason);

// If-None-Match (RFC 9110 section 13.1.2): `etag` with its quotes; weak comparison, lists and "*".
[[nodiscard]] bool etagMatches(std::string_view ifNoneMatch, std::string_view etag) noexcept;
// Whether Accept-Encoding allows gzip with a weight above zero.
[[nodiscard]] bool acceptsGzip(std::string_view acceptEncoding) noexcept;

struct ByteRange {
    std::uint64_t first = 0;
    std::uint64_t length = 0;
    friend bool operator==(const ByteRange &, const ByteRange &) = default;
};
enum class RangeVerdict { Whole, Part, Unsatisfiable };
// A Range value against a body of `size` bytes. Whole for what is no byte range or asks for several:
// the answer is then the full body, as RFC 9110 section 14.2 permits.
[[nodiscard]] RangeVerdict parseRange(std::string_view value, std::uint64_t size, ByteRange &range) noexcept;

}  // namespace cm::http
