// SPDX-License-Identifier: GPL-3.0-or-later
// What would happen to files that somebody means to upload, without their bytes: ownership, names,
// limits, already there. The same checks as on receipt. Owned by the composition root; any thread.
#pragma once

#include "core/catalog/catalog.h"
#include "core/checks/upload_checks.h"
#include "core/registry/identity.h"
#include "core/registry/settings.h"

namespace cm::registry {

struct PreflightFile {
    std::string filename;
    std::string project;
    std::string version;
    std::int64_t size = 0;
    std::string sha256;  // empty: not known yet, as the next one
    std::string blake2b256;
};

struct PreflightVerdict {
    std::string filename;
    bool alreadyThere = false;  // an upload would succeed and change nothing
    bool createsProject = false;
    bool createsRelease = false;
    std::vector<checks::Finding> findings;
};

class Preflight {
public:
    Preflight(catalog::Catalog &catalog, const Clock &clock, const Settings &settings)
        : m_catalog(catalog), m_clock(clock), m_settings(settings)
    {}

    Result<std::vector<PreflightVerdict>> check(const Principal &by, const std::vector<PreflightFile> &files);

private:
    catalog::Catalog &m_catalog;
    const Clock &m_clock;
    const Settings &m_settings;
};

}  // namespace cm::registry
