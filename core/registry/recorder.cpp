// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/registry/recorder.h"

#include <boost/json/serialize.hpp>

namespace cm::registry {

namespace {

std::string textOf(const boost::json::value &value)
{
    return value.is_null() ? std::string() : boost::json::serialize(value);
}

}  // namespace

Result<void> Recorder::journal(const catalog::ProjectRow &project, std::optional<std::string> version,
                               std::string action)
{
    catalog::JournalRow row;
    row.project = project.name;
    row.normalizedName = project.normalizedName;
    row.version = std::move(version);
    row.action = std::move(action);
    row.actor = m_by.name;
    row.time = m_now;
    CM_TRY_ASSIGN(m_change.serial, m_writer.addJournal(row));
    return {};
}

Result<void> Recorder::audit(const AuditEntry &entry)
{
    catalog::AuditRow row;
    row.time = m_now;
    row.actor = m_by.name;
    row.role = catalog::registryRoleName(m_by.role);
    row.channel = m_by.origin.channel;
    row.action = entry.action;
    row.subjectKind = entry.subjectKind;
    row.subject = entry.subject;
    row.reason = entry.reason;
    row.before = textOf(entry.before);
    row.after = textOf(entry.after);
    row.requestId = m_by.origin.requestId;
    CM_TRY_ASSIGN(const catalog::AuditRow written, m_writer.addAudit(std::move(row)));
    m_change.audit = written.id;
    return {};
}

Result<void> Recorder::event(std::string_view name, std::string_view subject)
{
    catalog::EventRow row;
    row.time = m_now;
    row.name = name;
    row.subject = subject;
    if (m_change.serial != 0)
        row.serial = m_change.serial;
    row.actor = m_by.name;
    CM_TRY(m_writer.addEvent(row));
    return {};
}

}  // namespace cm::registry
