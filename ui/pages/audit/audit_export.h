// SPDX-License-Identifier: GPL-3.0-or-later
// Audit lines as a file for others: CSV (RFC 4180, UTF-8) or JSON as the admin contract writes it. Pure.
#pragma once

#include "core/api/people.h"

#include <QByteArray>
#include <QList>

namespace cm::ui {

QByteArray auditAsCsv(const QList<api::AuditEntry> &lines);
QByteArray auditAsJson(const QList<api::AuditEntry> &lines);

}  // namespace cm::ui
