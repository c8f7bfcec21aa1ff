// SPDX-License-Identifier: GPL-3.0-or-later
// Files of one release of the project; Enter opens a file in the Inspector. GUI thread.
#pragma once

#include "core/api/projects.h"
#include "ui/client/when_done.h"
#include "ui/models/list_table_model.h"
#include "ui/shell/page_context.h"

#include <QWidget>

class QAction;
class QComboBox;
class QLabel;

namespace cm::ui {

class DataTable;
class FacesStack;

class FilesTab : public QWidget {
    Q_OBJECT
public:
    explicit FilesTab(const PageContext &context, QWidget *parent = nullptr);

    void setProject(const api::ProjectDetail &detail);
    void showRelease(const QString &version);
    void clear();
    [[nodiscard]] QList<QAction *> actions() const { return {m_inspect, m_copyDigest, m_delete}; }

Q_SIGNALS:
    void changed();

private:
    using Model = ListTableModel<api::FileInfo>;

    void read();
    void updateActions();
    void askDelete();
    [[nodiscard]] const api::FileInfo *current() const;

    PageContext m_context;
    api::ProjectDetail m_detail;
    LatestCall m_call;
    Model *m_model;
    DataTable *m_table;
    FacesStack *m_faces;
    QComboBox *m_release;
    QLabel *m_count;
    QAction *m_inspect;
    QAction *m_copyDigest;
    QAction *m_delete;
    QString m_shown;
};

}  // namespace cm::ui
