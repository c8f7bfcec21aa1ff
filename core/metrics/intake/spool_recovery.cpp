// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/intake/spool_recovery.h"

#include "core/base/descriptor.h"
#include "core/base/hash.h"
#include "core/host/whole_file.h"
#include "core/metrics/intake/spool_files.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace cm::metrics::intake {
namespace {

constexpr mode_t fileMode = 0600;
constexpr std::size_t idLength = 32;

Result<std::string> readAll(const std::filesystem::path &file)
{
    const Descriptor fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    struct stat state {};
    if (fd.get() < 0 || ::fstat(fd.get(), &state) != 0)
        return diskError(file);
    std::string bytes(static_cast<std::size_t>(state.st_size), '\0');
    for (std::size_t at = 0; at < bytes.size();) {
        const ssize_t got = ::pread(fd.get(), bytes.data() + at, bytes.size() - at, static_cast<off_t>(at));
        if (got < 0)
            return diskError(file);
        if (got == 0)
            bytes.resize(at);
        at += static_cast<std::size_t>(got);
    }
    return bytes;
}

Result<void> cut(const std::filesystem::path &file, std::size_t size)
{
    const Descriptor fd(::open(file.c_str(), O_WRONLY | O_CLOEXEC));
    if (fd.get() < 0 || ::ftruncate(fd.get(), static_cast<off_t>(size)) != 0 || ::fsync(fd.get()) != 0)
        return diskError(file);
    return {};
}

void learn(const Block &block, Tails &tails, std::uint32_t &nextStream)
{
    nextStream = std::max(nextStream, block.stream + 1);
    switch (block.kind) {
    case BlockKind::Lines:
        if (block.tracked) {
            std::vector<std::uint64_t> digests;
            Entries entries(block.payload);
            while (const auto entry = entries.next())
                digests.push_back(digestOfLine(entry->text, entry->refused));
            tails.add(block.stream, digests);
        }
        break;
    case BlockKind::Opened:
        tails.open(block.stream, std::string(block.payload));
        break;
    case BlockKind::Resumed:
        if (block.payload.size() == 8)
            tails.resume(block.stream, little32(block.payload.data()), little32(block.payload.data() + 4));
        break;
    case BlockKind::Lost:
        break;
    case BlockKind::Closed:
        tails.close(block.stream);
        break;
    case BlockKind::Tails: {
        std::uint32_t next = 0;
        if (tails.restore(block.payload, next))
            nextStream = std::max(nextStream, next);
        break;
    }
    }
}

// How far the blocks of the file are sound.
std::size_t soundPart(std::string_view bytes, Tails &tails, std::uint32_t &nextStream)
{
    std::size_t at = fileHead;
    std::size_t size = 0;
    while (const auto block = readBlock(bytes.substr(at), size)) {
        learn(*block, tails, nextStream);
        at += size;
    }
    return at;
}

Result<std::string> idOf(const std::filesystem::path &folder, const std::vector<std::int64_t> &starts)
{
    const std::filesystem::path file = folder / "id";
    const auto text = host::readWhole(file);
    std::string id = text ? *text : std::string();
    while (id.ends_with('\n'))
        id.pop_back();
    if (!text && text.error().code != ErrorCode::NotFound)
        return fail(text.error());
    if (!starts.empty()) {
        CM_TRY_ASSIGN(const std::string ofFile, idOfFile(spoolFile(folder, starts.front()), starts.front()));
        if (text && id != ofFile)
            return fail(ErrorCode::Corrupt, fmt::format("{} holds files of another spool than its id says", folder.string()));
        id = ofFile;
    } else if (!text) {
        id = toHex(randomBytes(idLength / 2));
    }
    if (!isHex(id, idLength))
        return fail(ErrorCode::Corrupt, fmt::format("{} is not the id of a spool", file.string()));
    if (!text)
        CM_TRY(host::writeWhole(file, id + "\n", fileMode));
    return id;
}

}  // namespace

Result<Spool::Recovered> Spool::recover(const SpoolOptions &options, Log &log)
{
    std::error_code error;
    std::filesystem::create_directories(options.folder, error);
    if (error)
        return fail(ErrorCode::Unavailable, fmt::format("{}: {}", options.folder.string(), error.message()));
    CM_TRY_ASSIGN(auto starts, spoolFiles(options.folder));
    // One that was begun when the process ended, and of which nothing was promised to anybody.
    while (!starts.empty() && !idOfFile(spoolFile(options.folder, starts.back()), starts.back()) && starts.size() > 1) {
        log.warning("spool.file_dropped", {{"file", std::string_view(spoolFile(options.folder, starts.back()).string())}});
        CM_TRY(host::removeWhole(spoolFile(options.folder, starts.back())));
        starts.pop_back();
    }
    if (starts.size() == 1 && !idOfFile(spoolFile(options.folder, starts.back()), starts.back()) && starts.back() == 0) {
        CM_TRY(host::removeWhole(spoolFile(options.folder, 0)));
        starts.clear();
    }
    CM_TRY_ASSIGN(std::string id, idOf(options.folder, starts));
    Recovered recovered{std::move(id), std::move(starts), 0, 0, Tails(options.window), 1};
    if (recovered.starts.empty())
        return recovered;
    const std::int64_t start = recovered.starts.back();
    const std::filesystem::path file = spoolFile(options.folder, start);
    CM_TRY_ASSIGN(const std::string bytes, readAll(file));
    const std::size_t sound = soundPart(bytes, recovered.tails, recovered.nextStream);
    if (sound < bytes.size()) {
        log.warning("spool.cut", {{"file", std::string_view(file.string())}, {"bytes", static_cast<std::int64_t>(bytes.size() - sound)}});
        CM_TRY(cut(file, sound));
        recovered.cut = bytes.size() - sound;
    }
    recovered.end = start + static_cast<std::int64_t>(sound);
    recovered.tails.endAll();
    return recovered;
}

}  // namespace cm::metrics::intake
