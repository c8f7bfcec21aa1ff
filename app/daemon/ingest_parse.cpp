// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/daemon/ingest_parse.h"

#include "app/daemon/command.h"
#include "core/base/clock.h"
#include "core/metrics/intake/frame.h"
#include "core/metrics/intake/unpacked_file.h"
#include "core/metrics/parsed_json.h"
#include "core/metrics/parser.h"

#include <cstdio>
#include <functional>
#include <utility>

namespace cm::daemon {
namespace {

// Bytes to lines. Of a line that is too long no more is kept than shows that it is.
class Lines {
public:
    explicit Lines(std::function<void(std::string_view)> each) : m_each(std::move(each)) {}

    void feed(std::string_view bytes)
    {
        for (std::size_t end = bytes.find('\n'); end != std::string_view::npos; end = bytes.find('\n')) {
            keep(bytes.substr(0, end));
            finish();
            bytes.remove_prefix(end + 1);
        }
        keep(bytes);
    }
    // Also what stands behind the last newline.
    void end()
    {
        if (!m_line.empty())
            finish();
    }

private:
    void keep(std::string_view bytes) { m_line.append(bytes.substr(0, metrics::longestLine + 1 - m_line.size())); }
    void finish()
    {
        const std::string_view line = m_line;
        m_each(std::exchange(m_isFirst, false) ? metrics::intake::withoutMark(line) : line);
        m_line.clear();
    }

    std::function<void(std::string_view)> m_each;
    std::string m_line;
    bool m_isFirst = true;
};

void print(const metrics::Parsed &parsed)
{
    const std::string text = metrics::toJsonText(parsed) + '\n';
    std::fwrite(text.data(), 1, text.size(), stdout);
}

Result<void> readAll(const std::string &file, const Clock &clock, Lines &lines)
{
    CM_TRY_ASSIGN(const auto unpacked, metrics::intake::UnpackedFile::open(file, clock));
    std::string bytes;
    for (;;) {
        bytes.clear();
        const auto more = unpacked->read(bytes);
        lines.feed(bytes);
        if (!more)
            return fail(more.error());
        if (!*more)
            return {};
    }
}

}  // namespace

int parseFiles(const std::vector<std::string> &files, metrics::Mode mode)
{
    const SystemClock clock;
    metrics::Parser parser(mode);
    int code = exitDone;
    for (const std::string &file : files) {
        Lines lines([&](std::string_view line) { print(parser.parse(line, clock.now())); });
        const auto read = readAll(file, clock, lines);
        lines.end();
        if (!read) {
            std::fflush(stdout);
            code = complain(read.error());
        }
    }
    if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0)
        return complain({ErrorCode::Unavailable, "the standard output cannot be written", {}, {}});
    return code;
}

}  // namespace cm::daemon
