// SPDX-License-Identifier: GPL-3.0-or-later
// What a tired person is not to do while something is found: the acts that make it worse. The guards of a plan hold
// against them too; this is for those who reach for a shell. Plain functions, GUI thread.
#pragma once

#include "core/api/actions.h"

#include <QString>

namespace cm::ui {

// After "Do not": "promote db2: …"; empty where nothing is dangerous. `role` of the node.
QString cautionFor(const std::string &finding, const std::string &node, const std::string &role);
// Of what leads: by the names of all who are concerned.
QString cautionFor(const api::MonitorState &state);
// While an action is at work, or after it went wrong.
QString cautionFor(const api::Action &action);

}  // namespace cm::ui
