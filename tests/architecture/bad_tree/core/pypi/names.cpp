// SPDX-License-Identifier: GPL-3.0-or-later
#include <string>
#include "core/pypi/names.h"

void wait()
{
    try {
        std::this_thread::sleep_for(1s);
    } catch (...) {
    }
    try {
        work();
    } catch (...) {  // edge of the thread: nothing may leave it
    }
    // QEventLoop and sleep_for are only named here.
}
