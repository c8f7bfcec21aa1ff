// SPDX-License-Identifier: GPL-3.0-or-later
// One alert: who owns it until when, what helps, and what follows from it. GUI thread.
#pragma once

#include "core/api/alerting.h"
#include "ui/shell/page_context.h"

#include <QWidget>

class QLabel;
class QScrollArea;
class QVBoxLayout;

namespace cm::ui {

class Card;
class KeyValueList;
class RunbookView;
class StateMark;

class AlertDetail : public QWidget {
    Q_OBJECT
public:
    explicit AlertDetail(const PageContext &context, QWidget *parent = nullptr);
    void setAlert(const api::Alert &alert, Time now);
    void clear();
    // What the runbook is filled with, and whether its act may be done: asked for again and again.
    [[nodiscard]] RunbookView &runbook() { return *m_runbook; }

private:
    void showConsequences(const api::Alert &alert);

    Card *m_card;
    QWidget *m_inner;
    QScrollArea *m_scroll;
    StateMark *m_mark;
    QLabel *m_statement;
    RunbookView *m_runbook;
    KeyValueList *m_facts;
    QLabel *m_follows;
    QVBoxLayout *m_consequences;
    std::vector<api::AlertConsequence> m_shown;
};

}  // namespace cm::ui
