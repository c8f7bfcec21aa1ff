// SPDX-License-Identifier: GPL-3.0-or-later
// A panel with a heading, a dim note at the right of it, and content: the unit of every page. Card
// is what a layout holds; VerdictBanner is the one line on top of a page that says what is wrong.
#pragma once

#include <QFrame>

class QHBoxLayout;
class QLabel;
class QVBoxLayout;

namespace cm::ui {

class Card : public QFrame {
    Q_OBJECT
public:
    // Empty title: no heading line.
    explicit Card(const QString &title = {}, QWidget *parent = nullptr);

    void setTitle(const QString &title);
    void setNote(const QString &note);
    // Takes what is left of the card.
    void setContent(QWidget *content);
    // Below the content.
    void addRow(QWidget *widget);
    // Buttons at the right of the heading.
    void addHeaderWidget(QWidget *widget);
    [[nodiscard]] QVBoxLayout *body() const { return m_body; }
    // The card's surface in the colour of raised things.
    void setRaised(bool raised);

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    QLabel *m_title;
    QLabel *m_note;
    QHBoxLayout *m_header;
    QVBoxLayout *m_body;
    bool m_raised = false;
};

}  // namespace cm::ui
