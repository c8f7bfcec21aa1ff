// SPDX-License-Identifier: GPL-3.0-or-later
// The pages of this desktop, in the order of the navigation column.
#pragma once

#include "ui/shell/page_registry.h"

namespace cm::desktop {

QList<ui::PageFactory> allPages();

}  // namespace cm::desktop
