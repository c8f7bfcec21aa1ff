// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/clock.h"

#include <array>
#include <cctype>
#include <fmt/format.h>

namespace cm {
namespace {

using namespace std::chrono;

// Reads `count` digits at `pos`; -1 when there are fewer.
int digits(std::string_view text, std::size_t &pos, int count)
{
    int value = 0;
    for (int i = 0; i < count; ++i, ++pos) {
        if (pos >= text.size() || text[pos] < '0' || text[pos] > '9')
            return -1;
        value = value * 10 + (text[pos] - '0');
    }
    return value;
}

bool expect(std::string_view text, std::size_t &pos, char c)
{
    if (pos >= text.size() || std::toupper(static_cast<unsigned char>(text[pos])) != c)
        return false;
    ++pos;
    return true;
}

// The fraction of a second after a dot, cut to microseconds.
std::int64_t fraction(std::string_view text, std::size_t &pos)
{
    std::int64_t value = 0;
    int taken = 0;
    for (; pos < text.size() && text[pos] >= '0' && text[pos] <= '9'; ++pos) {
        if (taken < 6) {
            value = value * 10 + (text[pos] - '0');
            ++taken;
        }
    }
    for (; taken < 6; ++taken)
        value *= 10;
    return value;
}

// Minutes east of UTC, or nothing.
bool offset(std::string_view text, std::size_t &pos, int &minutesEast)
{
    minutesEast = 0;
    if (expect(text, pos, 'Z'))
        return pos == text.size();
    if (pos >= text.size() || (text[pos] != '+' && text[pos] != '-'))
        return false;
    const int sign = text[pos++] == '-' ? -1 : 1;
    const int h = digits(text, pos, 2);
    if (!expect(text, pos, ':'))
        return false;
    const int m = digits(text, pos, 2);
    minutesEast = sign * (h * 60 + m);
    return h >= 0 && h < 24 && m >= 0 && m < 60 && pos == text.size();
}

}  // namespace

Time SystemClock::now() const
{
    return time_point_cast<microseconds>(system_clock::now());
}

std::string formatRfc3339(Time time)
{
    const auto day = floor<days>(time);
    const year_month_day date{day};
    const hh_mm_ss clock{time - day};
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                       clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                       clock.subseconds().count());
}

Result<Time> parseRfc3339(std::string_view text)
{
    const auto wrong = [&] { return fail(ErrorCode::InvalidInput, fmt::format("'{}' is not an RFC 3339 time", text)); };
    std::size_t pos = 0;
    const int y = digits(text, pos, 4);
    const bool dash1 = expect(text, pos, '-');
    const int mo = digits(text, pos, 2);
    const bool dash2 = expect(text, pos, '-');
    const int d = digits(text, pos, 2);
    if (!dash1 || !dash2 || y < 0 || !(expect(text, pos, 'T') || expect(text, pos, ' ')))
        return wrong();
    const int h = digits(text, pos, 2);
    const bool colon1 = expect(text, pos, ':');
    const int mi = digits(text, pos, 2);
    const bool colon2 = expect(text, pos, ':');
    const int s = digits(text, pos, 2);
    if (!colon1 || !colon2 || h < 0 || h > 23 || mi < 0 || mi > 59 || s < 0 || s > 60)
        return wrong();
    std::int64_t micros = 0;
    if (expect(text, pos, '.'))
        micros = fraction(text, pos);
    int east = 0;
    if (!offset(text, pos, east))
        return wrong();
    const year_month_day date{year{y}, month{static_cast<unsigned>(mo < 0 ? 0 : mo)}, day{static_cast<unsigned>(d < 0 ? 0 : d)}};
    if (!date.ok())
        return wrong();
    return Time{sys_days{date}} + hours{h} + minutes{mi - east} + seconds{s} + microseconds{micros};
}

std::string formatHttpDate(Time time)
{
    static constexpr std::array weekdays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr std::array months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto day = floor<days>(time);
    const year_month_day date{day};
    const hh_mm_ss clock{floor<seconds>(time - day)};
    return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", weekdays[weekday{day}.c_encoding()],
                       static_cast<unsigned>(date.day()), months[static_cast<unsigned>(date.month()) - 1],
                       static_cast<int>(date.year()), clock.hours().count(), clock.minutes().count(),
                       clock.seconds().count());
}

}  // namespace cm
