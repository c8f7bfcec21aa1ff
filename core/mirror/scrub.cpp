// SPDX-License-Identifier: GPL-3.0-or-later
// What time brings: bytes whose grace is over, and files and pages that are read again to see whether the disk has kept them.
#include "core/mirror/check.h"
#include "core/mirror/disk.h"
#include "core/mirror/mirror.h"

#include <algorithm>
#include <cmath>

namespace cm::mirror {
namespace {

constexpr std::int64_t expiredAtOnce = 10'000;
constexpr std::int64_t scrubbedAtOnce = 1000;

// Whether pages tell what is known of their project, form by form and file by file.
bool agree(const PagesSeen &seen, const KnownProject &known)
{
    if (!seen.findings.empty() || seen.serial != known.serial)
        return false;
    if (static_cast<std::size_t>(std::ranges::count_if(known.files, isOnPage)) != seen.files.size())
        return false;
    return std::ranges::all_of(seen.files, [&](const PageFile &file) {
        return std::ranges::any_of(known.files, [&](const KnownFile &one) {
            return isOnPage(one) && one.path == file.path && one.sha256 == file.file.sha256 && one.metadata == file.file.metadataSha256;
        });
    });
}

}  // namespace

void Mirror::expire()
{
    const auto expired = m_state.expired(m_clock.now(), expiredAtOnce);
    if (!expired)
        return note(expired.error().detail);
    if (expired->empty())
        return;
    std::vector<std::string> paths;
    for (const KnownFile &file : *expired) {
        if (file.state == FileState::Aside)
            m_tree.dropAside(file.path, file.sha256);
        else
            m_tree.dropFile(file.path);
        paths.push_back(file.path);
    }
    if (const auto forgotten = m_state.forget(paths); !forgotten)
        note(forgotten.error().detail);
}

// A share of the files and pages that follows from the time since the last one, as far as its time goes: what is left of it
// then is done by the next runs. Whether something is damaged, which is then pending.
bool Mirror::scrub(const std::stop_token &stop)
{
    if (m_options.scrubPercent <= 0)
        return false;
    const Facts before = m_state.facts();
    const auto since = std::clamp<std::chrono::duration<double>>(m_started - before.scrubbed, std::chrono::seconds(0), std::chrono::hours(24));
    const double share = m_options.scrubPercent / 100.0 * since.count() / 86400.0;
    const auto quotaOf = [share](std::int64_t all) { return static_cast<std::int64_t>(std::floor(static_cast<double>(all) * share)); };
    const std::int64_t quota = quotaOf(before.files) + quotaOf(before.projects);
    if (quota == 0)
        return false;
    const std::int64_t damaged = m_report.damaged;
    const auto until = std::chrono::steady_clock::now() + m_options.scrubFor;
    auto checked = scrubPages(quotaOf(before.projects), until, stop);
    if (checked) {
        auto files = scrubFiles(quotaOf(before.files), until, stop);
        checked = files ? Result<std::int64_t>(*checked + *files) : std::move(files);
    }
    if (!checked) {
        note(checked.error().detail);
        return false;
    }
    // Nothing was there that this run has not brought: it is all still to come.
    if (*checked == 0)
        return false;
    Facts facts = m_state.facts();
    const double done = std::min(1.0, static_cast<double>(*checked) / static_cast<double>(quota));
    const bool early = std::chrono::steady_clock::now() >= until || stop.stop_requested();
    facts.scrubbed = early ? m_started - std::chrono::duration_cast<std::chrono::microseconds>(since * (1.0 - done)) : m_started;
    if (const auto saved = m_state.setFacts(facts); !saved)
        note(saved.error().detail);
    return m_report.damaged > damaged;
}

// Answers how many were looked at.
Result<std::int64_t> Mirror::scrubFiles(std::int64_t quota, Moment until, const std::stop_token &stop)
{
    std::int64_t looked = 0;
    const auto ends = [&] { return stop.stop_requested() || std::chrono::steady_clock::now() >= until; };
    while (looked < quota && !ends()) {
        CM_TRY_ASSIGN(const auto files, m_state.longestUnchecked(m_started, std::min(quota - looked, scrubbedAtOnce)));
        if (files.empty())
            break;
        FilesRead read;
        for (const KnownFile &file : files) {
            if (ends())
                break;
            readFile(file, read);
        }
        looked += read.count();
        CM_TRY(noteRead(read));
    }
    return looked;
}

void Mirror::readFile(const KnownFile &file, FilesRead &read) const
{
    if (sizeWhenWhole(m_tree.filePath(file.path), file.sha256, file.metadata) == file.size)
        read.sound.push_back(file.path);
    else
        read.damaged.push_back(file);
}

Result<void> Mirror::noteRead(const FilesRead &read)
{
    for (const KnownFile &file : read.damaged)
        m_log.warning("mirror.damaged", {{"file", std::string_view(file.path)}, {"project", std::string_view(file.project)}});
    m_report.checked += read.count();
    m_report.damaged += static_cast<std::int64_t>(read.damaged.size());
    return m_state.noteChecked(read.sound, read.damaged, m_started);
}

Result<std::int64_t> Mirror::scrubPages(std::int64_t quota, Moment until, const std::stop_token &stop)
{
    std::int64_t looked = 0;
    const auto ends = [&] { return stop.stop_requested() || std::chrono::steady_clock::now() >= until; };
    while (looked < quota && !ends()) {
        CM_TRY_ASSIGN(const auto pages, m_state.pagesLongestUnchecked(m_started, std::min(quota - looked, scrubbedAtOnce)));
        if (pages.empty())
            break;
        std::vector<State::KnownPage> sound;
        std::vector<std::string> damaged;
        for (const State::KnownPage &page : pages) {
            if (ends())
                break;
            std::string digest = m_tree.servedDigest(page.name);
            bool isSound = !digest.empty() && digest == page.digest;
            // Those of a version that kept no digest have one from now on, if they tell what is known of their project.
            if (!digest.empty() && page.digest.empty()) {
                CM_TRY_ASSIGN(const KnownProject known, m_state.known(page.name));
                isSound = agree(lookAtPages(m_tree.web() / "simple" / page.name, page.name), known);
            }
            if (isSound)
                sound.push_back({page.name, std::move(digest)});
            else
                damaged.push_back(page.name);
        }
        for (const std::string &name : damaged)
            m_log.warning("mirror.damaged", {{"page", std::string_view(name)}});
        m_report.damaged += static_cast<std::int64_t>(damaged.size());
        looked += static_cast<std::int64_t>(sound.size() + damaged.size());
        CM_TRY(m_state.notePagesChecked(sound, damaged, m_started));
    }
    return looked;
}

}  // namespace cm::mirror
