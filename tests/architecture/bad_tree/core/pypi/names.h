// SPDX-License-Identifier: GPL-3.0-or-later
// Wrong on purpose: see ../../expected_includes.txt and expected_words.txt.
#pragma once

#include "names_detail.h"
#include "core/archive/archive.h"
#include "core/base/result.h"
#include <QColor>
#include <sqlite3.h>
#include <pqxx/pqxx>
#include <string>

struct Names {
    static Names *instance();
};
