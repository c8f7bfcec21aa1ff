// SPDX-License-Identifier: GPL-3.0-or-later
// The only file that knows whether KSyntaxHighlighting is there.
#include "ui/pages/inspector/highlighter.h"

#ifdef CHEESEMONGER_SYNTAX

#include <KSyntaxHighlighting/AbstractHighlighter>
#include <KSyntaxHighlighting/Definition>
#include <KSyntaxHighlighting/Format>
#include <KSyntaxHighlighting/Repository>
#include <KSyntaxHighlighting/State>
#include <KSyntaxHighlighting/Theme>

namespace cm::ui {

class LineColours::Work : public KSyntaxHighlighting::AbstractHighlighter {
public:
    Work(const QString &fileName, bool dark)
    {
        setDefinition(m_repository.definitionForFileName(fileName));
        setTheme(m_repository.defaultTheme(dark ? KSyntaxHighlighting::Repository::DarkTheme
                                                : KSyntaxHighlighting::Repository::LightTheme));
    }

    QString language() const { return definition().isValid() ? definition().translatedName() : QString(); }

    QList<CodeSpan> line(const QString &text)
    {
        m_spans.clear();
        m_state = highlightLine(text, m_state);
        return m_spans;
    }

protected:
    void applyFormat(int offset, int length, const KSyntaxHighlighting::Format &format) override
    {
        const bool bold = format.isBold(theme());
        const bool italic = format.isItalic(theme());
        if (length > 0 && (bold || italic || format.hasTextColor(theme())))
            m_spans.append({offset, length, format.textColor(theme()).rgb(), bold, italic});
    }

private:
    // A repository belongs to one thread, so every run has its own (5 ms).
    KSyntaxHighlighting::Repository m_repository;
    KSyntaxHighlighting::State m_state;
    QList<CodeSpan> m_spans;
};

#else

namespace cm::ui {

class LineColours::Work {
public:
    Work(const QString &, bool) {}
    QString language() const { return {}; }
    QList<CodeSpan> line(const QString &) { return {}; }
};

#endif

LineColours::LineColours(const QString &fileName, bool dark) : m_work(std::make_unique<Work>(fileName, dark))
{
}

LineColours::~LineColours() = default;

QString LineColours::language() const
{
    return m_work->language();
}

QList<CodeSpan> LineColours::line(const QString &text)
{
    return m_work->line(text);
}

}  // namespace cm::ui
