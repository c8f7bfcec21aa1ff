// SPDX-License-Identifier: GPL-3.0-or-later
// An action at work, or what came of it: who does what since when and why, each step, and what has to
// come true afterwards. Stays until it is dismissed. It knows no client: whoever owns it tells it what
// to show. GUI thread.
#pragma once

#include "core/api/actions.h"

#include <QFrame>

class QBoxLayout;
class QLabel;
class QPushButton;
class QScrollArea;
class QVBoxLayout;

namespace cm::ui {

class StateMark;
class StepRow;

class ActionPanel : public QFrame {
    Q_OBJECT
public:
    explicit ActionPanel(QWidget *parent = nullptr);

    // `old`: nobody has told of it lately.
    void setAction(const api::Action &action, bool old, Time now);
    // `why` it cannot be cancelled by this person; the button is away for those who never may.
    void setMayCancel(bool shown, bool may, const QString &why);
    // On a page that does not scroll: not more than a part of the window, the rest is scrolled to.
    void setLimited(bool limited) { m_limited = limited; }
    // The page's own headline says what it is, what came of it and what to do: here are its steps alone.
    void setLed(bool led);

Q_SIGNALS:
    void cancelWanted();
    void dismissed();

protected:
    void paintEvent(QPaintEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;

private:
    void build();
    void showSteps(QVBoxLayout *column, QList<StepRow *> &rows, const std::vector<api::ActionStep> &steps, bool expected, Time now);
    void updateButtons();
    void updateWords();
    // As high as what is in it, for the width that there is.
    void fit();

    StateMark *m_mark = nullptr;
    QLabel *m_title = nullptr;
    QLabel *m_about = nullptr;
    QLabel *m_result = nullptr;
    QLabel *m_remedy = nullptr;
    QString m_name;
    QString m_beside;  // who, when, why
    QScrollArea *m_scroll = nullptr;
    QWidget *m_body = nullptr;
    QBoxLayout *m_columns = nullptr;
    QVBoxLayout *m_steps = nullptr;
    QVBoxLayout *m_aftermath = nullptr;
    QLabel *m_aftermathHeading = nullptr;
    QList<StepRow *> m_stepRows;
    QList<StepRow *> m_aftermathRows;
    QPushButton *m_cancel = nullptr;
    QPushButton *m_dismiss = nullptr;
    api::Action m_action;
    bool m_mayCancel = false;
    bool m_showCancel = false;
    bool m_limited = false;
    bool m_led = false;
};

}  // namespace cm::ui
