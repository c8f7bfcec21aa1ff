// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/clickhouse/event_statements.h"

#include "core/metrics/sender_sums.h"

#include <algorithm>
#include <fmt/format.h>

namespace cm::metrics {

std::string_view columnOf(Dimension dimension)
{
    switch (dimension) {
    case Dimension::FileType:
        return "file_type";
    case Dimension::Country:
        return "country";
    case Dimension::Installer:
        return "installer";
    case Dimension::Python:
        // Major and minor, as counts have it.
        return "extract(python, '^[0-9]+\\\\.[0-9]+')";
    case Dimension::System:
        return "system";
    case Dimension::Version:
        return "version";
    case Dimension::Total:
        break;
    }
    return "''";
}

std::string_view bucketOf(Tier tier)
{
    switch (tier) {
    case Tier::Minute:
        return "toStartOfMinute(time)";
    case Tier::Hour:
        return "toStartOfHour(time)";
    case Tier::Day:
        return "toStartOfDay(time)";
    case Tier::Month:
        break;
    }
    return "toDateTime(toStartOfMonth(time), 'UTC')";
}

std::string secondsOf(Minute minute)
{
    return std::to_string(std::clamp<std::int64_t>(minute * 60, 0, 4'294'967'295));
}

bool isPlain(std::string_view name)
{
    return std::ranges::none_of(name, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\\' || c == '\''; });
}

std::string arrayOf(const std::vector<std::string> &texts)
{
    std::string out = "[";
    for (const std::string &text : texts) {
        if (isPlain(text))
            out += (out.size() == 1 ? "'" : ",'") + text + "'";
    }
    return out + ']';
}

std::string_view knownForm(Dimension dimension)
{
    if (dimension == Dimension::Python)
        return " OR match(value, '^[1-4]\\\\.([0-9]|[1-9][0-9])$')";
    return dimension == Dimension::Country ? " OR match(value, '^[A-Z][A-Z]$')" : "";
}

std::string sumsByClass()
{
    std::string out;
    for (std::size_t i = 0; i < classCount; ++i)
        out += fmt::format("{}sumIf(lines, who = {})", i == 0 ? "" : ", ", i);
    return out;
}

std::string senderStretches()
{
    constexpr std::string_view heard = "download_senders WHERE hour >= toStartOfHour(toDateTime({before:UInt32}, 'UTC')) AND hour < toDateTime({after:UInt32}, 'UTC')"
                                       " AND sender != ''";
    const std::string elsewhere = fmt::format("SELECT 0 AS kind, sender, toString(source) AS source, toDateTime(0, 'UTC') AS time, toInt64(0) AS sent,"
                                              " CAST(NULL AS Nullable(Int64)) AS heard, min(first_at) AS arrived, max(last_at) AS last FROM {0} AND sender IN"
                                              " (SELECT sender FROM {0} GROUP BY sender HAVING min(source) != max(source))"
                                              " GROUP BY sender, source, toStartOfMinute(first_at)",
                                              heard);
    return fmt::format("SELECT toUnixTimestamp(toStartOfHour(time)) AS hour, sender, sum(lines), sum(heard) AS told FROM ("
                       "SELECT sender, time, heard, arrived, source, latest, source = lagInFrame(source) OVER w AS same, sent < before AS anew,"
                       " if(anew, greatest(sent, heard), sent - before) AS lines, row_number() OVER w AS number, lagInFrame(sent) OVER w AS before,"
                       " lagInFrame(time) OVER w AS earlier, lagInFrame(arrived) OVER w AS since FROM ("
                       "SELECT kind, sender, source, time, sent, heard, arrived, maxMap(map(source, toUnixTimestamp(last))) OVER"
                       " (PARTITION BY sender ORDER BY arrived, kind ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS latest FROM ({} UNION ALL"
                       " SELECT 1 AS kind, sender, toString(source) AS source, time, sent, heard, arrived, toDateTime(0, 'UTC') AS last FROM download_reports"
                       " WHERE time >= toDateTime({{before:UInt32}}, 'UTC') AND time < toDateTime({{until:UInt32}}, 'UTC'))) WHERE kind = 1"
                       " WINDOW w AS (PARTITION BY sender ORDER BY time, sent ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW))"
                       " WHERE number > 1 AND same AND heard IS NOT NULL AND time >= toDateTime({{from:UInt32}}, 'UTC')"
                       " AND NOT arrayExists((name, at) -> name != source AND at >= toUnixTimestamp(since), mapKeys(latest), mapValues(latest))"
                       " AND intDiv(assumeNotNull(lines), {}) <= dateDiff('second', earlier, time) GROUP BY hour, sender"
                       " ORDER BY hour, told DESC, sender LIMIT {} BY hour",
                       elsewhere, mostSentPerSecond, mostSenderNames);
}

}  // namespace cm::metrics
