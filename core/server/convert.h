// SPDX-License-Identifier: GPL-3.0-or-later
// Between the words of the admin contract (core/api) and those of the registry. Pure, any thread.
#pragma once

#include "core/api/operations.h"
#include "core/api/people.h"
#include "core/api/projects.h"
#include "core/registry/people.h"
#include "core/registry/query.h"

namespace cm::server {

[[nodiscard]] api::Role toApi(catalog::RegistryRole role);
[[nodiscard]] catalog::RegistryRole fromApi(api::Role role);
[[nodiscard]] api::ProjectRole toApi(catalog::ProjectRole role);
[[nodiscard]] catalog::ProjectRole fromApi(api::ProjectRole role);
[[nodiscard]] pypi::ProjectStatus fromApi(api::ProjectStatus status);
[[nodiscard]] catalog::ProjectSort fromApi(api::ProjectSort sort);
[[nodiscard]] catalog::UserSort fromApi(api::UserSort sort);

[[nodiscard]] api::Change toApi(const registry::Change &change);
[[nodiscard]] Result<api::Change> toApi(const Result<registry::Change> &change);
[[nodiscard]] api::ProjectSummary toApi(const registry::ProjectLine &line);
[[nodiscard]] api::ReleaseSummary toApi(const registry::ReleaseLine &line);
[[nodiscard]] api::FileInfo toApi(const catalog::FileRow &file, std::string_view version);
[[nodiscard]] api::DeletedThing toApi(const catalog::DeletedThing &thing);
[[nodiscard]] api::User toApi(const registry::Person &person);
[[nodiscard]] api::Token toApi(const catalog::TokenRow &token, std::string_view owner);
[[nodiscard]] api::JournalEntry toApi(const catalog::JournalRow &row);
[[nodiscard]] api::AuditEntry toApi(const catalog::AuditRow &row);
[[nodiscard]] std::optional<api::ReadOnlyMode> toApi(const std::optional<catalog::ReadOnlyRow> &mode);

// A window a client may ask for: not negative, at most 1,000 rows.
[[nodiscard]] std::int64_t windowOffset(std::int64_t offset);
[[nodiscard]] std::int64_t windowLimit(std::int64_t limit);

}  // namespace cm::server
