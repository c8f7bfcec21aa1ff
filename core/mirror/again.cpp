// SPDX-License-Identifier: GPL-3.0-or-later
// One project that somebody wants to be looked at anew: its files are read and compared, its page is fetched past every cache,
// and what is damaged comes again.
#include "core/host/whole_file.h"
#include "core/mirror/mirror.h"
#include "core/mirror/status.h"
#include "core/pypi/names.h"

#include <algorithm>
#include <fmt/format.h>

namespace cm::mirror {

void Mirror::takeAgain()
{
    m_ordered.clear();
    for (host::AgainFile &found : host::readAgain(m_options.root)) {
        const bool sound = found.order && pypi::isValidName(found.order->project) && found.order->project.size() <= host::longestProject;
        const std::string name = sound ? pypi::normalizeName(found.order->project) : std::string();
        if (sound && m_options.filters.wantsProject(name)) {
            m_ordered[name] = {found.file, found.order->by, false, 0, 0};
            continue;
        }
        if (const auto removed = host::removeWhole(found.file); !removed)
            note(removed.error().detail);
        if (sound)
            remember({"again", name, m_clock.now(), false, fmt::format("A filter of this mirror leaves {} out", name), found.order->by});
        else
            m_log.warning("mirror.order", {{"file", std::string_view(found.file.filename().string())}, {"detail", std::string_view("it is none")}});
    }
}

// Whether there is more to do for that. What changed is asked for meanwhile: reading many files takes long.
bool Mirror::lookAgain(const std::stop_token &stop)
{
    for (auto &[name, ordered] : m_ordered) {
        if (!wantsMore(stop))
            return false;
        auto read = readAgain(name, stop);
        if (read && *read)
            read = m_state.lookAgain(name, m_started).map([] { return true; });
        if (!read) {
            note(read.error().detail);
            return false;
        }
        ordered.read = *read;
    }
    return !m_ordered.empty();
}

// All files of it; false when the run ends before.
Result<bool> Mirror::readAgain(const std::string &name, const std::stop_token &stop)
{
    Again &ordered = m_ordered[name];
    CM_TRY_ASSIGN(const KnownProject known, m_state.known(name));
    FilesRead read;
    for (const KnownFile &file : known.files) {
        if (file.state == FileState::Aside)
            continue;
        if (std::chrono::steady_clock::now() >= m_askAgain) {
            followAgain(stop);
            workOff(stop);
        }
        if (!wantsMore(stop))
            return false;
        readFile(file, read);
    }
    // What was withdrawn while others were read is not where it was, and not damaged for that.
    CM_TRY_ASSIGN(const KnownProject later, m_state.known(name));
    std::erase_if(read.damaged, [&](const KnownFile &file) {
        return std::ranges::none_of(later.files, [&](const KnownFile &now) { return now.path == file.path && now.state != FileState::Aside; });
    });
    ordered.files = read.count();
    ordered.damaged = static_cast<std::int64_t>(read.damaged.size());
    CM_TRY(noteRead(read));
    return true;
}

void Mirror::endAgain()
{
    for (const auto &[name, ordered] : std::exchange(m_ordered, {})) {
        const auto pending = m_state.pendingOf(name);
        const auto known = m_state.known(name);
        if (!pending || !known) {
            note((pending ? known.error() : pending.error()).detail);
            continue;
        }
        const std::string read = fmt::format("{} file{} read, {} damaged", ordered.files, ordered.files == 1 ? "" : "s", ordered.damaged);
        Outcome outcome{"again", name, m_clock.now(), false, {}, ordered.by};
        if (!ordered.read) {
            outcome.statement = fmt::format("The run ended before all files of {} were read: order it again", name);
        } else if (*pending && !(*pending)->error.empty()) {
            outcome.statement = fmt::format("{}: {}; {}", name, (*pending)->error, read);
        } else if (*pending) {
            outcome.statement = fmt::format("{}: the run ended before it was fetched, and the next one goes on; {}", name, read);
        } else if (known->page.empty()) {
            outcome.statement = fmt::format("The registry has no project {}, nor has this mirror", name);
        } else {
            outcome.done = true;
            outcome.statement = fmt::format("{} is whole: its page is of serial {}, {}{}", name, known->serial, read, ordered.damaged > 0 ? " and fetched again" : "");
        }
        if (const auto removed = host::removeWhole(ordered.file); !removed)
            note(removed.error().detail);
        remember(outcome);
    }
}

}  // namespace cm::mirror
