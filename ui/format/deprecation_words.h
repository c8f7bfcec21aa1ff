// SPDX-License-Identifier: GPL-3.0-or-later
// Deprecations in the language of the window: stages, kinds, guards, what a step does and what undoes it. Details of
// guards come from the registry. Plain functions, GUI thread.
#pragma once

#include "core/api/deprecations.h"

#include <QString>
#include <QStringList>

namespace cm::ui {

QString nameFor(api::DeprecationState state);
QString nameFor(api::DeprecationKind kind);
QString nameFor(api::Stance stance);
QString nameFor(api::BrownOutState state);
// Whether a record is of something that is read, mostly by nobody who is known.
bool isRead(const std::vector<api::Retirable> &retirable, api::DeprecationKind kind, const std::string &subject);
// How a guard stands, with the registry's own figures: "Somebody is on call: dana".
QString guardWords(const api::DeprecationGuard &guard);

// A step from a state to another, as a button: "&Announce…"; `back`: it only goes on after a pause.
QString stepEntry(api::DeprecationState to, bool back);
// On the sheet's button: "Announce Upload over ssh".
QString stepVerb(api::DeprecationState to, bool back, const QString &title);
// As a heading: "brown-out 3".
QString stepName(api::DeprecationState to, bool back, std::int64_t brownOut);
// What will happen, a sentence a line.
QStringList stepPlan(const api::DeprecationRecord &record, api::DeprecationState to, bool back);
QString stepUndo(api::DeprecationState to, bool back);
QString stepDone(api::DeprecationState to, bool back, const QString &title);

// The stages in their order; states beside the way (paused, frozen, …) are none of them.
const std::vector<api::DeprecationState> &stages();
// The stage that the record stands at, also while it is paused, rolled back, cancelled or frozen.
api::DeprecationState stageOf(const api::DeprecationRecord &record);
// When that stage was entered last, or is planned to be; absent: neither.
std::optional<Time> stageDate(const api::DeprecationRecord &record, api::DeprecationState stage);

}  // namespace cm::ui
