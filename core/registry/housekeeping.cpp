// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/registry/housekeeping.h"

#include "core/base/file_digest.h"
#include "core/registry/use_evidence.h"

#include <unistd.h>
#include <unordered_set>

namespace cm::registry {

namespace {

constexpr std::string_view sibling = ".metadata";
constexpr std::int64_t idleAtOnce = 500;
constexpr std::chrono::hours idleFor{24};
// Of uses: a year and a bit, so that last year's month can be laid beside this one's.
constexpr std::chrono::days usesFor{400};

Result<std::string> digestOf(const blobs::OpenBlob &blob, HashKind kind)
{
    auto digest = digestOfFile(kind, blob.fd());
    if (!digest)
        return fail(ErrorCode::Unavailable, "a blob cannot be read");
    return std::move(digest->hex);
}

class Inventory {
public:
    Inventory(catalog::Catalog &catalog, blobs::BlobStore &blobs, const FsckOptions &options, std::stop_token stop)
        : m_catalog(catalog), m_blobs(blobs), m_options(options), m_stop(std::move(stop))
    {}

    Result<FsckReport> take()
    {
        // The blobs first: a file that is uploaded meanwhile is then no orphan, since its row is read later.
        std::vector<std::string> found;
        CM_TRY(m_blobs.list([&](const blobs::BlobInfo &blob) {
            found.push_back(blob.path);
            return !m_stop.stop_requested();
        }));
        CM_TRY_ASSIGN(const auto expected, namedByRows());
        for (const catalog::NamedBlob &blob : expected)
            CM_TRY(check(blob));
        for (const std::string &path : found) {
            if (!m_named.contains(path))
                m_report.orphans.push_back(path);
        }
        if (m_stop.stop_requested())
            return fail(ErrorCode::Cancelled, "stopped");
        return std::move(m_report);
    }

private:
    Result<std::vector<catalog::NamedBlob>> namedByRows()
    {
        std::vector<catalog::NamedBlob> blobs;
        CM_TRY(m_catalog.read([&](catalog::Reader &reader) {
            return reader.forEachBlob([&](const catalog::NamedBlob &blob) {
                m_named.insert(blob.path);
                if (blob.metadataSha256)
                    m_named.insert(blob.path + std::string(sibling));
                blobs.push_back(blob);
                return !m_stop.stop_requested();
            });
        }));
        return blobs;
    }

    // Of deleted files as well: they can be restored until the purge.
    Result<void> check(const catalog::NamedBlob &blob)
    {
        if (m_stop.stop_requested())
            return fail(ErrorCode::Cancelled, "stopped");
        ++m_report.files;
        const bool page = blob.sha256.empty();
        CM_TRY(checkBlob(blob.path, blob.size, page ? HashKind::Blake2b256 : HashKind::Sha256,
                         page ? blob.blake2b256 : blob.sha256));
        if (blob.metadataSha256)
            CM_TRY(checkBlob(blob.path + std::string(sibling), std::nullopt, HashKind::Sha256, *blob.metadataSha256));
        return {};
    }

    Result<void> checkBlob(const std::string &path, std::optional<std::int64_t> size, HashKind kind,
                           const std::string &digest)
    {
        auto blob = m_blobs.open(path);
        if (!blob && blob.error().code == ErrorCode::NotFound) {
            m_report.missing.push_back(path);
            return {};
        }
        if (!blob)
            return fail(std::move(blob.error()));
        if (size && blob->size() != static_cast<std::uint64_t>(*size)) {
            m_report.wrongSize.push_back(path);
            return {};
        }
        if (!m_options.rehash || digest.empty())
            return {};
        CM_TRY_ASSIGN(const std::string actual, digestOf(*blob, kind));
        if (actual != digest)
            m_report.wrongDigest.push_back(path);
        return {};
    }

    catalog::Catalog &m_catalog;
    blobs::BlobStore &m_blobs;
    const FsckOptions &m_options;
    std::stop_token m_stop;
    FsckReport m_report;
    std::unordered_set<std::string> m_named;
};

}  // namespace

Result<std::size_t> Housekeeping::sweep()
{
    CM_TRY_ASSIGN(const std::size_t swept, m_blobs.sweepStaging());
    if (swept > 0)
        m_log.info("staging.swept", {{"files", static_cast<std::int64_t>(swept)}});
    return swept;
}

Result<PurgeReport> Housekeeping::purge()
{
    const Time now = m_clock.now();
    PurgeReport report;
    const auto paths = m_catalog.write([&](catalog::Writer &writer) -> Result<std::vector<std::string>> {
        CM_TRY_ASSIGN(auto blobs, writer.purgeExpired(now));
        CM_TRY_ASSIGN(report.events, writer.pruneEvents(now - m_settings.eventRetention));
        CM_TRY_ASSIGN(report.sessions, writer.pruneSessions(now));
        // A day before the uses by which they are known go.
        CM_TRY(keepBrownOutFigures(writer, now - usesFor + std::chrono::days(1)));
        CM_TRY(writer.pruneUses(now - usesFor));
        return blobs;
    });
    // Whoever wants something back has to wait as well: nothing goes for good meanwhile.
    if (!paths && catalog::isReadOnly(paths.error()))
        return PurgeReport{};
    if (!paths)
        return fail(paths.error());
    // Rows first: bytes that no row names are garbage that fsck finds, a row without bytes is a loss.
    for (const std::string &path : *paths) {
        const auto removed = m_blobs.remove(path);
        if (removed)
            ++report.blobs;
        else if (removed.error().code != ErrorCode::NotFound)
            m_log.warning("purge.blob", {{"path", path}, {"error", removed.error().detail}});
    }
    CM_TRY_ASSIGN(const std::int64_t idle, removeIdle(now));
    report.blobs += idle;
    return report;
}

// Pages of documentation that no row names any more. An upload commits its pages long before the rows that name
// them, so what somebody has committed lately stays.
Result<std::int64_t> Housekeeping::removeIdle(Time now)
{
    std::int64_t removed = 0;
    std::string after;
    for (;;) {
        CM_TRY_ASSIGN(const auto paths, m_catalog.read([&](catalog::Reader &reader) {
            return reader.idleBlobs(after, idleAtOnce);
        }));
        if (paths.empty())
            return removed;
        after = paths.back();
        std::vector<std::string> gone;
        for (const std::string &path : paths) {
            const auto done = m_blobs.removeIdle(path, now - idleFor);
            if (!done)
                m_log.warning("purge.blob", {{"path", path}, {"error", done.error().detail}});
            else if (*done)
                gone.push_back(path);
        }
        removed += static_cast<std::int64_t>(gone.size());
        if (!gone.empty())
            CM_TRY(m_catalog.write([&](catalog::Writer &writer) { return writer.forgetIdleBlobs(gone); }));
    }
}

Result<FsckReport> Housekeeping::fsck(const FsckOptions &options, std::stop_token stop)
{
    CM_TRY_ASSIGN(FsckReport report, Inventory(m_catalog, m_blobs, options, stop).take());
    if (options.removeOrphans) {
        for (const std::string &path : report.orphans) {
            CM_TRY(m_blobs.remove(path));
            ++report.removed;
        }
    }
    return report;
}

}  // namespace cm::registry
