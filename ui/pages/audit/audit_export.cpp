// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/audit/audit_export.h"

#include "core/api/codec.h"

#include <string>

namespace cm::ui {

namespace {

void field(std::string &out, const std::string &value, bool last = false)
{
    // A spreadsheet must not take what somebody typed for a formula.
    const bool formula = !value.empty() && std::string_view("=+-@\t\r").find(value.front()) != std::string_view::npos;
    out += '"';
    if (formula)
        out += '\'';
    for (const char c : value) {
        if (c == '"')
            out += '"';
        out += c;
    }
    out += last ? "\"\r\n" : "\",";
}

}  // namespace

QByteArray auditAsCsv(const QList<api::AuditEntry> &lines)
{
    std::string out = "id,time,actor,role,channel,action,subject,reason,before,after,request_id\r\n";
    for (const api::AuditEntry &line : lines) {
        field(out, std::to_string(line.id.value));
        field(out, formatRfc3339(line.time));
        field(out, line.actor);
        field(out, line.role);
        field(out, line.channel);
        field(out, line.action);
        field(out, line.subject);
        field(out, line.reason);
        field(out, line.before.is_null() ? std::string() : api::printJson(line.before));
        field(out, line.after.is_null() ? std::string() : api::printJson(line.after));
        field(out, line.requestId, true);
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
