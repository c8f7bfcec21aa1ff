// SPDX-License-Identifier: GPL-3.0-or-later
// What an operator does to a topology, in the language of the window: names of acts, and what to look at
// when one went wrong. What a plan says itself comes from the monitor. Plain functions, GUI thread.
#pragma once

#include "core/api/actions.h"

#include <QString>

namespace cm::ui {

// Another database takes writes afterwards.
bool isTakeover(api::ActionKind kind);
// As an entry of a menu: "&Drain…".
QString actEntry(api::ActionKind kind);
// On a button: "Drain web1".
QString actVerb(const api::ActionWish &wish);
// What it comes to: "db2 becomes the primary".
QString actSentence(const api::ActionWish &wish);
QString nameFor(api::StepState state);
QString nameFor(api::ActionState state);
// What to do about an action that did not end well; empty for one that did.
QString actRemedy(const api::Action &action);

}  // namespace cm::ui
