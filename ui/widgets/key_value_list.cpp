// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/key_value_list.h"

#include "ui/format/format.h"
#include "ui/theme/fonts.h"
#include "ui/theme/metrics.h"

#include <QGridLayout>
#include <QLabel>

namespace cm::ui {

KeyValueList::KeyValueList(QWidget *parent) : QWidget(parent), m_grid(new QGridLayout(this))
{
    m_grid->setContentsMargins(0, 0, 0, 0);
    m_grid->setHorizontalSpacing(metrics::gap);
    m_grid->setVerticalSpacing(metrics::unit);
    m_grid->setColumnStretch(1, 1);
}

void KeyValueList::set(const QList<Entry> &entries)
{
    while (m_rows.size() > entries.size()) {
        const Row row = m_rows.takeLast();
        delete row.key;
        delete row.value;
    }
    while (m_rows.size() < entries.size()) {
        const Row row{new QLabel(this), new QLabel(this)};
        row.key->setForegroundRole(QPalette::PlaceholderText);
        row.key->setTextFormat(Qt::PlainText);
        row.value->setTextFormat(Qt::PlainText);
        row.value->setWordWrap(true);
        row.value->setTextInteractionFlags(Qt::TextSelectableByMouse);
        const int at = static_cast<int>(m_rows.size());
        m_grid->addWidget(row.key, at, 0, Qt::AlignTop);
        m_grid->addWidget(row.value, at, 1, Qt::AlignTop);
        m_rows.append(row);
    }
    for (int row = 0; row < m_grid->rowCount(); ++row)
        m_grid->setRowStretch(row, 0);
    // What is left goes below the last row.
    m_grid->setRowStretch(static_cast<int>(entries.size()), 1);
    for (qsizetype i = 0; i < entries.size(); ++i) {
        const Entry &entry = entries[i];
        m_rows[i].key->setText(entry.key);
        m_rows[i].value->setText(entry.identifier ? ltr(entry.value) : entry.value);
        m_rows[i].value->setFont(entry.identifier ? fixedFont(font()) : font());
        m_rows[i].value->setToolTip(entry.tip);
        m_rows[i].value->setAccessibleName(QStringLiteral("%1: %2").arg(entry.key, entry.value));
    }
}

}  // namespace cm::ui
