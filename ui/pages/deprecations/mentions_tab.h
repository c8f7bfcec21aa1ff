// SPDX-License-Identifier: GPL-3.0-or-later
// Where the registry's own texts still speak of what retires: searched on demand, each with its sentence. And the written
// record, read and saved as Markdown. GUI thread.
#pragma once

#include "core/api/deprecation_evidence.h"
#include "core/api/deprecations.h"
#include "ui/client/when_done.h"
#include "ui/models/list_table_model.h"
#include "ui/shell/page_context.h"

#include <QWidget>

class QAction;
class QLabel;
class QPlainTextEdit;

namespace cm::ui {

class DataTable;
class FacesStack;

class MentionsTab : public QWidget {
    Q_OBJECT
public:
    explicit MentionsTab(const PageContext &context, QWidget *parent = nullptr);
    void setRecord(const api::DeprecationRecord &record);
    [[nodiscard]] QAction *scanAction() const { return m_scan; }

private:
    void scan();

    PageContext m_context;
    std::optional<api::DeprecationRecord> m_record;
    LatestCall m_call;
    ListTableModel<api::DeprecationMention> *m_model;
    DataTable *m_table;
    QLabel *m_note;
    QAction *m_scan;
};

class ReportTab : public QWidget {
    Q_OBJECT
public:
    explicit ReportTab(const PageContext &context, QWidget *parent = nullptr);
    void setRecord(const api::DeprecationRecord &record);
    [[nodiscard]] QAction *saveAction() const { return m_save; }

protected:
    void showEvent(QShowEvent *event) override;

private:
    void read();
    void save();

    PageContext m_context;
    std::optional<api::DeprecationRecord> m_record;
    // Of the record whose report is shown.
    std::optional<std::pair<std::int64_t, std::int64_t>> m_shown;
    LatestCall m_call;
    FacesStack *m_faces;
    QPlainTextEdit *m_text;
    QAction *m_save;
};

}  // namespace cm::ui
