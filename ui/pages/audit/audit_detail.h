// SPDX-License-Identifier: GPL-3.0-or-later
// One audit line: who, when, why, by which way, and what it changed. GUI thread.
#pragma once

#include "core/api/people.h"
#include "ui/models/list_table_model.h"
#include "ui/pages/audit/json_difference.h"

#include <QWidget>

class QLabel;

namespace cm::ui {

class Card;
class DataTable;
class KeyValueList;

class AuditDetail : public QWidget {
    Q_OBJECT
public:
    explicit AuditDetail(QWidget *parent = nullptr);
    void setEntry(const api::AuditEntry &entry);
    void clear();

private:
    using Model = ListTableModel<DifferenceRow>;

    Card *m_card;
    QLabel *m_sentence;
    KeyValueList *m_facts;
    Model *m_model;
    DataTable *m_table;
};

}  // namespace cm::ui
