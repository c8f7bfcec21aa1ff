// SPDX-License-Identifier: GPL-3.0-or-later
// The structured log: one JSON object a line on standard error (time, level, event, fields). Owned
// by the composition root and passed by reference; any thread. Nothing secret goes in: callers pass
// identifiers, never tokens, passwords or bodies.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

namespace cm {

enum class LogLevel { Debug, Info, Warning, Error };

struct LogField {
    std::string_view name;
    std::variant<std::string_view, std::int64_t, double, bool> value;
};

class Log {
public:
    // `path` empty: standard error.
    explicit Log(LogLevel threshold, const std::string &path = {});
    ~Log();
    Log(const Log &) = delete;
    Log &operator=(const Log &) = delete;

    // `event` is a stable dotted name such as "upload.stored".
    void write(LogLevel level, std::string_view event, std::initializer_list<LogField> fields = {});
    void info(std::string_view event, std::initializer_list<LogField> fields = {}) { write(LogLevel::Info, event, fields); }
    void warning(std::string_view event, std::initializer_list<LogField> fields = {}) { write(LogLevel::Warning, event, fields); }
    void error(std::string_view event, std::initializer_list<LogField> fields = {}) { write(LogLevel::Error, event, fields); }
    [[nodiscard]] bool enabled(LogLevel level) const { return level >= m_threshold; }
    void flush();

private:
    struct Sink;
    LogLevel m_threshold;
    std::unique_ptr<Sink> m_sink;
};

// `text` as the inside of a JSON string; bytes that are not UTF-8 become U+FFFD.
void appendJsonEscaped(std::string &out, std::string_view text);

}  // namespace cm
