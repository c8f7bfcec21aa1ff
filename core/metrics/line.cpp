// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/line.h"

#include "core/base/utf8.h"
#include "core/metrics/distribution_name.h"
#include "core/metrics/escapes.h"
#include "core/metrics/log_time.h"
#include "core/metrics/sender_report.h"
#include "core/metrics/syslog.h"

#include <array>
#include <cstring>

namespace cm::metrics {
namespace {

constexpr std::string_view null = "(null)";

// The characters of a field as PyPI's grammar has them: printable ASCII and the blank, without "|" and "@". A tab
// has become blanks before.
constexpr std::array<bool, 256> fieldCharacters = [] {
    std::array<bool, 256> allowed{};
    for (std::size_t c = 0x20; c < 0x7F; ++c)
        allowed[c] = c != '|' && c != '@';
    return allowed;
}();

constexpr bool isFieldCharacter(char c)
{
    return fieldCharacters[static_cast<unsigned char>(c)];
}

constexpr bool isBlank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool isAscii(std::string_view text)
{
    std::size_t at = 0;
    std::uint64_t seen = 0;
    for (; at + 8 <= text.size(); at += 8) {
        std::uint64_t eight = 0;
        std::memcpy(&eight, text.data() + at, 8);
        seen |= eight;
    }
    for (; at < text.size(); ++at)
        seen |= static_cast<std::uint64_t>(static_cast<unsigned char>(text[at]) & 0x80U);
    return (seen & 0x8080808080808080U) == 0;
}

// One field between pipes, as the grammar's words take it: blanks before it are skipped, those behind it are its own.
struct Word {
    bool sound = false;
    bool null = false;  // "(null)", where that has a meaning
    std::string_view text;
};

Word wordOf(std::string_view field, bool nullable)
{
    std::size_t begin = 0;
    while (begin < field.size() && isBlank(field[begin]))
        ++begin;
    std::size_t end = begin;
    Word word;
    if (nullable && field.substr(begin).starts_with(null)) {
        end = begin + null.size();
        word.null = true;
    } else {
        while (end < field.size() && isFieldCharacter(field[end]))
            ++end;
    }
    word.text = field.substr(begin, end - begin);
    // No more than blanks may be left that are not a field's own.
    word.sound = end > begin;
    for (; end < field.size(); ++end)
        word.sound = word.sound && isBlank(field[end]);
    return word;
}

bool isBlankField(std::string_view field)
{
    for (const char c : field) {
        if (!isBlank(c))
            return false;
    }
    return true;
}

// Tabs become blanks up to the next multiple of eight characters.
void expandTabs(std::string &out, std::string_view text)
{
    out.clear();
    std::size_t column = 0;
    for (const char c : text) {
        if (c == '\t') {
            const std::size_t width = 8 - column % 8;
            out.append(width, ' ');
            column += width;
            continue;
        }
        out += c;
        if (c == '\r' || c == '\n')
            column = 0;
        else if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U)
            ++column;
    }
}

Line unprocessed(std::string_view reason, Line line = {})
{
    line.outcome = Outcome::Unprocessed;
    line.reason = reason;
    return line;
}

std::string_view fileNameOf(std::string_view url)
{
    return url.substr(url.rfind('/') + 1);
}

}  // namespace

Line LineReader::read(std::string_view text, Time arrival)
{
    if (text.size() > longestLine) {
        Line line;
        line.outcome = Outcome::Refused;
        line.reason = "TooLong";
        return line;
    }
    if (m_mode == Mode::Compatible && !isAscii(text) && !isUtf8(text))
        return unprocessed("UnicodeDecodeError");
    const SyslogLine syslog = readSyslog(text);
    if (!syslog.sound)
        return unprocessed(m_mode == Mode::Compatible ? "UnparseableEvent" : "Syslog");
    if (syslog.app == reportProgram)
        return readReport(syslog, arrival);
    std::string_view message = syslog.message;
    // A line of pipes is escaped as a whole, the quoted fields of an access log each for itself.
    const bool pipes = message.starts_with("download|") || message.starts_with("simple|");
    if (pipes && syslog.app == "varnishncsa" && message.find('\\') != std::string_view::npos) {
        m_message.clear();
        appendUnescaped(m_message, message);
        message = m_message;
        // Escapes may have been of bytes that are no UTF-8.
        if (m_mode == Mode::Compatible && !isUtf8(message))
            return unprocessed("UnicodeDecodeError");
    }
    Line line = m_mode == Mode::Compatible ? readCompatible(message) : readStrict(message, arrival);
    line.sender = syslog.host;
    return line;
}

Line LineReader::readReport(const SyslogLine &syslog, Time arrival)
{
    Line line;
    line.outcome = Outcome::Ignored;
    line.reason = senderReport;
    line.sender = syslog.host;
    line.handedOver = linesHandedOver(syslog.message);
    // A sender whose clock is wrong, or who lies, says it now; what waited in its queue may be old.
    const auto said = parseRfc3339(syslog.time);
    line.timed = true;
    line.seconds = std::chrono::floor<std::chrono::seconds>(said && *said < arrival && said->time_since_epoch().count() > 0 ? *said : arrival)
                       .time_since_epoch()
                       .count();
    return line;
}

Line LineReader::readCompatible(std::string_view message)
{
    if (message.find('\t') != std::string_view::npos) {
        std::string expanded;
        expandTabs(expanded, message);
        m_message = std::move(expanded);
        message = m_message;
    }
    constexpr std::string_view grammar = "UnparseableEvent";
    std::array<std::string_view, 9> fields;
    std::size_t from = 0;
    for (std::string_view &field : fields) {
        const std::size_t pipe = message.find('|', from);
        if (pipe == std::string_view::npos)
            return unprocessed(grammar);
        field = message.substr(from, pipe - from);
        from = pipe + 1;
    }
    Line line;
    line.userAgent = message.substr(from);
    const Word header = wordOf(fields[0], false), time = wordOf(fields[1], false), url = wordOf(fields[3], false);
    std::string_view kind = header.text;
    while (kind.ends_with(' '))
        kind.remove_suffix(1);
    const bool simple = kind == "simple";
    if (!header.sound || !time.sound || !url.sound || (!simple && kind != "download"))
        return unprocessed(grammar);
    const auto seconds = compatibleSeconds(time.text);
    line.timed = seconds.has_value();
    line.seconds = seconds.value_or(0);
    const Word country = wordOf(fields[2], false), protocol = wordOf(fields[4], true), cipher = wordOf(fields[5], true);
    if ((!country.sound && !isBlankField(fields[2])) || !protocol.sound || !cipher.sound)
        return unprocessed(grammar, line);
    line.url = url.text;
    line.country = country.text;
    line.tlsProtocol = protocol.null ? std::string_view() : protocol.text;
    line.tlsCipher = cipher.null ? std::string_view() : cipher.text;
    if (simple) {
        if (!isBlankField(fields[6]) || !isBlankField(fields[7]) || !isBlankField(fields[8]))
            return unprocessed(grammar, line);
        const std::size_t first = line.url.find('/');
        const std::size_t second = first == std::string_view::npos ? first : line.url.find('/', first + 1);
        if (second == std::string_view::npos)
            return unprocessed("IndexError", line);
        line.project = line.url.substr(second + 1);
        line.project = line.project.substr(0, line.project.find('/'));
        if (!seconds)
            return unprocessed("ValueError", line);
        line.outcome = Outcome::Simple;
        return line;
    }
    const Word project = wordOf(fields[6], true), version = wordOf(fields[7], true), type = wordOf(fields[8], true);
    std::string_view typeText = type.text;
    while (typeText.ends_with(' '))
        typeText.remove_suffix(1);
    if (!project.sound || !version.sound || !type.sound || (!type.null && !isFileType(typeText)))
        return unprocessed(grammar, line);
    line.project = project.text;
    line.version = version.text;
    line.fileType = typeText;
    line.filename = fileNameOf(line.url);
    if (!seconds || type.null)
        return unprocessed("ValueError", line);
    if (project.null || version.null)
        return unprocessed("TypeError", line);
    line.outcome = Outcome::Download;
    return line;
}

}  // namespace cm::metrics
