// SPDX-License-Identifier: GPL-3.0-or-later
// The public journal of one project, read when the tab is looked at. GUI thread.
#pragma once

#include "core/api/people.h"
#include "ui/models/lazy_table_model.h"
#include "ui/shell/page_context.h"

#include <QWidget>

namespace cm::ui {

class DataTable;
class FacesStack;

class JournalTab : public QWidget {
    Q_OBJECT
public:
    explicit JournalTab(const PageContext &context, QWidget *parent = nullptr);

    // Another project, or news of the same.
    void setProject(const QString &project);
    void clear();

protected:
    void showEvent(QShowEvent *event) override;

private:
    using Model = LazyTableModel<api::JournalEntry>;
    void read();

    PageContext m_context;
    Model *m_model;
    DataTable *m_table;
    FacesStack *m_faces;
    QString m_project;
    QString m_read;
};

}  // namespace cm::ui
