// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/page_context.h"

#include "ui/client/connection.h"

namespace cm::ui {

bool PageContext::hasMonitor() const
{
    return monitor && monitorConnection && monitorConnection->isChosen();
}

bool PageContext::hearsMonitor() const
{
    return hasMonitor() && monitorConnection->isLive();
}

}  // namespace cm::ui
