// SPDX-License-Identifier: GPL-3.0-or-later
// One change of the registry asked for by a page: calls the endpoint, closes the sheet it came from
// and offers the way back, or says in the sheet (without one: in the window) what went wrong.
// GUI thread; `owner` going away drops the answer.
#pragma once

#include "ui/client/admin_client.h"
#include "ui/shell/page_context.h"
#include "ui/widgets/action_sheet.h"

#include <QPointer>

#include <functional>

namespace cm::ui {

struct ChangeWords {
    // "requests is in quarantine"
    QString done;
    // "requests was not quarantined"
    QString failed;
};

struct ChangeSteps {
    QPointer<ActionSheet> sheet;
    // The inverse; empty where there is none.
    std::function<void()> undo;
    // Reads again what has changed.
    std::function<void()> then;
};

// `error` null: it was done.
void finishChange(Shell &shell, const ChangeWords &words, const ChangeSteps &steps, const Error *error);

// `client`: whoever is asked, the registry or its monitor.
template <class E>
void runChangeAt(AdminClient &client, QObject *owner, const PageContext &context, const E &endpoint, const typename E::Request &request,
                 ChangeWords words, ChangeSteps steps)
{
    if (steps.sheet)
        steps.sheet->setBusy(true);
    whenDone(owner, client.call(endpoint, request),
             [&shell = context.shell, words = std::move(words), steps = std::move(steps)](const Result<typename E::Response> &answer) {
                 finishChange(shell, words, steps, answer ? nullptr : &answer.error());
             });
}

template <class E>
void runChange(QObject *owner, const PageContext &context, const E &endpoint, const typename E::Request &request,
               ChangeWords words, ChangeSteps steps)
{
    runChangeAt(context.client, owner, context, endpoint, request, std::move(words), std::move(steps));
}

}  // namespace cm::ui
