// SPDX-License-Identifier: GPL-3.0-or-later
// Writes the records of one change: journal, audit, event, with who, when and by which way. Made
// inside a Catalog::write closure and gone with it. Subjects are paths: "demo", "demo/1.0",
// "demo/1.0/demo-1.0.tar.gz", a user's name, a token's id.
#pragma once

#include "core/catalog/writer.h"
#include "core/registry/identity.h"

#include <boost/json/value.hpp>

namespace cm::registry {

struct AuditEntry {
    std::string_view action;  // noun.verb
    std::string_view subjectKind;
    std::string subject;
    std::string_view reason;
    boost::json::value before;  // null: nothing to tell
    boost::json::value after;
};

class Recorder {
public:
    Recorder(catalog::Writer &writer, const Principal &by, Time now) : m_writer(writer), m_by(by), m_now(now) {}

    // The public line; its serial becomes the change's and that of events after it.
    Result<void> journal(const catalog::ProjectRow &project, std::optional<std::string> version, std::string action);
    Result<void> audit(const AuditEntry &entry);
    Result<void> event(std::string_view name, std::string_view subject);
    [[nodiscard]] Change change() const { return m_change; }

private:
    catalog::Writer &m_writer;
    const Principal &m_by;
    Time m_now;
    Change m_change;
};

}  // namespace cm::registry
