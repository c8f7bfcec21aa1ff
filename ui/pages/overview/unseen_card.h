// SPDX-License-Identifier: GPL-3.0-or-later
// What this desktop cannot see while it looks in place of a silent monitor, a line each. GUI thread.
#pragma once

#include "ui/widgets/card.h"

#include <QStringList>

class QGridLayout;

namespace cm::ui {

class UnseenCard : public Card {
    Q_OBJECT
public:
    explicit UnseenCard(QWidget *parent = nullptr);
    void setLines(const QStringList &lines);

private:
    QGridLayout *m_rows;
    QStringList m_lines;
};

}  // namespace cm::ui
