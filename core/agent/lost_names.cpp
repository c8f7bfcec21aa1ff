// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/agent/lost_names.h"

#include "core/agent/volume.h"
#include "core/host/command.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <thread>

namespace cm::agent {
namespace {

// Looks in a row at which no less waits: the self-heal daemon has had several rounds.
constexpr int stillLooks = 3;
constexpr auto mountsIn = std::chrono::seconds(20);
constexpr auto answersIn = std::chrono::seconds(10);
constexpr auto between = std::chrono::milliseconds(100);
// By which GlusterFS knows who may mark a brick.
constexpr const char *marker = "--client-pid=-12";
constexpr const char *mark = "trusted.replace-brick";

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

// The volume, mounted while this lives.
class Mount {
public:
    explicit Mount(std::filesystem::path folder) : m_folder(std::move(folder)) {}
    ~Mount() { release(); }
    Mount(const Mount &) = delete;
    Mount &operator=(const Mount &) = delete;

    Result<void> open(const std::string &server, const std::string &volume)
    {
        release();  // of one that was ended in the middle
        std::error_code failed;
        if (std::filesystem::create_directories(m_folder, failed); failed)
            return fail(ErrorCode::Unavailable, fmt::format("{}: {}", m_folder.string(), failed.message()));
        CM_TRY_ASSIGN(const host::CommandResult done,
                      host::runCommand({"glusterfs", marker, "--volfile-server=" + server, "--volfile-id=" + volume, "-L", "ERROR", "-l",
                                        m_folder.string() + ".log", m_folder.string()}, mountsIn));
        if (done.status != 0)
            return fail(ErrorCode::Unavailable, fmt::format("{} cannot be mounted: {}{}", volume, done.output, done.errors));
        for (const auto end = std::chrono::steady_clock::now() + answersIn; !answers(); std::this_thread::sleep_for(between)) {
            if (std::chrono::steady_clock::now() > end)
                return fail(ErrorCode::Timeout, fmt::format("{} is mounted and does not answer", volume));
        }
        return {};
    }

private:
    [[nodiscard]] bool answers() const
    {
        struct stat inside{}, outside{};
        return ::stat(m_folder.c_str(), &inside) == 0 && ::stat(m_folder.parent_path().c_str(), &outside) == 0 && inside.st_dev != outside.st_dev;
    }
    void release() const
    {
        ::umount2(m_folder.c_str(), MNT_DETACH);
        ::rmdir(m_folder.c_str());
    }

    const std::filesystem::path m_folder;
};

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

void LostNames::told(const api::AgentVolume &volume)
{
    const std::lock_guard lock(m_mutex);
    m_told = volume;
}

// Something waits, all bricks are there to heal it, and no less waits than before.
bool LostNames::standsStill(const api::AgentVolume &volume)
{
    std::int64_t waiting = 0;
    const bool known = !volume.bricks.empty() && std::all_of(volume.bricks.begin(), volume.bricks.end(), [&](const api::AgentBrick &brick) {
        waiting = std::max(waiting, brick.unhealed.value_or(0));
        return brick.online && brick.unhealed;
    });
    m_still = known && waiting > 0 && waiting >= m_waiting ? m_still + 1 : 0;
    m_waiting = known ? waiting : 0;
    return m_still >= stillLooks;
}

Result<std::int64_t> LostNames::mend()
{
    api::AgentVolume volume;
    {
        const std::lock_guard lock(m_mutex);
        volume = m_told;
    }
    if (!standsStill(volume))
        return m_mended;
    m_still = 0;
    const auto own = std::find_if(volume.bricks.begin(), volume.bricks.end(), [](const api::AgentBrick &brick) { return brick.own; });
    if (own == volume.bricks.end())
        return m_mended;
    CM_TRY_ASSIGN(const std::vector<std::string> pending, pendingOf(m_volume));
    if (const std::vector<Gap> gaps = gapsOf(own->path, pending); !gaps.empty()) {
        CM_TRY(giveBack(*own, gaps));
        m_mended += static_cast<std::int64_t>(gaps.size());
    }
    return m_mended;
}

Result<void> LostNames::giveBack(const api::AgentBrick &own, const std::vector<Gap> &gaps)
{
    CM_TRY_ASSIGN(const host::CommandResult told, host::runCommand({"gluster", "system::", "getspec", m_volume}, answersIn));
    CM_TRY_ASSIGN(const std::string name, clientNameOf(told.output, own.host, own.path));
    Mount mount(m_folder);
    CM_TRY(mount.open(own.host, m_volume));
    std::string marked;
    for (const Gap &gap : gaps) {
        const std::string folder = m_folder.string() + gap.folder;
        // Who has bytes gets the name by this lookup, as its client has not looked before.
        if (!own.arbiter) {
            (void)isThere(folder + "/" + gap.missing);
        } else if (marked != folder) {
            if (::lsetxattr(folder.c_str(), mark, name.data(), name.size(), 0) != 0)
                return fail(problemOf(fmt::format("{} of the brick cannot be marked", gap.folder)));
            marked = folder;
        }
    }
    return {};
}

}  // namespace cm::agent
