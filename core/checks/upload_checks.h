// SPDX-License-Identifier: GPL-3.0-or-later
// The one ordered list of upload checks, used on receipt by the registry and before sending by the
// desktop. Each check is a pure function over UploadFacts; the order is that of the upload protocol,
// so the first refusal is the one the client is told. Any thread.
#pragma once

#include "core/checks/facts.h"
#include "core/checks/refusal.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cm::checks {

// What a check needs to know beyond the form.
enum class Stage : std::uint8_t {
    Form = 1,      // the head and the fields
    Access = 2,    // + caller, project
    Body = 4,      // + file part, size, digests
    Stored = 8,    // + what the registry has already
    Archive = 16,  // + the archive itself
};

// A set of stages: Stage::Form | Stage::Access.
class Stages {
public:
    constexpr Stages(Stage stage) : m_bits(static_cast<std::uint8_t>(stage)) {}
    static constexpr Stages all() { return Stages(std::uint8_t{31}); }
    [[nodiscard]] constexpr bool has(Stage stage) const { return (m_bits & static_cast<std::uint8_t>(stage)) != 0; }
    friend constexpr Stages operator|(Stages a, Stages b)
    {
        return Stages(static_cast<std::uint8_t>(a.m_bits | b.m_bits));
    }

private:
    explicit constexpr Stages(std::uint8_t bits) : m_bits(bits) {}
    std::uint8_t m_bits;
};
constexpr Stages operator|(Stage a, Stage b)
{
    return Stages(a) | Stages(b);
}

struct Check {
    std::string_view id;  // stable, such as "digest.mismatch"
    Stage stage;
    std::string_view remedy;  // stable key of the words that tell a person what to do
    std::optional<Refusal> (*run)(const UploadFacts &);
};

[[nodiscard]] std::span<const Check> uploadChecks();

// What the archive of `facts` says of itself, or why it cannot be read; null without metadata.
[[nodiscard]] std::shared_ptr<const Result<pypi::Metadata>> readArchiveMetadata(const UploadFacts &facts);

// True when the registry holds exactly this file: the repeat of an upload, answered 200.
[[nodiscard]] bool isIdenticalRepeat(const UploadFacts &facts);

// For all files of a project and its documentation together: the more generous of its own limit and that of all.
[[nodiscard]] std::uint64_t projectLimit(const Policies &policies, const ProjectContext &project);
[[nodiscard]] bool hasRoomFor(std::uint64_t bytes, const Policies &policies, const ProjectContext &project);

// For a body that is too large for every project, of which nothing but its length is known; `limit` is the
// largest limit of a file that a project has.
[[nodiscard]] Refusal tooLargeForAnyProject(const Policies &policies, std::uint64_t limit);

enum class Verdict {
    Accepted,       // go on, or store
    AlreadyStored,  // an identical repeat: answer 200, store nothing
    Refused,
};

struct Outcome {
    Verdict verdict = Verdict::Accepted;
    std::string_view checkId;  // of the refusal
    Refusal refusal;           // set when Refused
};

// Runs the checks of `stages` in order up to the first refusal. An identical repeat ends the list
// where the protocol looks for duplicates: checks before it (access, digests) still refuse.
[[nodiscard]] Outcome judge(const UploadFacts &facts, Stages stages = Stages::all());
[[nodiscard]] std::optional<Refusal> firstRefusal(const UploadFacts &facts, Stages stages = Stages::all());

struct Finding {
    std::string_view checkId;
    std::string_view remedy;
    Refusal refusal;
};

// Every check that refuses, in order, for a person who wants to mend all at once.
[[nodiscard]] std::vector<Finding> allFindings(const UploadFacts &facts, Stages stages = Stages::all());

}  // namespace cm::checks
