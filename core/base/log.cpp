// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/log.h"

#include "core/base/clock.h"

#include <fmt/format.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

namespace cm {
namespace {

// Length of the UTF-8 sequence that starts at `text[pos]`, 0 when it is none (RFC 3629).
std::size_t utf8Length(std::string_view text, std::size_t pos)
{
    const auto at = [&](std::size_t i) { return static_cast<unsigned char>(i < text.size() ? text[i] : 0); };
    const unsigned char c = at(pos);
    const auto tail = [&](std::size_t i) { return (at(pos + i) & 0xC0U) == 0x80U; };
    if (c < 0x80)
        return 1;
    if (c >= 0xC2 && c <= 0xDF)
        return tail(1) ? 2 : 0;
    if (c >= 0xE0 && c <= 0xEF) {
        if (!tail(1) || !tail(2) || (c == 0xE0 && at(pos + 1) < 0xA0) || (c == 0xED && at(pos + 1) > 0x9F))
            return 0;
        return 3;
    }
    if (c >= 0xF0 && c <= 0xF4) {
        if (!tail(1) || !tail(2) || !tail(3) || (c == 0xF0 && at(pos + 1) < 0x90) || (c == 0xF4 && at(pos + 1) > 0x8F))
            return 0;
        return 4;
    }
    return 0;
}

constexpr std::string_view levelNames[] = {"debug", "info", "warning", "error"};

}  // namespace

struct Log::Sink {
    std::shared_ptr<spdlog::logger> logger;
};

Log::Log(LogLevel threshold, const std::string &path) : m_threshold(threshold), m_sink(std::make_unique<Sink>())
{
    spdlog::sink_ptr sink;
    if (path.empty())
        sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    else
        sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(path);
    sink->set_pattern("%v");
    m_sink->logger = std::make_shared<spdlog::logger>("cheesemonger", std::move(sink));
    m_sink->logger->flush_on(spdlog::level::warn);
}

Log::~Log()
{
    flush();
}

void Log::write(LogLevel level, std::string_view event, std::initializer_list<LogField> fields)
{
    if (!enabled(level))
        return;
    std::string line = fmt::format(R"({{"time":"{}","level":"{}","event":"{}")", formatRfc3339(SystemClock().now()),
                                   levelNames[static_cast<int>(level)], event);
    for (const LogField &field : fields) {
        line += ",\"";
        line += field.name;
        line += "\":";
        if (const auto *text = std::get_if<std::string_view>(&field.value)) {
            line += '"';
            appendJsonEscaped(line, *text);
            line += '"';
        } else if (const auto *number = std::get_if<std::int64_t>(&field.value)) {
            line += fmt::to_string(*number);
        } else if (const auto *real = std::get_if<double>(&field.value)) {
            line += fmt::format("{:.3f}", *real);
        } else {
            line += std::get<bool>(field.value) ? "true" : "false";
        }
    }
    line += '}';
    m_sink->logger->log(level >= LogLevel::Warning ? spdlog::level::warn : spdlog::level::info, line);
}

void Log::flush()
{
    m_sink->logger->flush();
}

void appendJsonEscaped(std::string &out, std::string_view text)
{
    for (std::size_t pos = 0; pos < text.size();) {
        const auto c = static_cast<unsigned char>(text[pos]);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += text[pos++];
        } else if (c < 0x20 || c == 0x7F) {
            out += fmt::format("\\u{:04x}", c);
            ++pos;
        } else if (const std::size_t length = utf8Length(text, pos)) {
            out.append(text.substr(pos, length));
            pos += length;
        } else {
            out += "\\ufffd";
            ++pos;
        }
    }
}

}  // namespace cm
