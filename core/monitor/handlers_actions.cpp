// SPDX-License-Identifier: GPL-3.0-or-later
// Handlers of actions on the topology. Planning and pressing block for a look at every target.
#include "core/monitor/monitor_handlers.h"

namespace cm::monitor {

CM_MONITOR_ANSWER(planAction)
{
    return call.operations.plan(request.wish, call.by);
}

CM_MONITOR_ANSWER(pressAction)
{
    return call.operations.press(request, call.by, call.requestId);
}

CM_MONITOR_ANSWER(listActions)
{
    return call.operations.list(request.offset, request.limit);
}

CM_MONITOR_ANSWER(getAction)
{
    return call.operations.find(request.action);
}

CM_MONITOR_ANSWER(cancelAction)
{
    return call.operations.cancel(request, call.by, call.requestId);
}

}  // namespace cm::monitor
