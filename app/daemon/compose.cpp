// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/daemon/compose.h"

#include "app/daemon/descriptors.h"
#include "core/base/hash.h"
#include "core/base/loopback.h"
#include "core/host/process.h"
#include "core/server/own_texts.h"
#include "core/server/read_use.h"
#include "core/server/tombstone.h"
#include "core/sql/postgres/postgres_database.h"
#include "core/sql/sqlite/sqlite_database.h"

#include <thread>
#include <unistd.h>

namespace cm::daemon {
namespace {

constexpr std::size_t pageThreads = 4;
constexpr std::size_t documentThreads = 2;
// Uploads wait for the disk, and those that wait together share one synchronisation.
constexpr std::size_t uploadThreads = 24;
constexpr std::size_t adminThreads = 4;
// Of a volume that stands still for a moment each of them waits for one file.
constexpr std::size_t fileThreads = 32;
// Every connection of both listeners may wait for one.
constexpr std::size_t filesQueueLength = 20'000;
constexpr std::size_t queueLength = 10'000;

std::string machineName()
{
    char name[256] = {};
    return ::gethostname(name, sizeof name - 1) == 0 ? name : "localhost";
}

// By which nodes tell each other apart: a machine may run several. Of a port that is still to be found the folder tells.
std::string servingName(const config::ServeConfig &config)
{
    if (config.listen.port != 0)
        return machineName() + ":" + std::to_string(config.listen.port);
    return machineName() + ":" + hashHex(HashKind::Sha256, config.data.string()).substr(0, 8);
}

server::Options optionsOf(const config::ServeConfig &config, const DataFolder &folder)
{
    server::Options options;
    options.version = CHEESEMONGER_VERSION;
    options.node = machineName();
    options.baseUrl = config.baseUrl;
    options.docsBaseUrl = config.docsBaseUrl;
    options.cacheFolder = folder.cache();
    options.drainFile = config.drainFile;
    return options;
}

http::ServerOptions listenersOf(const config::ServeConfig &config)
{
    http::ServerOptions options;
    const bool v6 = config.listen.host.find(':') != std::string::npos;
    http::Listener listener;
    listener.address =
        (v6 ? "[" + config.listen.host + "]" : config.listen.host) + ":" + std::to_string(config.listen.port);
    listener.certificateFile = config.tlsCert.string();
    listener.keyFile = config.tlsKey.string();
    options.listeners.push_back(std::move(listener));
    options.threads = config.threads;
    const DescriptorBudget budget = divideDescriptors(raiseDescriptorLimit(), config.threads);
    options.limits.maxConnections = budget.connections;
    options.limits.cachedFiles = budget.cachedFiles;
    return options;
}

// Of the documentation, or nothing when it needs no listener of its own or there is no origin for one.
std::optional<http::ServerOptions> docsListenerOf(const config::ServeConfig &config)
{
    const bool byDefault = config.docsListen.empty();
    if (!config.docsHosting || config.docsListen == "none" ||
        (byDefault && (!config.docsBaseUrl.empty() || !isLoopbackHost(config.listen.host))))
        return std::nullopt;
    http::ServerOptions options = listenersOf(config);
    http::Listener &listener = options.listeners.front();
    if (byDefault) {
        // Free ports begin where the system gives them out itself.
        constexpr std::uint16_t firstFree = 32768;
        const std::uint16_t beside = config.listen.port + 2;
        listener.address.resize(listener.address.rfind(':') + 1);
        listener.address += std::to_string(config.listen.port == 0 || beside >= firstFree ? 0 : beside);
    } else {
        listener.address = config.docsListen;
    }
    options.threads = 1;
    options.limits.maxConnections = std::min<std::size_t>(options.limits.maxConnections / 4 + 1, 1'000);
    options.limits.cachedFiles = std::min<std::size_t>(options.limits.cachedFiles, 128);
    return options;
}

// A folder that may be shared has one for each node, known again when the node starts anew.
std::string stagingOf(const config::ServeConfig &config, const DataFolder &folder)
{
    if (config.files.empty())
        return "tmp";
    return "tmp-" + hashHex(HashKind::Sha256, machineName() + "\n" + folder.path().string()).substr(0, 16);
}

// A new catalog beside old packages would be an empty registry in the place of a full one.
Result<void> checkCatalogFile(const std::string &database, const std::string &files)
{
    std::error_code error;
    if (std::filesystem::exists(database, error) && std::filesystem::file_size(database, error) > 0)
        return {};
    const std::filesystem::path packages = std::filesystem::path(files) / "packages";
    for (std::filesystem::recursive_directory_iterator entry(packages, error), end; !error && entry != end; entry.increment(error)) {
        if (entry->is_regular_file(error))
            return fail(ErrorCode::Conflict, "packages lie in " + packages.string() + " but their catalog " + database +
                                                 " is gone: put it back from a copy, or give an empty folder with --data");
    }
    return {};
}

// Tokens that were made before, also by another node, must open here.
Result<void> checkKey(catalog::Catalog &catalog, const std::filesystem::path &file)
{
    const auto token = catalog.read([](catalog::Reader &reader) { return reader.newestToken(); });
    if (!token && token.error().code == ErrorCode::NotFound)
        return {};
    if (!token)
        return fail(token.error());
    const std::string remedy = ": put it back from a copy, or name the one of the registry's other nodes by node_key; if it is"
                               " lost for good, `cheesemongerd admin token revoke-all` ends all tokens";
    std::error_code error;
    if (!std::filesystem::exists(file, error))
        return fail(ErrorCode::Conflict, "the key " + file.string() + " with which the tokens of this registry are encrypted is gone" + remedy);
    CM_TRY_ASSIGN(const registry::NodeKey key, registry::NodeKey::openOrCreate(file));
    if (!key.unseal(token->encryptedKey))
        return fail(ErrorCode::Conflict, "the key " + file.string() + " is not the one with which the tokens of this registry"
                                             " are encrypted" + remedy);
    return {};
}

}  // namespace

Result<std::unique_ptr<sql::Database>> openDatabase(const config::ServeConfig &config, const DataFolder &folder)
{
    if (config.database.url.empty())
        return sql::SqliteDatabase::open(folder.database());
    sql::PostgresOptions options;
    options.url = config.database.url;
    options.readUrl = config.database.readUrl;
    options.readers = config.database.connections;
    return sql::PostgresDatabase::open(options);
}

Result<std::string> filesOf(const config::ServeConfig &config, const DataFolder &folder)
{
    if (!config.filesMount.empty()) {
        if (const auto mounted = blobs::checkMounted(config.filesMount.string()); !mounted)
            return fail(ErrorCode::Unavailable, mounted.error().detail + ": mount the volume of the files there, then start again");
    }
    return config.files.empty() ? folder.blobs() : config.files.string();
}

Result<std::unique_ptr<Store>> openForAdmin(const config::ServeConfig &config, bool create, Store::KeyCheck keyCheck)
{
    CM_TRY_ASSIGN(const DataFolder folder, DataFolder::open(config.data, create || !config.database.url.empty()));
    return Store::open(config, folder, {}, keyCheck);
}

registry::Settings settingsOf(const config::ServeConfig &config)
{
    registry::Settings settings;
    settings.policies.fileLimit = config.fileLimit;
    settings.policies.projectLimit = config.projectLimit;
    settings.policies.passwordUploads = config.passwordUploads;
    settings.policies.sdistNames =
        config.sdistNames == "pep625" ? checks::SdistNames::Pep625 : checks::SdistNames::Normalised;
    settings.policies.window = config.uploadWindow;
    settings.newProjectsPerHour = config.newProjectsPerHour;
    settings.newProjectsOverSsh = config.sshNewProjects;
    settings.hostsDocumentation = config.docsHosting;
    settings.documentation = {config.docsArchive, config.docsUnpacked, static_cast<std::uint64_t>(config.docsFiles),
                              static_cast<std::uint64_t>(config.docsPath)};
    settings.retention = config.retention;
    return settings;
}

Store::Store(std::unique_ptr<const SystemClock> systemClock, registry::Settings given, registry::NodeKey nodeKey,
             std::unique_ptr<sql::Database> openDatabase, std::unique_ptr<catalog::Catalog> openCatalog,
             std::unique_ptr<blobs::PosixBlobStore> openBlobs, std::string localToken, std::optional<ssh::Secret> sshSecret)
    : clockOwner(std::move(systemClock)),
      clock(*clockOwner),
      settings(std::move(given)),
      key(std::move(nodeKey)),
      database(std::move(openDatabase)),
      catalog(std::move(openCatalog)),
      blobs(std::move(openBlobs)),
      access(*catalog, key, clock, std::move(localToken), std::move(sshSecret)),
      people(*catalog, access, key, clock, settings)
{}

Result<std::unique_ptr<Store>> Store::open(const config::ServeConfig &config, const DataFolder &folder,
                                           std::string localToken, KeyCheck keyCheck)
{
    auto clock = std::make_unique<const SystemClock>();
    CM_TRY_ASSIGN(const std::string files, filesOf(config, folder));
    const std::filesystem::path keyFile = config.nodeKey.empty() ? folder.key() : config.nodeKey;
    if (config.database.url.empty())
        CM_TRY(checkCatalogFile(folder.database(), files));
    CM_TRY_ASSIGN(std::unique_ptr<sql::Database> database, openDatabase(config, folder));
    CM_TRY_ASSIGN(std::unique_ptr<catalog::Catalog> catalog, catalog::Catalog::open(*database, *clock));
    if (keyCheck == KeyCheck::Required)
        CM_TRY(checkKey(*catalog, keyFile));
    CM_TRY_ASSIGN(registry::NodeKey key, registry::NodeKey::openOrCreate(keyFile));
    CM_TRY_ASSIGN(std::unique_ptr<blobs::PosixBlobStore> blobs,
                  blobs::PosixBlobStore::create(files, stagingOf(config, folder),
                                                {config.filesMount.string(), std::chrono::seconds(config.filesPatience), {}}));
    std::optional<ssh::Secret> sshSecret;
    if (!config.sshKeyFile.empty()) {
        CM_TRY_ASSIGN(sshSecret, ssh::Secret::read(config.sshKeyFile));
    }
    return std::unique_ptr<Store>(new Store(std::move(clock), settingsOf(config), std::move(key), std::move(database),
                                            std::move(catalog), std::move(blobs), std::move(localToken), std::move(sshSecret)));
}

Service::Service(std::unique_ptr<Store> store, Companions companions, const DataFolder &folder, const config::ServeConfig &config,
                 Log &log)
    : m_store(std::move(store)),
      m_log(log),
      m_tls(!config.tlsCert.empty()),
      m_changes(*m_store->catalog),
      m_publisher(*m_store->catalog, *m_store->blobs, m_changes, m_store->clock, m_store->settings),
      m_documentation(*m_store->catalog, *m_store->blobs, m_changes, m_store->clock, m_store->settings),
      m_moderator(*m_store->catalog, m_changes, m_store->clock, m_store->settings),
      m_maintenance(*m_store->catalog, m_changes, m_store->clock),
      m_browser(*m_store->catalog, m_store->clock, m_store->settings),
      m_preflight(*m_store->catalog, m_store->clock, m_store->settings),
      m_inspector(*m_store->catalog, *m_store->blobs),
      m_events(*m_store->catalog),
      m_purger(std::move(companions.edges), journalFor(m_changes, *m_store->catalog), folder.edges(), log, m_store->clock),
      m_clickHouse(std::move(companions.clickHouse)),
      m_countRows(*m_store->database),
      m_eventRows(m_clickHouse ? std::make_unique<metrics::EventRows>(*m_clickHouse, m_countRows) : nullptr),
      m_counts(m_eventRows ? static_cast<metrics::CountSource &>(*m_eventRows) : m_countRows, m_store->clock),
      m_annotations(*m_store->catalog, m_changes, m_store->clock),
      m_ownTexts([this, config] { return ownTexts(config, *m_store->catalog, m_store->clock, m_store->settings.name); }),
      m_sendMail(std::move(companions.sendMail)),
      m_heldUses(folder.heldUses(), host::bootIdentity().value_or("unknown")),
      m_uses(*m_store->catalog, m_store->clock, servingName(config), [this](std::optional<Time> since, Time now) { m_heldUses.note(since, now); }),
      m_enforcement(*m_store->catalog, m_changes, m_uses, m_store->clock, log, servingName(config), nodeParts()),
      m_deprecations(*m_store->catalog, m_changes, m_store->clock,
                     {std::move(companions.alerts),
                      [this](const std::string &words) { return server::countMentions(m_ownTexts(), words); },
                      [this] { return !m_purger.state().empty(); }}),
      m_sshKeys(*m_store->catalog, m_changes, m_store->clock),
      m_housekeeping(*m_store->catalog, *m_store->blobs, log, m_store->clock, m_store->settings),
      m_pages("pages", pageThreads, queueLength),
      m_documents("documents", documentThreads, queueLength),
      m_index("index", 1, queueLength),
      m_uploads("uploads", uploadThreads, queueLength),
      m_admin("admin", adminThreads, queueLength),
      m_files(config.filesMount.empty() ? nullptr : std::make_unique<Executor>("files", fileThreads, filesQueueLength)),
      m_application(services(), optionsOf(config, folder)),
      m_server(listenersOf(config), m_application, m_store->clock, log),
      m_docsOptions(docsListenerOf(config)),
      m_docsByDefault(config.docsListen.empty())
{
    if (config.docsHosting && !m_docsOptions && config.docsBaseUrl.empty())
        log.warning("docs.unserved", {{"detail", "documentation has no origin of its own and is not served: set"
                                                 " docs.base_url or docs.listen"}});
}

Service::~Service()
{
    m_enforcement.stop();
    m_purger.stop();
    m_docsServer.reset();
    // Jobs that still wait speak of the application: they run while everything is there.
    for (Executor *executor : {&m_pages, &m_documents, &m_index, &m_uploads, &m_admin})
        executor->stop();
    if (m_files)
        m_files->stop();
}

registry::NodeParts Service::nodeParts()
{
    return {[this](const deprecation::Entry &entry) { return server::rehearse(entry, m_store->clock.now()); },
            [this] { return m_application.collateral(); },
            [this] { m_heldUses.sync(); },
            [this](const std::string &endpoint) {
                // Without a cache there is nobody to tell.
                if (const auto ordered = m_purger.order({server::endpointKey(endpoint)}, false); !ordered && ordered.error().code != ErrorCode::Conflict)
                    m_log.warning("deprecation.purge", {{"endpoint", std::string_view(endpoint)}, {"detail", std::string_view(ordered.error().detail)}});
            }};
}

// What a process before this one held when it ended without a farewell is known to be missing.
Result<void> Service::noteWhatWasHeld()
{
    CM_TRY_ASSIGN(const auto held, m_heldUses.begin(m_store->clock.now()));
    if (!held)
        return {};
    const std::string from = formatRfc3339(held->from);
    const std::string to = formatRfc3339(held->to);
    m_log.warning("uses.held", {{"detail", "uses of the last moments before an unclean stop may be missing"},
                                {"from", std::string_view(from)},
                                {"to", std::string_view(to)}});
    m_uses.addGap({{}, held->from, held->to, "unclean_stop", {}, {}, std::nullopt, std::nullopt});
    return {};
}

server::Services Service::services()
{
    return {m_store->access,
            m_changes,
            m_publisher,
            m_documentation,
            m_moderator,
            m_maintenance,
            m_store->people,
            m_browser,
            m_preflight,
            m_inspector,
            m_events,
            m_purger,
            m_counts,
            m_annotations,
            m_deprecations,
            m_enforcement,
            m_uses,
            m_sshKeys,
            m_store->settings,
            m_log,
            m_store->clock,
            m_pages,
            m_documents,
            m_index,
            m_uploads,
            m_admin,
            m_files.get(),
            [this](std::string base, std::string docsBase) {
                return registry::Pages(*m_store->catalog, std::move(base), std::move(docsBase));
            },
            [this](std::string_view path) { return m_store->blobs->absolutePath(path); },
            [this] {
                const blobs::StoreHealth health = m_store->blobs->health();
                return server::StoreFigures{health.writable, health.present, health.freeBytes, health.totalBytes, health.waits, health.problem};
            },
            [this] { return m_store->blobs->isPresent(); },
            [this] { return m_server.statistics(); },
            [this] { return m_docsPort.load(); },
            m_sendMail,
            m_ownTexts};
}

Result<void> Service::start()
{
    if (m_files)
        m_store->blobs->watch(m_log);
    CM_TRY_ASSIGN(const std::size_t swept, m_housekeeping.sweep());
    if (swept > 0)
        m_log.info("staging.swept", {{"files", static_cast<std::int64_t>(swept)}});
    hour();
    CM_TRY(m_application.open());
    m_changes.observe({{}, [this] { m_purger.wake(); }});
    CM_TRY(m_purger.start());
    CM_TRY(noteWhatWasHeld());
    CM_TRY(m_enforcement.start());
    CM_TRY(startDocs());
    return m_server.start();
}

Result<void> Service::startDocs()
{
    if (!m_docsOptions)
        return {};
    const auto start = [this] {
        m_docsServer = std::make_unique<http::Server>(*m_docsOptions, m_application.docs(), m_store->clock, m_log);
        return m_docsServer->start();
    };
    auto started = start();
    if (!started && m_docsByDefault && started.error().code == ErrorCode::Conflict) {
        std::string &address = m_docsOptions->listeners.front().address;
        address.resize(address.rfind(':') + 1);
        address += '0';
        started = start();
    }
    CM_TRY(std::move(started));
    m_docsPort = m_docsServer->port();
    return {};
}

Result<void> Service::reloadTls()
{
    CM_TRY(m_server.reloadTls());
    return m_docsServer ? m_docsServer->reloadTls() : Result<void>();
}

std::string Service::docsAddress() const
{
    return m_docsServer ? m_docsServer->addresses().front() : std::string();
}

bool Service::stop(std::chrono::milliseconds limit)
{
    // Streams first: they would keep their connections for ever.
    m_application.close();
    const bool whole = m_server.drain(limit);
    if (m_docsServer)
        m_docsServer->drain(std::chrono::milliseconds(0));
    m_purger.stop();
    if (m_enforcement.stop())
        m_heldUses.end();
    minute();
    return whole;
}

std::string Service::url() const
{
    return (m_tls ? "https://" : "http://") + m_server.addresses().front();
}

void Service::minute()
{
    if (const auto flushed = m_store->access.flushLastUsed(); !flushed)
        m_log.warning("tokens.unrecorded", {{"detail", std::string_view(flushed.error().detail)}});
}

void Service::hour()
{
    // What is away would be taken for gone.
    if (!m_store->blobs->isPresent())
        return;
    const auto purged = m_housekeeping.purge();
    if (!purged)
        m_log.warning("purge.failed", {{"detail", std::string_view(purged.error().detail)}});
    else if (purged->blobs + purged->events + purged->sessions > 0)
        m_log.info("purged", {{"blobs", purged->blobs}, {"events", purged->events}, {"sessions", purged->sessions}});
}

}  // namespace cm::daemon
