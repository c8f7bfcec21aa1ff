// SPDX-License-Identifier: GPL-3.0-or-later
// The one HTTP request of an ssh session, as the client of 2012 writes it: it ends at its Content-Length, never with its
// stream, which stays open until the answer has been read. Its form has line ends of either kind, misspelt fields and
// parts without a type; its Authorization means nothing and is not looked at. The file goes into the spool while it is
// hashed. One thread; reading blocks, within its limits. Errors, with a sentence for the client: InvalidInput, TooLarge,
// Timeout, Unsupported, RateLimited and Unavailable as the spool has them; Cancelled: the client is gone, nobody listens.
#pragma once

#include "core/base/result.h"
#include "core/ssh/spool.h"

#include <chrono>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace cm::ssh {

struct ReadLimits {
    std::size_t headBytes = 32 * 1024;
    std::uint64_t fileBytes = 100ULL << 20;
    std::size_t fieldBytes = 4U << 20;  // of all fields together
    std::chrono::milliseconds idle{60'000};
    std::chrono::milliseconds total{600'000};
};

struct OldRequest {
    enum class Kind { Status, Form };
    Kind kind = Kind::Status;
    std::vector<std::pair<std::string, std::string>> fields;  // in their order, ":action" among them
    bool hasFile = false;
    std::string filename;
    std::string sha256;  // of the file
    std::unique_ptr<Spool> file;
};

// `spool` is asked for when a form begins. After a failure the rest of the body has been read, as far as the limits go,
// so that the client comes to the point where it reads the answer.
Result<OldRequest> readOldRequest(int in, const ReadLimits &limits, const std::function<Result<std::unique_ptr<Spool>>()> &spool);

}  // namespace cm::ssh
