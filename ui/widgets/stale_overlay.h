// SPDX-License-Identifier: GPL-3.0-or-later
// Lies over its parent, lets every click through, greys what is below and says how old it is.
#pragma once

#include "core/base/clock.h"

#include <QTimer>
#include <QWidget>

#include <optional>

namespace cm::ui {

class StaleOverlay : public QWidget {
    Q_OBJECT
public:
    explicit StaleOverlay(QWidget *parent);
    void setSince(std::optional<Time> lastHeard);

protected:
    void paintEvent(QPaintEvent *event) override;
    void showEvent(QShowEvent *event) override;
    void hideEvent(QHideEvent *event) override;
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void updateWords();

    std::optional<Time> m_lastHeard;
    QString m_words;
    QTimer m_tick;
};

}  // namespace cm::ui
