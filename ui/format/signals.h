// SPDX-License-Identifier: GPL-3.0-or-later
// Figures and states of a monitor in the language of the window. What nobody can know is a dash, never
// 0. Plain functions, GUI thread.
#pragma once

#include "core/api/alerting.h"

#include <QString>

#include <optional>
#include <string_view>
#include <vector>

namespace cm::ui {

// What is told of a node under that name; null: nothing is.
const api::Signal *factOf(const api::Node &node, std::string_view name);
// Null: the monitor does not speak of it.
const api::Node *nodeIn(const api::MonitorState &state, std::string_view name);
// The one of the line on top; null where all is well.
const api::NodeFinding *leadingFinding(const api::MonitorState &state);
// A database that takes writes, by what is told of now.
bool isPrimary(const api::Node &node);

// Whether this is found at the node.
bool hasFinding(const api::Node &node, std::string_view code);

// The file, as its volume has it, of which a server of files tells by this fact that it has two versions; empty: another fact.
std::string splitFileOf(const api::Signal &fact);
// "214 MB", "0.4/s", "98.9 %"; a dash where the value is absent.
QString signalValue(const api::Signal &fact);
// "wal_lag_bytes" as a person says it; the name itself, with blanks, where there are no words.
QString signalName(const std::string &name);
// A figure of a unit of api::Signal.
QString valueIn(const std::string &unit, double value);
QString figureBytes(const api::Figure &figure);
QString figureSeconds(const api::Figure &figure);
// "16 MB, 256 MB": where warning and critical begin; a dash where there is no bound.
QString thresholdWords(const api::Signal &fact);

// "PostgreSQL", "pgpool", "certificates"; the wire name where we have no words.
QString roleWords(const std::string &role);
QString nameFor(api::AlertState state);
// What was done to the registry itself is an event of this kind, with the action of its audit behind it; of no node.
inline constexpr std::string_view registryKind = "registry.";
// "verdict.changed" as people say it.
QString eventWords(const api::TimelineEvent &event);
// When an acknowledgement runs out and its alert fires again; null: it is owned by nobody, or over.
std::optional<Time> returnOf(const api::Alert &alert);
// Of all that are owned, the first to fire again.
std::optional<Time> firstReturn(const std::vector<api::Alert> &alerts);
// "db2, DISCONNECTED": what a silence holds back.
QString matchWords(const api::SilenceMatch &match);

}  // namespace cm::ui
