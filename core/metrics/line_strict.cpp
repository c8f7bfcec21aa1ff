// SPDX-License-Identifier: GPL-3.0-or-later
// Lines as the strict mode reads them: every format that was ever in use, and only what can be believed.
#include "core/metrics/line.h"

#include "core/base/utf8.h"
#include "core/metrics/distribution_name.h"
#include "core/metrics/escapes.h"
#include "core/metrics/log_time.h"
#include "core/pypi/names.h"

#include <algorithm>
#include <cstring>

namespace cm::metrics {
namespace {

Line ended(Line line, Outcome outcome, std::string_view reason)
{
    line.outcome = outcome;
    line.reason = reason;
    return line;
}

std::string_view trimmed(std::string_view text)
{
    while (text.starts_with(' ') || text.starts_with('\t'))
        text.remove_prefix(1);
    while (text.ends_with(' ') || text.ends_with('\t') || text.ends_with('\r'))
        text.remove_suffix(1);
    return text;
}

// Nothing for what stands for nothing.
std::string_view valueOf(std::string_view field)
{
    const std::string_view text = trimmed(field);
    return text == "(null)" || text == "-" ? std::string_view() : text;
}

bool isCountry(std::string_view text)
{
    return text.size() == 2 && std::ranges::all_of(text, [](char c) { return c >= 'A' && c <= 'Z'; });
}

// Whether all of eight bytes are printable ASCII: none has its highest bit, none is below a blank, none is DEL.
bool arePrintable(const char *eight)
{
    constexpr std::uint64_t ones = 0x0101010101010101U, high = ones * 0x80U;
    std::uint64_t bytes = 0;
    std::memcpy(&bytes, eight, sizeof bytes);
    const std::uint64_t deleted = bytes ^ (ones * 0x7FU);
    return ((bytes | (bytes - ones * 0x20U) | (deleted - ones)) & high) == 0;
}

// Without bytes that no line of text has: control characters, broken UTF-8.
bool isText(std::string_view text)
{
    bool ascii = true;
    for (std::size_t at = 0; at < text.size(); ++at) {
        while (text.size() - at >= 8 && arePrintable(text.data() + at))
            at += 8;
        if (at == text.size())
            break;
        const auto byte = static_cast<unsigned char>(text[at]);
        if ((byte < 0x20 && byte != '\t') || byte == 0x7F)
            return false;
        ascii = ascii && byte < 0x80;
    }
    return ascii || isUtf8(text);
}

// Splits off what stands before the next pipe; false when there is none.
bool takeField(std::string_view &rest, std::string_view &field)
{
    const std::size_t pipe = rest.find('|');
    if (pipe == std::string_view::npos)
        return false;
    field = rest.substr(0, pipe);
    rest.remove_prefix(pipe + 1);
    return true;
}

// What follows the header of each form of pipes: time, country, path, and TLS where the form has it, then project,
// version, type and user agent.
bool readPipes(std::string_view rest, bool tls, Line &line, std::string_view &time)
{
    const bool whole = takeField(rest, time) && takeField(rest, line.country) && takeField(rest, line.url) &&
                       (!tls || (takeField(rest, line.tlsProtocol) && takeField(rest, line.tlsCipher))) &&
                       takeField(rest, line.project) && takeField(rest, line.version) && takeField(rest, line.fileType);
    if (!whole)
        return false;
    line.userAgent = rest;
    return true;
}

// One field of an access log: bare up to a blank, in brackets, or in quotes. Quotes within are \" or "", or bare where a
// CDN writes texts as they are: the one that ends a field has a blank behind it.
struct LogField {
    bool quoted = false;
    bool escaped = false;
    std::string_view text;
};

std::size_t closingQuote(std::string_view rest, LogField &field)
{
    bool bare = false;
    std::size_t at = 1;
    for (; at < rest.size(); ++at) {
        if (rest[at] == '\\') {
            field.escaped = true;
            ++at;
        } else if (rest[at] == '"') {
            if (at + 1 == rest.size() || rest[at + 1] == ' ')
                break;
            if (rest[at + 1] == '"') {
                field.escaped = true;
                ++at;
            } else {
                bare = true;
            }
        }
    }
    field.escaped = field.escaped && !bare;
    return std::min(at, rest.size());
}

// False at the end.
bool takeLogField(std::string_view &rest, LogField &field)
{
    while (rest.starts_with(' '))
        rest.remove_prefix(1);
    if (rest.empty())
        return false;
    field = {};
    const bool bracket = rest.starts_with('[');
    if (!bracket && !rest.starts_with('"')) {
        field.text = rest.substr(0, rest.find(' '));
        rest.remove_prefix(field.text.size());
        return true;
    }
    field.quoted = true;
    const std::size_t end = bracket ? std::min(rest.find(']'), rest.size()) : closingQuote(rest, field);
    field.text = rest.substr(1, end - 1);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return true;
}

// Undoes the quotes of one field, at the end of `out`.
std::string_view unquoted(std::string &out, const LogField &field)
{
    if (!field.escaped)
        return field.text;
    const std::size_t from = out.size();
    appendUnescaped(out, field.text);
    return std::string_view(out).substr(from);
}

struct AccessLine {
    std::string_view time;
    std::string_view method;
    std::string_view target;
    std::string_view status;
    std::string_view userAgent;
};

bool isMethod(std::string_view text)
{
    return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= 'A' && c <= 'Z'; });
}

// The time is the first field that may be one, the request the next that begins with a method, the status the next of
// three digits, the user agent the last.
bool readAccess(std::string_view rest, std::string &fields, AccessLine &access)
{
    fields.clear();
    // No reallocation may move what views point to.
    fields.reserve(rest.size());
    LogField field;
    while (takeLogField(rest, field)) {
        const std::string_view text = unquoted(fields, field);
        if (access.time.empty()) {
            if (field.quoted && (strictSeconds(text) || commonLogSeconds(text)))
                access.time = text;
        } else if (access.target.empty()) {
            const std::size_t blank = text.find(' ');
            if (!field.quoted || blank == std::string_view::npos || !isMethod(text.substr(0, blank)))
                continue;
            access.method = text.substr(0, blank);
            access.target = text.substr(blank + 1);
            access.target = access.target.substr(0, access.target.find(' '));
        } else if (access.status.empty()) {
            if (text.size() == 3 && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; }))
                access.status = text;
        } else {
            access.userAgent = text;
        }
    }
    return !access.status.empty();
}

// The file's name without its percent-escapes, where that is text.
std::string_view decoded(std::string &out, std::string_view name)
{
    if (name.find('%') == std::string_view::npos)
        return name;
    out.clear();
    for (std::size_t at = 0; at < name.size(); ++at) {
        const bool escape = name[at] == '%' && at + 2 < name.size() && hexDigit(name[at + 1]) >= 2 && hexDigit(name[at + 2]) >= 0;
        out += escape ? static_cast<char>(hexDigit(name[at + 1]) * 16 + hexDigit(name[at + 2])) : name[at];
        at += escape ? 2 : 0;
    }
    return isText(out) ? std::string_view(out) : name;
}

}  // namespace

Line LineReader::readStrict(std::string_view message, Time arrival)
{
    message = trimmed(message);
    Line line;
    if (!isText(message))
        return ended(line, Outcome::Refused, "NotText");
    std::string_view time;
    if (message.starts_with("simple|")) {
        line.outcome = Outcome::Simple;
        if (!readPipes(message.substr(7), true, line, time))
            return ended(line, Outcome::Unprocessed, "Format");
    } else if (message.starts_with("download|") || message.starts_with("2@") || message.starts_with("1@")) {
        line.outcome = Outcome::Download;
        if (!readPipes(message.substr(message.find_first_of("|@") + 1), message[0] != '1', line, time))
            return ended(line, Outcome::Unprocessed, "Format");
    } else if (strictSeconds(message.substr(0, message.find('|')))) {
        // The oldest form has no header.
        line.outcome = Outcome::Download;
        if (!readPipes(message, false, line, time))
            return ended(line, Outcome::Unprocessed, "Format");
    } else {
        AccessLine access;
        if (!readAccess(message, m_fields, access))
            return ended(line, Outcome::Unprocessed, "Format");
        // Escapes may have been of bytes that no text has.
        if (!isText(m_fields))
            return ended(line, Outcome::Refused, "NotText");
        time = access.time;
        line.url = access.target;
        line.userAgent = access.userAgent;
        line.outcome = line.url.starts_with("/simple/") || line.url == "/simple" ? Outcome::Simple
                       : line.url.starts_with("/packages/")                      ? Outcome::Download
                                                                                 : Outcome::Ignored;
        line.reason = line.outcome == Outcome::Ignored ? "OtherPath" : "";
        const bool given = access.status == "200" || access.status == (line.outcome == Outcome::Simple ? "304" : "206");
        if (line.reason.empty() && (access.method != "GET" || !given))
            line = ended(line, Outcome::Ignored, access.method == "GET" ? "Status" : "Method");
    }
    const std::string_view stamp = trimmed(time);
    const auto own = strictSeconds(stamp), seconds = own ? own : commonLogSeconds(stamp);
    if (!seconds)
        return ended(line, Outcome::Unprocessed, "Time");
    if (const std::string_view refusal = TimeLimits().refusal(*seconds, arrival); !refusal.empty())
        return ended(line, Outcome::Refused, refusal);
    line.timed = true;
    line.seconds = *seconds;
    if (line.outcome != Outcome::Ignored)
        checkStrict(line);
    return line;
}

void LineReader::checkStrict(Line &line)
{
    line.userAgent = trimmed(line.userAgent);
    line.url = trimmed(line.url);
    line.url = line.url.substr(0, line.url.find_first_of("?#"));
    if (!line.url.starts_with('/')) {
        line = ended(line, Outcome::Unprocessed, "Path");
        return;
    }
    line.country = isCountry(trimmed(line.country)) ? trimmed(line.country) : std::string_view();
    line.tlsProtocol = valueOf(line.tlsProtocol);
    line.tlsCipher = valueOf(line.tlsCipher);
    if (line.outcome == Outcome::Simple) {
        const std::size_t second = line.url.find('/', 1);
        line.project = second == std::string_view::npos ? std::string_view() : line.url.substr(second + 1);
        line.project = line.project.substr(0, line.project.find('/'));
        line.version = line.fileType = {};
        if (!line.project.empty() && !pypi::isValidName(line.project))
            line = ended(line, Outcome::Unprocessed, "Project");
        return;
    }
    line.filename = decoded(m_filename, line.url.substr(line.url.rfind('/') + 1));
    line.project = valueOf(line.project);
    line.version = valueOf(line.version);
    line.fileType = valueOf(line.fileType);
    if (isSidecar(line.filename)) {
        line = ended(line, Outcome::Ignored, "Sidecar");
        return;
    }
    // What the line lacks its file says: a mirror that stands in for the nodes sends no headers of a file.
    const bool named = pypi::isValidName(line.project) && !line.version.empty();
    if (!named || !isFileType(line.fileType)) {
        const auto name = readDistributionName(line.filename);
        if (!name || (!named && !pypi::isValidName(name->project))) {
            line = ended(line, Outcome::Unprocessed, "File");
            return;
        }
        line.fileType = isFileType(line.fileType) ? line.fileType : name->type;
        line.project = named ? line.project : name->project;
        line.version = named ? line.version : name->version;
    }
}

}  // namespace cm::metrics
