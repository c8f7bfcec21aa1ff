// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/intake/unpacked_file.h"

#include "core/base/descriptor.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

namespace cm::metrics::intake {
namespace {

constexpr std::size_t readAtOnce = 64 << 10;
constexpr std::size_t unpackAtOnce = 256 << 10;

}  // namespace

struct UnpackedFile::State {
    State(std::string fileName, int fd) : name(std::move(fileName)), file(fd) {}
    ~State()
    {
        if (packed)
            ::inflateEnd(&stream);
    }

    std::string name;
    Descriptor file;
    bool isInput = false;
    std::int64_t size = 0;  // 0: not known
    std::int64_t at = 0;
    Time changed;
    std::string bytes;  // read and not given
    bool known = false;   // whether it is packed
    bool packed = false;
    bool memberEnded = false;
    bool pending = false;  // zlib may have more to give without more input
    z_stream stream{};
};

UnpackedFile::UnpackedFile(std::unique_ptr<State> state) : m_state(std::move(state)) {}

UnpackedFile::~UnpackedFile() = default;

Result<std::unique_ptr<UnpackedFile>> UnpackedFile::open(const std::string &name, const Clock &clock)
{
    const bool isInput = name == "-";
    auto state = std::make_unique<State>(isInput ? "the standard input" : name, isInput ? ::dup(STDIN_FILENO) : ::open(name.c_str(), O_RDONLY | O_CLOEXEC));
    struct stat found {};
    if (state->file.get() < 0 || ::fstat(state->file.get(), &found) != 0)
        return fail(errno == ENOENT ? ErrorCode::NotFound : ErrorCode::Unavailable, fmt::format("{}: {}", state->name, std::strerror(errno)));
    if (S_ISDIR(found.st_mode))
        return fail(ErrorCode::Unavailable, fmt::format("{} is a folder", state->name));
    state->isInput = isInput;
    state->size = S_ISREG(found.st_mode) ? found.st_size : 0;
    state->changed = isInput ? clock.now() : Time(std::chrono::seconds(found.st_mtime));
    return std::unique_ptr<UnpackedFile>(new UnpackedFile(std::move(state)));
}

// False at the end of the file.
Result<bool> UnpackedFile::more()
{
    State &state = *m_state;
    const std::size_t old = state.bytes.size();
    state.bytes.resize(old + readAtOnce);
    ssize_t got = 0;
    do
        got = ::read(state.file.get(), state.bytes.data() + old, readAtOnce);
    while (got < 0 && errno == EINTR);
    state.bytes.resize(old + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (got < 0)
        return fail(ErrorCode::Unavailable, fmt::format("{}: {}", state.name, std::strerror(errno)));
    state.at += got;
    return got > 0;
}

Result<bool> UnpackedFile::read(std::string &out)
{
    State &state = *m_state;
    while (state.bytes.size() < 2 && !state.known) {
        CM_TRY_ASSIGN(const bool any, more());
        if (!any)
            state.known = true;
    }
    if (!state.known) {
        state.known = true;
        if (state.bytes.starts_with("\x1F\x8B")) {
            if (::inflateInit2(&state.stream, 16 + MAX_WBITS) != Z_OK)
                return fail(ErrorCode::Unavailable, "no memory to read " + state.name);
            state.packed = true;
        }
    }
    if (state.bytes.empty() && !state.pending) {
        CM_TRY_ASSIGN(const bool any, more());
        if (!any && state.packed && !state.memberEnded)
            return fail(ErrorCode::Corrupt, state.name + ": the gzip file ends in the middle");
        if (!any)
            return false;
    }
    if (state.packed) {
        CM_TRY(unpack(out));
    } else {
        out += state.bytes;
        state.bytes.clear();
    }
    return true;
}

Result<void> UnpackedFile::unpack(std::string &out)
{
    State &state = *m_state;
    z_stream &stream = state.stream;
    stream.next_in = reinterpret_cast<Bytef *>(state.bytes.data());
    stream.avail_in = static_cast<uInt>(state.bytes.size());
    while (stream.avail_in > 0 || state.pending) {
        if (state.memberEnded)
            ::inflateReset(&stream);
        state.memberEnded = false;
        const std::size_t old = out.size();
        out.resize(old + unpackAtOnce);
        stream.next_out = reinterpret_cast<Bytef *>(out.data() + old);
        stream.avail_out = unpackAtOnce;
        const int answer = ::inflate(&stream, Z_NO_FLUSH);
        out.resize(out.size() - stream.avail_out);
        // Before input that is wrong there may be some that could be read.
        if (answer != Z_OK && answer != Z_STREAM_END && answer != Z_BUF_ERROR)
            return fail(ErrorCode::Corrupt, state.name + ": the gzip file is damaged");
        state.memberEnded = answer == Z_STREAM_END;
        state.pending = stream.avail_out == 0 && !state.memberEnded;
        // Enough for once, of what may be a bomb.
        if (stream.avail_out == 0)
            break;
    }
    state.bytes.erase(0, state.bytes.size() - stream.avail_in);
    return {};
}

bool UnpackedFile::isClosed() const
{
    return m_state->isInput || m_state->packed;
}

double UnpackedFile::share() const
{
    const State &state = *m_state;
    return state.size > 0 ? std::min(1.0, static_cast<double>(state.at) / static_cast<double>(state.size)) : 0;
}

Time UnpackedFile::changed() const
{
    return m_state->changed;
}

}  // namespace cm::metrics::intake
