// SPDX-License-Identifier: GPL-3.0-or-later
// The sheet at the side of a page before a change: plan, guards with their live state, reason, typed
// name where it is dangerous, what undo will do. Not modal: the page stays usable. Shown with
// Shell::showSheet(), which owns it from then on. GUI thread.
#pragma once

#include "core/base/result.h"
#include "ui/theme/marks.h"

#include <QFrame>

class QLabel;
class QLineEdit;
class QPlainTextEdit;
class QPushButton;
class QVBoxLayout;

namespace cm::ui {

class ActionSheet : public QFrame {
    Q_OBJECT
public:
    // `verb` stands on the button: "Quarantine requests".
    ActionSheet(const QString &title, const QString &verb, QWidget *parent = nullptr);

    // The whole in a sentence, above everything else.
    void setStatement(const QString &statement);
    // Who is hit and for how long, each in a sentence.
    void setEffects(const QStringList &effects);
    // What stands above them, in place of "Who is hit".
    void nameEffects(const QString &heading);
    // One line a step of what will happen.
    void setPlan(const QStringList &steps);
    // What would be lost, and the sentence that says why; both empty: nothing is said about it.
    void setLoss(const QString &figure, const QString &sentence);
    struct Guard {
        Mark mark = Mark::Unknown;
        QString text;
    };
    // Critical and unknown guards keep the button disabled.
    void setGuards(const QList<Guard> &guards);
    void setUndoText(const QString &text);
    // Fields of the action's own, such as a choice of role, above the reason.
    void addField(const QString &label, QWidget *field);
    void askReason(bool required);
    // What the reason is called here, such as "&Note".
    void nameReason(const QString &label);
    // The button waits until exactly this has been typed; empty: for nothing.
    void askTyped(const QString &name);
    void setDangerous(bool dangerous);
    // The action cannot go ahead for another reason of the page's.
    void setReady(bool ready);

    [[nodiscard]] QString reason() const;
    [[nodiscard]] QString typed() const;
    // While the call is under way: fields and button are disabled.
    void setBusy(bool busy);
    // The call failed; the sheet stays and everything typed in it.
    void showError(const Error &error);
    void hideError();
    // Emits closed() and deletes itself.
    void close();

Q_SIGNALS:
    void confirmed();
    void closed();

protected:
    void paintEvent(QPaintEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void showEvent(QShowEvent *event) override;

private:
    void build(const QString &title, const QString &verb);
    void updateButton();
    QVBoxLayout *section(const QString &heading);
    void fill(QVBoxLayout *section, const QStringList &lines);

    QVBoxLayout *m_layout = nullptr;
    QLabel *m_statement = nullptr;
    QVBoxLayout *m_effects = nullptr;
    QVBoxLayout *m_plan = nullptr;
    QVBoxLayout *m_loss = nullptr;
    QVBoxLayout *m_guards = nullptr;
    QVBoxLayout *m_fields = nullptr;
    QLabel *m_undo = nullptr;
    QLabel *m_error = nullptr;
    QLabel *m_reasonLabel = nullptr;
    QPlainTextEdit *m_reason = nullptr;
    QLabel *m_typedLabel = nullptr;
    QLineEdit *m_typed = nullptr;
    QPushButton *m_confirm = nullptr;
    QPushButton *m_cancel = nullptr;
    QString m_expected;
    bool m_reasonRequired = false;
    bool m_guardsHold = true;
    bool m_ready = true;
    bool m_busy = false;
};

}  // namespace cm::ui
