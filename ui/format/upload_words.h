// SPDX-License-Identifier: GPL-3.0-or-later
// What a person is told about an upload check: the topic it belongs to on the screen, and what to do
// about a refusal. Keys are those of core/checks. Plain functions, GUI thread.
#pragma once

#include <QString>

namespace cm::ui {

enum class UploadTopic { Archive, Name, Metadata, Description, Digest, Permission, Presence, Size };

UploadTopic topicOf(const QString &check);
QString nameFor(UploadTopic topic);
// `check` is the name of the check, for which the remedy is looked up; never empty.
QString remedyFor(const QString &check);

}  // namespace cm::ui
