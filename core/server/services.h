// SPDX-License-Identifier: GPL-3.0-or-later
// What the server stands on, by reference: made and owned by the composition root, which outlives
// it. A plain aggregate, so that every part of core/server takes the same one constructor argument.
#pragma once

#include "core/base/executor.h"
#include "core/base/log.h"
#include "core/edge/purger.h"
#include "core/http/server.h"
#include "core/metrics/store/count_reader.h"
#include "core/registry/access.h"
#include "core/registry/annotations.h"
#include "core/registry/changes.h"
#include "core/registry/deprecations.h"
#include "core/registry/documentation.h"
#include "core/registry/enforcement.h"
#include "core/registry/event_log.h"
#include "core/registry/inspector.h"
#include "core/registry/maintenance.h"
#include "core/registry/moderate.h"
#include "core/registry/pages.h"
#include "core/registry/people.h"
#include "core/registry/preflight.h"
#include "core/registry/publish.h"
#include "core/registry/query.h"
#include "core/registry/ssh_keys.h"
#include "core/server/own_texts.h"

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace cm::server {

// What an uploader is told while the volume of the files is away.
inline constexpr std::string_view uploadsAwayText = "The files of this registry are away; nothing was stored, send it again later";

// How the folder of package files is doing.
struct StoreFigures {
    bool writable = false;
    bool present = true;  // false: its volume is away, and nothing can be read either
    std::uint64_t freeBytes = 0;
    std::uint64_t totalBytes = 0;
    std::chrono::milliseconds waits{0};  // of the oldest call to it that has not returned; 0: there is none
    std::string problem;  // empty when writable
};

struct Options {
    std::string version;      // of the program
    std::string node;         // name of this machine in the list of nodes
    std::string baseUrl;      // without a slash at the end; empty: as the client addresses us
    std::string docsBaseUrl;  // of the documentation, no path; empty: on a listener of its own, or nowhere
    std::string cacheFolder;  // for bodies too large to be kept in memory; emptied at the start
    std::filesystem::path drainFile;  // empty: none
    std::size_t pageCacheBytes = 32U << 20;
};

struct Services {
    registry::Access &access;
    registry::Changes &changes;
    registry::Publisher &publisher;
    registry::Documentation &documentation;
    registry::Moderator &moderator;
    registry::Maintenance &maintenance;
    registry::People &people;
    registry::Browser &browser;
    registry::Preflight &preflight;
    registry::Inspector &inspector;
    registry::EventLog &events;
    edge::Purger &purger;
    metrics::CountReader &counts;
    registry::Annotations &annotations;
    registry::Deprecations &deprecations;
    registry::Enforcement &enforcement;
    registry::UseRecorder &uses;
    registry::SshKeys &sshKeys;
    const registry::Settings &settings;
    Log &log;
    const Clock &clock;

    Executor &pages;      // one project's page: a query and some text
    Executor &documents;  // the JSON API, whose answers hold whole descriptions: pages do not wait for them
    Executor &index;      // the list of all projects: one thread, seldom and long
    Executor &uploads;    // a thread for each upload that runs at once
    Executor &admin;
    // Looks for, opens and reads package files where they lie across a network; null: they are on a disk of this machine.
    Executor *files;
    // Who looks for one. Not those whom a file system that does not answer may hold.
    [[nodiscard]] Executor &lookup() const { return files && filesPresent() ? *files : pages; }

    // Pages whose links begin with that base, those to documentation with the other (empty: it is served nowhere).
    std::function<registry::Pages(std::string baseUrl, std::string docsBaseUrl)> pagesWithBase;
    // The file on disk of a blob's path.
    std::function<Result<std::string>(std::string_view blobPath)> blobFile;
    std::function<StoreFigures()> storeFigures;
    // Whether they are there at all; never blocks.
    std::function<bool()> filesPresent;
    // Of an upload that may hang in them: what its client is told by now, or nothing.
    [[nodiscard]] std::string uploadGivenUp() const
    {
        return filesPresent() ? "" : "The files of this registry are away; whether this one is stored is not known, send it again later";
    }
    std::function<http::Statistics()> httpStatistics;
    // Of the documentation's own listener; 0: it has none.
    std::function<std::uint16_t()> docsPort;
    // Sends a mail to one person; blocks. Null: this registry has no server for mails.
    std::function<Result<void>(const std::string &address, const std::string &subject, const std::string &text)> sendMail;
    // The registry's own texts: where each is found, and what it says.
    std::function<std::vector<OwnText>()> ownTexts;
};

}  // namespace cm::server
