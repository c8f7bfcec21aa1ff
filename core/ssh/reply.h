// SPDX-License-Identifier: GPL-3.0-or-later
// What the client of 2012 is answered: one HTTP response whose reason phrase holds the whole message, since that is all it
// shows, on one line of latin-1. Pure, any thread.
#pragma once

#include "core/http/client/http_client.h"

#include <string>
#include <string_view>
#include <vector>

namespace cm::ssh {

// Header of a node's answer whose values are shown to people, one line each.
inline constexpr std::string_view noticeHeader = "Cheesemonger-Notice";

// UTF-8 as one line of latin-1 without control characters; what latin-1 has not becomes '?'. At most `most` bytes.
[[nodiscard]] std::string oneLine(std::string_view utf8, std::size_t most = 2'000);
// 200: "OK" whatever the words are, and these in the body when there are some.
[[nodiscard]] std::string replyOf(int status, std::string_view words);
// The words in an answer of a node: the body of text/plain, else what its status is called.
[[nodiscard]] std::string wordsOf(const http::ClientAnswer &answer);
// Lines for the client's standard error.
[[nodiscard]] std::vector<std::string> noticesOf(const http::ClientAnswer &answer);

}  // namespace cm::ssh
