// SPDX-License-Identifier: GPL-3.0-or-later
// Changed since README.md beside it was written.
#pragma once
