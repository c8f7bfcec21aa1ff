// SPDX-License-Identifier: GPL-3.0-or-later
// cheesemongerd admin move
#include "app/daemon/command.h"
#include "app/daemon/data_folder.h"
#include "app/daemon/fsck_report.h"
#include "core/base/database_url.h"
#include "core/blobs/posix/posix_blob_store.h"
#include "core/catalog/catalog.h"
#include "core/catalog/transfer.h"
#include "core/metrics/store/count_database.h"
#include "core/sql/postgres/postgres_database.h"
#include "core/sql/sqlite/sqlite_database.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>

namespace cm::daemon {
namespace {

constexpr std::size_t blobsAtOnce = 100;

struct MoveFlags {
    std::string data;
    std::string to;
    std::string files;
};

class Move {
public:
    Move(const MoveFlags &flags, DataFolder folder) : m_flags(flags), m_folder(std::move(folder)) {}

    // Whether everything was found to be whole.
    Result<bool> run()
    {
        CM_TRY(open());
        CM_TRY_ASSIGN(const bool empty, catalog::isEmpty(*m_to));
        if (!empty) {
            // A run before may have ended between its commit and its checks.
            CM_TRY_ASSIGN(const bool same, haveSameRows());
            if (!same)
                return fail(ErrorCode::Conflict, "the database that --to names holds another registry already: give an"
                                                 " empty one");
            std::puts("The rows are there already, from a run before.");
        }
        // The bytes before the rows that name them.
        if (!m_flags.files.empty())
            CM_TRY(moveFiles());
        if (empty)
            CM_TRY(catalog::copyTables(*m_from, *m_to, [](std::string_view table, std::int64_t rows) {
                std::printf("copied\t%.*s\t%lld rows\n", static_cast<int>(table.size()), table.data(),
                            static_cast<long long>(rows));
            }));
        CM_TRY_ASSIGN(const bool rows, haveSameRows());
        CM_TRY_ASSIGN(const bool files, areFilesWhole());
        // What was copied in the order of its key lies where nothing else does until then.
        CM_TRY(metrics::CountDatabase(*m_to, m_clock).arrange());
        if (rows && files)
            tellWhatNow();
        return rows && files;
    }

private:
    Result<void> open()
    {
        // Opening would make one.
        std::error_code error;
        if (!std::filesystem::exists(m_folder.database(), error))
            return fail(ErrorCode::NotFound, "there is no registry to move: " + m_folder.database() + " is missing");
        CM_TRY_ASSIGN(m_from, sql::SqliteDatabase::open(m_folder.database()));
        CM_TRY_ASSIGN(m_fromCatalog, catalog::Catalog::open(*m_from, m_clock));
        CM_TRY_ASSIGN(m_fromBlobs, blobs::PosixBlobStore::create(m_folder.blobs()));
        sql::PostgresOptions options;
        options.url = m_flags.to;
        CM_TRY_ASSIGN(m_to, sql::PostgresDatabase::open(options));
        CM_TRY_ASSIGN(m_toCatalog, catalog::Catalog::open(*m_to, m_clock));
        CM_TRY_ASSIGN(m_toBlobs, blobs::PosixBlobStore::create(filesFolder()));
        return {};
    }

    [[nodiscard]] std::string filesFolder() const { return m_flags.files.empty() ? m_folder.blobs() : m_flags.files; }

    Result<void> moveFiles()
    {
        std::size_t copied = 0;
        CM_TRY_ASSIGN(const std::vector<std::string> named, namedFiles());
        for (std::size_t at = 0; at < named.size(); at += blobsAtOnce) {
            const std::span<const std::string> some = std::span(named).subspan(at, std::min(blobsAtOnce, named.size() - at));
            CM_TRY_ASSIGN(const std::size_t more, m_toBlobs->adopt(*m_fromBlobs, some));
            copied += more;
        }
        std::printf("files\t%zu, %zu of them copied, the others linked\n", named.size(), copied);
        return {};
    }

    // What is missing here is found again, and told, by the check at the end.
    Result<std::vector<std::string>> namedFiles()
    {
        std::vector<std::string> paths;
        CM_TRY(m_fromCatalog->read([&](catalog::Reader &reader) {
            return reader.forEachBlob([&](const catalog::NamedBlob &blob) {
                for (const std::string &path : {blob.path, blob.path + ".metadata"}) {
                    if (m_fromBlobs->stat(path))
                        paths.push_back(path);
                }
                return true;
            });
        }));
        return paths;
    }

    Result<bool> haveSameRows()
    {
        CM_TRY_ASSIGN(const auto before, catalog::digestTables(*m_from));
        CM_TRY_ASSIGN(const auto after, catalog::digestTables(*m_to));
        for (std::size_t i = 0; i < before.size(); ++i) {
            const bool same = before[i] == after[i];
            std::printf("%s\t%s\t%lld rows\t%s\n", same ? "same" : "DIFFERENT", before[i].table.c_str(),
                        static_cast<long long>(after[i].rows), after[i].sha256.c_str());
        }
        return before == after;
    }

    Result<bool> areFilesWhole()
    {
        Log log(LogLevel::Warning);
        const registry::Settings settings;
        registry::Housekeeping housekeeping(*m_toCatalog, *m_toBlobs, log, m_clock, settings);
        registry::FsckOptions options;
        options.rehash = true;
        CM_TRY_ASSIGN(const registry::FsckReport report, housekeeping.fsck(options));
        printReport(report);
        return report.sound();
    }

    void tellWhatNow() const
    {
        std::printf("The registry has moved. What every node of it needs in its configuration:\n\n"
                    "[serve]\nfiles = \"%s\"\nnode_key = \"%s\"\n\n[serve.database]\nurl = \"…\"  # that of --to\n\n"
                    "%s stays as it is; do not serve from it any more.\n",
                    filesFolder().c_str(), m_folder.key().c_str(), m_folder.database().c_str());
    }

    const MoveFlags &m_flags;
    const DataFolder m_folder;
    const SystemClock m_clock;
    std::unique_ptr<sql::Database> m_from;
    std::unique_ptr<catalog::Catalog> m_fromCatalog;
    std::unique_ptr<blobs::PosixBlobStore> m_fromBlobs;
    std::unique_ptr<sql::Database> m_to;
    std::unique_ptr<catalog::Catalog> m_toCatalog;
    std::unique_ptr<blobs::PosixBlobStore> m_toBlobs;
};

Result<bool> move(const MoveFlags &flags)
{
    CM_TRY_ASSIGN(DataFolder folder, DataFolder::open(flags.data.empty() ? defaultDataFolder() : flags.data, false));
    if (!std::filesystem::exists(folder.database()))
        return fail(ErrorCode::NotFound, "there is no registry in " + folder.path().string());
    // Nobody changes what moves, nor uses where it goes.
    CM_TRY_ASSIGN(const ServeLock lock, ServeLock::take(folder));
    CM_TRY_ASSIGN(const CountsLock counts, CountsLock::own(folder));
    std::optional<FilesLock> filesLock;
    if (!flags.files.empty()) {
        CM_TRY_ASSIGN(FilesLock taken, FilesLock::own(flags.files));
        filesLock.emplace(std::move(taken));
    }
    return Move(flags, std::move(folder)).run();
}

}  // namespace

void addAdminMove(CLI::App &admin, Command &chosen)
{
    auto flags = std::make_shared<MoveFlags>();
    CLI::App *moving = admin.add_subcommand("move", "Move a registry from SQLite into PostgreSQL and check every row "
                                                    "and byte; not while it serves; may be repeated");
    moving->add_option("--data", flags->data, "Folder of the registry")->type_name("DIR");
    moving->add_option("--to", flags->to, "An empty database, without a password here")->type_name("URL");
    moving->add_option("--files", flags->files, "Folder that takes the packages; without it they stay")->type_name("DIR");
    moving->callback([flags, &chosen] {
        chosen = [flags] {
            if (!passwordOf(flags->to).empty())
                return complain({ErrorCode::InvalidInput,
                                 "--to shows its password to everyone on this machine: put it into a pass file"
                                 " (passfile=…, ~/.pgpass) or CHEESEMONGER_DATABASE_URL",
                                 {},
                                 {}},
                                exitUsage);
            if (const char *address = std::getenv("CHEESEMONGER_DATABASE_URL"); address && flags->to.empty())
                flags->to = address;
            if (flags->to.empty())
                return complain({ErrorCode::InvalidInput,
                                 "--to, or CHEESEMONGER_DATABASE_URL in the environment, has to name the database",
                                 {},
                                 {}},
                                exitUsage);
            const auto whole = move(*flags);
            if (!whole)
                return complain(whole.error());
            return *whole ? exitDone : exitDamaged;
        };
    });
}

}  // namespace cm::daemon
