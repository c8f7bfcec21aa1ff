// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/registry/enforcement.h"

#include "core/registry/deprecations.h"
#include "core/registry/recorder.h"

#include <algorithm>
#include <boost/json/object.hpp>
#include <chrono>
#include <fmt/format.h>

namespace cm::registry {

namespace {

using namespace std::chrono_literals;

constexpr auto between = 500ms;
// A third of what a guard takes for fresh.
constexpr auto betweenSigns = 10s;
constexpr auto betweenSums = 5s;
// After a window its last figures are told, also by a node that could not reach the catalog at its end.
constexpr auto toldAfter = 24h;

// By itself, so that the audit names the node that did it.
Principal byItself(const std::string &node)
{
    Principal principal;
    principal.name = node;
    principal.role = catalog::RegistryRole::Admin;
    principal.origin.channel = "node";
    return principal;
}

}  // namespace

Result<deprecation::Entry> entryOf(catalog::Reader &reader, const catalog::DeprecationRow &row)
{
    deprecation::Entry entry;
    entry.id = row.id;
    entry.revision = row.revision;
    entry.title = row.title;
    entry.created = row.created;
    entry.replacement = row.replacement;
    entry.link = row.link;
    entry.deprecated = row.deprecated;
    entry.sunset = row.sunset;
    const auto kind = deprecation::kindNamed(row.kind);
    const auto state = deprecation::stateNamed(row.state);
    auto rule = kind ? deprecation::parseRule(*kind, row.subject) : fail(ErrorCode::Corrupt, "no such kind");
    if (!state || !rule)
        return fail(ErrorCode::Unsupported, fmt::format("deprecation {}: this program knows no {} \"{}\" in the stage {}", row.id, row.kind,
                                                    row.subject, row.state));
    entry.rule = std::move(*rule);
    entry.state = *state;
    CM_TRY_ASSIGN(const auto windows, reader.brownOuts(row.id));
    for (const catalog::BrownOutRow &window : windows)
        entry.windows.push_back({window.id, window.number, window.starts, window.end(), window.abortAt});
    CM_TRY_ASSIGN(const auto exemptions, reader.deprecationExemptions(row.id));
    for (const catalog::DeprecationExemptionRow &exemption : exemptions)
        entry.exemptions.push_back({exemption.userId, exemption.until});
    return entry;
}

Enforcement::Enforcement(catalog::Catalog &catalog, Changes &changes, UseRecorder &uses, const Clock &clock, Log &log,
                         std::string node, NodeParts parts)
    : m_catalog(catalog), m_changes(changes), m_uses(uses), m_clock(clock), m_log(log), m_node(std::move(node)), m_parts(std::move(parts))
{}

Enforcement::~Enforcement()
{
    stop();
}

Result<void> Enforcement::start()
{
    CM_TRY(refresh());
    // Since when nothing is missing; on the first start with this program.
    CM_TRY_ASSIGN(const auto since, m_catalog.read([](catalog::Reader &reader) { return reader.usesSince(); }));
    if (!since)
        CM_TRY(m_catalog.writeAlways([now = m_clock.now()](catalog::Writer &writer) { return writer.beginUses(now); }));
    m_thread = std::jthread([this](const std::stop_token &stop) { run(stop); });
    return {};
}

bool Enforcement::stop()
{
    if (!m_thread.joinable())
        return false;
    m_thread.request_stop();
    m_thread.join();
    const auto flushed = m_uses.flush(true);
    if (!flushed)
        complain("the uses of the last moments", flushed.error());
    return flushed.has_value();
}

std::shared_ptr<const deprecation::Policy> Enforcement::policy() const
{
    const std::lock_guard lock(m_mutex);
    return m_policy;
}

void Enforcement::run(const std::stop_token &stop)
{
    while (!stop.stop_requested()) {
        step();
        std::unique_lock lock(m_mutex);
        m_wake.wait_for(lock, stop, between, [] { return false; });
    }
}

void Enforcement::step()
{
    const Time now = m_clock.now();
    m_collateral.look(now, m_parts.totals());
    // By what is known of the records, also where the catalog cannot be asked or takes its time.
    m_uses.remind();
    tellCaches(now);
    if (!m_synced || *m_synced + betweenSigns <= now || now < *m_synced) {
        m_parts.syncNote();
        m_synced = now;
    }
    auto done = refresh();
    tellCaches(m_clock.now());
    if (done)
        done = giveSigns(now);
    if (done)
        done = m_uses.flush();
    if (done)
        done = abortWhatRefusesTooMuch(now);
    if (done)
        done = sumUses(now);
    if (done)
        done = tellCollateral(now);
    if (!done)
        complain("in step with the catalog", done.error());
    else
        m_complaint.clear();
}

// Once for each reason, until it works again.
void Enforcement::complain(std::string_view what, const Error &error)
{
    if (m_complaint == error.detail)
        return;
    m_complaint = error.detail;
    m_log.warning("deprecations.behind", {{"what", what}, {"detail", std::string_view(error.detail)}});
}

Result<void> Enforcement::refresh()
{
    CM_TRY_ASSIGN(const std::int64_t version, m_catalog.dataVersion());
    if (version == m_version)
        return {};
    auto policy = std::make_shared<deprecation::Policy>();
    CM_TRY(m_catalog.read([&](catalog::Reader &reader) -> Result<void> {
        CM_TRY_ASSIGN(const auto rows, reader.deprecations());
        for (const catalog::DeprecationRow &row : rows) {
            if (row.state == deprecation::stateName(deprecation::State::Cancelled))
                continue;
            auto entry = entryOf(reader, row);
            // Of a newer program, say: this node cannot enforce it, shows that by rehearsing nothing, and serves on.
            if (!entry && entry.error().code == ErrorCode::Unsupported) {
                if (m_unreadable.insert(row.id).second)
                    m_log.warning("deprecation.unreadable", {{"deprecation", row.id}, {"title", std::string_view(row.title)}, {"detail", std::string_view(entry.error().detail)}});
                continue;
            }
            if (!entry)
                return fail(entry.error());
            policy->entries.push_back(std::move(*entry));
        }
        return {};
    }));
    m_version = version;
    const std::lock_guard lock(m_mutex);
    m_policy = std::move(policy);
    return {};
}

Result<void> Enforcement::giveSigns(Time now)
{
    const auto current = policy();
    // Whoever was silent for so long may have been forgotten, and its proofs with it; clocks of nodes differ.
    if (m_signed && *m_signed + forgettableAfter / 2 <= now)
        m_rehearsed.clear();
    std::vector<catalog::DeprecationProofRow> proofs;
    bool concerned = false;
    for (const deprecation::Entry &entry : current->entries) {
        concerned = concerned || entry.state != deprecation::State::Proposed;
        const auto known = m_rehearsed.find(entry.id);
        if (known != m_rehearsed.end() && known->second == entry.revision)
            continue;
        Rehearsed rehearsed = m_parts.rehearse(entry);
        proofs.push_back({entry.id, m_node, entry.revision, rehearsed.right, std::move(rehearsed.detail), now});
    }
    const bool due = concerned && (!m_signed || *m_signed + betweenSigns <= now || now < *m_signed);
    if (proofs.empty() && !due)
        return {};
    CM_TRY(m_catalog.writeAlways([&](catalog::Writer &writer) -> Result<void> {
        for (const catalog::DeprecationProofRow &proof : proofs)
            CM_TRY(writer.setDeprecationProof(proof));
        return writer.noteServingNode({m_node, now});
    }));
    for (const catalog::DeprecationProofRow &proof : proofs)
        m_rehearsed[proof.deprecationId] = proof.revision;
    m_signed = now;
    return {};
}

Result<void> Enforcement::sumUses(Time now)
{
    if (m_summed && *m_summed <= now && now < *m_summed + betweenSums)
        return {};
    CM_TRY_ASSIGN(const bool some, m_catalog.read([](catalog::Reader &reader) { return reader.hasNewUses(); }));
    const auto summed = some ? m_catalog.writeAlways([](catalog::Writer &writer) { return writer.sumUses(summedAtOnce); }) : Result<std::int64_t>(0);
    if (!summed)
        return fail(summed.error());
    // What is left of a million that an older program has written comes with the next steps.
    if (*summed < summedAtOnce)
        m_summed = now;
    return {};
}

// While a window lasts, and once when it has ended.
Result<void> Enforcement::tellCollateral(Time now)
{
    const auto current = policy();
    for (const deprecation::Entry &entry : current->entries) {
        for (const deprecation::Window &window : entry.windows) {
            if (now <= window.starts || window.ends + toldAfter < now || window.ends <= window.starts)
                continue;
            const auto told = m_told.find(window.id);
            const bool isTold = told != m_told.end() && (now < window.ends ? now < told->second + betweenSigns : told->second >= window.ends);
            auto row = isTold ? std::nullopt : m_collateral.of(window);
            if (!row)
                continue;
            CM_TRY_ASSIGN(const auto earlier, earlierCollateral(window.id));
            if (earlier)
                row = joined(*earlier, std::move(*row));
            row->node = m_node;
            CM_TRY(m_catalog.writeAlways([&](catalog::Writer &writer) { return writer.setBrownOutCollateral(*row); }));
            m_told[window.id] = now;
        }
    }
    return {};
}

Result<std::optional<catalog::CollateralRow>> Enforcement::earlierCollateral(std::int64_t brownOut)
{
    // Of a window that this process has told of, what is there is its own.
    if (const auto known = m_earlier.find(brownOut); known != m_earlier.end())
        return known->second;
    CM_TRY_ASSIGN(const auto rows, m_catalog.read([&](catalog::Reader &reader) { return reader.brownOutCollateral(brownOut); }));
    const auto found = std::ranges::find(rows, m_node, &catalog::CollateralRow::node);
    return m_earlier[brownOut] = found == rows.end() ? std::nullopt : std::optional(*found);
}

void Enforcement::tellCaches(Time now)
{
    const auto current = policy();
    std::map<std::string, std::string> answers;
    for (const deprecation::Entry &entry : current->entries) {
        if (entry.rule.kind == deprecation::Kind::Endpoint && deprecation::isRead(entry.rule.value))
            answers[entry.rule.value] += deprecation::commonAnswer(entry, now);
    }
    // A record that is gone is told of as well.
    for (const auto &[endpoint, answer] : m_answers)
        answers.try_emplace(endpoint);
    for (const auto &[endpoint, answer] : answers) {
        const auto known = m_answers.find(endpoint);
        if (known == m_answers.end() ? !answer.empty() : known->second != answer)
            m_parts.readsChange(endpoint);
    }
    m_answers = std::move(answers);
}

Result<void> Enforcement::abortWhatRefusesTooMuch(Time now)
{
    const auto current = policy();
    for (const deprecation::Entry &entry : current->entries) {
        const deprecation::Window *window = entry.windowAt(now);
        if (!window || window->abortAt == 0 || entry.state != deprecation::State::BrownOut)
            continue;
        CM_TRY_ASSIGN(const std::int64_t refused, m_catalog.read([&](catalog::Reader &reader) {
            return reader.refusedInBrownOut(window->id);
        }));
        if (refused < window->abortAt)
            continue;
        const std::string reason = fmt::format("{} refusals, at {} it was to be aborted", refused, window->abortAt);
        const auto ended = m_catalog.writeAlways([&](catalog::Writer &writer) -> Result<void> {
            CM_TRY(writer.endBrownOut(window->id, now, m_node, reason));
            const Principal self = byItself(m_node);
            Recorder recorder(writer, self, now);
            CM_TRY(recorder.audit({"deprecation.abort-brown-out", "deprecation", std::to_string(entry.id), reason, nullptr,
                                   boost::json::object{{"brown_out", window->number}, {"refused", refused}, {"node", m_node}}}));
            return recorder.event("deprecation.changed", std::to_string(entry.id));
        });
        // Another node was quicker.
        if (!ended && ended.error().code != ErrorCode::NotFound)
            return fail(ended.error());
        if (ended)
            m_log.warning("brown-out.aborted", {{"deprecation", entry.id}, {"brown_out", window->number}, {"refused", refused}});
        m_changes.announceCommit();
    }
    return {};
}

}  // namespace cm::registry
