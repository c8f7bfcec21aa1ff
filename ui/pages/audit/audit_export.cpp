// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/audit/audit_export.h"

#include "core/api/codec.h"
#include "ui/format/csv.h"

namespace cm::ui {

namespace {

std::string sourceOf(const AuditLine &line)
{
    return line.source == AuditSource::Registry ? "registry" : "monitor";
}

}  // namespace

QByteArray auditAsCsv(const QList<AuditLine> &lines)
{
    std::string out = "id,time,actor,role,channel,action,subject,reason,before,after,request_id,source\r\n";
    for (const AuditLine &one : lines) {
        const api::AuditEntry &line = one.entry;
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
        appendCsvField(out, line.requestId);
        appendCsvField(out, sourceOf(one), true);
    }
    return QByteArray::fromStdString(out);
}

QByteArray auditAsJson(const QList<AuditLine> &lines)
{
    api::Json json;
    auto &array = json.emplace_array();
    for (const AuditLine &one : lines) {
        api::Json line = api::toJson(one.entry);
        line.as_object()["source"] = sourceOf(one);
        array.push_back(std::move(line));
    }
    return QByteArray::fromStdString(api::printJson(json)) + '\n';
}

}  // namespace cm::ui
