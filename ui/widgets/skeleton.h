// SPDX-License-Identifier: GPL-3.0-or-later
// Grey bars where rows will be. Stands still: nothing that moves without news.
#pragma once

#include <QWidget>

namespace cm::ui {

class Skeleton : public QWidget {
    Q_OBJECT
public:
    explicit Skeleton(QWidget *parent = nullptr);

protected:
    void paintEvent(QPaintEvent *event) override;
};

}  // namespace cm::ui
