// SPDX-License-Identifier: GPL-3.0-or-later
// Fonts derived from the system's: headings, figures of equal width, identifiers. GUI thread.
#pragma once

#include <QFont>

namespace cm::ui {

// Digests, names of packages and files, code.
QFont fixedFont(const QFont &base);
QFont headingFont(const QFont &base);
QFont titleFont(const QFont &base);
QFont smallFont(const QFont &base);

}  // namespace cm::ui
