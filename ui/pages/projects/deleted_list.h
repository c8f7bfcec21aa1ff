// SPDX-License-Identifier: GPL-3.0-or-later
// What was deleted and can still be restored. GUI thread.
#pragma once

#include "core/api/projects.h"
#include "ui/models/lazy_table_model.h"
#include "ui/shell/page_context.h"

#include <QWidget>

class QAction;

namespace cm::ui {

class DataTable;
class FacesStack;

class DeletedList : public QWidget {
    Q_OBJECT
public:
    explicit DeletedList(const PageContext &context, QWidget *parent = nullptr);

    void read();
    [[nodiscard]] QAction *restoreAction() const { return m_restore; }
    void focusTable();

private:
    using Model = LazyTableModel<api::DeletedThing>;
    void restore();

    PageContext m_context;
    Model *m_model;
    DataTable *m_table;
    FacesStack *m_faces;
    QAction *m_restore;
};

}  // namespace cm::ui
