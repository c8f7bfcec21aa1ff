// SPDX-License-Identifier: GPL-3.0-or-later
// A draft for each person with their own projects: read, changed by hand, sent by the registry's SMTP server a few at a
// time, or saved as files into a folder. GUI thread; files are written beside it.
#pragma once

#include "core/api/deprecation_evidence.h"
#include "core/api/deprecations.h"
#include "ui/client/when_done.h"
#include "ui/models/list_table_model.h"
#include "ui/shell/page_context.h"

#include <QWidget>

class QAction;
class QLabel;
class QLineEdit;
class QPlainTextEdit;
class QProgressBar;

namespace cm::ui {

class DataTable;
class FacesStack;

class MessagesTab : public QWidget {
    Q_OBJECT
public:
    explicit MessagesTab(const PageContext &context, QWidget *parent = nullptr);

    void setRecord(const api::DeprecationRecord &record);
    // Asks for drafts, unless some are here already that somebody may have changed.
    void draft();
    [[nodiscard]] QList<QAction *> actions() const { return {m_draft, m_send, m_save, m_stop}; }
    // Writes them there and tells the registry; what the sheet of "Save as files" leads to.
    void saveInto(const QString &folder, const std::string &reason);

Q_SIGNALS:
    void changed();

protected:
    void showEvent(QShowEvent *event) override;

private:
    using Model = ListTableModel<api::DeprecationMessage>;

    QWidget *build();
    void showDrafts(const api::DeprecationMessages &drafts);
    void showCurrent();
    void keepTyped();
    void askSend();
    void askSave();
    void sendFrom(std::size_t first, const std::string &reason);
    void note(const std::vector<api::DeprecationMessage> &outcomes);
    void updateActions();

    PageContext m_context;
    std::optional<api::DeprecationRecord> m_record;
    std::vector<api::DeprecationMessage> m_messages;
    bool m_canSend = false;
    bool m_atWork = false;
    bool m_stopping = false;
    LatestCall m_call;
    Model *m_model;
    DataTable *m_table;
    FacesStack *m_faces;
    QLineEdit *m_subject;
    QPlainTextEdit *m_text;
    QProgressBar *m_progress;
    QLabel *m_note;
    QString m_shown;
    QAction *m_draft;
    QAction *m_send;
    QAction *m_save;
    QAction *m_stop;
};

}  // namespace cm::ui
