// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/navigation.h"

#include "ui/theme/fonts.h"
#include "ui/theme/metrics.h"

#include <QApplication>
#include <QKeyEvent>
#include <QLabel>
#include <QPainter>
#include <QStyle>
#include <QVBoxLayout>

namespace cm::ui {

NavigationButton::NavigationButton(const QString &text, QWidget *parent) : QAbstractButton(parent)
{
    setText(text);
    setAccessibleName(text);
    setCheckable(true);
    setAutoExclusive(true);
    setFocusPolicy(Qt::StrongFocus);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void NavigationButton::setBadge(const QString &text, Mark mark)
{
    m_badge = text;
    m_mark = mark;
    setAccessibleDescription(text);
    update();
}

QSize NavigationButton::sizeHint() const
{
    return {metrics::navigationWidth - 16, std::max(metrics::rowHeight, fontMetrics().height() + 6)};
}

void NavigationButton::paintEvent(QPaintEvent *)
{
    const Colors colors = colorsOf(palette());
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QRectF shape = QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5);
    if (isChecked() || underMouse() || isDown()) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(isChecked() ? palette().color(QPalette::Highlight) : colors.raised);
        painter.drawRoundedRect(shape, metrics::controlRadius, metrics::controlRadius);
    }
    if (hasFocus()) {
        painter.setPen(QPen(colors.accent, 1.5));
        painter.setBrush(Qt::NoBrush);
        painter.drawRoundedRect(shape.adjusted(0.5, 0.5, -0.5, -0.5), metrics::controlRadius, metrics::controlRadius);
    }
    QRect text = rect().adjusted(10, 0, -10, 0);
    if (!m_badge.isEmpty()) {
        const int width = fontMetrics().horizontalAdvance(m_badge) + 14;
        const QRect badge = QStyle::visualRect(layoutDirection(), rect(),
                                               QRect(text.right() - width + 2, (height() - 18) / 2, width, 18));
        const bool loud = m_mark == Mark::Warning || m_mark == Mark::Critical || m_mark == Mark::Unknown;
        painter.setPen(Qt::NoPen);
        const QColor ground = loud ? blend(colors.panel, markColor(m_mark, colors), 0.28) : colors.raised;
        painter.setBrush(ground);
        painter.drawRoundedRect(badge, 9, 9);
        painter.setPen(loud ? readableOn(ground, markColor(m_mark, colors), colors.text) : colors.dim);
        painter.drawText(badge, Qt::AlignCenter, m_badge);
        text.setRight(text.right() - width - 4);
    }
    painter.setPen(colors.text);
    const QRect place = QStyle::visualRect(layoutDirection(), rect(), text);
    painter.drawText(place, Qt::AlignVCenter | (isRightToLeft() ? Qt::AlignRight : Qt::AlignLeft),
                     fontMetrics().elidedText(this->text(), Qt::ElideRight, place.width()));
}

void NavigationButton::enterEvent(QEnterEvent *event)
{
    QAbstractButton::enterEvent(event);
    update();
}

void NavigationButton::leaveEvent(QEvent *event)
{
    QAbstractButton::leaveEvent(event);
    update();
}

Navigation::Navigation(const PageRegistry &registry, QWidget *parent) : QWidget(parent)
{
    setAccessibleName(tr("Pages"));
    setFixedWidth(std::max(metrics::navigationWidth, fontMetrics().averageCharWidth() * 24));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(8, 12, 9, 8);
    layout->setSpacing(0);
    for (const Section section : {Section::Operate, Section::Moderate, Section::Publish, Section::Change})
        addSection(layout, section, registry);
    layout->addStretch(1);
    addSection(layout, Section::Bottom, registry);
}

void Navigation::addSection(QVBoxLayout *layout, Section section, const PageRegistry &registry)
{
    bool first = true;
    for (const PageFactory &page : registry.pages()) {
        if (page.section != section || !page.inNavigation)
            continue;
        if (std::exchange(first, false) && section != Section::Bottom) {
            auto *heading = new QLabel(PageRegistry::sectionTitle(section).toUpper(), this);
            QFont font = smallFont(this->font());
            font.setLetterSpacing(QFont::PercentageSpacing, 106);
            heading->setFont(font);
            heading->setForegroundRole(QPalette::PlaceholderText);
            heading->setContentsMargins(10, 8, 0, 5);
            layout->addWidget(heading);
        }
        auto *button = new NavigationButton(page.title, this);
        connect(button, &QAbstractButton::clicked, this, [this, id = page.id] { Q_EMIT chosen(id); });
        m_buttons.insert(page.id, button);
        m_order.append(page.id);
        layout->addWidget(button);
    }
    if (!first)
        layout->addSpacing(8);
}

void Navigation::setCurrent(const QString &pageId)
{
    if (NavigationButton *button = m_buttons.value(pageId))
        button->setChecked(true);
}

void Navigation::setBadge(const QString &pageId, const QString &text, Mark mark)
{
    if (NavigationButton *button = m_buttons.value(pageId))
        button->setBadge(text, mark);
}

void Navigation::paintEvent(QPaintEvent *)
{
    const Colors colors = colorsOf(palette());
    QPainter painter(this);
    painter.fillRect(rect(), blend(colors.window, colors.panel, 0.5));
    painter.setPen(colors.line);
    const int edge = isRightToLeft() ? 0 : width() - 1;
    painter.drawLine(edge, 0, edge, height());
}

void Navigation::keyPressEvent(QKeyEvent *event)
{
    if (event->key() == Qt::Key_Down)
        focusNextChild();
    else if (event->key() == Qt::Key_Up)
        focusPreviousChild();
    else
        QWidget::keyPressEvent(event);
}

}  // namespace cm::ui
