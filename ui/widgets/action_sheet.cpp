// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/action_sheet.h"

#include "ui/format/error_words.h"
#include "ui/format/format.h"
#include "ui/theme/fonts.h"
#include "ui/theme/metrics.h"
#include "ui/widgets/flow_layout.h"
#include "ui/widgets/state_mark.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QPainter>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QVBoxLayout>

namespace cm::ui {

namespace {

QLabel *wrapped(const QString &text, QWidget *parent)
{
    auto *label = new QLabel(text, parent);
    label->setWordWrap(true);
    label->setTextFormat(Qt::PlainText);
    return label;
}

void clear(QLayout *layout)
{
    while (QLayoutItem *item = layout->takeAt(0)) {
        delete item->widget();
        delete item;
    }
}

}  // namespace

ActionSheet::ActionSheet(const QString &title, const QString &verb, QWidget *parent) : QFrame(parent)
{
    setAccessibleName(title);
    // A line of a readable length in any font.
    setFixedWidth(std::max(metrics::sheetWidth, fontMetrics().averageCharWidth() * 46));
    build(title, verb);
    connect(m_confirm, &QPushButton::clicked, this, &ActionSheet::confirmed);
    connect(m_cancel, &QPushButton::clicked, this, &ActionSheet::close);
    connect(m_reason, &QPlainTextEdit::textChanged, this, &ActionSheet::updateButton);
    connect(m_typed, &QLineEdit::textChanged, this, &ActionSheet::updateButton);
    updateButton();
}

void ActionSheet::build(const QString &title, const QString &verb)
{
    auto *outer = new QVBoxLayout(this);
    outer->setContentsMargins(16, 14, 16, 14);
    outer->setSpacing(metrics::gap);
    QLabel *heading = wrapped(title, this);
    heading->setFont(titleFont(font()));
    outer->addWidget(heading);

    auto *scroll = new QScrollArea(this);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidgetResizable(true);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->viewport()->setAutoFillBackground(false);
    auto *inside = new QWidget(scroll);
    m_layout = new QVBoxLayout(inside);
    m_layout->setContentsMargins(0, 0, 0, 0);
    m_layout->setSpacing(metrics::unit);
    scroll->setWidget(inside);
    // Only now: the area makes its widget opaque.
    inside->setAutoFillBackground(false);
    scroll->setAccessibleName(title);
    outer->addWidget(scroll, 1);

    m_statement = wrapped({}, this);
    m_statement->setContentsMargins(0, 0, 0, metrics::unit * 2);
    m_statement->hide();
    m_layout->addWidget(m_statement);
    m_effects = section(tr("Who is hit"));
    m_plan = section(tr("What will happen"));
    m_loss = section(tr("What would be lost"));
    m_guards = section(tr("Checked now"));
    m_fields = section({});
    m_reasonLabel = new QLabel(tr("&Reason"), this);
    m_reason = new QPlainTextEdit(this);
    m_reason->setAccessibleName(tr("Reason"));
    m_reason->setTabChangesFocus(true);
    m_reason->setFixedHeight(fontMetrics().lineSpacing() * 3 + 12);
    m_reasonLabel->setBuddy(m_reason);
    m_typedLabel = wrapped({}, this);
    m_typed = new QLineEdit(this);
    m_typed->setAccessibleName(tr("Name, typed to confirm"));
    m_typedLabel->setBuddy(m_typed);
    m_undo = wrapped({}, this);
    m_undo->setForegroundRole(QPalette::PlaceholderText);
    for (QWidget *widget : {static_cast<QWidget *>(m_reasonLabel), static_cast<QWidget *>(m_reason),
                            static_cast<QWidget *>(m_typedLabel), static_cast<QWidget *>(m_typed), static_cast<QWidget *>(m_undo)}) {
        m_layout->addWidget(widget);
        widget->hide();
    }
    m_layout->addStretch(1);

    m_error = wrapped({}, this);
    m_error->hide();
    outer->addWidget(m_error);
    auto *bar = new QWidget(this);
    auto *buttons = new FlowLayout(bar);
    m_cancel = new QPushButton(tr("&Cancel"), this);
    // A name may be longer than any button.
    const int room = width() - 32 - 40;
    m_confirm = new QPushButton(fontMetrics().elidedText(verb, Qt::ElideMiddle, room, Qt::TextShowMnemonic), this);
    m_confirm->setAccessibleName(QString(verb).remove(QLatin1Char('&')));
    m_confirm->setToolTip(m_confirm->text() == verb ? QString() : QString(verb).remove(QLatin1Char('&')));
    for (QPushButton *button : {m_cancel, m_confirm})
        button->setAutoDefault(false);
    buttons->addWidget(m_cancel);
    buttons->push();
    buttons->addWidget(m_confirm);
    outer->addWidget(bar);
}

QVBoxLayout *ActionSheet::section(const QString &heading)
{
    auto *lines = new QVBoxLayout;
    lines->setSpacing(metrics::unit);
    lines->setProperty("heading", heading);
    m_layout->addLayout(lines);
    return lines;
}

void ActionSheet::fill(QVBoxLayout *section, const QStringList &lines)
{
    clear(section);
    if (lines.isEmpty())
        return;
    QLabel *heading = wrapped(section->property("heading").toString(), this);
    heading->setFont(headingFont(font()));
    section->addWidget(heading);
    for (const QString &line : lines)
        section->addWidget(wrapped(QStringLiteral("· ") + line, this));
    section->addSpacing(metrics::unit * 2);
}

void ActionSheet::setStatement(const QString &statement)
{
    m_statement->setText(statement);
    m_statement->setVisible(!statement.isEmpty());
}

void ActionSheet::setEffects(const QStringList &effects)
{
    fill(m_effects, effects);
}

void ActionSheet::nameEffects(const QString &heading)
{
    m_effects->setProperty("heading", heading);
}

void ActionSheet::setPlan(const QStringList &steps)
{
    fill(m_plan, steps);
}

void ActionSheet::setLoss(const QString &figure, const QString &sentence)
{
    clear(m_loss);
    if (figure.isEmpty() && sentence.isEmpty())
        return;
    QLabel *heading = wrapped(m_loss->property("heading").toString(), this);
    heading->setFont(headingFont(font()));
    QLabel *value = wrapped(figure, this);
    value->setFont(titleFont(font()));
    m_loss->addWidget(heading);
    m_loss->addWidget(value);
    m_loss->addWidget(wrapped(sentence, this));
    m_loss->addSpacing(metrics::unit * 2);
}

void ActionSheet::setGuards(const QList<Guard> &guards)
{
    clear(m_guards);
    m_guardsHold = true;
    if (!guards.isEmpty()) {
        QLabel *heading = wrapped(m_guards->property("heading").toString(), this);
        heading->setFont(headingFont(font()));
        m_guards->addWidget(heading);
    }
    for (const Guard &guard : guards) {
        auto *line = new QWidget(this);
        auto *row = new QHBoxLayout(line);
        row->setContentsMargins(0, 0, 0, 0);
        row->setSpacing(6);
        row->addWidget(new StateMark(guard.mark, {}, line), 0, Qt::AlignTop);
        row->addWidget(wrapped(guard.text, line), 1);
        m_guards->addWidget(line);
        m_guardsHold = m_guardsHold && guard.mark != Mark::Critical && guard.mark != Mark::Unknown;
    }
    m_guards->addSpacing(metrics::unit * 2);
    updateButton();
}

void ActionSheet::setUndoText(const QString &text)
{
    m_undo->setText(text);
    m_undo->setVisible(!text.isEmpty());
}

void ActionSheet::addField(const QString &label, QWidget *field)
{
    // A check box says itself what it is.
    if (!label.isEmpty()) {
        QLabel *name = wrapped(label, this);
        name->setTextFormat(Qt::AutoText);
        name->setBuddy(field);
        if (field->accessibleName().isEmpty())
            field->setAccessibleName(QString(label).remove(QLatin1Char('&')));
        m_fields->addWidget(name);
    }
    m_fields->addWidget(field);
}

void ActionSheet::nameReason(const QString &label)
{
    m_reasonLabel->setText(label);
    m_reason->setAccessibleName(QString(label).remove(QLatin1Char('&')));
}

void ActionSheet::askReason(bool required)
{
    m_reasonRequired = required;
    m_reasonLabel->setText(required ? tr("&Reason") : tr("&Reason (optional)"));
    m_reason->setPlaceholderText(tr("Goes to the audit log"));
    m_reasonLabel->show();
    m_reason->show();
    updateButton();
}

void ActionSheet::askTyped(const QString &name)
{
    m_expected = name;
    m_typedLabel->setText(tr("Type %1 to confirm").arg(ltr(name)));
    m_typed->setFont(fixedFont(font()));
    m_typedLabel->setVisible(!name.isEmpty());
    m_typed->setVisible(!name.isEmpty());
    updateButton();
}

void ActionSheet::setDangerous(bool dangerous)
{
    QPalette colours;
    if (dangerous)
        colours.setColor(QPalette::ButtonText, palette().color(QPalette::BrightText));
    m_confirm->setPalette(colours);
}

void ActionSheet::setReady(bool ready)
{
    m_ready = ready;
    updateButton();
}

QString ActionSheet::reason() const
{
    return m_reason->toPlainText().trimmed();
}

QString ActionSheet::typed() const
{
    return m_typed->text();
}

void ActionSheet::setBusy(bool busy)
{
    m_busy = busy;
    m_reason->setEnabled(!busy);
    m_typed->setEnabled(!busy);
    if (busy)
        m_error->hide();
    updateButton();
}

void ActionSheet::showError(const Error &error)
{
    setBusy(false);
    const ErrorWords words = wordsFor(error);
    QStringList lines{words.title + QStringLiteral(". ") + words.stillTrue};
    lines << (words.fields.isEmpty() ? QStringList{words.detail} : words.fields);
    // What helps is often a field of the same sheet.
    if (!trustWords(error).isEmpty())
        lines << words.remedy;
    lines.removeAll(QString());
    m_error->setText(lines.join(QLatin1Char('\n')));
    QPalette colours;
    colours.setColor(QPalette::WindowText, palette().color(QPalette::BrightText));
    m_error->setPalette(colours);
    m_error->show();
}

void ActionSheet::hideError()
{
    m_error->hide();
}

void ActionSheet::close()
{
    Q_EMIT closed();
    hide();
    deleteLater();
}

void ActionSheet::updateButton()
{
    const bool reasoned = !m_reasonRequired || !reason().isEmpty();
    const bool named = m_expected.isEmpty() || m_typed->text() == m_expected;
    m_confirm->setEnabled(m_ready && m_guardsHold && reasoned && named && !m_busy);
}

void ActionSheet::paintEvent(QPaintEvent *)
{
    const Colors colors = colorsOf(palette());
    QPainter painter(this);
    painter.fillRect(rect(), colors.panel);
    painter.setPen(colors.line);
    const int edge = isRightToLeft() ? width() - 1 : 0;
    painter.drawLine(edge, 0, edge, height());
}

void ActionSheet::keyPressEvent(QKeyEvent *event)
{
    const bool enter = event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter;
    if (event->key() == Qt::Key_Escape)
        close();
    else if (enter && m_confirm->isEnabled())
        Q_EMIT confirmed();
    else
        QFrame::keyPressEvent(event);
}

void ActionSheet::showEvent(QShowEvent *event)
{
    QFrame::showEvent(event);
    if (m_reason->isVisibleTo(this))
        m_reason->setFocus();
    else if (m_typed->isVisibleTo(this))
        m_typed->setFocus();
    else
        m_confirm->setFocus();
}

}  // namespace cm::ui
