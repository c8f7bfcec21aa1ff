// SPDX-License-Identifier: GPL-3.0-or-later
// The place that says that files can be dropped; browsing does the same for the keyboard. GUI thread.
#pragma once

#include <QFrame>

class QAction;
class QBoxLayout;
class QLabel;

namespace cm::ui {

class DropArea : public QFrame {
    Q_OBJECT
public:
    explicit DropArea(QAction *browse, QWidget *parent = nullptr);
    // Where files go, in words.
    void setTarget(const QString &text);
    // The registry takes no uploads until then; empty: it takes them.
    void setClosed(const QString &until, const QString &message);
    // Takes all the room there is, its words in the middle.
    void setRoomy(bool roomy);

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    QLabel *m_title;
    QLabel *m_target;
    QBoxLayout *m_layout;
    QWidget *m_browse;
};

}  // namespace cm::ui
