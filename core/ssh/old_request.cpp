// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ssh/old_request.h"

#include "core/base/hash.h"
#include "core/http/header.h"
#include "core/http/multipart.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <fmt/core.h>
#include <optional>
#include <poll.h>
#include <unistd.h>

namespace cm::ssh {

namespace {

using Clock = std::chrono::steady_clock;

// What a form is longer than its file and its fields: heads of parts, boundaries.
constexpr std::uint64_t mostAround = 1U << 20;
// How much of a body that is refused is read for the client's sake.
constexpr std::uint64_t mostDrained = 2ULL << 30;
constexpr std::size_t mostFields = 1'000;
constexpr std::size_t mostFilename = 255;

tl::unexpected<Error> bad(std::string words)
{
    return fail(ErrorCode::InvalidInput, std::move(words));
}

// The stream with its times: what has come, at least a byte; Cancelled at its end.
class Input {
public:
    Input(int fd, const ReadLimits &limits) : m_fd(fd), m_idle(limits.idle), m_end(Clock::now() + limits.total) {}

    Result<std::string_view> more()
    {
        const auto left = std::min(m_idle, std::chrono::duration_cast<std::chrono::milliseconds>(m_end - Clock::now()));
        pollfd wanted{m_fd, POLLIN, 0};
        const int ready = left.count() > 0 ? ::poll(&wanted, 1, static_cast<int>(left.count())) : 0;
        if (ready == 0)
            return fail(ErrorCode::Timeout, "The request did not come in time; run the same command again");
        const ssize_t got = ::read(m_fd, m_buffer.data(), m_buffer.size());
        if (got < 0 && (errno == EINTR || errno == EAGAIN))
            return std::string_view();
        if (got <= 0)
            return fail(ErrorCode::Cancelled, "the client is gone");
        return std::string_view(m_buffer.data(), static_cast<std::size_t>(got));
    }

private:
    int m_fd;
    std::chrono::milliseconds m_idle;
    Clock::time_point m_end;
    std::array<char, 64 * 1024> m_buffer{};
};

struct Head {
    std::string method;
    std::string path;
    std::string contentType;
    std::optional<std::uint64_t> length;
};

std::string_view takeLine(std::string_view &rest)
{
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (line.ends_with('\r'))
        line.remove_suffix(1);
    return line;
}

Result<void> readField(std::string_view line, Head &head)
{
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0)
        return bad("The head of the request has a line that is no header");
    const std::string_view name = line.substr(0, colon);
    const std::string_view value = http::trimmed(line.substr(colon + 1));
    if (http::equalsIgnoringCase(name, "Transfer-Encoding"))
        return fail(ErrorCode::Unsupported, "The request needs a Content-Length");
    if (http::equalsIgnoringCase(name, "Content-Type"))
        head.contentType = value;
    if (!http::equalsIgnoringCase(name, "Content-Length"))
        return {};
    std::uint64_t length = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), length);
    if (error != std::errc() || end != value.data() + value.size() || (head.length && *head.length != length))
        return bad("The Content-Length of the request is no number");
    head.length = length;
    return {};
}

Result<Head> headOf(std::string_view text)
{
    const std::string_view line = takeLine(text);
    const std::size_t first = line.find(' ');
    const std::size_t last = line.rfind(' ');
    if (first == std::string_view::npos || first == last || !line.substr(last + 1).starts_with("HTTP/1."))
        return bad("This address takes one HTTP request of an upload; it begins with another line");
    Head head;
    head.method = line.substr(0, first);
    std::string_view target = line.substr(first + 1, last - first - 1);
    head.path = target.substr(0, target.find('?'));
    while (!text.empty()) {
        const std::string_view field = takeLine(text);
        if (field.empty())
            break;
        CM_TRY(readField(field, head));
    }
    return head;
}

// Where the head ends, in `text`; npos: not yet.
std::size_t headEnd(std::string_view text)
{
    const std::size_t bare = text.find("\n\n");
    const std::size_t whole = text.find("\n\r\n");
    if (bare == std::string_view::npos && whole == std::string_view::npos)
        return std::string_view::npos;
    return bare < whole ? bare + 2 : whole + 3;
}

class FormReader final : public http::MultipartHandler {
public:
    FormReader(OldRequest &request, const ReadLimits &limits) : m_request(request), m_limits(limits) {}

    Result<void> partBegin(const http::PartHead &part) override
    {
        const bool named = part.name.size() <= 64 && std::all_of(part.name.begin(), part.name.end(), [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == ':' || c == '-' || c == '.';
        });
        if (!named)
            return bad("The form has a field with a name that no upload has");
        m_part = part.name == "content" ? Part::File : part.hasFileName ? Part::Skipped : Part::Field;
        // Signatures of former days are read over, as the protocol says.
        if (m_part == Part::Skipped && part.name != "gpg_signature")
            return bad(part.name + ": Should not be a tuple.");
        m_name = part.name;
        m_value.clear();
        return m_part == Part::File ? beginFile(part.fileName) : Result<void>();
    }

    Result<void> partData(std::span<const std::byte> bytes) override
    {
        switch (m_part) {
        case Part::Skipped:
            return {};
        case Part::Field:
            m_fieldBytes += bytes.size();
            if (m_fieldBytes > m_limits.fieldBytes)
                return fail(ErrorCode::TooLarge, fmt::format("The fields of the form are larger than {} bytes together", m_limits.fieldBytes));
            m_value.append(reinterpret_cast<const char *>(bytes.data()), bytes.size());
            return {};
        case Part::File:
            if (m_request.file->size() + bytes.size() > m_limits.fileBytes)
                return tooLarge(m_limits);
            m_hasher.update(bytes);
            return m_request.file->append(bytes);
        }
        return {};
    }

    Result<void> partEnd() override
    {
        if (m_part == Part::Field)
            m_request.fields.emplace_back(std::move(m_name), std::move(m_value));
        return {};
    }

    void finish()
    {
        if (m_request.hasFile)
            m_request.sha256 = m_hasher.finishHex();
    }

    static tl::unexpected<Error> tooLarge(const ReadLimits &limits)
    {
        return fail(ErrorCode::TooLarge, fmt::format("The file is larger than {} MB, which is the most that is taken over ssh", limits.fileBytes >> 20U));
    }

private:
    enum class Part { Field, File, Skipped };

    Result<void> beginFile(const std::string &filename)
    {
        if (m_request.hasFile)
            return bad("Error: Only one file may be sent at a time.");
        const bool odd = std::any_of(filename.begin(), filename.end(), [](char c) {
            return static_cast<unsigned char>(c) < 0x20 || c == '\x7f' || c == '"' || c == '\\' || c == '/';
        });
        if (filename.empty() || filename.size() > mostFilename || odd)
            return bad("The file has a name that no distribution has");
        m_request.hasFile = true;
        m_request.filename = filename;
        return {};
    }

    OldRequest &m_request;
    const ReadLimits &m_limits;
    Hasher m_hasher{HashKind::Sha256};
    Part m_part = Part::Field;
    std::string m_name;
    std::string m_value;
    std::size_t m_fieldBytes = 0;
};

class Reading {
public:
    Reading(int in, const ReadLimits &limits, const std::function<Result<std::unique_ptr<Spool>>()> &spool)
        : m_input(in, limits), m_limits(limits), m_spool(spool)
    {}

    Result<OldRequest> run()
    {
        CM_TRY_ASSIGN(const Head head, readHead());
        m_left = head.length.value_or(0);
        auto request = readRequest(head);
        if (!request && request.error().code != ErrorCode::Cancelled)
            drain();
        return request;
    }

private:
    Result<Head> readHead()
    {
        std::size_t end = std::string::npos;
        while (end == std::string::npos) {
            if (m_kept.size() > m_limits.headBytes)
                return fail(ErrorCode::TooLarge, "The head of the request is too large");
            CM_TRY_ASSIGN(const std::string_view piece, m_input.more());
            m_kept.append(piece);
            end = headEnd(m_kept);
        }
        if (end > m_limits.headBytes)
            return fail(ErrorCode::TooLarge, "The head of the request is too large");
        const std::string text = m_kept.substr(0, end);
        m_kept.erase(0, end);
        return headOf(text);
    }

    Result<OldRequest> readRequest(const Head &head)
    {
        const bool known = head.path == "/" || head.path == "/pypi" || head.path == "/pypi/" || head.path == "/legacy/";
        if (!known)
            return bad("There is no such address; uploads go to /pypi");
        OldRequest request;
        if (head.method == "GET" || head.method == "HEAD")
            return request;
        if (head.method != "POST")
            return fail(ErrorCode::Unsupported, "This address takes uploads by POST");
        if (!head.length)
            return bad("The request needs a Content-Length");
        if (*head.length > m_limits.fileBytes + m_limits.fieldBytes + mostAround)
            return FormReader::tooLarge(m_limits);
        request.kind = OldRequest::Kind::Form;
        CM_TRY_ASSIGN(const std::string boundary, http::MultipartReader::boundaryOf(head.contentType));
        CM_TRY_ASSIGN(request.file, m_spool());
        FormReader form(request, m_limits);
        http::MultipartReader reader(boundary, form, {mostFields, 16 * 1024, m_limits.fieldBytes});
        while (m_left > 0) {
            CM_TRY_ASSIGN(const std::string_view piece, next());
            CM_TRY(reader.feed(std::as_bytes(std::span(piece))));
        }
        CM_TRY(reader.finish());
        form.finish();
        return request;
    }

    // Of the body, never beyond its length: what follows is another request, which nobody reads.
    Result<std::string_view> next()
    {
        std::string_view piece;
        if (!m_kept.empty()) {
            m_current = std::move(m_kept);
            m_kept.clear();
            piece = m_current;
        } else {
            CM_TRY_ASSIGN(piece, m_input.more());
        }
        piece = piece.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(piece.size(), m_left)));
        m_left -= piece.size();
        return piece;
    }

    void drain()
    {
        if (m_left > mostDrained)
            return;
        while (m_left > 0) {
            if (!next())
                return;
        }
    }

    Input m_input;
    const ReadLimits &m_limits;
    const std::function<Result<std::unique_ptr<Spool>>()> &m_spool;
    std::string m_kept;
    std::string m_current;
    std::uint64_t m_left = 0;
};

}  // namespace

Result<OldRequest> readOldRequest(int in, const ReadLimits &limits, const std::function<Result<std::unique_ptr<Spool>>()> &spool)
{
    return Reading(in, limits, spool).run();
}

}  // namespace cm::ssh
