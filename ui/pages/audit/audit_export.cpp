// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/audit/audit_export.h"

#include "core/api/codec.h"
#include "ui/format/csv.h"

namespace cm::ui {

QByteArray auditAsCsv(const QList<api::AuditEntry> &lines)
{
    std::string out = "id,time,actor,role,channel,action,subject,reason,before,after,request_id\r\n";
    for (const api::AuditEntry &line : lines) {
        appendCsvField(out, std::to_string(line.id.value));
        appendCsvField(out, formatRfc3339(line.time));
        appendCsvField(out, line.actor);
        appendCsvField(out, line.role);
        appendCsvField(out, line.channel);
        appendCsvField(out, line.action);
        appendCsvField(out, line.subject);
        appendCsvField(out, line.reason);
        appendCsvField(out, line.before.is_null() ? std::string() : api::printJson(line.before));
        appendCsvField(out, line.after.is_null() ? std::string() : api::printJson(line.after));
        appendCsvField(out, line.requestId, true);
    }
    return QByteArray::fromStdString(out);
}

QByteArray auditAsJson(const QList<api::AuditEntry> &lines)
{
    const std::vector<api::AuditEntry> all(lines.begin(), lines.end());
    api::Json json;
    auto &array = json.emplace_array();
    for (const api::AuditEntry &line : all)
        array.push_back(api::toJson(line));
    return QByteArray::fromStdString(api::printJson(json)) + '\n';
}

}  // namespace cm::ui
