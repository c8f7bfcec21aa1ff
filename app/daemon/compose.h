// SPDX-License-Identifier: GPL-3.0-or-later
// The only place of the program where concrete things are made: the database, the folder of files,
// the services over them and, for `serve`, the executors and the HTTP server. Members are destroyed in
// reverse order of what needs what. One thread makes and destroys them.
#pragma once

#include "app/daemon/data_folder.h"
#include "app/daemon/edges.h"
#include "app/daemon/surroundings.h"
#include "core/base/executor.h"
#include "core/blobs/posix/posix_blob_store.h"
#include "core/config/serve_config.h"
#include "core/host/held_mark.h"
#include "core/metrics/clickhouse/event_rows.h"
#include "core/metrics/store/count_reader.h"
#include "core/metrics/store/count_rows.h"
#include "core/registry/housekeeping.h"
#include "core/server/registry_application.h"
#include "core/sql/database.h"

#include <atomic>
#include <memory>
#include <optional>
#include <string>

namespace cm::daemon {

// What both `serve` and `admin` stand on.
class Store {
public:
    enum class KeyCheck { Required, Skipped };

    // Makes tables and key where there is no registry yet. `localToken` as registry::Access takes it.
    // Conflict when parts of a registry are there and others are gone: packages without their catalog,
    // tokens whose key is missing or another one.
    static Result<std::unique_ptr<Store>> open(const config::ServeConfig &config, const DataFolder &folder,
                                               std::string localToken = {}, KeyCheck keyCheck = KeyCheck::Required);

    const std::unique_ptr<const SystemClock> clockOwner;
    const SystemClock &clock;
    const registry::Settings settings;
    registry::NodeKey key;
    std::unique_ptr<sql::Database> database;
    std::unique_ptr<catalog::Catalog> catalog;
    std::unique_ptr<blobs::PosixBlobStore> blobs;
    registry::Access access;
    registry::People people;

private:
    Store(std::unique_ptr<const SystemClock> systemClock, registry::Settings given, registry::NodeKey nodeKey,
          std::unique_ptr<sql::Database> openDatabase, std::unique_ptr<catalog::Catalog> openCatalog,
          std::unique_ptr<blobs::PosixBlobStore> openBlobs, std::string localToken,
          std::optional<ssh::Secret> sshSecret);
};

// What a registry may have beside it; each may be nothing.
struct Companions {
    Edges edges;
    std::unique_ptr<metrics::ClickHouse> clickHouse;
    std::function<deprecation::Alerts()> alerts;
    SendMail sendMail;
};

// A registry that can be served.
class Service {
public:
    Service(std::unique_ptr<Store> store, Companions companions, const DataFolder &folder, const config::ServeConfig &config, Log &log);
    ~Service();
    Service(const Service &) = delete;
    Service &operator=(const Service &) = delete;

    // Sweeps what a crash has left, purges what is past its time, then listens.
    Result<void> start();
    // Lets running requests finish, at most `limit`; true when none was cut off.
    bool stop(std::chrono::milliseconds limit);
    Result<void> reloadTls();
    [[nodiscard]] std::string url() const;
    // Of the documentation; empty: it has no listener of its own.
    [[nodiscard]] std::string docsAddress() const;
    // Each minute: token uses; each hour: expired deletions, old events.
    void minute();
    void hour();

private:
    server::Services services();
    registry::NodeParts nodeParts();
    Result<void> noteWhatWasHeld();
    Result<void> startDocs();

    std::unique_ptr<Store> m_store;
    Log &m_log;
    bool m_tls;
    registry::Changes m_changes;
    registry::Publisher m_publisher;
    registry::Documentation m_documentation;
    registry::Moderator m_moderator;
    registry::Maintenance m_maintenance;
    registry::Browser m_browser;
    registry::Preflight m_preflight;
    registry::Inspector m_inspector;
    registry::EventLog m_events;
    edge::Purger m_purger;
    std::unique_ptr<metrics::ClickHouse> m_clickHouse;  // null: counts lie in the database
    metrics::CountRows m_countRows;
    std::unique_ptr<metrics::EventRows> m_eventRows;
    metrics::CountReader m_counts;
    registry::Annotations m_annotations;
    std::function<OwnTexts()> m_ownTexts;
    SendMail m_sendMail;
    host::HeldMark m_heldUses;
    registry::UseRecorder m_uses;
    registry::Enforcement m_enforcement;
    registry::Deprecations m_deprecations;
    registry::SshKeys m_sshKeys;
    registry::Housekeeping m_housekeeping;
    Executor m_pages;
    Executor m_documents;
    Executor m_index;
    Executor m_uploads;
    Executor m_admin;
    std::unique_ptr<Executor> m_files;  // where packages lie across a network; else null
    server::RegistryApplication m_application;
    http::Server m_server;
    std::optional<http::ServerOptions> m_docsOptions;
    bool m_docsByDefault;  // where nothing says where
    std::unique_ptr<http::Server> m_docsServer;
    std::atomic<std::uint16_t> m_docsPort{0};
};

registry::Settings settingsOf(const config::ServeConfig &config);
// Of the catalog, whose schema whoever opens a Catalog on it brings up to date.
Result<std::unique_ptr<sql::Database>> openDatabase(const config::ServeConfig &config, const DataFolder &folder);
// Where the packages lie. Unavailable while what has to be mounted for them is not.
Result<std::string> filesOf(const config::ServeConfig &config, const DataFolder &folder);
// `create`: the data folder may be new.
Result<std::unique_ptr<Store>> openForAdmin(const config::ServeConfig &config, bool create,
                                             Store::KeyCheck keyCheck = Store::KeyCheck::Required);

}  // namespace cm::daemon
