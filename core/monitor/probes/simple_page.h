// SPDX-License-Identifier: GPL-3.0-or-later
// A page of the simple index as a monitor needs it: which files, with which digests; and clients of what answers with such
// pages. Values; blocking within a deadline.
#pragma once

#include "core/http/client/http_client.h"
#include "core/monitor/probes/probe.h"
#include "core/monitor/verdicts/mirrors.h"

namespace cm::monitor {

struct SimpleFile {
    std::string name;
    std::string url;  // as it stands there
    std::string sha256;
    std::optional<std::int64_t> size;
};
struct SimplePage {
    std::optional<std::int64_t> serial;
    std::vector<SimpleFile> files;
};

// Corrupt for what is no page in JSON.
[[nodiscard]] Result<SimplePage> readSimplePage(std::string_view text);
[[nodiscard]] HttpFacts httpFactsOf(const Result<http::ClientAnswer> &answer);
[[nodiscard]] PageFacts pageFactsOf(const Result<http::ClientAnswer> &answer);
// A count in a header of that name; nothing for any other text.
[[nodiscard]] std::optional<std::int64_t> numberOf(const http::ClientAnswer &answer, std::string_view header);
// X-PyPI-Last-Serial.
[[nodiscard]] std::optional<std::int64_t> serialIn(const http::ClientAnswer &answer);
[[nodiscard]] http::ClientOptions quickOptions(const std::string &host, std::uint16_t port, const ProbeTime &time);
[[nodiscard]] http::ClientRequest pageRequest(const std::string &target);
// The registry that a mirror copies, by addresses each of which may be given with or without /simple/.
struct Origin {
    std::vector<std::string> addresses;
    // By which https is held to be the registry; empty: the system's.
    std::string caFile;
    // Whether it is: not for somebody else's registry, of whose authority a monitor knows nothing.
    bool verify = false;
};
// By the first address that answers, and not with a 5xx; the target begins with /simple/.
[[nodiscard]] Result<http::ClientAnswer> askOrigin(const Origin &origin, http::ClientRequest request, const ProbeTime &time);
// "../../packages/a" below "/pypi/simple/x/" is "/pypi/packages/a"; of an absolute address the path.
[[nodiscard]] std::string pathOf(const std::string &page, const std::string &url);

}  // namespace cm::monitor
