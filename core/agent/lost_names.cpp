// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/agent/lost_names.h"

#include "core/agent/half_made.h"
#include "core/host/command.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fmt/format.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <thread>
#include <unistd.h>
#include <utility>

namespace cm::agent {
namespace {

// The self-heal daemon has had several rounds by then.
constexpr int stillLooks = 5;
constexpr std::size_t bricksOfASet = 3, mostAtOnce = 50;
constexpr auto mountsIn = std::chrono::seconds(20);
constexpr auto answersIn = std::chrono::seconds(10);
constexpr auto giveBackIn = std::chrono::minutes(1);
constexpr auto between = std::chrono::milliseconds(100);
// An identity comes with the name, in less than a second.
constexpr auto settled = std::chrono::seconds(20);
// By which GlusterFS knows who may mark a brick.
constexpr const char *marker = "--client-pid=-12";
constexpr const char *mark = "trusted.replace-brick";
// Names the bricks that a client is connected to.
constexpr const char *places = "trusted.glusterfs.pathinfo";

bool isFolder(const std::string &path)
{
    struct stat seen{};
    return ::lstat(path.c_str(), &seen) == 0 && S_ISDIR(seen.st_mode);
}

bool isThere(const std::string &path)
{
    struct stat seen{};
    return ::lstat(path.c_str(), &seen) == 0 || errno != ENOENT;
}

Error problemOf(const std::string &doing)
{
    return {ErrorCode::Unavailable, fmt::format("{}: {}", doing, std::strerror(errno)), {}, {}};
}

void unmount(const std::filesystem::path &folder)
{
    // As often as something was mounted over the other.
    while (::umount2(folder.c_str(), MNT_DETACH | UMOUNT_NOFOLLOW) == 0) {
    }
    ::rmdir(folder.c_str());
}

// The volume, mounted while this lives, below a folder that is ours alone.
class Mount {
public:
    explicit Mount(const std::filesystem::path &within) : m_folder(within / "mount"), m_log(within / "mount.log") { unmount(m_folder); }
    ~Mount() { unmount(m_folder); }
    Mount(const Mount &) = delete;
    Mount &operator=(const Mount &) = delete;

    Result<void> open(const std::string &server, const std::string &volume)
    {
        if (::mkdir(m_folder.c_str(), 0700) != 0)
            return fail(problemOf(m_folder.string()));
        CM_TRY_ASSIGN(const host::CommandResult done,
                      host::runCommand({"glusterfs", marker, "--volfile-server=" + server, "--volfile-id=" + volume, "-L", "ERROR", "-l", m_log.string(),
                                        m_folder.string()}, mountsIn));
        if (done.status != 0)
            return fail(ErrorCode::Unavailable, fmt::format("{} cannot be mounted: {}{}", volume, done.output, done.errors));
        const auto end = std::chrono::steady_clock::now() + answersIn;
        while (!reachesAll()) {
            if (std::chrono::steady_clock::now() > end)
                return fail(ErrorCode::Timeout, fmt::format("{} is mounted and does not reach all its bricks", volume));
            std::this_thread::sleep_for(between);  // a sampler: another program connects, and tells nobody
        }
        return {};
    }
    [[nodiscard]] std::string at(const std::string &path) const { return m_folder.string() + path; }

private:
    // Names are given back only with all bricks.
    [[nodiscard]] bool reachesAll() const
    {
        std::array<char, 8192> told{};
        const ssize_t size = ::lgetxattr(m_folder.c_str(), places, told.data(), told.size());
        const std::string_view text(told.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
        std::size_t bricks = 0;
        for (std::size_t at = text.find("<POSIX("); at != std::string_view::npos; at = text.find("<POSIX(", at + 1))
            ++bricks;
        return bricks == bricksOfASet;
    }

    const std::filesystem::path m_folder, m_log;
};

// Every name that the brick has there, looked up: another brick that has lost one gets it back. What is not looked up
// before the mark, and is missing on the brick by which the self-heal daemon goes, would be deleted here.
Result<void> lookUpAll(const std::string &own, const std::string &mounted, std::chrono::steady_clock::time_point end)
{
    std::error_code failed;
    for (std::filesystem::directory_iterator entry(own, failed), none; !failed && entry != none; entry.increment(failed)) {
        if (std::chrono::steady_clock::now() > end)
            return fail(ErrorCode::Timeout, fmt::format("{} has more names than can be looked up in a minute", own));
        const std::string name = entry->path().filename().string();
        if (name != ".glusterfs")
            (void)isThere(mounted + "/" + name);
    }
    return failed ? Result<void>(fail(ErrorCode::Unavailable, fmt::format("{}: {}", own, failed.message()))) : Result<void>();
}

// That of this host, where the volume is one set.
const api::AgentBrick *ownBrickOfSet(const api::AgentVolume &volume)
{
    return volume.bricks.size() == bricksOfASet ? ownBrickOf(volume) : nullptr;
}

bool allServe(const api::AgentVolume &volume)
{
    return !volume.bricks.empty() && std::all_of(volume.bricks.begin(), volume.bricks.end(), [](const api::AgentBrick &brick) { return brick.online; });
}

}  // namespace

std::vector<Gap> gapsOf(const std::string &brick, const std::vector<std::string> &pending)
{
    std::vector<Gap> gaps;
    for (const std::string &path : pending) {
        if (path.empty() || path.front() != '/')
            continue;
        for (std::size_t end = 0; end < path.size();) {
            const std::size_t begin = end + 1;
            const std::string folder = path.substr(0, end);
            end = std::min(path.find('/', begin), path.size());
            if (!isFolder(brick + folder))
                break;
            if (isThere(brick + path.substr(0, end)))
                continue;
            Gap gap{folder, path.substr(begin, end - begin)};
            const bool waits = std::find(pending.begin(), pending.end(), folder.empty() ? "/" : folder) != pending.end();
            if (!waits && std::find(gaps.begin(), gaps.end(), gap) == gaps.end())
                gaps.push_back(std::move(gap));
            break;
        }
    }
    return gaps;
}

Result<std::string> clientNameOf(std::string_view volfile, const std::string &host, const std::string &path)
{
    std::string name;
    bool hosts = false, paths = false;
    for (std::size_t at = 0; at < volfile.size();) {
        const std::size_t end = std::min(volfile.find('\n', at), volfile.size());
        std::string_view line = volfile.substr(at, end - at);
        at = end + 1;
        line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
        if (line.starts_with("volume ")) {
            name = line.substr(7);
            hosts = paths = false;
        } else if (line == "option remote-host " + host) {
            hosts = true;
        } else if (line == "option remote-subvolume " + path) {
            paths = true;
        } else if (line == "end-volume" && hosts && paths) {
            return name;
        }
    }
    return fail(ErrorCode::NotFound, fmt::format("the volume's file for clients knows no brick {}:{}", host, path));
}

void Standstill::look(const api::AgentVolume &volume)
{
    std::int64_t waiting = 0;
    bool known = allServe(volume);
    for (const api::AgentBrick &brick : volume.bricks) {
        known = known && brick.unhealed;
        waiting = std::max(waiting, brick.unhealed.value_or(0));
    }
    if (!known) {
        forget();
        return;
    }
    m_looks = waiting > 0 && waiting >= m_waiting ? m_looks + 1 : 0;
    m_waiting = waiting;
}

bool Standstill::lasts() const
{
    return m_looks >= stillLooks;
}

void LostNames::told(const Result<api::AgentVolume> &look)
{
    const std::lock_guard lock(m_mutex);
    if (!look) {
        m_standstill.forget();
        return;
    }
    m_standstill.look(*look);
    m_told = *look;
}

Result<Mended> LostNames::mend()
{
    if (!std::exchange(m_swept, true))
        unmount(m_folder / "mount");  // of one that was ended in its middle
    api::AgentVolume volume;
    bool lasts = false;
    {
        const std::lock_guard lock(m_mutex);
        volume = m_told;
        lasts = m_standstill.lasts();
    }
    const api::AgentBrick *own = ownBrickOfSet(volume);
    if (!own || (!lasts && m_tried.empty() && !m_lone.waits()))
        return m_mended;
    const auto pending = pendingOf(m_volume);
    if (!pending) {
        m_last = fail(pending.error());
    } else {
        removeHalfMade(*own, *pending);
        const std::vector<Gap> gaps = look(*own, *pending);
        std::vector<std::string> lone = own->arbiter ? std::vector<std::string>() : m_lone.look(loneNamesIn(own->path, *pending), Clock::now());
        lone.resize(std::min(lone.size(), mostAtOnce));
        m_mended.shared = m_lone.ended();
        if (!gaps.empty() || !lone.empty())
            m_last = giveBack(gaps, lone);
        else if (m_tried.empty() && !m_lone.waits())
            m_last = {};
    }
    CM_TRY(m_last);
    return m_mended;
}

// What was so at the look before as well.
void LostNames::removeHalfMade(const api::AgentBrick &own, const std::vector<std::string> &pending)
{
    std::vector<std::string> now = halfMadeIn(own.path, pending, settled);
    std::vector<std::string> both;
    for (const std::string &path : now) {
        if (std::find(m_halfMade.begin(), m_halfMade.end(), path) != m_halfMade.end())
            both.push_back(path);
    }
    m_mended.removed += static_cast<std::int64_t>(agent::removeHalfMade(own.path, both));
    m_halfMade = std::move(now);
}

// What is missing now, was missing at the look before, and was not tried just now. What is being written is missing for a
// moment.
std::vector<Gap> LostNames::look(const api::AgentBrick &own, const std::vector<std::string> &pending)
{
    std::erase_if(m_tried, [&](const auto &entry) {
        const bool back = isThere(own.path + entry.first.folder + "/" + entry.first.missing);
        m_mended.givenBack += back ? 1 : 0;
        return back;
    });
    std::vector<Gap> gaps = gapsOf(own.path, pending);
    // Nothing waits for it any more: it was removed.
    std::erase_if(m_tried, [&](const auto &entry) { return std::find(gaps.begin(), gaps.end(), entry.first) == gaps.end(); });
    const std::vector<Gap> before = std::exchange(m_seen, gaps);
    std::erase_if(gaps, [&](const Gap &gap) {
        const auto tried = m_tried.find(gap);
        return std::find(before.begin(), before.end(), gap) == before.end() || (tried != m_tried.end() && !tried->second.isDue(Clock::now()));
    });
    gaps.resize(std::min(gaps.size(), mostAtOnce));
    return gaps;
}

// Nobody else may reach through what is mounted there.
Result<void> LostNames::openFolder() const
{
    struct stat seen{};
    if (::mkdir(m_folder.c_str(), 0700) != 0 && errno != EEXIST)
        return fail(problemOf(m_folder.string()));
    if (::lstat(m_folder.c_str(), &seen) != 0)
        return fail(problemOf(m_folder.string()));
    if (!S_ISDIR(seen.st_mode) || seen.st_uid != ::geteuid() || (seen.st_mode & 077) != 0)
        return fail(ErrorCode::Unavailable, fmt::format("{} has to be a folder of this user's alone, rwx------", m_folder.string()));
    return {};
}

Result<void> LostNames::giveBack(const std::vector<Gap> &gaps, const std::vector<std::string> &lone)
{
    m_lone.tried(lone, Clock::now());
    for (const Gap &gap : gaps)
        m_tried[gap].tried(Clock::now());
    CM_TRY(openFolder());
    CM_TRY_ASSIGN(const host::CommandResult told, host::runCommand({"gluster", "system::", "getspec", m_volume}, answersIn));
    // It is mounted at the server whose brick this is.
    CM_TRY_ASSIGN(const api::AgentVolume volume, VolumeWatch(m_volume).look());
    const api::AgentBrick *own = ownBrickOfSet(volume);
    if (!own || !allServe(volume))
        return {};  // when all are there again
    CM_TRY_ASSIGN(const std::string name, clientNameOf(told.output, own->host, own->path));
    Mount mount(m_folder);
    CM_TRY(mount.open(own->host, m_volume));
    const auto end = Clock::now() + giveBackIn;
    for (const std::string &path : lone)
        (void)isThere(mount.at(path));
    Result<void> first;
    std::string marked = "none";
    for (const Gap &gap : gaps) {
        if (Clock::now() > end)
            break;
        if (!own->arbiter) {
            // Who has bytes gets the name by this lookup, as its client has not looked before.
            (void)isThere(mount.at(gap.folder + "/" + gap.missing));
        } else if (marked != gap.folder) {
            Result<void> done = lookUpAll(own->path + gap.folder, mount.at(gap.folder), end);
            if (done && ::lsetxattr(mount.at(gap.folder).c_str(), mark, name.data(), name.size(), 0) != 0 && errno != ENOENT)
                done = fail(problemOf(fmt::format("{} of the brick cannot be marked", gap.folder)));
            if (!done && first)
                first = std::move(done);
            marked = gap.folder;
        }
    }
    return first;
}

}  // namespace cm::agent
