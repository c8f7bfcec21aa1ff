// SPDX-License-Identifier: GPL-3.0-or-later
// One sentence on top of a page: what is wrong, for whom, since when, and what is not at risk.
#pragma once

#include "ui/theme/marks.h"

#include <QFrame>

class QAction;
class QLabel;

namespace cm::ui {

class FlowLayout;

class VerdictBanner : public QFrame {
    Q_OBJECT
public:
    explicit VerdictBanner(QWidget *parent = nullptr);

    void setVerdict(Mark mark, const QString &sentence, const QString &detail);
    void setActions(const QList<QAction *> &actions);

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    class Icon;
    Icon *m_icon;
    QLabel *m_sentence;
    QLabel *m_detail;
    FlowLayout *m_buttons;
    Mark m_mark = Mark::None;
};

}  // namespace cm::ui
