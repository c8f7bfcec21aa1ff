// SPDX-License-Identifier: GPL-3.0-or-later
// The timeline without what it says twice: that a verdict changed and that the alert of it opened, that a step
// failed and that the action ended with it. Incidents has every line. Pure.
#pragma once

#include "core/api/alerting.h"

#include <QList>

namespace cm::ui {

// Newest first, as the monitor tells it.
QList<api::TimelineEvent> shortTimeline(const std::vector<api::TimelineEvent> &events);

}  // namespace cm::ui
