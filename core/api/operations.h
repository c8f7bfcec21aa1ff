// SPDX-License-Identifier: GPL-3.0-or-later
// The registry as a whole: what it is, its nodes, uploads before they are sent, and what lies
// inside a file.
#pragma once

#include "core/api/documentation.h"
#include "core/api/types.h"

namespace cm::api {

struct Counters {
    std::int64_t projects = 0;
    std::int64_t releases = 0;
    std::int64_t files = 0;
    std::int64_t bytes = 0;
    std::int64_t users = 0;
    std::int64_t quarantined = 0;
    std::int64_t uploadsToday = 0;
    friend bool operator==(const Counters &, const Counters &) = default;
    BOOST_DESCRIBE_CLASS(Counters, (), (projects, releases, files, bytes, users, quarantined, uploadsToday), (), ())
};

// The registry takes no changes until then, whoever sends them; reading goes on.
struct ReadOnlyMode {
    Time until;
    Time since;
    std::string by;
    std::string reason;
    // What uploaders are told; may be empty.
    std::string message;
    friend bool operator==(const ReadOnlyMode &, const ReadOnlyMode &) = default;
    BOOST_DESCRIBE_CLASS(ReadOnlyMode, (), (until, since, by, reason, message), (), ())
};

struct RegistryInfo {
    std::string name;
    std::string version;
    std::int64_t serial = 0;
    // As clients reach it, with the trailing slash.
    std::string baseUrl;
    std::string simpleUrl;
    std::string uploadUrl;
    Counters counters;
    std::int64_t fileLimit = 0;
    std::int64_t totalLimit = 0;
    std::int64_t retentionDays = 0;
    bool passwordUploads = false;
    // "normalised" or "pep625".
    std::string sdistNames;
    // Absent while it takes changes.
    std::optional<ReadOnlyMode> readOnly;
    DocumentationOffer documentation;
    friend bool operator==(const RegistryInfo &, const RegistryInfo &) = default;
    BOOST_DESCRIBE_CLASS(RegistryInfo, (),
                         (name, version, serial, baseUrl, simpleUrl, uploadUrl, counters, fileLimit, totalLimit,
                          retentionDays, passwordUploads, sdistNames, readOnly, documentation),
                         (), ())
};

struct SetReadOnly {
    // In the future, and a day at most.
    Time until;
    std::string reason;
    std::string message;
    BOOST_DESCRIBE_CLASS(SetReadOnly, (), (until, reason, message), (), ())
};

struct EndReadOnly {
    std::string reason;
    BOOST_DESCRIBE_CLASS(EndReadOnly, (), (reason), (), ())
};

// The database took a write. That others are refused by order is no fault of it.
struct WriteProbe {
    std::optional<ReadOnlyMode> readOnly;
    friend bool operator==(const WriteProbe &, const WriteProbe &) = default;
    BOOST_DESCRIBE_CLASS(WriteProbe, (), (readOnly), (), ())
};

// One figure of a node with where it comes from and when it was taken. `value` is absent for a
// figure that nobody can know now; it is then never shown as 0, and `sampled` is when it was last asked
// for. A figure that grew `stale` is the last one known.
struct Signal {
    std::string name;
    std::optional<double> value;
    // "bytes", "seconds", "count", "per-second", "ratio" or "text".
    std::string unit;
    std::string text;
    Verdict verdict = Verdict::Unknown;
    std::string source;
    Time sampled;
    bool stale = false;
    // Where the verdict begins to be a warning and critical; absent where no bound is set.
    std::optional<double> warning;
    std::optional<double> critical;
    friend bool operator==(const Signal &, const Signal &) = default;
    BOOST_DESCRIBE_CLASS(Signal, (),
                         (name, value, unit, text, verdict, source, sampled, stale, warning, critical), (), ())
};

// One thing that is wrong with a node. `cause` names the node whose trouble explains it; empty: it is
// this node's own.
struct NodeFinding {
    // Of core/api/findings.h, such as "STALLED".
    std::string code;
    Verdict verdict = Verdict::Unknown;
    std::string statement;
    Time since;
    std::string cause;
    // What helps: an act, named where the facts decide it.
    std::string runbook;
    // The act as a wire name of ActionKind, and the node that it is done to; empty: none is decided by the facts.
    std::string act;
    std::string actOn;
    friend bool operator==(const NodeFinding &, const NodeFinding &) = default;
    BOOST_DESCRIBE_CLASS(NodeFinding, (), (code, verdict, statement, since, cause, runbook, act, actOn), (), ())
};

struct Node {
    std::string name;
    // "web", "database", "files"; of a monitor also those of core/api/monitoring.h.
    std::string role;
    Verdict verdict = Verdict::Unknown;
    // One sentence: "db2 has stopped replaying".
    std::string statement;
    std::vector<Signal> facts;
    // The code of the worst finding; empty while there is none.
    std::string finding;
    // When the verdict became what it is.
    std::optional<Time> since;
    // The node whose trouble explains this one's; empty: its own.
    std::string cause;
    // Worst first.
    std::vector<NodeFinding> findings;
    std::string host;
    std::string site;
    friend bool operator==(const Node &, const Node &) = default;
    BOOST_DESCRIBE_CLASS(Node, (),
                         (name, role, verdict, statement, facts, finding, since, cause, findings, host, site), (), ())
};

struct NodeList {
    std::vector<Node> nodes;
    Time sampled;
    friend bool operator==(const NodeList &, const NodeList &) = default;
    BOOST_DESCRIBE_CLASS(NodeList, (), (nodes, sampled), (), ())
};

struct PreflightFile {
    std::string filename;
    std::string project;
    std::string version;
    std::int64_t size = 0;
    // Hexadecimal; empty while it is not computed yet.
    std::string sha256;
    std::string blake2b256;
    friend bool operator==(const PreflightFile &, const PreflightFile &) = default;
    BOOST_DESCRIBE_CLASS(PreflightFile, (), (filename, project, version, size, sha256, blake2b256), (), ())
};

struct UploadPreflight {
    std::vector<PreflightFile> files;
    BOOST_DESCRIBE_CLASS(UploadPreflight, (), (files), (), ())
};

struct Finding {
    // Name of the check in core/checks, such as "file-exists".
    std::string check;
    // The words with which an upload would be refused.
    std::string text;
    friend bool operator==(const Finding &, const Finding &) = default;
    BOOST_DESCRIBE_CLASS(Finding, (), (check, text), (), ())
};

struct PreflightVerdict {
    std::string filename;
    // The very bytes are there already: an upload would succeed and change nothing.
    bool alreadyThere = false;
    bool createsProject = false;
    bool createsRelease = false;
    std::vector<Finding> refusals;
    friend bool operator==(const PreflightVerdict &, const PreflightVerdict &) = default;
    BOOST_DESCRIBE_CLASS(PreflightVerdict, (), (filename, alreadyThere, createsProject, createsRelease, refusals), (),
                         ())
};

struct PreflightAnswer {
    std::vector<PreflightVerdict> files;
    friend bool operator==(const PreflightAnswer &, const PreflightAnswer &) = default;
    BOOST_DESCRIBE_CLASS(PreflightAnswer, (), (files), (), ())
};

struct FileRef {
    std::string filename;
    BOOST_DESCRIBE_CLASS(FileRef, (), (filename), (), ())
};

struct ArchiveMember {
    std::string path;
    std::int64_t size = 0;
    // "file", "directory", "link" or "other".
    std::string kind;
    friend bool operator==(const ArchiveMember &, const ArchiveMember &) = default;
    BOOST_DESCRIBE_CLASS(ArchiveMember, (), (path, size, kind), (), ())
};

struct ArchiveListing {
    std::string filename;
    std::vector<ArchiveMember> members;
    // True when the list was cut at the registry's cap.
    bool truncated = false;
    friend bool operator==(const ArchiveListing &, const ArchiveListing &) = default;
    BOOST_DESCRIBE_CLASS(ArchiveListing, (), (filename, members, truncated), (), ())
};

struct ReadMember {
    std::string filename;
    std::string path;
    BOOST_DESCRIBE_CLASS(ReadMember, (), (filename, path), (), ())
};

struct MemberContent {
    std::string path;
    std::int64_t size = 0;
    // Text is shown as it is; of binary content only the size is told.
    bool binary = false;
    std::string text;
    bool truncated = false;
    friend bool operator==(const MemberContent &, const MemberContent &) = default;
    BOOST_DESCRIBE_CLASS(MemberContent, (), (path, size, binary, text, truncated), (), ())
};

}  // namespace cm::api
