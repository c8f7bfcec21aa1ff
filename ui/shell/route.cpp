// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/route.h"

namespace cm::ui {

Route Route::parse(const QString &text)
{
    const qsizetype slash = text.indexOf(QLatin1Char('/'));
    return slash < 0 ? Route{text.trimmed(), {}} : Route{text.left(slash).trimmed(), text.mid(slash + 1)};
}

}  // namespace cm::ui
