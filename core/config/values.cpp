// SPDX-License-Identifier: GPL-3.0-or-later
// Sizes and addresses as people write them.
#include "core/config/flat_section.h"
#include "core/config/mirror_config.h"

#include <array>
#include <charconv>
#include <limits>
#include <utility>

namespace cm::config {

namespace {

std::string_view trim(std::string_view text)
{
    const std::size_t first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

tl::unexpected<Error> noSize()
{
    return fail(ErrorCode::InvalidInput, "is no size such as \"100 MiB\" or 1048576");
}

tl::unexpected<Error> noAddress()
{
    return fail(ErrorCode::InvalidInput, "is no address and port such as \"127.0.0.1:8427\" or \"[::1]:8427\"");
}

}  // namespace

Problem setNumber(std::string_view text, std::int64_t least, std::int64_t most, std::int64_t &out)
{
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || number < least || number > most)
        return fmt::format("has to be a whole number from {} to {}", least, most);
    out = number;
    return std::nullopt;
}

Problem setSize(std::string_view text, std::uint64_t &out)
{
    const auto size = parseSize(text);
    if (!size)
        return size.error().detail;
    out = *size;
    return std::nullopt;
}

Problem setFlag(std::string_view text, bool &out)
{
    if (text != "true" && text != "false")
        return "has to be true or false";
    out = text == "true";
    return std::nullopt;
}

Problem setPath(std::string_view text, std::filesystem::path &out)
{
    out = text;
    return std::nullopt;
}

Problem setLevel(std::string_view text, LogLevel &out)
{
    constexpr std::array<std::pair<std::string_view, LogLevel>, 4> levels{{{"debug", LogLevel::Debug},
                                                                           {"info", LogLevel::Info},
                                                                           {"warning", LogLevel::Warning},
                                                                           {"error", LogLevel::Error}}};
    for (const auto &[name, level] : levels) {
        if (text == name) {
            out = level;
            return std::nullopt;
        }
    }
    return "has to be \"debug\", \"info\", \"warning\" or \"error\"";
}

Result<std::uint64_t> parseSize(std::string_view text)
{
    constexpr std::array<std::pair<std::string_view, std::uint64_t>, 10> units{{
        {"", 1},
        {"B", 1},
        {"kB", 1000},
        {"KB", 1000},
        {"MB", 1000 * 1000},
        {"GB", 1000ULL * 1000 * 1000},
        {"KiB", 1ULL << 10},
        {"MiB", 1ULL << 20},
        {"GiB", 1ULL << 30},
        {"TiB", 1ULL << 40},
    }};
    text = trim(text);
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc())
        return noSize();
    const std::string_view unit = trim(text.substr(static_cast<std::size_t>(end - text.data())));
    for (const auto &[name, factor] : units) {
        if (unit != name)
            continue;
        if (number == 0 || number > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) / factor)
            return noSize();
        return number * factor;
    }
    return noSize();
}

Result<Listen> parseListen(std::string_view text)
{
    text = trim(text);
    Listen listen;
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos)
        return noAddress();
    std::string_view host = text.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']'))
        host = host.substr(1, host.size() - 2);
    else if (host.find(':') != std::string_view::npos)
        return noAddress();
    const std::string_view port = text.substr(colon + 1);
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), listen.port);
    if (host.empty() || host.find_first_of(" \t[]/") != std::string_view::npos || error != std::errc() ||
        end != port.data() + port.size())
        return noAddress();
    listen.host = host;
    return listen;
}

Problem setDuration(std::string_view text, std::chrono::seconds least, std::chrono::seconds &out)
{
    const auto duration = parseDuration(text);
    if (!duration)
        return duration.error().detail;
    if (*duration < least)
        return fmt::format("has to be at least {} seconds", least.count());
    out = *duration;
    return std::nullopt;
}

}  // namespace cm::config
