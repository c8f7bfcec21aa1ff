// SPDX-License-Identifier: GPL-3.0-or-later
// What a project gets out of what is here already: files that lie at another address, and its pages.
#include "core/mirror/disk.h"
#include "core/mirror/gather.h"

#include <algorithm>

namespace cm::mirror {

// Whether people get it at its address, its time not over, with its metadata.
bool Gatherer::isServed(const KnownFile &known) const
{
    return (known.state == FileState::Served || known.state == FileState::Fading) && m_tree.isHere(known.path, !known.metadata.empty());
}

// The same file where it lies under an address that it does not have any more; null when there is none.
const KnownFile *Gatherer::movedFrom(const Job &job, const PageFile &file) const
{
    const auto found = std::ranges::find_if(job.known.files, [&](const KnownFile &known) {
        return known.path != file.path && isSameFile(known, file) && isServed(known);
    });
    return found == job.known.files.end() ? nullptr : &*found;
}

// By a second name of it, once it was read. False where it has to be fetched: it is damaged or has other metadata, or this disk
// gives files one name.
bool Gatherer::takeMoved(const Job &job, PageFile &file, Download &download)
{
    const KnownFile *known = movedFrom(job, file);
    if (known == nullptr || known->metadata != file.file.metadataSha256)
        return false;
    const auto path = m_tree.filePath(known->path);
    const auto size = sizeWhenWhole(path, known->sha256, known->metadata);
    auto bytes = size ? m_tree.stageLink(path) : Result<StagedFile>(fail(ErrorCode::Corrupt, "it is damaged"));
    if (!bytes)
        return false;
    if (!known->metadata.empty()) {
        auto metadata = m_tree.stageLink(path.string() + ".metadata");
        if (!metadata)
            return false;
        download.metadata.emplace(std::move(*metadata));
    }
    download.bytes.emplace(std::move(*bytes));
    file.file.size = *size;
    return true;
}

pypi::Metadata Gatherer::infoOf(const Job &job) const
{
    const std::string version = newestVersion(job.page);
    for (std::size_t i = 0; i < job.page.files.size(); ++i) {
        const PageFile &file = job.page.files[i];
        if (file.version != version || file.file.metadataSha256.empty())
            continue;
        const auto fresh = std::ranges::find(job.downloads, i, &Download::file);
        const std::string path = fresh != job.downloads.end() && fresh->metadata ? fresh->metadata->path() : m_tree.filePath(file.path).string() + ".metadata";
        if (auto metadata = pypi::parseMetadata(wholeText(path).value_or(std::string())))
            return std::move(*metadata);
    }
    return {};
}

Result<void> Gatherer::render(Job &job)
{
    // Web servers make validators of the second and the size: no two versions of a page may share them.
    // The first one has what the disk gives it.
    Time stamp{};
    if (const Time served = m_tree.servedStamp(job.page.name); served != Time{})
        stamp = std::max<Time>(std::chrono::floor<std::chrono::seconds>(m_clock.now()), served + std::chrono::seconds(1));
    const Rendered pages = renderProject(job.page, job.pending.display, infoOf(job), m_options.baseUrl);
    job.digest = digestOf(pages);
    CM_TRY_ASSIGN(job.stagedPages, m_tree.stagePages(pages, stamp));
    return {};
}

}  // namespace cm::mirror
