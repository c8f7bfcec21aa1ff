// SPDX-License-Identifier: GPL-3.0-or-later
// Prepares and colours a source text off the GUI thread: long lines are broken for display first,
// then colours come in portions. Owned by the code view, GUI thread; a new start() voids the old one.
#pragma once

#include <QColor>
#include <QList>
#include <QObject>
#include <QString>
#include <QStringList>

#include <atomic>
#include <memory>

namespace cm::ui {

struct CodeSpan {
    int start = 0;
    int length = 0;
    QRgb color = 0;
    bool bold = false;
    bool italic = false;
};

// A text made ready to show: slices of whole display lines, and for every display line the number
// of the line of the text it belongs to, negative where it goes on from the one before.
struct PreparedText {
    QStringList slices;
    QList<int> lineNumbers;
    int brokenLines = 0;
};

class Highlighter : public QObject {
    Q_OBJECT
public:
    // Characters after which a line is broken on the screen, and beyond which it is not coloured.
    static constexpr qsizetype displayLimit = 1'000;
    static constexpr qsizetype colourLimit = 10'000;

    explicit Highlighter(QObject *parent = nullptr);
    ~Highlighter() override;

    void start(const QString &fileName, const QString &text, bool dark);
    void cancel();

    // What start() does on its thread before it colours; pure.
    static PreparedText prepare(const QString &text);

Q_SIGNALS:
    void prepared(const cm::ui::PreparedText &text);
    // Colours of the display lines from `first` on.
    void coloured(int first, const QList<QList<cm::ui::CodeSpan>> &lines);
    // What language it was taken for; empty when it is shown plain.
    void languageKnown(const QString &name);

private:
    std::shared_ptr<std::atomic_bool> m_stop;
    int m_generation = 0;
};

// Colours the lines of a text one after the other; one thread. Without KSyntaxHighlighting there is
// no language and there are no colours.
class LineColours {
public:
    LineColours(const QString &fileName, bool dark);
    ~LineColours();
    [[nodiscard]] QString language() const;
    [[nodiscard]] QList<CodeSpan> line(const QString &text);

private:
    class Work;
    std::unique_ptr<Work> m_work;
};

}  // namespace cm::ui
