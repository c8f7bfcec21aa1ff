// SPDX-License-Identifier: GPL-3.0-or-later
// Who still uses it: when last, how often, with which key, on which projects; who was told, who has moved over, who is
// new. Filtered here, exported as CSV. GUI thread.
#pragma once

#include "core/api/deprecation_evidence.h"
#include "core/api/deprecations.h"
#include "ui/models/list_table_model.h"
#include "ui/shell/page_context.h"

#include <QWidget>

class QAction;
class QComboBox;
class QLabel;

namespace cm::ui {

class DataTable;
class SearchField;

// One line a person, RFC 4180.
QByteArray peopleAsCsv(const std::vector<api::DeprecationPerson> &people);

class PeopleCard : public QWidget {
    Q_OBJECT
public:
    explicit PeopleCard(const PageContext &context, QWidget *parent = nullptr);

    void show(const api::DeprecationEvidence &evidence, bool mayAct);
    void clear(const QString &why);
    void find();
    [[nodiscard]] QList<QAction *> actions() const { return {m_write, m_exempt, m_export}; }

Q_SIGNALS:
    // Messages to those that are shown.
    void writeWanted();
    void exemptWanted(const QString &user, std::optional<cm::Time> until);

private:
    using Model = ListTableModel<api::DeprecationPerson>;

    QList<Column<api::DeprecationPerson>> columns() const;
    void filter();
    void updateActions();
    void exportCsv();
    [[nodiscard]] bool matches(const api::DeprecationPerson &person) const;

    PageContext m_context;
    api::DeprecationEvidence m_evidence;
    bool m_mayAct = false;
    Model *m_model;
    DataTable *m_table;
    SearchField *m_search;
    QComboBox *m_which;
    QLabel *m_note;
    QAction *m_write;
    QAction *m_exempt;
    QAction *m_export;
};

}  // namespace cm::ui
