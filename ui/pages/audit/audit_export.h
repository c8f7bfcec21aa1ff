// SPDX-License-Identifier: GPL-3.0-or-later
// Audit lines as a file for others: CSV (RFC 4180, UTF-8) or JSON as the admin contract writes it,
// each line with the source that it is from. Pure.
#pragma once

#include "ui/pages/audit/audit_sources.h"

#include <QByteArray>
#include <QList>

namespace cm::ui {

QByteArray auditAsCsv(const QList<AuditLine> &lines);
QByteArray auditAsJson(const QList<AuditLine> &lines);

}  // namespace cm::ui
