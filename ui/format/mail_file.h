// SPDX-License-Identifier: GPL-3.0-or-later
// A message as a file that any mail program opens (RFC 5322), and a name for it. Whatever somebody typed into subject
// or address stays one line of the head. Pure, any thread.
#pragma once

#include "core/api/deprecation_evidence.h"

#include <QByteArray>
#include <QString>

namespace cm::ui {

QByteArray mailFile(const api::DeprecationMessage &message, Time time);
// "mira.eml"; letters that no file system takes are left out.
QString mailFileName(const api::DeprecationMessage &message);

}  // namespace cm::ui
