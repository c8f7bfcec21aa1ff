// SPDX-License-Identifier: GPL-3.0-or-later
// What this desktop sees itself while the monitor is silent, in the language of the window, and what it cannot
// see. Nothing here is a monitor's conclusion. Pure, GUI thread for its words.
#pragma once

#include "ui/client/direct_probe.h"
#include "ui/theme/marks.h"

#include <QCoreApplication>
#include <QStringList>

namespace cm::ui {

class DirectWords {
    Q_DECLARE_TR_FUNCTIONS(cm::ui::DirectWords)
public:
    // Within a sentence: "web1 answers, db1 refuses, db2 does not answer"; grouped where there are many. Empty before the
    // first look has ended. With a role: of its nodes alone.
    static QString glance(const DirectReport &report, std::string_view role = {});
    // "a, b and 3 more".
    static QString someOf(const QStringList &names, qsizetype most = 4);
    // On a tile: "takes connections", "no answer in 2 s".
    static QString state(const DirectLook &look, std::chrono::milliseconds deadline);
    // The whole of it, for a tool tip.
    static QString explanation(const DirectLook &look, std::chrono::milliseconds deadline, Time now);
    // An open port is no state: hollow. A closed way may be meant, so it is unknown but for a web node.
    static Mark mark(const DirectLook &look);
    // Whether somebody was seen there at all.
    static bool isSeen(const DirectLook &look);
    // How long ago the oldest of the looks ended; absent before the first.
    static std::optional<std::chrono::microseconds> age(const DirectReport &report, Time now);
    // What nobody but a monitor could tell, each in a line.
    static QStringList unseen(const DirectReport &report);

private:
    static QString one(DirectOutcome outcome);
    static QString many(DirectOutcome outcome);
};

}  // namespace cm::ui
