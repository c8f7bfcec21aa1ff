// SPDX-License-Identifier: GPL-3.0-or-later
// One line of a CDN's log to its fields, without memory of its own in the steady state. Formats: the pipe format
// ("download|…", "simple|…"), its ancestors with "2@" and "1@", and the quoted access log of 2013 that our own caches
// write; each alone or behind a syslog header. Compatible mode knows the first alone, as PyPI's parser does.
#pragma once

#include "core/base/clock.h"
#include "core/metrics/mode.h"
#include "core/metrics/syslog.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cm::metrics {

// The fields of a line. Views into the line or into its reader, good until the next read(). Where `outcome` is
// neither Download nor Simple, `reason` says why, and the fields are what could be read; `reason` lives for ever.
struct Line {
    Outcome outcome = Outcome::Unprocessed;
    std::string_view reason;
    bool timed = false;        // whether `seconds` is the line's own time
    std::int64_t seconds = 0;  // since 1970, UTC
    std::string_view url;      // the path
    std::string_view filename;
    std::string_view project;  // as spelled
    std::string_view version;
    std::string_view fileType;
    std::string_view country;  // empty where there is none
    std::string_view tlsProtocol;
    std::string_view tlsCipher;
    std::string_view userAgent;
    std::string_view sender;  // the host that its header names; empty where there is none
    // Of a line that is ignored as a sender's report: how many lines it was given (core/metrics/sender_report.h).
    std::optional<std::int64_t> handedOver;
};

// Owned by whoever reads lines, used by one thread.
class LineReader {
public:
    explicit LineReader(Mode mode) : m_mode(mode) {}
    Line read(std::string_view text, Time arrival);

private:
    static Line readReport(const SyslogLine &syslog, Time arrival);
    Line readCompatible(std::string_view message);
    Line readStrict(std::string_view message, Time arrival);
    void checkStrict(Line &line);

    const Mode m_mode;
    std::string m_message;   // the message of a line whose escapes or tabs were undone
    std::string m_fields;    // unquoted fields of an access log
    std::string m_filename;  // without its percent-escapes
};

}  // namespace cm::metrics
