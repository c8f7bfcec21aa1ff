// SPDX-License-Identifier: GPL-3.0-or-later
// Uploads that nothing is wrong with, for tests that then bend one thing.
#pragma once

#include "core/checks/upload_checks.h"

#include <chrono>
#include <string>

namespace cm::checks {

using namespace std::chrono_literals;

inline const std::string sha = std::string(64, 'a');
inline const std::string blake = std::string(64, 'b');

// A wheel of an existing project of ada's that everything is right with.
inline UploadFacts goodWheel()
{
    UploadFacts facts;
    facts.policies.helpUrl = "/help/uploads";
    facts.now = Time(20'000 * 24h);
    facts.caller = Caller{.authenticated = true, .user = "ada", .mayUpload = true};
    facts.form.filetype = "bdist_wheel";
    facts.form.pyversion = "py3";
    facts.form.sha256Digest = sha;
    facts.form.metadata.metadataVersion = "2.1";
    facts.form.metadata.name = "Demo.Pkg";
    facts.form.metadata.version = "1.0";
    facts.file = FilePart{true, "demo_pkg-1.0-py3-none-any.whl", "application/octet-stream"};
    facts.project = ProjectContext{.exists = true, .name = "Demo.Pkg"};
    facts.body = BodyFacts{1000, std::string(32, 'd'), sha, blake, std::string(128, 'e')};
    facts.stored = StoredContext{};
    facts.archive = archive::Facts{};
    facts.archive->infoDirectory = "demo_pkg-1.0.dist-info";
    facts.archive->metadataPath = "demo_pkg-1.0.dist-info/METADATA";
    facts.archive->recordPath = "demo_pkg-1.0.dist-info/RECORD";
    facts.archive->metadata = "Metadata-Version: 2.1\nName: demo-pkg\nVersion: 1.0.0\n";
    facts.archive->members = {{facts.archive->metadataPath, 10}, {facts.archive->recordPath, 10}};
    return facts;
}

inline UploadFacts goodSdist()
{
    UploadFacts facts = goodWheel();
    facts.form.filetype = "sdist";
    facts.form.pyversion = "source";
    facts.file->filename = "demo_pkg-1.0.tar.gz";
    facts.archive->infoDirectory = "demo_pkg-1.0";
    facts.archive->metadataPath = "demo_pkg-1.0/PKG-INFO";
    facts.archive->recordPath.clear();
    facts.archive->members = {{facts.archive->metadataPath, 10}};
    return facts;
}

}  // namespace cm::checks
