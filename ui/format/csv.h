// SPDX-License-Identifier: GPL-3.0-or-later
// Fields of a CSV file (RFC 4180, UTF-8) from what people typed. Pure, any thread.
#pragma once

#include <string>

namespace cm::ui {

// Quoted, and never a formula to the spreadsheet that opens it; then a comma or the line's end.
void appendCsvField(std::string &out, const std::string &value, bool last = false);

}  // namespace cm::ui
