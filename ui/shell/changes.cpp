// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/changes.h"

#include "ui/format/error_words.h"
#include "ui/shell/shell.h"

namespace cm::ui {

void finishChange(Shell &shell, const ChangeWords &words, const ChangeSteps &steps, const Error *error)
{
    if (!error) {
        if (steps.sheet)
            steps.sheet->close();
        shell.offerUndo(words.done, steps.undo);
        if (steps.then)
            steps.then();
        return;
    }
    if (steps.sheet) {
        steps.sheet->setBusy(false);
        steps.sheet->showError(*error);
        return;
    }
    const ErrorWords why = wordsFor(*error);
    shell.notify(Mark::Warning, words.failed, why.detail.isEmpty() ? why.title : why.title + QLatin1String(": ") + why.detail);
}

}  // namespace cm::ui
