// SPDX-License-Identifier: GPL-3.0-or-later
// An incident as one file that any browser shows, without network or scripts: for a colleague, or for the write-up, also
// years later; the same as JSON is inside, in the element "incident". Whatever stands in it was written by others: it is
// text, never markup. Pure; any thread.
#pragma once

#include "core/api/alerting.h"
#include "ui/pages/incidents/registry_events.h"

#include <QByteArray>
#include <QStringList>

namespace cm::ui {

// The monitor's incident, and the registry's own events of its span under "registry_audit".
QByteArray incidentAsJson(const api::Incident &incident, const RegistryLines &registry);
QByteArray incidentAsHtml(const api::Incident &incident, const RegistryLines &registry);

// All that is missing, each in a sentence: the monitor's words, then ours about the registry.
QStringList leftOutOf(const api::Incident &incident, const RegistryLines &registry);

}  // namespace cm::ui
