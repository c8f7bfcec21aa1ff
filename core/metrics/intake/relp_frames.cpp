// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/intake/relp_frames.h"

#include <algorithm>
#include <charconv>

namespace cm::metrics::intake {
namespace {

constexpr std::size_t mostDigits = 9;
constexpr std::size_t mostLetters = 32;

enum class Part { Whole, Unfinished, Wrong };

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

bool isLetter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || isDigit(c) || c == '_';
}

// Digits up to the first other byte, which stays.
Part readNumber(std::string_view bytes, std::size_t &at, std::uint32_t &number)
{
    const std::size_t begin = at;
    number = 0;
    for (; at < bytes.size() && isDigit(bytes[at]); ++at) {
        if (at - begin == mostDigits)
            return Part::Wrong;
        number = number * 10 + static_cast<std::uint32_t>(bytes[at] - '0');
    }
    if (at == bytes.size())
        return Part::Unfinished;
    return at > begin ? Part::Whole : Part::Wrong;
}

Part readCommand(std::string_view bytes, std::size_t &at, std::string_view &command)
{
    const std::size_t begin = at;
    while (at < bytes.size() && isLetter(bytes[at]) && at - begin <= mostLetters)
        ++at;
    if (at - begin > mostLetters)
        return Part::Wrong;
    if (at == bytes.size())
        return Part::Unfinished;
    command = bytes.substr(begin, at - begin);
    return at > begin ? Part::Whole : Part::Wrong;
}

Part readSpace(std::string_view bytes, std::size_t &at)
{
    if (at == bytes.size())
        return Part::Unfinished;
    return bytes[at++] == ' ' ? Part::Whole : Part::Wrong;
}

Framing asFraming(Part part)
{
    return part == Part::Wrong ? Framing::Broken : Framing::NeedMore;
}

void appendNumber(std::string &out, std::uint64_t number)
{
    char text[20];
    const auto [end, error] = std::to_chars(text, text + sizeof text, number);
    out.append(text, end);
}

}  // namespace

Framing RelpFrames::next(std::string_view &bytes, RelpFrame &frame)
{
    if (m_skipping > 0)
        return skip(bytes, frame);
    std::size_t at = 0;
    std::uint32_t length = 0;
    frame = {};
    if (const Part part = readNumber(bytes, at, frame.number); part != Part::Whole)
        return asFraming(part);
    if (const Part part = readSpace(bytes, at); part != Part::Whole)
        return asFraming(part);
    if (const Part part = readCommand(bytes, at, frame.command); part != Part::Whole)
        return asFraming(part);
    if (const Part part = readSpace(bytes, at); part != Part::Whole)
        return asFraming(part);
    if (const Part part = readNumber(bytes, at, length); part != Part::Whole)
        return asFraming(part);
    if (length > 0) {
        if (const Part part = readSpace(bytes, at); part != Part::Whole)
            return asFraming(part);
    }
    if (length > longestLine) {
        m_number = frame.number;
        m_command = frame.command;
        m_length = length;
        m_skipping = std::uint64_t(length) + 1;
        bytes.remove_prefix(at);
        return skip(bytes, frame);
    }
    if (bytes.size() - at < std::size_t(length) + 1)
        return Framing::NeedMore;
    if (bytes[at + length] != '\n')
        return Framing::Broken;
    frame.data = bytes.substr(at, length);
    bytes.remove_prefix(at + length + 1);
    return Framing::Frame;
}

Framing RelpFrames::skip(std::string_view &bytes, RelpFrame &frame)
{
    const auto taken = static_cast<std::size_t>(std::min<std::uint64_t>(m_skipping, bytes.size()));
    if (taken == 0)
        return Framing::NeedMore;
    const char last = bytes[taken - 1];
    bytes.remove_prefix(taken);
    m_skipping -= taken;
    if (m_skipping > 0)
        return Framing::NeedMore;
    if (last != '\n')
        return Framing::Broken;
    frame = {m_number, m_command, {}, m_length};
    return Framing::Frame;
}

void appendAcknowledgement(std::string &out, std::uint32_t number)
{
    appendNumber(out, number);
    out += " rsp 6 200 OK\n";
}

void appendResponse(std::string &out, std::uint32_t number, std::string_view text)
{
    appendNumber(out, number);
    out += " rsp ";
    appendNumber(out, text.size());
    if (!text.empty())
        out.append(" ").append(text);
    out += '\n';
}

void appendOffers(std::string &out, std::uint32_t number)
{
    appendResponse(out, number, "200 OK\nrelp_version=0\nrelp_software=cheesemongerd\ncommands=syslog");
}

void appendServerClose(std::string &out)
{
    out += "0 serverclose 0\n";
}

bool offersSyslog(std::string_view offers)
{
    while (!offers.empty()) {
        const std::size_t end = std::min(offers.find('\n'), offers.size());
        std::string_view line = offers.substr(0, end);
        offers.remove_prefix(std::min(end + 1, offers.size()));
        constexpr std::string_view name = "commands=";
        if (!line.starts_with(name))
            continue;
        line.remove_prefix(name.size());
        while (!line.empty()) {
            const std::size_t comma = std::min(line.find(','), line.size());
            if (line.substr(0, comma) == "syslog")
                return true;
            line.remove_prefix(std::min(comma + 1, line.size()));
        }
    }
    return false;
}

}  // namespace cm::metrics::intake
