// SPDX-License-Identifier: GPL-3.0-or-later
// A row of controls that goes on in a further line when it is too narrow. A widget whose horizontal
// policy expands takes what is left of its line; a line without one leaves the rest empty at its end,
// or, after push(), before the widgets that follow. Owned by its widget, like any layout.
#pragma once

#include <QLayout>

namespace cm::ui {

class FlowLayout : public QLayout {
    Q_OBJECT
public:
    explicit FlowLayout(QWidget *parent = nullptr);
    ~FlowLayout() override;

    // A label and its field, which stay together.
    void addPair(QWidget *label, QWidget *field);
    // What is added from now on stands at the far end of its line.
    void push();

    void addItem(QLayoutItem *item) override;
    [[nodiscard]] int count() const override;
    [[nodiscard]] QLayoutItem *itemAt(int index) const override;
    QLayoutItem *takeAt(int index) override;
    [[nodiscard]] Qt::Orientations expandingDirections() const override { return Qt::Horizontal; }
    [[nodiscard]] bool hasHeightForWidth() const override { return true; }
    [[nodiscard]] int heightForWidth(int width) const override;
    [[nodiscard]] QSize minimumSize() const override;
    [[nodiscard]] QSize sizeHint() const override;
    void setGeometry(const QRect &rect) override;

private:
    [[nodiscard]] int arrange(const QRect &rect, bool really) const;
    void placeLine(const QList<int> &line, const QRect &place) const;

    QList<QLayoutItem *> m_items;
    int m_pushed = -1;
};

}  // namespace cm::ui
