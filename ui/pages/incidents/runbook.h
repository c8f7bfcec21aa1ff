// SPDX-License-Identifier: GPL-3.0-or-later
// The runbook of an alert with the values filled in: who is where, how far each has got, and commands
// that can be pasted as they are. They look, and change nothing but where the runbook says so. Pure, GUI
// thread for its words.
#pragma once

#include "core/api/alerting.h"

#include <QCoreApplication>

namespace cm::ui {

struct Runbook {
    struct Line {
        // What it is for: "On db2: is it paused?"
        QString words;
        // Of a shell; empty: a value.
        QString command;
        QString value;
    };
    QString text;
    QList<Line> values;
    QList<Line> commands;
};

class RunbookWords {
    Q_DECLARE_TR_FUNCTIONS(cm::ui::RunbookWords)
public:
    static Runbook of(const api::Alert &alert, const api::Topology &topology, const api::ReplicationView &replication);
    // One word of a shell, whatever is in it.
    static QString quoted(const QString &word);

private:
    static void addReplication(Runbook &book, const api::Alert &alert, const api::Topology &topology, const api::ReplicationView &replication);
    static void addPools(Runbook &book, const api::Alert &alert, const api::Topology &topology);
    static void addWeb(Runbook &book, const api::Alert &alert, const api::Topology &topology);
    static void addCertificate(Runbook &book, const api::Alert &alert, const api::Topology &topology);
};

}  // namespace cm::ui
