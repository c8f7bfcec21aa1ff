// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/agent/agent.h"

#include "core/agent/edge.h"
#include "core/agent/lost_names.h"
#include "core/agent/mirror_folder.h"
#include "core/agent/services.h"
#include "core/agent/volume.h"
#include "core/host/drain_file.h"
#include "core/host/whole_file.h"

#include <algorithm>
#include <csignal>
#include <fmt/format.h>

namespace cm::agent {
namespace {

constexpr auto diskEvery = std::chrono::seconds(1);
constexpr auto certificateEvery = std::chrono::seconds(2);
constexpr auto certificateTime = std::chrono::milliseconds(200);  // on a disk that does not hang
// Three commands, one of which goes to every brick.
constexpr auto volumeEvery = std::chrono::seconds(2);
constexpr auto lostNamesEvery = std::chrono::seconds(5);
constexpr auto lostNamesHang = std::chrono::minutes(3);
// Two programs, and one that walks the whole log in memory.
constexpr auto edgeEvery = std::chrono::seconds(5);
constexpr auto answersEvery = std::chrono::seconds(15);
// A question that has waited for longer is told to have no answer.
constexpr auto overdueAfter = std::chrono::seconds(3);
constexpr auto firstAnswers = std::chrono::seconds(1);
constexpr auto markerEvery = std::chrono::seconds(5);
constexpr auto keeperAnswers = std::chrono::milliseconds(500);
// A checkpoint of a busy server, and a promotion.
constexpr auto keeperActs = std::chrono::minutes(10);
constexpr auto longestDrain = std::chrono::hours(24);
// Clocks differ a little.
constexpr auto tolerance = std::chrono::minutes(1);
const std::string machine = "the machine";

// The value as far as it is known, and why it may not be what is true now.
template <class T>
std::optional<T> valueOf(const host::LastKnown<T> &known, std::string &problem)
{
    const auto last = known.value();
    const auto waiting = known.waiting();
    if (waiting >= overdueAfter)
        problem = fmt::format("no answer for {} s", std::chrono::duration_cast<std::chrono::seconds>(waiting).count());
    else if (!last)
        problem = "no answer yet";
    else if (!*last)
        problem = last->error().detail;
    return last && *last ? std::optional<T>(**last) : std::nullopt;
}

}  // namespace

Agent::Agent(config::AgentConfig config, std::string host, std::string version, const Clock &clock, Log &log)
    : m_config(std::move(config)),
      m_host(std::move(host)),
      m_version(std::move(version)),
      m_clock(clock),
      m_log(log),
      m_started(clock.now()),
      m_stops(m_config.state / "stops.json")
{
    if (!m_config.databaseControl.empty())
        m_keeper = std::make_unique<KeeperClient>(m_config.databaseControl);
}

Agent::~Agent()
{
    if (m_markerThread.joinable())
        m_markerThread.request_stop();
}

Result<void> Agent::start()
{
    CM_TRY_ASSIGN(std::string boot, host::bootIdentity());
    m_marker = std::make_unique<host::MachineMarker>(m_config.state, std::move(boot));
    const auto unclean = m_marker->lastUncleanStop();
    if (!unclean)
        m_log.warning("machine.marker", {{"detail", std::string_view(unclean.error().detail)}});
    if (unclean && *unclean) {
        m_log.warning("machine.unclean-stop", {{"seen", std::string_view(formatRfc3339(**unclean))}});
        CM_TRY(m_stops.remember(machine, **unclean));
    }
    CM_TRY(m_marker->write(m_clock.now()));
    m_markerThread = std::jthread([this](const std::stop_token &stop) { keepMarker(stop); });
    for (const config::AgentPath &disk : m_config.disks)
        m_disks.push_back({disk, std::make_unique<host::LastKnown<host::Disk>>(
                                     [path = disk.path] { return host::diskAt(path); }, diskEvery)});
    for (const config::AgentPath &certificate : m_config.certificates)
        m_certificates.push_back({certificate, std::make_unique<host::LastKnown<http::Certificate>>(
                                                   [file = certificate.path] { return http::readCertificate(file); },
                                                   certificateEvery)});
    if (!m_config.volume.empty()) {
        m_split = std::make_shared<SplitWatch>();
        const auto lost = std::make_shared<LostNames>(m_config.volume, m_config.state / "volume");
        const auto crawl = std::make_shared<HealCrawl>([name = m_config.volume] { return walkOver(name); });
        m_walks = std::make_unique<host::LastKnown<bool>>([crawl] { return crawl->step(); }, std::chrono::milliseconds(10));
        m_volume = std::make_unique<host::LastKnown<api::AgentVolume>>(
            [watch = std::make_shared<VolumeWatch>(m_config.volume, crawl), split = m_split, lost] {
                auto seen = watch->look();
                if (seen)
                    split->told(*seen);
                lost->told(seen);
                return seen;
            },
            volumeEvery);
        m_lostNames = std::make_unique<host::LastKnown<Mended>>([lost] { return lost->mend(); }, lostNamesEvery);
        m_copies = std::make_unique<host::LastKnown<std::vector<api::AgentCopy>>>([split = m_split] { return Result<std::vector<api::AgentCopy>>(split->read()); }, volumeEvery);
    }
    if (m_config.varnish.there) {
        const std::string &instance = m_config.varnish.instance;
        m_edge = std::make_unique<host::LastKnown<api::AgentEdge>>([instance] { return lookAtEdge(instance, SystemClock().now()); }, edgeEvery);
        m_answers = std::make_unique<host::LastKnown<api::AgentAnswers>>([instance] { return lookAtAnswers(instance, SystemClock().now()); }, answersEvery);
    }
    const auto deadline = std::chrono::steady_clock::now() + firstAnswers;
    for (const WatchedDisk &disk : m_disks)
        disk.known->waitForFirst(deadline);
    for (const WatchedCertificate &certificate : m_certificates)
        certificate.known->waitForFirst(deadline);
    return {};
}

void Agent::stop()
{
    if (!m_markerThread.joinable())
        return;
    m_markerThread.request_stop();
    m_markerThread.join();
    if (const auto removed = m_marker->remove(); !removed)
        m_log.error("machine.marker", {{"detail", std::string_view(removed.error().detail)}});
}

void Agent::keepMarker(const std::stop_token &stop)
{
    std::unique_lock lock(m_markerMutex);
    while (!stop.stop_requested()) {
        m_markerWake.wait_for(lock, stop, markerEvery, [] { return false; });
        if (stop.stop_requested())
            return;
        const auto written = m_marker->write(m_clock.now());
        if (m_markerFails.begins(!written))
            m_log.error("machine.marker", {{"detail", std::string_view(written.error().detail)}});
        endOut();
        tellLostNames();
    }
}

void Agent::tellLostNames()
{
    if (!m_lostNames)
        return;
    if (m_lostNamesHang.begins(m_lostNames->waiting() >= lostNamesHang))
        m_log.error("volume.lost-names", {{"detail", std::string_view("the mounted volume has not answered for minutes: see its log in the state folder")}});
    const auto last = m_lostNames->value();
    if (!last)
        return;
    if (m_lostNamesFail.begins(!*last))
        m_log.error("volume.lost-names", {{"detail", std::string_view(last->error().detail)}});
    if (!*last)
        return;
    const Mended &now = **last;
    const Mended before = std::exchange(m_mendedBefore, now);
    if (now.givenBack > before.givenBack)
        m_log.warning("volume.lost-names", {{"given-back", now.givenBack - before.givenBack}});
    if (now.removed > before.removed)
        m_log.warning("volume.half-made", {{"removed", now.removed - before.removed}});
    if (now.shared > before.shared)
        m_log.warning("volume.lone-names", {{"looked-up", now.shared - before.shared}});
}

// Its web server looks only whether the file is there. The mirror does it as well, to the second, while it runs.
void Agent::endOut()
{
    const auto ended = endMirrorOut(m_config.mirror, m_clock.now());
    if (m_outFails.begins(!ended))
        m_log.error("mirror.out", {{"detail", std::string_view(ended.error().detail)}});
    if (ended && *ended)
        m_log.info("mirror.returned", {{"until", std::string_view(formatRfc3339((*ended)->until.value_or(Time())))}, {"by", std::string_view((*ended)->by)}});
}

api::AgentDisk Agent::diskOf(const WatchedDisk &disk) const
{
    api::AgentDisk out;
    out.name = disk.what.name;
    out.path = disk.what.path;
    if (const auto facts = valueOf(*disk.known, out.problem)) {
        out.total = facts->total;
        out.available = facts->available;
        out.inodes = facts->inodes;
        out.inodesAvailable = facts->inodesAvailable;
        out.readOnly = facts->readOnly;
    }
    return out;
}

api::AgentCertificate Agent::certificateOf(const WatchedCertificate &certificate) const
{
    api::AgentCertificate out;
    out.name = certificate.what.name;
    out.file = certificate.what.path;
    if (const auto facts = valueOf(*certificate.known, out.problem)) {
        out.serial = facts->serial;
        out.subject = facts->subject;
        out.issuer = facts->issuer;
        out.names = facts->names;
        out.notBefore = facts->notBefore;
        out.notAfter = facts->notAfter;
        out.fingerprint = facts->fingerprint;
    }
    return out;
}

// As a database, and as the service of that name, whose unclean stops the keeper has seen.
void Agent::addDatabase(api::AgentState &state)
{
    auto known = m_keeper->state(keeperAnswers);
    if (!known) {
        api::AgentDatabase silent;
        silent.problem = known.error().detail;
        state.database = std::move(silent);
        return;
    }
    auto service = std::find_if(state.services.begin(), state.services.end(),
                                [&](const api::AgentService &one) { return one.name == m_config.databaseName; });
    if (service == state.services.end()) {
        api::AgentService kept;
        kept.name = m_config.databaseName;
        kept.running = known->database.running;
        kept.statement = known->database.state;
        service = state.services.insert(state.services.end(), std::move(kept));
    }
    if (known->uncleanStop)
        service->uncleanStop = known->uncleanStop;
    state.database = std::move(known->database);
}

void Agent::addEdge(api::AgentState &state) const
{
    std::string problem;
    state.edge = valueOf(*m_edge, problem).value_or(api::AgentEdge());
    if (!problem.empty())
        state.edge->problem = std::move(problem);
    std::string unknown;
    state.edge->answers = valueOf(*m_answers, unknown);
}

api::AgentState Agent::state()
{
    api::AgentState out;
    out.time = m_clock.now();
    out.host = m_host;
    out.version = m_version;
    out.started = m_started;
    out.booted = host::bootTime();
    for (const WatchedDisk &disk : m_disks)
        out.disks.push_back(diskOf(disk));
    // As they lie there now: whether one is good decides whether a web node is told to read it.
    std::vector<std::uint64_t> asked;
    for (const WatchedCertificate &certificate : m_certificates)
        asked.push_back(certificate.known->askAnew());
    const auto deadline = std::chrono::steady_clock::now() + certificateTime;
    for (std::size_t i = 0; i < m_certificates.size(); ++i) {
        m_certificates[i].known->waitFor(asked[i], deadline);
        out.certificates.push_back(certificateOf(m_certificates[i]));
    }
    {
        const std::lock_guard lock(m_looking);
        out.uncleanStop = m_stops.at(machine);
        for (const config::AgentServiceConfig &service : m_config.services)
            out.services.push_back(lookAtService(service, m_stops, out.time));
    }
    if (m_keeper)
        addDatabase(out);
    if (m_volume) {
        std::string problem;
        out.volume = valueOf(*m_volume, problem).value_or(api::AgentVolume());
        out.volume->name = m_config.volume;
        out.volume->problem = std::move(problem);
        if (const auto copies = m_copies->value(); copies && *copies && !out.volume->splitFiles.empty())
            out.volume->copies = **copies;
    }
    if (!m_config.mirror.tree.empty())
        out.mirror = lookAtMirror(m_config.mirror, out.time);
    if (m_edge)
        addEdge(out);
    if (!m_config.web.drainFile.empty()) {
        const auto drain = host::readDrain(m_config.web.drainFile);
        if (drain && *drain && (*drain)->until > out.time)
            out.drain = **drain;
    }
    return out;
}

Result<api::AgentDone> Agent::drain(const api::OrderDrain &order)
{
    if (m_config.web.drainFile.empty())
        return fail(ErrorCode::Unsupported, "there is no web node here that could be drained");
    const Time time = now();
    if (order.until <= time || order.until > time + longestDrain + tolerance)
        return fail(Error{ErrorCode::InvalidInput, "a drain ends after now and within a day",
                          {{"until", "is not within the next 24 hours"}}, {}});
    CM_TRY(host::writeDrain(m_config.web.drainFile, {order.until, order.order.by, order.order.reason}));
    return api::AgentDone{fmt::format("drained until {}", formatRfc3339(order.until)), {}};
}

Result<api::AgentDone> Agent::returnWeb()
{
    if (m_config.web.drainFile.empty())
        return fail(ErrorCode::Unsupported, "there is no web node here that could be drained");
    CM_TRY(host::removeWhole(m_config.web.drainFile));
    return api::AgentDone{"takes new work", {}};
}

Result<api::AgentDone> Agent::reloadWeb()
{
    if (m_config.web.pidFile.empty() && m_config.web.process.empty())
        return fail(ErrorCode::Unsupported, "there is no web node here that could be told to reload");
    auto process = processOf(m_config.web.pidFile, m_config.web.process);
    if (!process)
        return fail(Error{ErrorCode::GuardFailed, process.error().detail, {{"running", process.error().detail}}, {}});
    CM_TRY(host::signalProcess(*process, SIGHUP));
    return api::AgentDone{fmt::format("told process {} to read its certificate again", process->pid), {}};
}

Result<api::AgentDone> Agent::keeperOrder(api::Json words)
{
    if (!m_keeper)
        return fail(ErrorCode::Unsupported, "no keeper of a database is here: one under Patroni takes its orders at Patroni's own door");
    return m_keeper->order(words, keeperActs);
}

}  // namespace cm::agent
