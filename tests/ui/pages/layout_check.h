// SPDX-License-Identifier: GPL-3.0-or-later
// Walks what a window shows and tells which texts have less room than they need, and which nobody can
// translate. Cells of tables, ElidedLabel, notices and texts that scroll are cut on purpose and left out.
#pragma once

#include "ui/widgets/action_sheet.h"
#include "ui/widgets/state_mark.h"

#include <QAbstractButton>
#include <QAbstractScrollArea>
#include <QComboBox>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QMenuBar>
#include <QPlainTextEdit>
#include <QRegularExpression>
#include <QScrollBar>
#include <QStyle>
#include <QStyleOption>
#include <QTabBar>

namespace cm::ui {

class LayoutCheck {
public:
    // `data`: every text that comes from the registry and so is in nobody's language.
    LayoutCheck(QWidget *window, QSet<QString> data) : m_window(window), m_data(std::move(data)) {}

    QStringList clipped()
    {
        m_found.clear();
        walk([this](QWidget *widget) { checkRoom(widget); });
        return m_found;
    }
    // What has no brackets while the pseudo-language is spoken.
    QStringList untranslated()
    {
        m_found.clear();
        walk([this](QWidget *widget) {
            // Of a shell's language, not of people's.
            if (widget->objectName() == QLatin1String("command"))
                return;
            for (const QString &text : textsOf(widget))
                checkWords(widget, text);
        });
        return m_found;
    }

    // Letters that two controls in sight both answer to.
    QStringList repeatedMnemonics()
    {
        m_found.clear();
        QHash<QChar, QString> letters;
        // While a sheet is open, its letters and the menus' are meant.
        const QWidget *sheet = m_window->findChild<ActionSheet *>();
        walk([this, &letters, sheet](QWidget *widget) {
            if (sheet && !sheet->isAncestorOf(widget) && !qobject_cast<QMenuBar *>(widget))
                return;
            const auto *label = qobject_cast<QLabel *>(widget);
            if ((label && !label->buddy()) || qobject_cast<QLineEdit *>(widget) || qobject_cast<QComboBox *>(widget))
                return;
            static const QRegularExpression mark(QStringLiteral("&(\\p{L})"));
            for (const QString &text : textsOf(widget)) {
                const QString letter = mark.match(text).captured(1).toLower();
                if (letter.isEmpty() || text == widget->toolTip())
                    continue;
                if (letters.contains(letter.at(0)))
                    say(widget, text, QStringLiteral("has the letter of \"%1\"").arg(letters.value(letter.at(0))));
                letters.insert(letter.at(0), text);
            }
        });
        return m_found;
    }

private:
    template <class F>
    void walk(F look)
    {
        for (QWidget *widget : m_window->findChildren<QWidget *>()) {
            if (widget->isVisible() && !widget->size().isEmpty())
                look(widget);
        }
    }
    void say(const QWidget *widget, const QString &text, const QString &why)
    {
        m_found << QStringLiteral("%1 \"%2\": %3").arg(QLatin1String(widget->metaObject()->className()), text.left(90), why);
    }
    void checkSize(const QWidget *widget, const QString &text, QSize needed, QSize room)
    {
        if (needed.width() > room.width() + 1)
            say(widget, text, QStringLiteral("needs %1 across, has %2").arg(needed.width()).arg(room.width()));
        else if (needed.height() > room.height() + 1)
            say(widget, text, QStringLiteral("needs %1 down, has %2").arg(needed.height()).arg(room.height()));
    }
    void checkRoom(QWidget *widget)
    {
        if (auto *label = qobject_cast<QLabel *>(widget))
            checkLabel(label);
        else if (auto *button = qobject_cast<QAbstractButton *>(widget); button && !button->text().isEmpty())
            checkSize(button, button->text(), button->sizeHint(), button->size());
        else if (auto *mark = qobject_cast<StateMark *>(widget); mark && !mark->accessibleName().isEmpty() && mark->objectName() != QLatin1String("notice"))
            checkSize(mark, mark->accessibleName(), mark->sizeHint(), mark->size());
        else if (auto *combo = qobject_cast<QComboBox *>(widget))
            checkCombo(combo);
        else if (auto *line = qobject_cast<QLineEdit *>(widget))
            checkLine(line);
        else if (auto *header = qobject_cast<QHeaderView *>(widget))
            checkHeader(header);
        else if (auto *tabs = qobject_cast<QTabBar *>(widget))
            checkTabs(tabs);
        else if (auto *menus = qobject_cast<QMenuBar *>(widget))
            checkMenus(menus);
        else
            return;
        checkInsideParents(widget);
    }
    // What lies outside its parent is cut, save where it can be scrolled to.
    void checkInsideParents(QWidget *widget)
    {
        QRect rect = widget->rect();
        for (QWidget *at = widget; at != m_window && at->parentWidget(); at = at->parentWidget()) {
            rect.translate(at->pos());
            QWidget *parent = at->parentWidget();
            auto *area = qobject_cast<QAbstractScrollArea *>(parent->parentWidget());
            if (area && area->viewport() == parent) {
                if (area->horizontalScrollBarPolicy() != Qt::ScrollBarAlwaysOff && area->horizontalScrollBar()->maximum() > 0)
                    return;
                rect = QRect(rect.left(), 0, rect.width(), 1);
            }
            if (!parent->rect().adjusted(-1, -1, 1, 1).contains(rect)) {
                say(widget, textsOf(widget).value(0), QStringLiteral("sticks out of %1").arg(QLatin1String(parent->metaObject()->className())));
                return;
            }
        }
    }
    void checkLabel(QLabel *label)
    {
        if (label->text().isEmpty())
            return;
        if (!label->wordWrap()) {
            checkSize(label, label->text(), label->sizeHint(), label->size());
            return;
        }
        checkSize(label, label->text(), {label->minimumSizeHint().width(), label->heightForWidth(label->width())}, label->size());
        const QMargins edges = label->contentsMargins();
        const int room = label->width() - edges.left() - edges.right() - 2 * label->margin();
        static const QRegularExpression breaks(QStringLiteral("[\\s/\\-]+"));
        for (const QString &word : label->text().split(breaks))
            checkSize(label, word, {label->fontMetrics().horizontalAdvance(word), 0}, {room, 0});
    }
    void checkCombo(QComboBox *combo)
    {
        QStyleOptionComboBox option;
        option.initFrom(combo);
        option.editable = combo->isEditable();
        const QRect field = combo->style()->subControlRect(QStyle::CC_ComboBox, &option, QStyle::SC_ComboBoxEditField, combo);
        checkSize(combo, combo->currentText(), combo->fontMetrics().size(Qt::TextSingleLine, combo->currentText()), field.size());
    }
    void checkLine(QLineEdit *line)
    {
        if (line->placeholderText().isEmpty() || qobject_cast<QComboBox *>(line->parentWidget()))
            return;
        QStyleOptionFrame option;
        option.initFrom(line);
        option.lineWidth = line->style()->pixelMetric(QStyle::PM_DefaultFrameWidth, &option, line);
        const QRect room = line->style()->subElementRect(QStyle::SE_LineEditContents, &option, line);
        // Two pixels at each side are the line edit's own.
        checkSize(line, line->placeholderText(), line->fontMetrics().size(Qt::TextSingleLine, line->placeholderText()) + QSize(4, 0), room.size());
    }
    void checkHeader(QHeaderView *header)
    {
        if (header->orientation() != Qt::Horizontal || !header->model())
            return;
        const int margin = 2 * header->style()->pixelMetric(QStyle::PM_HeaderMargin, nullptr, header);
        for (int i = 0; i < header->count(); ++i) {
            if (header->isSectionHidden(i))
                continue;
            const QString text = header->model()->headerData(i, Qt::Horizontal).toString();
            const QSize needed = header->fontMetrics().size(Qt::TextSingleLine, text) + QSize(margin, 0);
            checkSize(header, text, needed, {header->sectionSize(i), header->height()});
        }
    }
    void checkTabs(QTabBar *tabs)
    {
        // What does not fit is reached with the arrows.
        for (int i = 0; i < tabs->count(); ++i)
            checkSize(tabs, tabs->tabText(i), tabs->fontMetrics().size(Qt::TextShowMnemonic, tabs->tabText(i)), tabs->tabRect(i).size());
    }
    void checkMenus(QMenuBar *menus)
    {
        for (QAction *action : menus->actions()) {
            if (action->isVisible() && !menus->rect().contains(menus->actionGeometry(action)))
                say(menus, action->text(), QStringLiteral("is not on the bar"));
        }
    }
    static QStringList textsOf(QWidget *widget)
    {
        QStringList out;
        if (auto *label = qobject_cast<QLabel *>(widget))
            out << label->text();
        else if (auto *button = qobject_cast<QAbstractButton *>(widget))
            out << button->text();
        else if (auto *mark = qobject_cast<StateMark *>(widget))
            out << mark->accessibleName();
        else if (auto *line = qobject_cast<QLineEdit *>(widget))
            out << line->placeholderText();
        else if (auto *edit = qobject_cast<QPlainTextEdit *>(widget))
            out << edit->placeholderText();
        else if (auto *combo = qobject_cast<QComboBox *>(widget)) {
            for (int i = 0; i < combo->count(); ++i)
                out << combo->itemText(i);
        } else if (auto *tabs = qobject_cast<QTabBar *>(widget)) {
            for (int i = 0; i < tabs->count(); ++i)
                out << tabs->tabText(i);
        } else if (auto *menus = qobject_cast<QMenuBar *>(widget)) {
            for (QAction *action : menus->actions())
                out << action->text();
        } else if (auto *header = qobject_cast<QHeaderView *>(widget); header && header->model() && header->orientation() == Qt::Horizontal) {
            for (int i = 0; i < header->count(); ++i)
                out << header->model()->headerData(i, Qt::Horizontal).toString();
        }
        return out << widget->toolTip();
    }
    void checkWords(QWidget *widget, QString text)
    {
        // From the inside out: an argument is within the brackets of its sentence.
        static const QRegularExpression translated(QStringLiteral("\\[[^\\[\\]]*\\]"));
        static const QRegularExpression joints(QStringLiteral("[\\n·]|^[\\s:,]+|[\\s:,]+$"));
        static const QRegularExpression letters(QStringLiteral("\\p{L}"));
        const QString whole = text;
        for (qsizetype before = -1; before != text.size();) {
            before = text.size();
            text.replace(translated, QStringLiteral("\n"));
        }
        for (QString part : text.split(joints, Qt::SkipEmptyParts)) {
            part.remove(QRegularExpression(QStringLiteral("[\\x{2066}-\\x{2069}]")));
            part = part.trimmed();
            while (part.startsWith(QLatin1Char(',')) || part.startsWith(QLatin1Char(':')))
                part = part.mid(1).trimmed();
            if (part.contains(letters) && !part.contains(QLatin1Char('/')) && !m_data.contains(part.toCaseFolded()))
                say(widget, whole, QStringLiteral("\"%1\" cannot be translated").arg(part));
        }
    }

    QWidget *m_window;
    QSet<QString> m_data;
    QStringList m_found;
};

}  // namespace cm::ui
