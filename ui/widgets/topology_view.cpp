// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/topology_view.h"

#include "ui/theme/fonts.h"
#include "ui/theme/metrics.h"
#include "ui/widgets/wrapped_text.h"

#include <QAbstractButton>
#include <QContextMenuEvent>
#include <QEvent>
#include <QKeyEvent>
#include <QPainter>
#include <QPainterPath>
#include <QStyle>

#include <algorithm>
#include <cmath>

namespace cm::ui {

namespace {

constexpr int markSize = 12;
constexpr int padding = 10;
constexpr int betweenRows = 16;
constexpr int mostBetweenRows = 56;
constexpr int wantedBetweenColumns = 64;
constexpr int wantedCharacters = 34;
constexpr int leastBetweenColumns = 36;

}  // namespace

class TopologyView::Tile : public QAbstractButton {
public:
    explicit Tile(TopologyView *view) : QAbstractButton(view), m_view(view) { setFocusPolicy(Qt::StrongFocus); }

    void show(const TopologyNode &node)
    {
        m_node = node;
        const QString state = node.seen          ? node.statement
            : node.unseen.isEmpty() ? TopologyView::tr("not seen now; last: %1").arg(node.statement)
                                    : TopologyView::tr("%1; last: %2", "why it is not seen").arg(node.unseen, node.statement);
        setAccessibleName(QStringLiteral("%1, %2").arg(node.title, state));
        setToolTip(node.toolTip.isEmpty() ? QStringLiteral("%1\n%2").arg(node.title, state) : node.toolTip);
        QWidget::show();
        update();
    }
    [[nodiscard]] const TopologyNode &node() const { return m_node; }
    [[nodiscard]] QSize sizeHint() const override { return m_view->tileSize(); }
    [[nodiscard]] QString said() const
    {
        return m_node.seen ? m_node.statement : m_node.unseen.isEmpty() ? TopologyView::tr("not seen now") : m_node.unseen;
    }
    // At most so many as there may be.
    [[nodiscard]] int lines(int width, int most) const
    {
        return std::clamp(static_cast<int>(wrappedLines(said(), font(), width - 2 * padding, most).size()), 1, most);
    }

protected:
    void paintEvent(QPaintEvent *) override
    {
        const Colors colors = colorsOf(palette());
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        const bool wrong = m_node.mark == Mark::Warning || m_node.mark == Mark::Critical || m_node.mark == Mark::Unknown;
        const QColor state = markColor(m_node.mark, colors);
        QPen edge(hasFocus() ? colors.accent : wrong ? state : colors.line, hasFocus() ? 2 : 1);
        if (!m_node.seen)
            edge.setStyle(Qt::DashLine);
        painter.setPen(edge);
        painter.setBrush(wrong && m_node.seen ? blend(colors.raised, state, 0.14) : m_node.seen ? colors.raised : colors.panel);
        painter.drawRoundedRect(QRectF(rect()).adjusted(1, 1, -1, -1), metrics::controlRadius, metrics::controlRadius);
        const int line = fontMetrics().height();
        const QRect title(padding + markSize + 7, padding - 2, width() - 2 * padding - markSize - 7, line);
        const QRect mark(padding, padding - 2 + (line - markSize) / 2, markSize, markSize);
        QRect below(padding, title.bottom() + 4, width() - 2 * padding, line);
        const auto placed = [this](const QRect &rect) { return QStyle::visualRect(layoutDirection(), this->rect(), rect); };
        drawMark(painter, placed(mark), m_node.seen ? m_node.mark : Mark::Unknown, colors);
        painter.setPen(colors.text);
        painter.setFont(headingFont(font()));
        const int side = isRightToLeft() ? Qt::AlignRight : Qt::AlignLeft;
        painter.drawText(placed(title), side | Qt::AlignVCenter, painter.fontMetrics().elidedText(m_node.title, Qt::ElideMiddle, title.width()));
        painter.setFont(font());
        painter.setPen(wrong && m_node.seen ? readableOn(colors.raised, state, colors.text) : colors.dim);
        for (const QString &words : wrappedLines(said(), font(), below.width(), 1 + (height() - m_view->tileSize().height()) / line)) {
            painter.drawText(placed(below), side | Qt::AlignVCenter, words);
            below.translate(0, line);
        }
    }
    void contextMenuEvent(QContextMenuEvent *event) override
    {
        const bool byKey = event->reason() == QContextMenuEvent::Keyboard;
        Q_EMIT m_view->menuWanted(m_node.id, byKey ? mapToGlobal(rect().bottomLeft()) : event->globalPos());
    }
    void keyPressEvent(QKeyEvent *event) override
    {
        switch (event->key()) {
        case Qt::Key_Left:
        case Qt::Key_Right:
        case Qt::Key_Up:
        case Qt::Key_Down:
            m_view->move(*this, event->key());
            return;
        case Qt::Key_Return:
        case Qt::Key_Enter:
            click();
            return;
        default:
            QAbstractButton::keyPressEvent(event);
        }
    }

private:
    TopologyView *m_view;
    TopologyNode m_node;
};

TopologyView::TopologyView(QWidget *parent) : QWidget(parent)
{
    setAccessibleName(tr("Topology"));
}

void TopologyView::setTopology(QList<TopologyNode> nodes, QList<TopologyEdge> edges)
{
    m_edges = std::move(edges);
    QHash<QString, Tile *> before;
    before.swap(m_byId);
    m_tiles.clear();
    for (const TopologyNode &node : std::as_const(nodes)) {
        Tile *tile = before.take(node.id);
        if (!tile) {
            tile = new Tile(this);
            connect(tile, &Tile::clicked, this, [this, tile] { Q_EMIT opened(tile->node().id); });
        }
        tile->show(node);
        m_byId.insert(node.id, tile);
        m_tiles.append(tile);
    }
    qDeleteAll(before);
    for (qsizetype i = 1; i < m_tiles.size(); ++i)
        setTabOrder(m_tiles[i - 1], m_tiles[i]);
    updateGeometry();
    placeTiles();
    update();
}

int TopologyView::columns() const
{
    int last = -1;
    for (const Tile *tile : m_tiles)
        last = std::max(last, tile->node().column);
    return last + 1;
}

int TopologyView::tallest() const
{
    QHash<int, int> rows;
    int most = 0;
    for (const Tile *tile : m_tiles)
        most = std::max(most, ++rows[tile->node().column]);
    return most;
}

QSize TopologyView::tileSize() const
{
    const int line = fontMetrics().height();
    const int count = std::max(1, columns());
    const int character = fontMetrics().averageCharWidth();
    int room = (width() - (count - 1) * wantedBetweenColumns) / count;
    // A name with its role comes before the lines between.
    constexpr int nameCharacters = 26;
    if (room < character * nameCharacters)
        room = std::min(character * nameCharacters, (width() - (count - 1) * leastBetweenColumns) / count);
    const int wanted = character * wantedCharacters;
    return {std::clamp(room, character * 14, wanted), 2 * line + 2 * padding};
}

QSize TopologyView::minimumSizeHint() const
{
    const int count = std::max(1, columns());
    const int rows = std::max(1, tallest());
    return {count * fontMetrics().averageCharWidth() * 14 + (count - 1) * leastBetweenColumns, rows * tileSize().height() + (rows - 1) * betweenRows};
}

QSize TopologyView::sizeHint() const
{
    const QSize least = minimumSizeHint();
    return {std::max(least.width(), columns() * (fontMetrics().averageCharWidth() * 24 + 72)), least.height() + 2 * betweenRows};
}

void TopologyView::placeTiles()
{
    const QSize size = tileSize();
    const int count = std::max(1, columns());
    const double pitch = count > 1 ? static_cast<double>(width() - size.width()) / (count - 1) : 0;
    // As many lines as the words need, and every column has the room for.
    const int line = fontMetrics().height();
    constexpr int mostLines = 3;
    int most = mostLines;
    QHash<int, int> rows, extra;
    int tallestColumn = 1, mostTall = 0;
    for (; most > 0; --most) {
        rows.clear();
        extra.clear();
        for (const Tile *tile : std::as_const(m_tiles)) {
            ++rows[tile->node().column];
            extra[tile->node().column] += tile->lines(size.width(), most) - 1;
        }
        bool room = true;
        mostTall = 0;
        for (auto column = rows.cbegin(); column != rows.cend(); ++column) {
            const int all = column.value() * size.height() + extra[column.key()] * line;
            room = room && all + (column.value() - 1) * betweenRows <= height();
            tallestColumn = std::max(tallestColumn, column.value());
            mostTall = std::max(mostTall, all);
        }
        if (room || most == 1)
            break;
    }
    // What is high is used: the same distance in every column.
    const int between = tallestColumn < 2 ? betweenRows : std::clamp((height() - mostTall) / tallestColumn, betweenRows, mostBetweenRows);
    QHash<int, int> next;
    for (Tile *tile : std::as_const(m_tiles)) {
        const int column = tile->node().column;
        const int all = rows[column] * size.height() + extra[column] * line + (rows[column] - 1) * between;
        const int x = static_cast<int>(column * pitch);
        const int y = next.value(column, std::max(0, (height() - all) / 2));
        const QSize own(size.width(), size.height() + (tile->lines(size.width(), most) - 1) * line);
        tile->setGeometry(QRect(QPoint(isRightToLeft() ? width() - x - own.width() : x, y), own));
        next[column] = y + own.height() + between;
    }
}

// To the nearest tile on that side.
void TopologyView::move(const Tile &from, int key)
{
    const QPoint here = from.geometry().center();
    Tile *best = nullptr;
    double distance = 0;
    for (Tile *tile : std::as_const(m_tiles)) {
        const QPoint way = tile->geometry().center() - here;
        const bool there = key == Qt::Key_Left ? way.x() < 0 && tile->node().column != from.node().column
            : key == Qt::Key_Right             ? way.x() > 0 && tile->node().column != from.node().column
            : key == Qt::Key_Up                ? way.y() < 0 && tile->node().column == from.node().column
                                               : way.y() > 0 && tile->node().column == from.node().column;
        const double length = std::hypot(way.x(), way.y());
        if (there && (!best || length < distance)) {
            best = tile;
            distance = length;
        }
    }
    if (best)
        best->setFocus(Qt::OtherFocusReason);
}

void TopologyView::paintEvent(QPaintEvent *)
{
    const Colors colors = colorsOf(palette());
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    for (const TopologyEdge &edge : std::as_const(m_edges)) {
        const Tile *from = m_byId.value(edge.from);
        const Tile *to = m_byId.value(edge.to);
        if (!from || !to)
            continue;
        const bool wrong = edge.mark == Mark::Warning || edge.mark == Mark::Critical || edge.mark == Mark::Unknown;
        QPen pen(wrong ? markColor(edge.mark, colors) : colors.dim, wrong ? 2 : 1);
        if (!edge.live)
            pen.setStyle(Qt::DashLine);
        painter.setPen(pen);
        painter.setBrush(Qt::NoBrush);
        const QRect a = from->geometry();
        const QRect b = to->geometry();
        QPainterPath path;
        QPointF middle;
        if (from->node().column == to->node().column) {
            const bool down = a.center().y() < b.center().y();
            const QPointF begin(a.center().x(), down ? a.bottom() + 1 : a.top());
            const QPointF end(b.center().x(), down ? b.top() : b.bottom() + 1);
            path.moveTo(begin);
            path.lineTo(end);
            middle = (begin + end) / 2;
        } else {
            const bool forward = a.center().x() < b.center().x();
            const QPointF begin(forward ? a.right() + 1 : a.left(), a.center().y());
            const QPointF end(forward ? b.left() : b.right() + 1, b.center().y());
            const QPointF bend((end.x() - begin.x()) / 2, 0);
            path.moveTo(begin);
            path.cubicTo(begin + bend, end - bend, end);
            middle = (begin + end) / 2;
        }
        painter.drawPath(path);
        if (edge.label.isEmpty())
            continue;
        const QSizeF size = QSizeF(fontMetrics().size(Qt::TextSingleLine, edge.label)) + QSizeF(10, 2);
        // Between columns only what fits there: the tiles at its ends say it too.
        const int gap = std::abs(a.center().x() - b.center().x()) - a.width();
        if (from->node().column != to->node().column && size.width() > gap)
            continue;
        const double x = std::clamp(middle.x() + (from->node().column == to->node().column ? 8.0 : -size.width() / 2), 0.0,
                                    std::max(0.0, width() - size.width()));
        const QRectF box(QPointF(x, middle.y() - size.height() / 2), size);
        painter.setPen(Qt::NoPen);
        painter.setBrush(colors.panel);
        painter.drawRoundedRect(box, 4, 4);
        painter.setPen(wrong ? readableOn(colors.panel, markColor(edge.mark, colors), colors.text) : colors.dim);
        painter.drawText(box, Qt::AlignCenter, edge.label);
    }
}

void TopologyView::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    placeTiles();
}

void TopologyView::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::FontChange || event->type() == QEvent::LayoutDirectionChange) {
        updateGeometry();
        placeTiles();
    }
}

}  // namespace cm::ui
