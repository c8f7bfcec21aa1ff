// SPDX-License-Identifier: GPL-3.0-or-later
// The columns of a table of API tokens, one's own or somebody else's. GUI thread.
#pragma once

#include "core/api/people.h"
#include "ui/models/column.h"

#include <QList>

namespace cm::ui {

// `everything`: what is said of a token that is for no project in particular.
QList<Column<api::Token>> tokenColumns(const QString &everything);

}  // namespace cm::ui
