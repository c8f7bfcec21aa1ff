// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/undo_bar.h"

#include "ui/theme/colors.h"
#include "ui/theme/metrics.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QPainter>
#include <QPushButton>

namespace cm::ui {

UndoBar::UndoBar(QWidget *parent) : QFrame(parent), m_text(new QLabel(this)), m_button(new QPushButton(tr("U&ndo"), this))
{
    m_text->setTextFormat(Qt::PlainText);
    m_button->setAutoDefault(false);
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(16, 8, 8, 8);
    layout->setSpacing(metrics::gap);
    layout->addWidget(m_text, 1);
    layout->addWidget(m_button);
    setAutoFillBackground(false);
    hide();
    m_end.setSingleShot(true);
    connect(&m_end, &QTimer::timeout, this, [this] {
        if (m_button->hasFocus())
            m_end.start(1000);
        else
            dismiss();
    });
    connect(m_button, &QPushButton::clicked, this, [this] {
        const auto undo = m_undo;
        dismiss();
        if (undo)
            undo();
    });
}

void UndoBar::offer(const QString &text, std::function<void()> undo)
{
    m_text->setText(text);
    setAccessibleName(text);
    m_undo = std::move(undo);
    m_button->setVisible(static_cast<bool>(m_undo));
    m_end.start(m_duration);
    adjustSize();
    show();
    raise();
}

void UndoBar::placeIn(const QSize &room)
{
    m_text->setWordWrap(false);
    const int widest = std::max(0, room.width() - 32);
    const bool fits = sizeHint().width() <= widest;
    m_text->setWordWrap(!fits);
    const int width = fits ? std::max(sizeHint().width(), std::min(320, widest)) : widest;
    const int height = fits ? sizeHint().height() : std::max(minimumSizeHint().height(), layout()->heightForWidth(width));
    setGeometry((room.width() - width) / 2, room.height() - height - 20, width, height);
    raise();
}

void UndoBar::dismiss()
{
    m_end.stop();
    m_undo = {};
    // A bar without focus of its own: the next offer must not wait for it.
    m_button->clearFocus();
    hide();
}

void UndoBar::paintEvent(QPaintEvent *)
{
    const Colors colors = colorsOf(palette());
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(colors.accent);
    painter.setBrush(colors.raised);
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), metrics::cardRadius, metrics::cardRadius);
}

void UndoBar::enterEvent(QEnterEvent *)
{
    m_left = m_end.remainingTime();
    m_end.stop();
}

void UndoBar::leaveEvent(QEvent *)
{
    resume();
}

void UndoBar::resume()
{
    if (isVisible() && !m_end.isActive())
        m_end.start(std::max(1000, m_left));
}

void UndoBar::keyPressEvent(QKeyEvent *event)
{
    if (event->key() == Qt::Key_Escape)
        dismiss();
    else
        QFrame::keyPressEvent(event);
}

}  // namespace cm::ui
