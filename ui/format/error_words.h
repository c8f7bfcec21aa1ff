// SPDX-License-Identifier: GPL-3.0-or-later
// An Error in the words of people: what failed, what is still true, what to do. The only place where
// an error becomes visible text.
#pragma once

#include "core/base/result.h"

#include <QString>
#include <QStringList>

namespace cm::ui {

struct ErrorWords {
    QString title;
    QString stillTrue;
    QString remedy;
    // The technical text, for those who look closer; may be empty.
    QString detail;
    QStringList fields;
    // Whether trying the same again can help.
    bool retry = false;
};

ErrorWords wordsFor(const Error &error);

// Why the other end was not trusted (ui/client/trust.h), in a few words for a line: "certificate by an unknown authority".
// Empty for every other error.
QString trustWords(const Error &error);

}  // namespace cm::ui
