// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/inspector/code_view.h"

#include "ui/theme/colors.h"
#include "ui/theme/fonts.h"

#include <QEvent>
#include <QPainter>
#include <QScrollBar>
#include <QTextBlock>
#include <QTextLayout>

namespace cm::ui {

class CodeView::Gutter : public QWidget {
public:
    explicit Gutter(CodeView *view) : QWidget(view), m_view(view) {}
    QSize sizeHint() const override { return {m_view->gutterWidth(), 0}; }

protected:
    void paintEvent(QPaintEvent *event) override
    {
        QPainter painter(this);
        m_view->paintGutter(painter, event->rect());
    }

private:
    CodeView *m_view;
};

CodeView::CodeView(QWidget *parent) : QPlainTextEdit(parent), m_gutter(new Gutter(this))
{
    setReadOnly(true);
    setLineWrapMode(NoWrap);
    setUndoRedoEnabled(false);
    setTabChangesFocus(true);
    // A caret, so that the text can be read and marked with the keyboard alone.
    setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    setFont(fixedFont(font()));
    setFrameShape(NoFrame);
    setLayoutDirection(Qt::LeftToRight);
    setTabStopDistance(fontMetrics().horizontalAdvance(QLatin1Char(' ')) * 8);
    QTextOption option = document()->defaultTextOption();
    option.setTextDirection(Qt::LeftToRight);
    document()->setDefaultTextOption(option);

    m_insertSoon.setSingleShot(true);
    m_insertSoon.setInterval(0);
    connect(&m_insertSoon, &QTimer::timeout, this, &CodeView::insertNext);
    connect(this, &QPlainTextEdit::updateRequest, m_gutter, [this](const QRect &rect, int dy) {
        if (dy != 0)
            m_gutter->scroll(0, dy);
        else
            m_gutter->update(0, rect.y(), m_gutter->width(), rect.height());
    });
    connect(&m_highlighter, &Highlighter::prepared, this, [this](const PreparedText &prepared) {
        m_slices = prepared.slices;
        m_lineNumbers = prepared.lineNumbers;
        m_brokenLines = prepared.brokenLines;
        m_spans.resize(m_lineNumbers.size());
        placeGutter();
        insertNext();
    });
    connect(&m_highlighter, &Highlighter::coloured, this, [this](int first, const QList<QList<CodeSpan>> &lines) {
        for (qsizetype i = 0; i < lines.size() && first + i < m_spans.size(); ++i)
            m_spans[first + i] = lines.at(i);
        viewport()->update();
    });
    connect(&m_highlighter, &Highlighter::languageKnown, this, [this](const QString &name) {
        m_language = name;
        Q_EMIT languageKnown(name);
    });
}

void CodeView::setSource(const QString &fileName, const QString &text)
{
    clearSource();
    m_fileName = fileName;
    m_text = text;
    m_highlighter.start(m_fileName, m_text, isDark(palette()));
}

void CodeView::clearSource()
{
    m_highlighter.cancel();
    m_insertSoon.stop();
    m_slices.clear();
    m_lineNumbers.clear();
    m_spans.clear();
    m_brokenLines = 0;
    m_text.clear();
    m_language.clear();
    ++m_colouring;
    clear();
}

void CodeView::insertNext()
{
    if (m_slices.isEmpty())
        return;
    const bool first = document()->isEmpty();
    QTextCursor cursor(document());
    cursor.movePosition(QTextCursor::End);
    cursor.insertText(m_slices.takeFirst());
    if (first) {
        moveCursor(QTextCursor::Start);
        verticalScrollBar()->setValue(0);
    }
    if (m_slices.isEmpty())
        Q_EMIT completed();
    else
        m_insertSoon.start();
}

void CodeView::colourVisible()
{
    // Formats laid on while slices still come would make each slice lay everything out again.
    if (!m_slices.isEmpty())
        return;
    const int bottom = viewport()->rect().bottom();
    QTextBlock block = firstVisibleBlock();
    while (block.isValid() && blockBoundingGeometry(block).translated(contentOffset()).top() <= bottom) {
        const int line = block.blockNumber();
        if (block.userState() != m_colouring && line < m_spans.size() && !m_spans.at(line).isEmpty()) {
            QList<QTextLayout::FormatRange> formats;
            for (const CodeSpan &span : m_spans.at(line)) {
                QTextLayout::FormatRange range{span.start, span.length, {}};
                range.format.setForeground(QColor::fromRgb(span.color));
                if (span.bold)
                    range.format.setFontWeight(QFont::Bold);
                range.format.setFontItalic(span.italic);
                formats.append(range);
            }
            block.layout()->setFormats(formats);
            block.setUserState(m_colouring);
        }
        block = block.next();
    }
}

void CodeView::paintEvent(QPaintEvent *event)
{
    colourVisible();
    QPlainTextEdit::paintEvent(event);
}

int CodeView::gutterWidth() const
{
    const int last = m_lineNumbers.isEmpty() ? 1 : std::abs(m_lineNumbers.last());
    const auto digits = std::max<qsizetype>(3, QString::number(last).size());
    return fontMetrics().horizontalAdvance(QString(digits, QLatin1Char('0'))) + 24;
}

void CodeView::placeGutter()
{
    setViewportMargins(gutterWidth(), 0, 0, 0);
    const QRect area = contentsRect();
    m_gutter->setGeometry(area.left(), area.top(), gutterWidth(), area.height());
}

void CodeView::paintGutter(QPainter &painter, const QRect &dirty)
{
    const Colors colors = colorsOf(palette());
    painter.setFont(font());
    painter.setPen(colors.dim);
    QTextBlock block = firstVisibleBlock();
    while (block.isValid()) {
        const QRectF box = blockBoundingGeometry(block).translated(contentOffset());
        if (box.top() > dirty.bottom())
            return;
        const int number = m_lineNumbers.value(block.blockNumber(), 0);
        if (number != 0) {
            // A line that goes on from the one before shows an arrow instead of a number.
            const QString text = number > 0 ? QString::number(number) : QStringLiteral("\u21b3");
            painter.drawText(QRectF(0, box.top(), m_gutter->width() - 12, box.height()), Qt::AlignRight | Qt::AlignTop, text);
        }
        block = block.next();
    }
}

void CodeView::resizeEvent(QResizeEvent *event)
{
    QPlainTextEdit::resizeEvent(event);
    placeGutter();
}

void CodeView::changeEvent(QEvent *event)
{
    QPlainTextEdit::changeEvent(event);
    // Another scheme has other colours.
    if (event->type() == QEvent::PaletteChange && !m_text.isEmpty())
        setSource(m_fileName, QString(m_text));
}

}  // namespace cm::ui
