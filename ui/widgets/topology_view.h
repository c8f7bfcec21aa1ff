// SPDX-License-Identifier: GPL-3.0-or-later
// The nodes of a service and what goes on between them, drawn in columns from the clients to the
// data. A node is a button: Tab and arrows reach it, Enter opens it, and what is drawn is also said.
// "We cannot see it" looks different from "it is down". GUI thread.
#pragma once

#include "ui/theme/marks.h"

#include <QHash>
#include <QWidget>

namespace cm::ui {

struct TopologyNode {
    QString id;
    QString title;      // "db2 · standby"
    QString statement;  // "replay paused 3 min 12 s"
    Mark mark = Mark::None;
    bool seen = true;  // false: nothing is known now; dashed, whatever the last state was
    int column = 0;    // from the clients on, 0 first
    QString toolTip;
    QString unseen = {};  // why it is not seen, in place of "not seen now"
};

struct TopologyEdge {
    QString from;
    QString to;
    QString label;  // "214 MB not replayed"; empty: none
    Mark mark = Mark::None;
    bool live = true;  // false: nothing flows, or nobody knows: dashed
};

class TopologyView : public QWidget {
    Q_OBJECT
public:
    explicit TopologyView(QWidget *parent = nullptr);

    // Nodes stand in their column in the given order. The focus stays on its node.
    void setTopology(QList<TopologyNode> nodes, QList<TopologyEdge> edges);
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

Q_SIGNALS:
    void opened(const QString &node);
    // By the mouse or the keyboard; `at` is of the screen.
    void menuWanted(const QString &node, const QPoint &at);

protected:
    void paintEvent(QPaintEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    void changeEvent(QEvent *event) override;

private:
    class Tile;

    void placeTiles();
    void move(const Tile &from, int key);
    [[nodiscard]] QSize tileSize() const;
    [[nodiscard]] int columns() const;
    [[nodiscard]] int tallest() const;

    QList<TopologyEdge> m_edges;
    QList<Tile *> m_tiles;
    QHash<QString, Tile *> m_byId;
};

}  // namespace cm::ui
