// SPDX-License-Identifier: GPL-3.0-or-later
// The small authority of an installation: agents, monitors and observers know each other by its
// certificates alone. A folder with its certificate, its key (for its owner only) and a copy of whatever it
// has issued; EC P-256. Blocks on the disk, one process at a time. Errors: Conflict for what is there
// already, NotFound, Forbidden for a key that others may read, InvalidInput. Source: RFC 5280.
#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

namespace cm::agent {

// An agent serves, the others ask: who holds a certificate of one kind can be nothing else with it. The
// kind is the subject's OU and the extended key usage.
enum class CertificateKind { Agent, Monitor, Observer };
[[nodiscard]] std::string_view unitOf(CertificateKind kind);

struct CertificateWish {
    CertificateKind kind = CertificateKind::Agent;
    std::string name;
    // DNS names and IP addresses of an agent besides its name.
    std::vector<std::string> addresses;
    std::chrono::days days{365};
};

struct IssuedFiles {
    std::filesystem::path certificate, key, authority;
};

[[nodiscard]] Result<void> createAuthority(const std::filesystem::path &folder, Time now);
// Into `out` as NAME.pem, NAME.key and authority.pem; replaces what was issued there before, each file
// as a whole.
[[nodiscard]] Result<IssuedFiles> issueCertificate(const std::filesystem::path &folder, const CertificateWish &wish,
                                                   const std::filesystem::path &out, Time now);
// The files of what was issued, oldest first.
[[nodiscard]] Result<std::vector<std::filesystem::path>> issuedCertificates(const std::filesystem::path &folder);

}  // namespace cm::agent
