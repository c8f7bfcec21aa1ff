// SPDX-License-Identifier: GPL-3.0-or-later
// Answers, ages, web nodes, certificates and disks.
#include "core/monitor/verdicts/parts.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>

namespace cm::monitor {
namespace {

namespace code = api::finding;

RawFinding finding(const std::string &node, Time sampled, Verdict verdict, std::string_view found, std::string statement,
                   int raiseAfter = 2)
{
    return {node, std::string(found), verdict, std::move(statement), sampled, raiseAfter, 2, {}};
}

// A write that was refused says what the database is. One that did not end says so only when others do not either: a
// busy disk, or commits that wait for a standby that has just gone, hold single ones up for longer than a look takes.
void judgeWrite(const std::string &node, const HttpFacts &write, Time taken, RawFindings &out)
{
    constexpr int unended = 4;
    if (write.status == 401 || write.status == 403) {
        out.push_back(finding(node, taken, Verdict::Unknown, code::refused, fmt::format("{} does not take the monitor's token", node)));
    } else if (write.status != 0) {
        out.push_back(finding(node, taken, Verdict::Critical, code::readOnlyDatabase, fmt::format("{} answers, and its database takes no writes", node)));
    } else {
        out.push_back(finding(node, taken, Verdict::Critical, code::readOnlyDatabase, fmt::format("{} answers, and a write through it does not end", node), unended));
        out.push_back(finding(node, taken, Verdict::Warning, code::slow, fmt::format("{} takes longer to write than the monitor waits", node)));
        out.back().subject = "write";
    }
}

// An upload takes its bytes to the file servers and its commit to the standby, and may be held up by them for longer than
// a look takes: for six seconds while they change over, which is three looks, for one that waits takes its whole two
// seconds; and now and then while they are slow. One that ends in time begins the count anew. When none has for thrice the
// longest change-over, though writes do, whoever uploads waits in vain, or may as well.
void judgeLateUpload(const std::string &node, Time taken, RawFindings &out)
{
    constexpr int unended = 10;
    out.push_back(finding(node, taken, Verdict::Critical, code::channelBroken,
                          fmt::format("No upload through {} ends in the time that the monitor waits, in {} looks and more", node, unended), unended));
    out.back().subject = "late upload";
    out.push_back(finding(node, taken, Verdict::Warning, code::slow, fmt::format("{} takes longer to take an upload than the monitor waits", node)));
}

void judgeWebNode(const WebInput &node, const Thresholds &limits, RawFindings &out)
{
    const WebFacts &facts = *node.watched.facts;
    const Time taken = node.watched.taken;
    // Pages of the index and files are there without a database; documentation, which is found in it, need not be.
    const bool serves = !facts.channels.empty() && std::all_of(facts.channels.begin(), facts.channels.end(),
                                                               [](const auto &channel) { return channel.second.works() || channel.first == "docs"; });
    // One that is drained is not well either, and writes all the same.
    const bool writes = facts.write && facts.write->works();
    // As a node begins to say it when the volume of its files is away: pages and a kept file prove nothing then.
    const bool withoutFiles = facts.health.problem.starts_with("files: ");
    if (!facts.health.works() && facts.health.status >= 500 && serves && !writes && !withoutFiles) {
        out.push_back(finding(node.name, taken, Verdict::Critical, code::readOnlyDatabase,
                              fmt::format("{} serves pages and files, and has no database to write to: {}", node.name,
                                          facts.health.text())));
        out.back().subject = facts.write ? "" : "health";
    } else if (!facts.health.works()) {
        out.push_back(finding(node.name, taken, Verdict::Critical, code::channelBroken,
                              fmt::format("{} says it is not healthy: {}", node.name, facts.health.text())));
    } else if (facts.write && !facts.write->works()) {
        judgeWrite(node.name, *facts.write, taken, out);
    }
    for (const auto &[channel, answer] : facts.channels) {
        if (!facts.health.works() || answer.works())
            continue;
        if (channel == "docs")
            out.push_back(finding(node.name, taken, Verdict::Critical, code::channelBroken, fmt::format("{} does not serve documentation: {}", node.name, answer.text())));
        else if (channel != "upload")
            out.push_back(finding(node.name, taken, Verdict::Critical, code::channelBroken, fmt::format("{} does not serve {}: {}", node.name, channel, answer.text())));
        else if (answer.status == 401 || answer.status == 403)
            out.push_back(finding(node.name, taken, Verdict::Unknown, code::refused, fmt::format("{} does not take the monitor's upload_token: {}", node.name, answer.text())));
        else if (answer.late)
            judgeLateUpload(node.name, taken, out);
        else
            out.push_back(finding(node.name, taken, Verdict::Critical, code::channelBroken, fmt::format("{} takes no uploads: {}", node.name, answer.text())));
        out.back().subject = channel;
    }
    if (facts.health.works() && facts.health.seconds >= limits.slowSeconds)
        out.push_back(finding(node.name, taken, Verdict::Warning, code::slow,
                              fmt::format("{} takes {} to answer", node.name, secondsText(facts.health.seconds)), 5));
}

// An order to the registry as a whole: the first node that tells of it has the finding, the others its consequence.
RawFinding readOnlyFinding(const WebInput &node, const std::string &first)
{
    const ReadOnlyFacts &mode = *node.watched.facts->readOnly;
    const std::string until = formatRfc3339(mode.until);
    RawFinding out = finding(node.name, node.watched.taken, Verdict::Warning, code::readOnlyMode,
                             fmt::format("{} is read-only by order until {} UTC, by {}: {}", node.name,
                                         until.substr(0, 10) + " " + until.substr(11, 5), mode.by, mode.reason),
                             1);
    if (first != node.name)
        out.cause = first;
    return out;
}

std::string_view nth(const CertificateFacts &certificate)
{
    return certificate.subject.empty() ? std::string_view(certificate.serial) : std::string_view(certificate.subject);
}

void judgeLifetime(const std::string &node, const CertificateFacts &certificate, std::string_view where, Time taken,
                   Time now, const Thresholds &limits, RawFindings &out)
{
    const auto seconds = [](auto duration) { return std::chrono::duration<double>(duration).count(); };
    const double lifetime = seconds(certificate.notAfter - certificate.notBefore);
    const double left = seconds(certificate.notAfter - now);
    if (left <= 0) {
        out.push_back(finding(node, taken, Verdict::Critical, code::certExpired,
                              fmt::format("The certificate {} that {} {} has expired", nth(certificate), node, where), 1));
    } else if (lifetime > 0 && left < limits.certificateWarn * lifetime) {
        const bool critical = left < limits.certificateCritical * lifetime;
        out.push_back(finding(node, taken, critical ? Verdict::Critical : Verdict::Warning, code::certExpiring,
                              fmt::format("The certificate {} that {} {} has {:.0f} % of its life left, {}",
                                          nth(certificate), node, where, 100 * left / lifetime, secondsText(left))));
    }
}

}  // namespace

RawFindings judgeAnswer(const std::string &node, Outcome outcome, Time tried, const std::string &problem)
{
    switch (outcome) {
    case Outcome::Answered:
        return {};
    case Outcome::Refused:
        return {finding(node, tried, Verdict::Critical, code::down, fmt::format("{} is down: {}", node, problem))};
    case Outcome::Silent:
        return {finding(node, tried, Verdict::Critical, code::noAnswer, fmt::format("{} does not answer", node))};
    case Outcome::Denied:
        return {finding(node, tried, Verdict::Unknown, code::refused,
                        fmt::format("{} refuses the monitor: {}", node, problem))};
    case Outcome::Failed:
        return {finding(node, tried, Verdict::Critical, code::down, fmt::format("{} fails: {}", node, problem))};
    }
    return {};
}

bool doubtSilence(RawFindings &found, const std::vector<Listened> &targets, const std::string &monitor, Time blind)
{
    std::map<std::string, bool> doubted;  // and whether that is for want of others now
    Time last{};
    for (const Listened &target : targets) {
        const bool several = std::any_of(targets.begin(), targets.end(), [&](const Listened &other) { return other.host != target.host; });
        const bool heard = std::any_of(targets.begin(), targets.end(), [&](const Listened &other) {
            return other.host != target.host && other.heard > target.asked;
        });
        if (target.asked == Time{} || !several || (heard && target.asked > blind))
            continue;
        doubted[target.node] = !heard;
        last = std::max(last, target.asked);
    }
    bool any = false, now = false;
    for (RawFinding &finding : found) {
        const auto doubt = doubted.find(finding.node);
        if ((finding.code != code::noAnswer && finding.code != code::monitorBlind) || doubt == doubted.end())
            continue;
        now = now || doubt->second;
        finding.code = code::monitorBlind;
        finding.verdict = Verdict::Unknown;
        finding.statement = fmt::format("{} does not answer the monitor, and nobody else does", finding.node);
        finding.cause = monitor;
        finding.clearAfter = 1;
        any = true;
    }
    if (any)
        found.push_back(finding(monitor, last, Verdict::Unknown, code::monitorBlind,
                                fmt::format("{} reaches nobody: it may be cut off itself", monitor)));
    return now;
}

std::optional<RawFinding> judgeAge(const std::string &node, Time taken, Time now, std::chrono::microseconds interval,
                                   const Thresholds &limits)
{
    const auto age = now - taken;
    if (taken != Time{} && age <= interval * limits.missedPolls)
        return std::nullopt;
    const double seconds = std::chrono::duration<double>(age).count();
    // The absence itself is what is seen, now and at each look: it takes no second one.
    // One fresh sample ends it.
    RawFinding stale = finding(node, now, Verdict::Unknown, code::stale,
                               taken == Time{} ? fmt::format("{} has not been seen yet", node)
                                               : fmt::format("{} was last seen {} ago", node, secondsText(seconds)), 1);
    stale.clearAfter = 1;
    return stale;
}

RawFindings judgeWeb(const std::vector<WebInput> &nodes, Time stillFresh, const Thresholds &limits)
{
    RawFindings out;
    std::int64_t newest = 0;
    std::string readOnly;
    const auto usable = [&](const WebInput &node) { return node.watched.answers() && node.watched.taken >= stillFresh; };
    for (const WebInput &node : nodes) {
        const RawFindings unanswered = judgeAnswer(node.name, node.watched);
        out.insert(out.end(), unanswered.begin(), unanswered.end());
        if (!usable(node))
            continue;
        judgeWebNode(node, limits, out);
        if (node.watched.facts->readOnly) {
            readOnly = readOnly.empty() ? node.name : readOnly;
            out.push_back(readOnlyFinding(node, readOnly));
        }
        newest = std::max(newest, node.watched.facts->serial.value_or(0));
    }
    for (const WebInput &node : nodes) {
        if (usable(node) && node.watched.facts->serial && newest - *node.watched.facts->serial > limits.serialBehind)
            out.push_back(finding(node.name, node.watched.taken, Verdict::Warning, code::serialBehind,
                                  fmt::format("{} shows serial {}, the newest is {}", node.name,
                                              *node.watched.facts->serial, newest), limits.serialBehindPolls));
    }
    return out;
}

RawFindings judgeCertificate(const std::string &node, const CertificatePair &pair, Time taken, Time now,
                             const Thresholds &limits)
{
    RawFindings out;
    if (!pair.presentedProblem.empty())
        out.push_back(finding(node, taken, Verdict::Critical, code::noAnswer,
                              fmt::format("{} presents no certificate: {}", node, pair.presentedProblem)));
    if (!pair.diskProblem.empty())
        out.push_back(finding(node, taken, Verdict::Unknown, code::notWatched,
                              fmt::format("The certificate file of {} cannot be read: {}", node, pair.diskProblem)));
    if (pair.presented && pair.onDisk && pair.presented->fingerprint != pair.onDisk->fingerprint) {
        const bool renewed = pair.onDisk->notAfter > pair.presented->notAfter;
        // How urgent it is: until then nobody is hit.
        const std::string end = formatRfc3339(pair.presented->notAfter).substr(0, 10);
        const std::string until = pair.presented->notAfter > now ? fmt::format("what it presents is good until {}", end) : fmt::format("what it presents ended on {}", end);
        out.push_back(finding(node, taken, Verdict::Warning, code::memoryCertOld,
                              renewed ? fmt::format("{} presents its old certificate, the file was renewed; {}", node, until)
                                      : fmt::format("{} presents another certificate than its file holds; {}", node, until)));
    }
    if (pair.presented)
        judgeLifetime(node, *pair.presented, "presents", taken, now, limits, out);
    if (pair.onDisk && !(pair.presented && pair.presented->fingerprint == pair.onDisk->fingerprint))
        judgeLifetime(node, *pair.onDisk, "has on disk", taken, now, limits, out);
    return out;
}

std::optional<double> hoursUntilFull(const std::vector<DiskPoint> &points)
{
    if (points.size() < 2 || points.back().taken - points.front().taken < std::chrono::minutes(10))
        return std::nullopt;
    const auto hours = [&](const DiskPoint &point) {
        return std::chrono::duration<double, std::ratio<3600>>(point.taken - points.front().taken).count();
    };
    double meanX = 0, meanY = 0;
    for (const DiskPoint &point : points) {
        meanX += hours(point);
        meanY += point.available;
    }
    meanX /= static_cast<double>(points.size());
    meanY /= static_cast<double>(points.size());
    double covariance = 0, variance = 0;
    for (const DiskPoint &point : points) {
        covariance += (hours(point) - meanX) * (point.available - meanY);
        variance += (hours(point) - meanX) * (hours(point) - meanX);
    }
    if (variance <= 0 || covariance >= 0)
        return std::nullopt;
    return points.back().available / -(covariance / variance);
}

RawFindings judgeDisk(const std::string &node, const DiskFacts &facts, const std::vector<DiskPoint> &points, Time taken,
                      const Thresholds &limits)
{
    RawFindings out;
    if (facts.readOnly)
        out.push_back(finding(node, taken, Verdict::Critical, code::diskReadOnly,
                              fmt::format("{} is mounted read-only", node)));
    const auto low = [&](double available, double total, std::string_view of) {
        if (total <= 0 || available / total >= limits.diskLowWarn)
            return;
        const bool critical = available / total < limits.diskLowCritical;
        out.push_back(finding(node, taken, critical ? Verdict::Critical : Verdict::Warning, code::diskFull,
                              fmt::format("{} has {:.1f} % of its {} left", node, 100 * available / total, of)));
    };
    low(facts.available, facts.total, "space");
    low(facts.inodesAvailable, facts.inodes, "inodes");
    const auto hours = hoursUntilFull(points);
    const double share = facts.total > 0 ? facts.available / facts.total : 1;
    const bool critical = hours && *hours < limits.diskCriticalHours && share < limits.diskCriticalFree;
    const bool warning = hours && *hours < limits.diskWarnHours && share < limits.diskWarnFree;
    if (critical || warning)
        out.push_back(finding(node, taken, critical ? Verdict::Critical : Verdict::Warning, code::diskFilling,
                              fmt::format("{} is full in {} if it goes on like this", node, secondsText(*hours * 3600)),
                              5));
    return out;
}

}  // namespace cm::monitor
