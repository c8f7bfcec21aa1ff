// SPDX-License-Identifier: GPL-3.0-or-later
// What is found about a node in the few words that a tile has room for, the decisive one first. Plain function, GUI
// thread.
#pragma once

#include "core/api/monitoring.h"

#include <QString>

namespace cm::ui {

// "down: connection refused", for "web2 is down: connection refused": the name stands above it.
QString shortWordsOf(const api::Node &node);

}  // namespace cm::ui
