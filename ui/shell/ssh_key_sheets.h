// SPDX-License-Identifier: GPL-3.0-or-later
// What is asked before a key for ssh is added or changed. GUI thread.
#pragma once

#include "core/api/ssh_keys.h"
#include "ui/widgets/action_sheet.h"

class QComboBox;
class QLabel;
class QLineEdit;
class QPlainTextEdit;

namespace cm::ui {

class AddKeySheet : public ActionSheet {
    Q_OBJECT
public:
    // `person` empty: for oneself. `line`: what was dropped.
    AddKeySheet(const QString &person, const QString &line, QWidget *parent = nullptr);
    [[nodiscard]] api::AddSshKey request() const;

protected:
    void dragEnterEvent(QDragEnterEvent *event) override;
    void dropEvent(QDropEvent *event) override;

private:
    void look();

    QString m_person;
    QPlainTextEdit *m_key;
    QLabel *m_about;
    QLineEdit *m_title;
    QLineEdit *m_projects;
    QComboBox *m_expiry;
};

class ChangeKeySheet : public ActionSheet {
    Q_OBJECT
public:
    ChangeKeySheet(const api::SshKey &key, const QString &name, Time now, QWidget *parent = nullptr);
    [[nodiscard]] api::ChangeSshKey request() const;

private:
    api::SshKey m_key;
    Time m_now;
    QLineEdit *m_projects;
    QComboBox *m_expiry;
};

}  // namespace cm::ui
