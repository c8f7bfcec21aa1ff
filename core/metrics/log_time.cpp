// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/log_time.h"

#include <array>
#include <chrono>

namespace cm::metrics {
namespace {

constexpr bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

constexpr int digit(char c)
{
    return c - '0';
}

constexpr char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// 1 to 12; 0 when it is no month.
unsigned monthOf(std::string_view name)
{
    constexpr std::array<std::string_view, 12> names{"jan", "feb", "mar", "apr", "may", "jun",
                                                     "jul", "aug", "sep", "oct", "nov", "dec"};
    const std::array<char, 3> folded{lower(name[0]), lower(name[1]), lower(name[2])};
    for (unsigned i = 0; i < names.size(); ++i) {
        if (std::string_view(folded.data(), folded.size()) == names[i])
            return i + 1;
    }
    return 0;
}

std::optional<std::int64_t> secondsOf(int year, unsigned month, int day, int hour, int minute, int second)
{
    using namespace std::chrono;
    const year_month_day date{std::chrono::year(year), std::chrono::month(month), std::chrono::day(static_cast<unsigned>(day))};
    if (year < 1 || !date.ok() || hour > 23 || minute > 59 || second > 59)
        return std::nullopt;
    return sys_days(date).time_since_epoch().count() * std::int64_t{86400} + hour * 3600 + minute * 60 + second;
}

// "20 Jul 2018 02:19:19" with two digits everywhere, as nearly every line has it.
std::optional<std::int64_t> fixedSeconds(std::string_view text)
{
    constexpr std::string_view form = "00 Aaa 0000 00:00:00";
    if (text.size() != form.size())
        return std::nullopt;
    for (std::size_t i = 0; i < form.size(); ++i) {
        const bool fits = form[i] == '0' ? isDigit(text[i]) : lower(form[i]) == 'a' || text[i] == form[i];
        if (!fits)
            return std::nullopt;
    }
    const auto two = [&](std::size_t at) { return digit(text[at]) * 10 + digit(text[at + 1]); };
    const unsigned month = monthOf(text.substr(3, 3));
    return month == 0 ? std::nullopt : secondsOf(two(7) * 100 + two(9), month, two(0), two(12), two(15), two(18));
}

// Takes one or two digits from the front, as many as there are; -1 when there is none.
int takeNumber(std::string_view &text)
{
    if (text.empty() || !isDigit(text[0]))
        return -1;
    int value = digit(text[0]);
    text.remove_prefix(1);
    if (!text.empty() && isDigit(text[0])) {
        value = value * 10 + digit(text[0]);
        text.remove_prefix(1);
    }
    return value;
}

bool takeBlanks(std::string_view &text)
{
    const std::size_t count = std::min(text.find_first_not_of(' '), text.size());
    text.remove_prefix(count);
    return count > 0;
}

bool takeColon(std::string_view &text)
{
    if (!text.starts_with(':'))
        return false;
    text.remove_prefix(1);
    return true;
}

std::optional<std::int64_t> looseSeconds(std::string_view text)
{
    // A day of one digit may have a blank before it.
    if (text.size() > 2 && text[0] == ' ' && !isDigit(text[2]))
        text.remove_prefix(1);
    const int day = takeNumber(text);
    if (day < 1 || !takeBlanks(text) || text.size() < 3)
        return std::nullopt;
    const unsigned month = monthOf(text);
    text.remove_prefix(3);
    if (month == 0 || !takeBlanks(text) || text.size() < 4)
        return std::nullopt;
    int year = 0;
    for (int i = 0; i < 4; ++i, text.remove_prefix(1)) {
        if (!isDigit(text[0]))
            return std::nullopt;
        year = year * 10 + digit(text[0]);
    }
    if (!takeBlanks(text))
        return std::nullopt;
    const int hour = takeNumber(text);
    if (hour < 0 || !takeColon(text))
        return std::nullopt;
    const int minute = takeNumber(text);
    if (minute < 0 || !takeColon(text))
        return std::nullopt;
    const int second = takeNumber(text);
    if (second < 0 || !text.empty())
        return std::nullopt;
    return secondsOf(year, month, day, hour, minute, second);
}

}  // namespace

std::string_view TimeLimits::refusal(std::int64_t seconds, Time arrival) const
{
    constexpr std::int64_t day = 86'400;
    if (seconds < earliest)
        return "TimePast";
    return seconds > std::chrono::floor<std::chrono::seconds>(arrival).time_since_epoch().count() + day ? "TimeAhead" : "";
}

std::optional<std::int64_t> compatibleSeconds(std::string_view text)
{
    if (text.size() < 9)
        return std::nullopt;
    const std::string_view middle = text.substr(5, text.size() - 9);
    if (const auto seconds = fixedSeconds(middle))
        return seconds;
    return looseSeconds(middle);
}

std::optional<std::int64_t> strictSeconds(std::string_view text)
{
    if (text.size() != 29 || text.substr(3, 2) != ", " || text.substr(25) != " GMT")
        return std::nullopt;
    return fixedSeconds(text.substr(5, 20));
}

std::optional<std::int64_t> commonLogSeconds(std::string_view text)
{
    constexpr std::string_view form = "00/Aaa/0000:00:00:00 +0000";
    if (text.size() != form.size())
        return std::nullopt;
    for (std::size_t i = 0; i < form.size(); ++i) {
        const bool sign = form[i] == '+' && (text[i] == '+' || text[i] == '-');
        if (!sign && !(form[i] == '0' ? isDigit(text[i]) : lower(form[i]) == 'a' || text[i] == form[i]))
            return std::nullopt;
    }
    const auto two = [&](std::size_t at) { return digit(text[at]) * 10 + digit(text[at + 1]); };
    const unsigned month = monthOf(text.substr(3, 3));
    if (month == 0)
        return std::nullopt;
    const auto seconds = secondsOf(two(7) * 100 + two(9), month, two(0), two(12), two(15), two(18));
    const std::int64_t offset = two(22) * 3600 + two(24) * 60;
    return seconds ? std::optional(*seconds + (text[21] == '-' ? offset : -offset)) : std::nullopt;
}

}  // namespace cm::metrics
