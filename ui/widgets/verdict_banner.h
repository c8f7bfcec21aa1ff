// SPDX-License-Identifier: GPL-3.0-or-later
// One sentence on top of a page: what is wrong; below it, each behind its name, what a reader needs next (who is
// hit, the next act, what not to do), and in small what may be read later.
#pragma once

#include "ui/theme/marks.h"

#include <QFrame>

class QAction;
class QBoxLayout;
class QGridLayout;
class QLabel;

namespace cm::ui {

class FlowLayout;

struct VerdictFact {
    QString name;  // "Who is hit"
    QString text;
    bool strong = false;  // not to be overlooked
};

class VerdictBanner : public QFrame {
    Q_OBJECT
public:
    explicit VerdictBanner(QWidget *parent = nullptr);

    void setVerdict(Mark mark, const QString &sentence, const QString &detail, const QList<VerdictFact> &facts = {});
    // Something is at work: the mark is that of a running step, as long as nothing is wrong besides.
    void setBusy(bool busy);
    void setActions(const QList<QAction *> &actions);

protected:
    void paintEvent(QPaintEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;

private:
    struct FactRow {
        QLabel *name;
        QLabel *text;
    };
    FactRow addFact();
    void placeButtons();
    void showFacts(const QList<VerdictFact> &facts);
    // Words break anywhere; a button does not, and so has its width first.
    static void letBreak(QLabel *label, int leastWidth);

    class Icon;
    Icon *m_icon;
    QLabel *m_sentence;
    QLabel *m_detail;
    QWidget *m_factsBox;
    QGridLayout *m_facts;
    QList<FactRow> m_factRows;
    QBoxLayout *m_row = nullptr;
    QWidget *m_bar = nullptr;
    FlowLayout *m_buttons;
    Mark m_mark = Mark::None;
    bool m_busy = false;
};

}  // namespace cm::ui
