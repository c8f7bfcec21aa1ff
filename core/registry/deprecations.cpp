// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/registry/deprecations.h"

#include "core/pypi/names.h"
#include "core/registry/deprecation_agreement.h"
#include "core/registry/deprecation_change.h"
#include "core/registry/enforcement.h"
#include "core/registry/people.h"
#include "core/registry/text.h"

#include <algorithm>

namespace cm::registry {

namespace {

constexpr std::size_t mostWords = 500;
constexpr std::size_t mostOfSubject = 120;

struct Problems {
    std::vector<FieldProblem> fields;
    void add(std::string_view field, std::string_view problem) { fields.push_back({std::string(field), std::string(problem)}); }
};

// One line of readable text, trimmed.
void checkLine(std::string &text, std::string_view field, std::size_t most, bool needed, Problems &problems)
{
    text = std::string(trimmed(text));
    if (needed && text.empty())
        problems.add(field, "is needed");
    if (text.size() > most)
        problems.add(field, "is longer than " + std::to_string(most) + " bytes");
    const bool readable = isUtf8(text) && std::none_of(text.begin(), text.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    });
    if (!readable)
        problems.add(field, "has to be one line of text");
}

// As a record is told of in the audit.
boost::json::object described(const catalog::DeprecationRow &row)
{
    boost::json::object out{{"title", row.title},
                            {"kind", row.kind},
                            {"subject", row.subject},
                            {"owner", row.owner},
                            {"replacement", row.replacement},
                            {"link", row.link},
                            {"command", row.command},
                            {"client_project", row.clientProject},
                            {"mentions", row.mentions},
                            {"budget", row.budget},
                            {"quiet_days", row.quietDays},
                            {"second_person", row.secondPerson}};
    for (const auto &[name, date] : {std::pair("deprecated", row.deprecated), std::pair("sunset", row.sunset), std::pair("removal", row.removal)}) {
        if (date)
            out[name] = formatRfc3339(*date);
    }
    return out;
}

// "twine <3.0" and "Twine<3.0" are one.
bool isSameRule(const catalog::DeprecationRow &a, const catalog::DeprecationRow &b)
{
    const auto kind = deprecation::kindNamed(a.kind);
    const auto one = kind ? deprecation::parseRule(*kind, a.subject) : fail(ErrorCode::InvalidInput, "no such kind");
    const auto other = kind ? deprecation::parseRule(*kind, b.subject) : fail(ErrorCode::InvalidInput, "no such kind");
    return one && other ? *one == *other : a.subject == b.subject;
}

// Two records of one thing would speak with two tongues.
Result<void> requireOnlyOne(catalog::Reader &reader, const catalog::DeprecationRow &terms, catalog::Id self)
{
    CM_TRY_ASSIGN(const auto rows, reader.deprecations());
    for (const catalog::DeprecationRow &row : rows) {
        const auto state = deprecation::stateNamed(row.state);
        if (row.id != self && row.kind == terms.kind && isSameRule(row, terms) && !(state && deprecation::isOver(*state)))
            return fail(ErrorCode::Conflict, "record " + std::to_string(row.id) + " is of the same already");
    }
    return {};
}

Result<DeprecationView> viewOf(catalog::Reader &reader, catalog::DeprecationRow row)
{
    DeprecationView out;
    CM_TRY_ASSIGN(out.entry, entryOf(reader, row));
    CM_TRY_ASSIGN(out.steps, reader.deprecationSteps(row.id));
    CM_TRY_ASSIGN(out.brownOuts, reader.brownOuts(row.id));
    CM_TRY_ASSIGN(out.figures, brownOutFigures(reader, out.entry));
    CM_TRY_ASSIGN(out.exemptions, reader.deprecationExemptions(row.id));
    CM_TRY_ASSIGN(out.answers, reader.deprecationAnswers(row.id));
    CM_TRY_ASSIGN(out.proofs, reader.deprecationProofs(row.id));
    if (auto agreed = agreementIn(row.agreed); agreed && agreed->revision == row.revision)
        out.agreed = std::move(agreed);
    out.possible = deprecation::possible(out.entry.state, deprecation::stateNamed(row.pausedFrom));
    out.row = std::move(row);
    return out;
}

}  // namespace

std::optional<Time> announcedIn(const std::vector<catalog::DeprecationStepRow> &steps)
{
    for (const catalog::DeprecationStepRow &step : steps) {
        if (step.to == deprecation::stateName(deprecation::State::Announced))
            return step.time;
    }
    return std::nullopt;
}

Result<catalog::DeprecationRow> checkedTerms(catalog::DeprecationRow terms)
{
    Problems problems;
    checkLine(terms.title, "title", 80, true, problems);
    checkLine(terms.owner, "owner", 50, false, problems);
    checkLine(terms.replacement, "replacement", 120, false, problems);
    checkLine(terms.link, "link", 200, false, problems);
    checkLine(terms.command, "command", mostWords, false, problems);
    checkLine(terms.mentions, "mentions", mostWords, false, problems);
    checkLine(terms.subject, "subject", mostOfSubject, true, problems);
    const bool isAddress = terms.link.starts_with("https://") || terms.link.starts_with("http://");
    if (!terms.link.empty() && (!isAddress || terms.link.find_first_of(" <>\"") != std::string::npos))
        problems.add("link", "is no http or https address");
    const auto kind = deprecation::kindNamed(terms.kind);
    const auto rule = kind ? deprecation::parseRule(*kind, terms.subject) : fail(ErrorCode::InvalidInput, "no such kind");
    if (!kind)
        problems.add("kind", "is no kind of thing that can retire");
    else if (!rule)
        problems.fields.insert(problems.fields.end(), rule.error().fields.begin(), rule.error().fields.end());
    if (!terms.clientProject.empty() && !pypi::isValidName(terms.clientProject))
        problems.add("clientProject", "is no name of a project");
    else
        terms.clientProject = terms.clientProject.empty() ? std::string() : pypi::normalizeName(terms.clientProject);
    if (terms.budget < 0)
        problems.add("budget", "is less than 0");
    if (terms.quietDays < 1 || terms.quietDays > 90)
        problems.add("quietDays", "is not from 1 to 90");
    if (terms.deprecated && terms.sunset && *terms.sunset < *terms.deprecated)
        problems.add("sunset", "is before the deprecation (RFC 8594)");
    if (terms.sunset && terms.removal && *terms.removal < *terms.sunset)
        problems.add("removal", "is before the sunset");
    if (!problems.fields.empty()) {
        std::string detail;
        for (const auto &[field, problem] : problems.fields)
            detail += (detail.empty() ? "" : "; ") + field + " " + problem;
        return fail(Error{ErrorCode::InvalidInput, std::move(detail), std::move(problems.fields), {}});
    }
    return terms;
}

Result<std::vector<DeprecationLine>> Deprecations::list(const Principal &by)
{
    CM_TRY(require(by, Action::ReadRegistry));
    const Time now = m_clock.now();
    (void)sumNewUses();
    return m_catalog.read([&](catalog::Reader &reader) -> Result<std::vector<DeprecationLine>> {
        std::vector<DeprecationLine> out;
        CM_TRY_ASSIGN(auto rows, reader.deprecations());
        for (catalog::DeprecationRow &row : rows) {
            DeprecationLine line;
            auto view = viewOf(reader, row);
            // Of a newer program: the others are told all the same.
            if (!view && view.error().code == ErrorCode::Unsupported) {
                line.unreadable = std::move(view.error().detail);
                line.view.row = std::move(row);
                out.push_back(std::move(line));
                continue;
            }
            CM_TRY_ASSIGN(line.view, std::move(view));
            CM_TRY_ASSIGN(const catalog::UseTotals seen, useTotalsSince(reader, line.view.entry, now - std::chrono::days(29)));
            line.uses = seen.accepted;
            line.people = seen.people;
            line.anonymous = seen.anonymous;
            out.push_back(std::move(line));
        }
        return out;
    });
}

Result<DeprecationView> Deprecations::view(const Principal &by, catalog::Id id)
{
    CM_TRY(require(by, Action::ReadRegistry));
    return m_catalog.read([&](catalog::Reader &reader) -> Result<DeprecationView> {
        CM_TRY_ASSIGN(auto row, reader.deprecation(id));
        return viewOf(reader, std::move(row));
    });
}

bool Deprecations::sumNewUses()
{
    // A second or two; the rest of a million is summed up in the background.
    constexpr int mostRounds = 4;
    const auto some = m_catalog.read([](catalog::Reader &reader) { return reader.hasNewUses(); });
    if (!some || !*some)
        return some.has_value();
    for (int round = 0; round < mostRounds; ++round) {
        const auto summed = m_catalog.writeAlways([](catalog::Writer &writer) { return writer.sumUses(summedAtOnce); });
        if (!summed || *summed < summedAtOnce)
            return summed.has_value();
    }
    return false;
}

Result<UseEvidence> Deprecations::evidence(const Principal &by, catalog::Id id)
{
    CM_TRY(require(by, Action::ReadRegistry));
    (void)sumNewUses();
    return m_catalog.read([&](catalog::Reader &reader) -> Result<UseEvidence> {
        CM_TRY_ASSIGN(const auto row, reader.deprecation(id));
        CM_TRY_ASSIGN(const auto entry, entryOf(reader, row));
        CM_TRY_ASSIGN(const auto steps, reader.deprecationSteps(id));
        return useEvidence(reader, entry, announcedIn(steps), m_clock.now());
    });
}

Result<Change> Deprecations::propose(const Principal &by, catalog::DeprecationRow terms, std::string_view reason)
{
    CM_TRY(require(by, Action::RunDeprecations));
    CM_TRY_ASSIGN(const std::string why, checkedReason(reason, true));
    CM_TRY_ASSIGN(terms, checkedTerms(std::move(terms)));
    const Time now = m_clock.now();
    terms.revision = 1;
    terms.state = deprecation::stateName(deprecation::State::Proposed);
    terms.pausedFrom.clear();
    terms.since = now;
    terms.created = now;
    terms.createdBy = by.name;
    auto change = m_catalog.write([&](catalog::Writer &writer) -> Result<Change> {
        CM_TRY(requireOnlyOne(writer, terms, 0));
        CM_TRY_ASSIGN(const catalog::Id id, writer.createDeprecation(terms));
        Recorder recorder(writer, by, now);
        CM_TRY(recorder.audit({"deprecation.propose", "deprecation", std::to_string(id), why, nullptr, described(terms)}));
        CM_TRY(recorder.event("deprecation.changed", std::to_string(id)));
        return recorder.change();
    });
    if (change)
        m_changes.announceCommit();
    return change;
}

Result<Change> Deprecations::edit(const Principal &by, catalog::Id id, std::int64_t revision, catalog::DeprecationRow terms,
                                  std::string_view reason)
{
    CM_TRY(require(by, Action::RunDeprecations));
    CM_TRY_ASSIGN(const std::string why, checkedReason(reason, true));
    CM_TRY_ASSIGN(terms, checkedTerms(std::move(terms)));
    return change(by, id, false, [&](catalog::Writer &writer, Recorder &recorder, catalog::DeprecationRow &row) -> Result<void> {
        CM_TRY(requireRevision(row, revision));
        const auto state = deprecation::stateNamed(row.state);
        if (!state || deprecation::isOver(*state))
            return fail(ErrorCode::Conflict, "it is over and stays as it was");
        if (*state != deprecation::State::Proposed && (terms.kind != row.kind || terms.subject != row.subject))
            return fail(Error{ErrorCode::InvalidInput, "what retires cannot change once it is measured: propose another record",
                              {{"subject", "cannot change once it is measured"}}, {}});
        // Else one person would do alone what needs two, in two calls.
        if (*state != deprecation::State::Proposed && row.secondPerson && !terms.secondPerson)
            return fail(Error{ErrorCode::InvalidInput, "that each step needs a second person stays once it is measured",
                              {{"secondPerson", "stays once it is measured"}}, {}});
        CM_TRY(requireOnlyOne(writer, terms, id));
        const auto before = described(row);
        catalog::DeprecationRow after = terms;
        after.id = row.id;
        after.revision = row.revision + 1;
        after.state = row.state;
        after.pausedFrom = row.pausedFrom;
        after.since = row.since;
        after.created = row.created;
        after.createdBy = row.createdBy;
        row = std::move(after);
        return recorder.audit({"deprecation.edit", "deprecation", std::to_string(id), why, before, described(row)});
    });
}

Result<Change> Deprecations::endBrownOut(const Principal &by, catalog::Id id, catalog::Id brownOut, std::string_view reason)
{
    CM_TRY(require(by, Action::OperateRegistry));
    CM_TRY_ASSIGN(const std::string why, checkedReason(reason, true));
    const Time now = m_clock.now();
    return change(by, id, true, [&](catalog::Writer &writer, Recorder &recorder, catalog::DeprecationRow &row) -> Result<void> {
        CM_TRY_ASSIGN(const catalog::BrownOutRow window, writer.brownOut(brownOut));
        if (window.deprecationId != id)
            return fail(ErrorCode::NotFound, "no such brown-out");
        if (window.end() <= now)
            return fail(ErrorCode::Conflict, "it is over");
        CM_TRY(writer.endBrownOut(brownOut, now, by.name, why));
        ++row.revision;
        return recorder.audit({window.starts <= now ? "deprecation.abort-brown-out" : "deprecation.call-off-brown-out", "deprecation",
                               std::to_string(id), why, nullptr, boost::json::object{{"brown_out", window.number}}});
    });
}

Result<BrownOutRecord> Deprecations::watch(const Principal &by, catalog::Id id, catalog::Id brownOut)
{
    CM_TRY(require(by, Action::ReadRegistry));
    const Time now = m_clock.now();
    return m_catalog.read([&](catalog::Reader &reader) -> Result<BrownOutRecord> {
        BrownOutRecord out;
        CM_TRY_ASSIGN(out.row, reader.brownOut(brownOut));
        if (out.row.deprecationId != id)
            return fail(ErrorCode::NotFound, "no such brown-out");
        CM_TRY_ASSIGN(const auto row, reader.deprecation(id));
        CM_TRY_ASSIGN(const auto entry, entryOf(reader, row));
        CM_TRY_ASSIGN(auto figures, brownOutFigures(reader, entry));
        out.figures = figures[brownOut];
        CM_TRY_ASSIGN(out.details, brownOutDetails(reader, entry, brownOut));
        CM_TRY_ASSIGN(out.collateral, reader.brownOutCollateral(brownOut));
        CM_TRY_ASSIGN(const auto nodes, reader.servingNodes());
        for (const catalog::ServingNodeRow &node : nodes) {
            // Of a node that came or went outside of the window nothing is missing.
            const bool served = node.seen >= out.row.starts && out.row.starts < now;
            if (served && std::ranges::none_of(out.collateral, [&](const catalog::CollateralRow &row) { return row.node == node.node; }))
                out.uncounted.push_back(node.node);
        }
        return out;
    });
}

Result<std::vector<catalog::ServingNodeRow>> Deprecations::nodes(const Principal &by)
{
    CM_TRY(require(by, Action::ReadRegistry));
    return m_catalog.read([](catalog::Reader &reader) { return reader.servingNodes(); });
}

Result<Change> Deprecations::forgetNode(const Principal &by, std::string_view node, std::string_view reason)
{
    CM_TRY(require(by, Action::OperateRegistry));
    CM_TRY_ASSIGN(const std::string why, checkedReason(reason, true));
    const Time now = m_clock.now();
    auto done = m_catalog.write([&](catalog::Writer &writer) -> Result<Change> {
        CM_TRY_ASSIGN(const auto nodes, writer.servingNodes());
        const auto found = std::ranges::find(nodes, node, &catalog::ServingNodeRow::node);
        if (found == nodes.end())
            return fail(ErrorCode::NotFound, "no such node");
        if (now < found->seen + forgettableAfter) {
            const std::string heard = found->node + " was heard of at " + formatRfc3339(found->seen).substr(0, 19) + "; a node is forgotten after " +
                                      std::to_string(forgettableAfter.count()) + " silent minutes";
            return fail(Error{ErrorCode::GuardFailed, heard, {{"silent", heard}}, {}});
        }
        CM_TRY(writer.forgetServingNode(node));
        Recorder recorder(writer, by, now);
        CM_TRY(recorder.audit({"serving-node.forget", "node", found->node, why, boost::json::object{{"seen", formatRfc3339(found->seen)}}, nullptr}));
        CM_TRY(recorder.event("deprecation.node_forgotten", found->node));
        return recorder.change();
    });
    if (done)
        m_changes.announceCommit();
    return done;
}

Result<Change> Deprecations::exempt(const Principal &by, catalog::Id id, std::string_view user, std::optional<Time> until,
                                    std::string_view reason)
{
    CM_TRY(require(by, Action::RunDeprecations));
    CM_TRY_ASSIGN(const std::string why, checkedReason(reason, true));
    CM_TRY_ASSIGN(const std::string name, normalizeUserName(user));
    const Time now = m_clock.now();
    if (until && *until <= now)
        return fail(Error{ErrorCode::InvalidInput, "until: is over", {{"until", "is over"}}, {}});
    if (until && *until > now + std::chrono::days(731))
        return fail(Error{ErrorCode::InvalidInput, "until: is more than two years ahead", {{"until", "is more than two years ahead"}}, {}});
    return change(by, id, true, [&](catalog::Writer &writer, Recorder &recorder, catalog::DeprecationRow &row) -> Result<void> {
        CM_TRY_ASSIGN(const catalog::UserRow person, writer.findUser(name));
        boost::json::value before;
        CM_TRY_ASSIGN(const auto known, writer.deprecationExemptions(id));
        for (const catalog::DeprecationExemptionRow &exemption : known) {
            if (exemption.userId == person.id && now < exemption.until)
                before = boost::json::object{{"until", formatRfc3339(exemption.until)}};
        }
        if (!until && before.is_null())
            return fail(ErrorCode::Conflict, person.name + " is not exempt");
        CM_TRY(writer.setDeprecationExemption({id, person.id, {}, until.value_or(now), why, by.name}));
        ++row.revision;
        return recorder.audit({until ? "deprecation.exempt" : "deprecation.end-exemption", "deprecation", std::to_string(id), why, before,
                               boost::json::object{{"user", person.name}, {"until", formatRfc3339(until.value_or(now))}}});
    });
}

Result<Change> Deprecations::answer(const Principal &by, catalog::Id id, std::string_view who, std::string_view stance,
                                    std::string_view text)
{
    CM_TRY(require(by, Action::OperateRegistry));
    std::string name(who);
    Problems problems;
    checkLine(name, "who", 100, true, problems);
    if (!problems.fields.empty())
        return fail(Error{ErrorCode::InvalidInput, "who: " + problems.fields.front().problem, problems.fields, {}});
    auto words = checkedReason(text, true);
    if (!words)
        return fail(Error{ErrorCode::InvalidInput, "text: " + words.error().fields.front().problem, {{"text", words.error().fields.front().problem}}, {}});
    return change(by, id, true, [&](catalog::Writer &writer, Recorder &recorder, catalog::DeprecationRow &) -> Result<void> {
        CM_TRY_ASSIGN(const catalog::Id answer, writer.addDeprecationAnswer({0, id, name, std::string(stance), *words, m_clock.now(), by.name}));
        return recorder.audit({"deprecation.answer", "deprecation", std::to_string(id), {}, nullptr,
                               boost::json::object{{"answer", answer}, {"who", name}, {"stance", stance}, {"text", *words}}});
    });
}

Result<Change> Deprecations::noteMessages(const Principal &by, catalog::Id id, const std::vector<ToldPerson> &people,
                                          std::string_view reason)
{
    CM_TRY(require(by, Action::RunDeprecations));
    CM_TRY_ASSIGN(const std::string why, checkedReason(reason, true));
    return change(by, id, true, [&](catalog::Writer &writer, Recorder &recorder, catalog::DeprecationRow &) -> Result<void> {
        boost::json::array told;
        for (const ToldPerson &person : people) {
            CM_TRY_ASSIGN(const std::string name, normalizeUserName(person.user));
            CM_TRY_ASSIGN(const catalog::UserRow user, writer.findUser(name));
            CM_TRY(writer.addDeprecationMessage({0, id, user.id, m_clock.now(), person.outcome, person.problem, by.name}));
            told.push_back(boost::json::object{{"user", user.name}, {"outcome", person.outcome}});
        }
        return recorder.audit({"deprecation.tell", "deprecation", std::to_string(id), why, nullptr, std::move(told)});
    });
}

}  // namespace cm::registry
