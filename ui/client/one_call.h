// SPDX-License-Identifier: GPL-3.0-or-later
// For what is asked for again and again: while an answer is awaited it is not asked for a second time,
// so that a slow server is not asked faster than it answers. Member of the owner, GUI thread.
#pragma once

#include "ui/client/admin_client.h"

namespace cm::ui {

class OneCall {
public:
    template <class E, class Handler>
    void ask(QObject *owner, AdminClient &client, const E &endpoint, const typename E::Request &request, Handler handler)
    {
        if (m_waiting)
            return;
        m_waiting = true;
        m_call.start(owner, client.call(endpoint, request), [this, handler = std::move(handler)](Result<typename E::Response> answer) mutable {
            m_waiting = false;
            handler(std::move(answer));
        });
    }
    // What is under way is void: another server is meant from now on, or another question.
    void drop()
    {
        m_call.drop();
        m_waiting = false;
    }

private:
    LatestCall m_call;
    bool m_waiting = false;
};

}  // namespace cm::ui
