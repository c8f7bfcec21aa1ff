// SPDX-License-Identifier: GPL-3.0-or-later
// Shows a source text of up to 20 MB without holding the window up: the text is put in slices, the
// colours come from a worker and are laid on the lines in sight only. Always left to right. GUI thread.
#pragma once

#include "ui/pages/inspector/highlighter.h"

#include <QPlainTextEdit>
#include <QTimer>

namespace cm::ui {

class CodeView : public QPlainTextEdit {
    Q_OBJECT
public:
    explicit CodeView(QWidget *parent = nullptr);

    void setSource(const QString &fileName, const QString &text);
    void clearSource();
    [[nodiscard]] bool isComplete() const { return m_slices.isEmpty(); }
    [[nodiscard]] int brokenLines() const { return m_brokenLines; }
    [[nodiscard]] QString language() const { return m_language; }
    // Of the display line; empty while its colours have not come.
    [[nodiscard]] QList<CodeSpan> spansOf(int displayLine) const { return m_spans.value(displayLine); }

Q_SIGNALS:
    void completed();
    void languageKnown(const QString &name);

protected:
    void paintEvent(QPaintEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    void changeEvent(QEvent *event) override;

private:
    class Gutter;
    void insertNext();
    void colourVisible();
    void paintGutter(QPainter &painter, const QRect &dirty);
    void placeGutter();
    int gutterWidth() const;

    Highlighter m_highlighter;
    QWidget *m_gutter;
    QTimer m_insertSoon;
    QStringList m_slices;
    QList<int> m_lineNumbers;
    QList<QList<CodeSpan>> m_spans;
    QString m_fileName;
    QString m_text;
    QString m_language;
    int m_brokenLines = 0;
    // Blocks whose user state is this one carry their colours.
    int m_colouring = 0;
};

}  // namespace cm::ui
