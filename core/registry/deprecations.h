// SPDX-License-Identifier: GPL-3.0-or-later
// What an admin does of something on its way out: propose, change, plan and take steps, end a brown-out, exempt, write
// down what people said, tell them. Each change is one transaction with audit and event, and raises the record's
// revision where it changes what nodes do. Owned by the composition root; any thread, blocks.
// Errors: Forbidden, NotFound, InvalidInput (fields), Conflict (the record has moved, or there is no such step),
// GuardFailed (fields: the guards that do not hold).
#pragma once

#include "core/catalog/catalog.h"
#include "core/deprecation/guards.h"
#include "core/registry/changes.h"
#include "core/registry/identity.h"
#include "core/registry/use_evidence.h"

#include <functional>

namespace cm::registry {

struct WishedStep {
    deprecation::State to = deprecation::State::Measuring;
    // Of a brown-out.
    std::optional<Time> starts;
    std::optional<Time> ends;
    std::string onCall;
    std::int64_t abortAt = 0;
    // Of the guards that allow it.
    bool overrideGuards = false;
};

// The second person's word for one step at one revision.
struct Agreement {
    WishedStep step;
    std::int64_t revision = 0;
    std::string by;
    Time time{};
};

struct StepPlan {
    std::int64_t revision = 0;
    std::vector<deprecation::Guard> guards;
    bool allowed = false;
    bool allowedByOverride = false;
    DryRun dryRun;
    std::string digest;  // what a second person's word is bound to
};

// One record with everything that belongs to it.
struct DeprecationView {
    catalog::DeprecationRow row;
    deprecation::Entry entry;
    std::vector<catalog::DeprecationStepRow> steps;
    std::vector<catalog::BrownOutRow> brownOuts;
    std::map<catalog::Id, BrownOutFigures> figures;  // by brown-out
    std::vector<catalog::DeprecationExemptionRow> exemptions;
    std::vector<catalog::DeprecationAnswerRow> answers;
    std::vector<catalog::DeprecationProofRow> proofs;
    std::vector<deprecation::State> possible;
    std::optional<Agreement> agreed;  // to a step at this revision
};

// When it was told to people for the first time.
[[nodiscard]] std::optional<Time> announcedIn(const std::vector<catalog::DeprecationStepRow> &steps);

// One brown-out, with whom it refuses.
struct BrownOutRecord {
    catalog::BrownOutRow row;
    BrownOutFigures figures;
    BrownOutDetails details;
    std::vector<catalog::CollateralRow> collateral;
    std::vector<std::string> uncounted;  // nodes that serve, without figures
};

// A node that was heard of within that time is not gone.
inline constexpr std::chrono::minutes forgettableAfter{10};

struct DeprecationLine {
    DeprecationView view;
    std::string unreadable;  // why this program cannot read it; then of the view there is the row alone
    std::int64_t uses = 0;  // accepted, of 30 days
    std::int64_t people = 0;
    std::int64_t anonymous = 0;  // accepted, of 30 days, of nobody who is known
};

struct ToldPerson {
    std::string user;
    std::string outcome;  // "sent", "saved", "failed"
    std::string problem;
};

// What the registry does not know itself. Both block.
struct Surroundings {
    std::function<deprecation::Alerts()> alerts;
    // Places in the registry's own texts that mention one of these words.
    std::function<Result<std::int64_t>(const std::string &words)> mentions;
    // Whether caches stand in front, which answer by themselves what they have.
    std::function<bool()> behindCaches;
};

class Deprecations {
public:
    Deprecations(catalog::Catalog &catalog, Changes &changes, const Clock &clock, Surroundings surroundings)
        : m_catalog(catalog), m_changes(changes), m_clock(clock), m_surroundings(std::move(surroundings))
    {}

    Result<std::vector<DeprecationLine>> list(const Principal &by);
    Result<DeprecationView> view(const Principal &by, catalog::Id id);
    Result<UseEvidence> evidence(const Principal &by, catalog::Id id);

    // `terms`: what a record begins with; its state, times and confirmations are ours.
    Result<Change> propose(const Principal &by, catalog::DeprecationRow terms, std::string_view reason);
    Result<Change> edit(const Principal &by, catalog::Id id, std::int64_t revision, catalog::DeprecationRow terms,
                        std::string_view reason);

    Result<StepPlan> plan(const Principal &by, catalog::Id id, const WishedStep &step);
    Result<Change> take(const Principal &by, catalog::Id id, std::int64_t revision, const WishedStep &step, std::string_view reason);
    // The second person's word, for this step as it is and no other.
    Result<Change> confirm(const Principal &by, catalog::Id id, std::int64_t revision, const WishedStep &step,
                           std::string_view reason);
    // Ends one that runs, calls off one that is planned.
    Result<Change> endBrownOut(const Principal &by, catalog::Id id, catalog::Id brownOut, std::string_view reason);
    // Nothing for `until`: it ends now.
    Result<Change> exempt(const Principal &by, catalog::Id id, std::string_view user, std::optional<Time> until,
                          std::string_view reason);
    Result<Change> answer(const Principal &by, catalog::Id id, std::string_view who, std::string_view stance, std::string_view text);
    Result<Change> noteMessages(const Principal &by, catalog::Id id, const std::vector<ToldPerson> &people, std::string_view reason);

    Result<BrownOutRecord> watch(const Principal &by, catalog::Id id, catalog::Id brownOut);

    // Nodes that enforce records, by name.
    Result<std::vector<catalog::ServingNodeRow>> nodes(const Principal &by);
    // That one is gone, so that no step waits for it; its next sign of life brings it back.
    Result<Change> forgetNode(const Principal &by, std::string_view node, std::string_view reason);

    [[nodiscard]] bool behindCaches() const { return m_surroundings.behindCaches && m_surroundings.behindCaches(); }

private:
    // Uses of the last seconds come into the sums, so that what is told is of now; if that cannot be, without them. Whether
    // none is left, beside those of this moment.
    bool sumNewUses();
    struct Known;  // what takes long to find out, read before the transaction
    Result<Known> lookAround(const catalog::DeprecationRow &row, deprecation::State to);
    Result<deprecation::Situation> situationOf(catalog::Reader &reader, const Principal &by, const catalog::DeprecationRow &row,
                                               const WishedStep &step, const Known &known);
    // Runs `change(writer, recorder, row)`, which changes the row, and announces it.
    template <class Step>
    Result<Change> change(const Principal &by, catalog::Id id, bool whileReadOnly, Step &&step);

    catalog::Catalog &m_catalog;
    Changes &m_changes;
    const Clock &m_clock;
    Surroundings m_surroundings;
};

// Every problem of what somebody wishes for, by field; cleaned where it is sound.
Result<catalog::DeprecationRow> checkedTerms(catalog::DeprecationRow terms);

}  // namespace cm::registry
