// SPDX-License-Identifier: GPL-3.0-or-later
// Answers and objections of those who were consulted, kept beside the decision. GUI thread.
#pragma once

#include "core/api/deprecations.h"
#include "ui/models/list_table_model.h"

#include <QWidget>

class QAction;
class QLabel;

namespace cm::ui {

class DataTable;

class AnswersTab : public QWidget {
    Q_OBJECT
public:
    // `add` is the page's.
    explicit AnswersTab(QAction *add, QWidget *parent = nullptr);
    void setRecord(const api::DeprecationRecord &record);

private:
    void showCurrent();

    ListTableModel<api::DeprecationAnswer> *m_model;
    DataTable *m_table;
    QLabel *m_words;
};

}  // namespace cm::ui
