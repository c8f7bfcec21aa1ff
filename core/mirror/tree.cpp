// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mirror/tree.h"

#include "core/base/hash.h"
#include "core/mirror/disk.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <random>
#include <set>
#include <sys/stat.h>
#include <unistd.h>

namespace cm::mirror {
namespace {

namespace fs = std::filesystem;

constexpr mode_t folderMode = 0755;
constexpr mode_t fileMode = 0644;
// Many threads that make files in one folder wait for each other.
constexpr std::uint64_t tempFolders = 16;
// From so many files on one call for the whole file system is cheaper than one for each.
constexpr std::size_t manyFiles = 24;

// Projects by a part of a digest of their name, so that no folder is longer than it has to be.
std::string shardOf(std::string_view name)
{
    std::uint32_t hash = 2166136261U;
    for (const char c : name)
        hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
    return fmt::format("{:02x}", (hash ^ (hash >> 8) ^ (hash >> 16)) & 0xffU);
}

// Far from that of any other process.
std::uint64_t firstOnce()
{
    std::random_device random;
    return std::uniform_int_distribution<std::uint64_t>(std::uint64_t(1) << 60, std::uint64_t(1) << 62)(random);
}

// The deepest first: nearly always all but the last are there. Another thread may make the same ones.
bool makeFolders(const fs::path &folder)
{
    if (::mkdir(folder.c_str(), folderMode) == 0 || errno == EEXIST)
        return true;
    return errno == ENOENT && folder.has_relative_path() && makeFolders(folder.parent_path()) &&
           (::mkdir(folder.c_str(), folderMode) == 0 || errno == EEXIST);
}

bool areThere(const std::string &file, bool metadata)
{
    return ::access(file.c_str(), F_OK) == 0 && (!metadata || ::access((file + ".metadata").c_str(), F_OK) == 0);
}

// In the order of pageForms.
std::array<const std::string *, pageForms.size()> textsOf(const Rendered &pages)
{
    return {&pages.html, &pages.json, &pages.legacy};
}

bool renameInto(const std::string &from, const fs::path &to)
{
    if (::rename(from.c_str(), to.c_str()) == 0)
        return true;
    return errno == ENOENT && makeFolders(to.parent_path()) && ::rename(from.c_str(), to.c_str()) == 0;
}

}  // namespace

bool isFull(const Error &error)
{
    return error.code == ErrorCode::Unavailable && (error.detail.find(fullDisk) != std::string::npos ||
                                                    error.detail.find("disk is full") != std::string::npos);
}

std::string pathOfFile(std::string path)
{
    constexpr std::string_view suffix = ".metadata";
    if (path.ends_with(suffix))
        path.resize(path.size() - suffix.size());
    return path;
}

Result<StagedFile> StagedFile::create(std::string path)
{
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, fileMode);
    if (fd < 0)
        return diskFailed(path);
    return StagedFile(std::move(path), fd);
}

Result<StagedFile> StagedFile::link(const fs::path &file, std::string path)
{
    if (::link(file.c_str(), path.c_str()) != 0)
        return diskFailed(file);
    return StagedFile(std::move(path), -1);
}

StagedFile::StagedFile(StagedFile &&other) noexcept : m_path(std::exchange(other.m_path, {})), m_fd(std::exchange(other.m_fd, -1)) {}

StagedFile::~StagedFile()
{
    if (m_fd >= 0)
        ::close(m_fd);
    if (!m_path.empty())
        ::unlink(m_path.c_str());
}

Result<void> StagedFile::write(std::string_view bytes)
{
    return writeAll(m_fd, bytes, m_path);
}

Result<void> StagedFile::close(Time modified)
{
    if (modified != Time{}) {
        const auto seconds = std::chrono::floor<std::chrono::seconds>(modified).time_since_epoch().count();
        const timespec times[2] = {{seconds, 0}, {seconds, 0}};
        ::futimens(m_fd, times);
    }
    if (::close(std::exchange(m_fd, -1)) != 0)
        return diskFailed(m_path);
    return {};
}

Tree::Tree(fs::path root) : m_root(std::move(root)), m_web(m_root / "web"), m_once(firstOnce()) {}

Result<void> Tree::open()
{
    std::error_code error;
    for (const fs::path &folder : {m_web / "packages", m_web / "simple", m_web / ".pages" / "index", m_web / ".tmp", m_root / "aside"}) {
        fs::create_directories(folder, error);
        if (error)
            return fail(ErrorCode::Unavailable, fmt::format("cannot make {}: {}", folder.string(), error.message()));
    }
    CM_TRY(openTemps());
    for (const std::string name : {"index.html", "index.html.gz", "index.v1_json", "index.v1_json.gz"}) {
        const fs::path link = m_web / "simple" / name;
        if (::symlink(("../.index/" + name).c_str(), link.c_str()) != 0 && errno != EEXIST)
            return diskFailed(link);
    }
    return {};
}

// Empties the folders for what is under way, and makes those that are missing.
Result<void> Tree::openTemps()
{
    std::error_code error;
    std::set<std::string> folders;
    for (std::uint64_t i = 0; i < tempFolders; ++i)
        folders.insert(std::to_string(i));
    for (const auto &left : fs::directory_iterator(m_web / ".tmp", error)) {
        if (!folders.contains(left.path().filename().string()) || !left.is_directory(error)) {
            fs::remove_all(left.path(), error);
            continue;
        }
        for (const auto &one : fs::directory_iterator(left.path(), error))
            fs::remove_all(one.path(), error);
    }
    for (const std::string &name : folders) {
        const fs::path folder = m_web / ".tmp" / name;
        if (::mkdir(folder.c_str(), folderMode) != 0 && errno != EEXIST)
            return diskFailed(folder);
    }
    return {};
}

std::string Tree::servedPage(std::string_view name) const
{
    std::error_code error;
    const fs::path target = fs::read_symlink(m_web / "simple" / name, error);
    return error ? std::string() : (target.parent_path().filename() / target.filename()).string();
}

Time Tree::servedStamp(std::string_view name) const
{
    struct stat there {};
    return ::stat((m_web / "simple" / name / "index.html").c_str(), &there) == 0 ? Time(std::chrono::seconds(there.st_mtime)) : Time{};
}

std::string Tree::tempName()
{
    const std::uint64_t number = ++m_temps;
    return (m_web / ".tmp" / std::to_string(number % tempFolders) / std::to_string(number)).string();
}

Result<StagedFile> Tree::stage()
{
    return StagedFile::create(tempName());
}

Result<StagedFile> Tree::stageLink(const fs::path &file)
{
    return StagedFile::link(file, tempName());
}

Result<std::string> Tree::stagePages(const Rendered &pages, Time modified)
{
    const std::string folder = tempName();
    if (::mkdir(folder.c_str(), folderMode) != 0)
        return diskFailed(folder);
    const auto texts = textsOf(pages);
    for (std::size_t i = 0; i < pageForms.size(); ++i) {
        CM_TRY_ASSIGN(StagedFile file, StagedFile::create(folder + '/' + pageForms[i]));
        CM_TRY(file.write(*texts[i]));
        CM_TRY(file.close(modified));
        file.placed();
    }
    return folder;
}

void Tree::dropStaged(const std::string &staged)
{
    std::error_code ignored;
    if (!staged.empty())
        fs::remove_all(staged, ignored);
}

Result<std::string> Tree::placePages(const std::string &staged, std::string_view name, std::int64_t serial)
{
    // Two versions may have one serial: another filter, a repaired file. What a run that was killed has noted of older ones must
    // not be taken for this one.
    std::string page = fmt::format("{}/{}.{}.{}", shardOf(name), name, serial, ++m_once);
    if (!renameInto(staged, pagePath(page)))
        return diskFailed(pagePath(page));
    return page;
}

Result<void> Tree::placeFile(StagedFile &staged, std::string_view path, bool metadata)
{
    fs::path target = filePath(path);
    if (metadata)
        target += ".metadata";
    if (!renameInto(staged.path(), target))
        return diskFailed(target);
    staged.placed();
    return {};
}

Result<void> Tree::sync(const std::vector<fs::path> &placed)
{
    if (placed.size() >= manyFiles)
        return syncFileSystem(m_web);
    for (const fs::path &path : placed) {
        CM_TRY(syncPath(path));
        // New folders, up to one that was there.
        for (fs::path folder = path.parent_path(); folder != m_web && folder.has_relative_path(); folder = folder.parent_path())
            CM_TRY(syncPath(folder));
    }
    return {};
}

Result<void> Tree::turn(const std::string &target, const fs::path &link)
{
    const std::string fresh = tempName();
    if (::symlink(target.c_str(), fresh.c_str()) != 0)
        return diskFailed(fresh);
    if (::rename(fresh.c_str(), link.c_str()) != 0) {
        auto error = diskFailed(link);
        ::unlink(fresh.c_str());
        return error;
    }
    return {};
}

Result<void> Tree::turnProject(std::string_view name, std::string_view page)
{
    return turn(fmt::format("../.pages/{}", page), m_web / "simple" / name);
}

Result<void> Tree::withdrawProject(std::string_view name)
{
    const fs::path link = m_web / "simple" / name;
    if (::unlink(link.c_str()) != 0 && errno != ENOENT)
        return diskFailed(link);
    return {};
}

Result<void> Tree::syncTurns()
{
    return syncPath(m_web / "simple");
}

void Tree::dropPages(std::string_view name, std::string_view page)
{
    if (page.empty() || page == servedPage(name))
        return;
    std::error_code ignored;
    fs::remove_all(pagePath(page), ignored);
}

void Tree::sweepPages(std::string_view name, std::string_view keep)
{
    const std::string shard = shardOf(name);
    const std::string prefix = std::string(name) + ".";
    std::error_code error;
    std::vector<std::string> left;
    for (const auto &entry : fs::directory_iterator(m_web / ".pages" / shard, error)) {
        std::string page = shard + "/" + entry.path().filename().string();
        if (entry.path().filename().string().starts_with(prefix) && page != keep)
            left.push_back(std::move(page));
    }
    for (const std::string &page : left)
        dropPages(name, page);
}

std::function<bool(std::string_view)> Tree::pagesThere() const
{
    std::vector<std::size_t> there;
    const std::hash<std::string_view> hash;
    std::error_code error;
    for (const auto &shard : fs::directory_iterator(m_web / ".pages", error)) {
        for (const auto &entry : fs::directory_iterator(shard.path(), error))
            there.push_back(hash((shard.path().filename() / entry.path().filename()).string()));
    }
    std::ranges::sort(there);
    return [there = std::move(there), hash](std::string_view page) { return std::ranges::binary_search(there, hash(page)); };
}

void Tree::dropFile(std::string_view path)
{
    fs::path file = filePath(path);
    ::unlink((file.string() + ".metadata").c_str());
    ::unlink(file.c_str());
    // Folders of a digest have this one file.
    for (fs::path folder = file.parent_path(); folder != m_web / "packages"; folder = folder.parent_path()) {
        if (::rmdir(folder.c_str()) != 0)
            break;
    }
}

Result<void> Tree::setAside(std::string_view path, const std::string &sha256)
{
    const std::string file = filePath(path).string();
    const std::string aside = asidePath(path, sha256).string();
    // The file first: a wheel without its metadata would break an installer that read an older page.
    if (::rename(file.c_str(), aside.c_str()) != 0 && errno != ENOENT)
        return diskFailed(file);
    if (::rename((file + ".metadata").c_str(), (aside + ".metadata").c_str()) != 0 && errno != ENOENT)
        return diskFailed(file + ".metadata");
    dropFile(path);
    return {};
}

// Two files with the same bytes may tell of other metadata, and go at other times.
fs::path Tree::asidePath(std::string_view path, const std::string &sha256) const
{
    return m_root / "aside" / (sha256 + "-" + hashHex(HashKind::Sha256, path).substr(0, 16));
}

bool Tree::isHere(std::string_view path, bool metadata) const
{
    return areThere(filePath(path).string(), metadata);
}

bool Tree::isWholeAside(std::string_view path, const std::string &sha256, const std::string &metadata) const
{
    return sizeWhenWhole(asidePath(path, sha256), sha256, metadata).has_value();
}

bool Tree::bringBack(std::string_view path, const std::string &sha256, bool metadata)
{
    const std::string aside = asidePath(path, sha256).string();
    // The file last: with it there the next run knows that both are.
    if (metadata && !renameInto(aside + ".metadata", filePath(path).string() + ".metadata"))
        return false;
    return renameInto(aside, filePath(path));
}

void Tree::dropAside(std::string_view path, const std::string &sha256)
{
    const std::string aside = asidePath(path, sha256).string();
    // Also where versions before this one had put it.
    for (const std::string &file : {aside, (m_root / "aside" / sha256).string()}) {
        ::unlink(file.c_str());
        ::unlink((file + ".metadata").c_str());
    }
}

std::string digestOf(const Rendered &pages)
{
    Hasher hasher(HashKind::Sha256);
    for (const std::string *text : textsOf(pages))
        hasher.update(hashHex(HashKind::Sha256, *text));
    return hasher.finishHex();
}

std::string Tree::servedDigest(std::string_view name) const
{
    Hasher hasher(HashKind::Sha256);
    for (const char *form : pageForms) {
        const auto measured = measureFile(m_web / "simple" / name / form);
        if (!measured)
            return {};
        hasher.update(measured->sha256);
    }
    return hasher.finishHex();
}

Result<void> Tree::writeNote(std::string_view name, std::string_view text, bool durable)
{
    CM_TRY_ASSIGN(StagedFile staged, stage());
    CM_TRY(staged.write(text));
    CM_TRY(staged.close({}));
    if (durable)
        CM_TRY(syncPath(staged.path()));
    if (!renameInto(staged.path(), m_web / name))
        return diskFailed(m_web / name);
    staged.placed();
    return durable ? syncPath(m_web) : Result<void>();
}

}  // namespace cm::mirror
