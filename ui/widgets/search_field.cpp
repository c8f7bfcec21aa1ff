// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/search_field.h"

#include <QKeyEvent>

namespace cm::ui {

SearchField::SearchField(const QString &placeholder, QWidget *parent) : QLineEdit(parent)
{
    setPlaceholderText(placeholder);
    setAccessibleName(placeholder);
    setClearButtonEnabled(true);
    setTextMargins(4, 0, 4, 0);
    m_soon.setSingleShot(true);
    m_soon.setInterval(150);
    connect(&m_soon, &QTimer::timeout, this, &SearchField::tell);
    connect(this, &QLineEdit::textChanged, &m_soon, qOverload<>(&QTimer::start));
    connect(this, &QLineEdit::returnPressed, this, &SearchField::tell);
}

QSize SearchField::minimumSizeHint() const
{
    return {fontMetrics().horizontalAdvance(placeholderText()) + 28, QLineEdit::minimumSizeHint().height()};
}

QSize SearchField::sizeHint() const
{
    return QLineEdit::sizeHint().expandedTo(minimumSizeHint());
}

void SearchField::tell()
{
    m_soon.stop();
    if (text() == m_told)
        return;
    m_told = text();
    Q_EMIT searched(m_told);
}

void SearchField::keyPressEvent(QKeyEvent *event)
{
    if (event->key() == Qt::Key_Escape && !text().isEmpty()) {
        clear();
        tell();
        return;
    }
    if (event->key() == Qt::Key_Down) {
        tell();
        Q_EMIT leaveDown();
        return;
    }
    QLineEdit::keyPressEvent(event);
    // Escape on an empty field belongs to the page.
    if (event->key() == Qt::Key_Escape)
        event->ignore();
}

}  // namespace cm::ui
