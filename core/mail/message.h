// SPDX-License-Identifier: GPL-3.0-or-later
// A mail as text (RFC 5322, 2045, 2047): from plain values to what goes over the wire, whatever those hold.
// Nothing that stands in a value can end its header. Lines end with CRLF. Pure, any thread.
#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"

#include <string>
#include <string_view>
#include <vector>

namespace cm::mail {

struct Message {
    std::string from;  // addresses: checked by checkAddress()
    std::vector<std::string> to;
    std::string fromName;   // for people; may be empty
    std::string subject;    // UTF-8, any length and content
    std::string body;       // UTF-8, lines end with \n
    std::string messageId;  // local part and domain without the brackets, as messageIdOf() makes them
    std::string thread;     // the id that all mails of one matter refer to
    Time date{};
};

[[nodiscard]] std::string composeMessage(const Message &message);

// "name@host" of printable ASCII, with nothing that would have to be quoted. InvalidInput otherwise.
[[nodiscard]] Result<void> checkAddress(std::string_view address);
// `name`@domain of that address; whatever does not belong into an id becomes "-".
[[nodiscard]] std::string messageIdOf(std::string_view name, std::string_view address);
// For a header: one line without control characters, non-ASCII as encoded words, folded.
[[nodiscard]] std::string headerText(std::string_view text, std::size_t column);
[[nodiscard]] std::string quotedPrintable(std::string_view text);

}  // namespace cm::mail
