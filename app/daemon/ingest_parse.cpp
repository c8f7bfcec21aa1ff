// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/daemon/ingest_parse.h"

#include "app/daemon/command.h"
#include "core/base/clock.h"
#include "core/base/descriptor.h"
#include "core/metrics/parsed_json.h"
#include "core/metrics/parser.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <functional>
#include <unistd.h>
#include <zlib.h>

namespace cm::daemon {
namespace {

constexpr std::size_t readStep = 64 * 1024;

// Bytes of a file, unpacked where they are gzip, as often as members follow each other.
class Unpacker {
public:
    using Sink = std::function<void(std::string_view)>;

    Unpacker() = default;
    ~Unpacker()
    {
        if (m_open)
            ::inflateEnd(&m_stream);
    }
    Unpacker(const Unpacker &) = delete;
    Unpacker &operator=(const Unpacker &) = delete;

    Result<void> feed(std::string_view bytes, const Sink &sink)
    {
        if (!m_known) {
            m_head.append(bytes);
            if (m_head.size() < 2)
                return {};
            m_known = true;
            m_gzip = m_head.starts_with("\x1F\x8B");
            return unpack(std::exchange(m_head, {}), sink);
        }
        return unpack(bytes, sink);
    }

    Result<void> finish(const Sink &sink)
    {
        if (!m_known && !m_head.empty())
            sink(m_head);
        return m_gzip && !m_memberEnded ? fail(ErrorCode::Corrupt, "the gzip file ends in the middle") : Result<void>();
    }

private:
    Result<void> unpack(std::string_view bytes, const Sink &sink)
    {
        if (!m_gzip) {
            sink(bytes);
            return {};
        }
        if (!m_open && ::inflateInit2(&m_stream, 16 + MAX_WBITS) != Z_OK)
            return fail(ErrorCode::Unavailable, "no memory to unpack gzip");
        m_open = true;
        std::string out(readStep, '\0');
        // zlib takes what it reads from as if it could write there.
        m_stream.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(bytes.data()));
        m_stream.avail_in = static_cast<uInt>(bytes.size());
        while (m_stream.avail_in > 0) {
            if (m_memberEnded)
                ::inflateReset(&m_stream);
            m_memberEnded = false;
            do {
                m_stream.next_out = reinterpret_cast<Bytef *>(out.data());
                m_stream.avail_out = static_cast<uInt>(out.size());
                const int answer = ::inflate(&m_stream, Z_NO_FLUSH);
                if (answer != Z_OK && answer != Z_STREAM_END && answer != Z_BUF_ERROR)
                    return fail(ErrorCode::Corrupt, "the gzip file is damaged");
                sink(std::string_view(out.data(), out.size() - m_stream.avail_out));
                m_memberEnded = answer == Z_STREAM_END;
            } while (!m_memberEnded && m_stream.avail_out == 0);
        }
        return {};
    }

    std::string m_head;
    bool m_known = false, m_gzip = false, m_open = false, m_memberEnded = false;
    z_stream m_stream{};
};

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
        m_each(m_line);
        m_line.clear();
    }

    std::function<void(std::string_view)> m_each;
    std::string m_line;
};

void print(const metrics::Parsed &parsed)
{
    const std::string text = metrics::toJsonText(parsed) + '\n';
    std::fwrite(text.data(), 1, text.size(), stdout);
}

Result<void> readAll(const std::string &file, const Unpacker::Sink &sink)
{
    const Descriptor opened(file == "-" ? ::dup(STDIN_FILENO) : ::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    if (opened.get() < 0)
        return fail(ErrorCode::NotFound, std::strerror(errno));
    Unpacker unpacker;
    std::string buffer(readStep, '\0');
    for (;;) {
        const ssize_t count = ::read(opened.get(), buffer.data(), buffer.size());
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return fail(ErrorCode::Unavailable, std::strerror(errno));
        if (count == 0)
            return unpacker.finish(sink);
        CM_TRY(unpacker.feed(std::string_view(buffer.data(), static_cast<std::size_t>(count)), sink));
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
        const auto read = readAll(file, [&](std::string_view bytes) { lines.feed(bytes); });
        lines.end();
        if (!read) {
            std::fflush(stdout);
            code = complain({read.error().code, fmt::format("{}: {}", file, read.error().detail), {}, {}});
        }
    }
    if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0)
        return complain({ErrorCode::Unavailable, "the standard output cannot be written", {}, {}});
    return code;
}

}  // namespace cm::daemon
