// SPDX-License-Identifier: GPL-3.0-or-later
// The enumerations of the contract in the language of the window.
#pragma once

#include "core/api/types.h"

#include <QString>

namespace cm::ui {

QString nameFor(api::Role role);
QString nameFor(api::ProjectRole role);
QString nameFor(api::ProjectStatus status);
QString nameFor(api::Verdict verdict);
// "Quarantined a project" for "project.quarantine"; the wire name where we have no words.
QString actionName(const std::string &nounVerb);

}  // namespace cm::ui
