// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/host/out_file.h"

#include "core/api/codec.h"
#include "core/base/descriptor.h"
#include "core/host/whole_file.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>

namespace cm::host {
namespace {

constexpr mode_t forAll = 0644;

// Held by whoever changes the file: nobody takes away what another has just written. In a file of the owner's alone, and
// never waited for: whoever may read the tree could else hold up orders, and the next try is seconds away.
class TreeLock {
public:
    explicit TreeLock(const std::filesystem::path &tree) : m_file(::open((tree / "out.lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600))
    {
        int locked = -1;
        while (m_file.get() >= 0 && (locked = ::flock(m_file.get(), LOCK_EX | LOCK_NB)) != 0 && errno == EINTR) {
        }
        if (locked != 0)
            taken = fail(errno == ENOENT ? ErrorCode::NotFound : errno == EWOULDBLOCK ? ErrorCode::Conflict : ErrorCode::Unavailable,
                         fmt::format("{}/out.lock: {}", tree.string(), std::strerror(errno)));
    }

    Result<void> taken;

private:
    Descriptor m_file;
};

bool isOver(const api::AgentOut &out, Time now)
{
    return out.until && *out.until <= now;
}

}  // namespace

std::filesystem::path outFile(const std::filesystem::path &tree)
{
    return tree / "out";
}

Result<std::optional<api::AgentOut>> readOut(const std::filesystem::path &tree)
{
    const auto text = readWhole(outFile(tree));
    if (!text && text.error().code == ErrorCode::NotFound)
        return std::nullopt;
    if (!text)
        return fail(text.error());
    auto told = api::fromJsonText<api::AgentOut>(*text);
    return told ? std::move(*told) : api::AgentOut();
}

Result<void> writeOut(const std::filesystem::path &tree, const api::AgentOut &out)
{
    const TreeLock lock(tree);
    CM_TRY(lock.taken);
    return writeWhole(outFile(tree), api::toJsonText(out) + "\n", forAll);
}

Result<std::optional<api::AgentOut>> endOut(const std::filesystem::path &tree, Time now)
{
    CM_TRY_ASSIGN(auto seen, readOut(tree));
    if (!seen || !isOver(*seen, now))
        return std::nullopt;
    const TreeLock lock(tree);
    CM_TRY(lock.taken);
    CM_TRY_ASSIGN(auto out, readOut(tree));
    if (!out || !isOver(*out, now))
        return std::nullopt;
    CM_TRY(removeWhole(outFile(tree)));
    return out;
}

}  // namespace cm::host
