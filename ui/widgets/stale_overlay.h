// SPDX-License-Identifier: GPL-3.0-or-later
// Lies over its parent, lets every click through, greys what is below and says how old it is.
#pragma once

#include <QElapsedTimer>
#include <QTimer>
#include <QWidget>

#include <chrono>
#include <optional>

namespace cm::ui {

class StaleOverlay : public QWidget {
    Q_OBJECT
public:
    explicit StaleOverlay(QWidget *parent);
    // How old what is below was when this is called; absent: not knowable.
    void setAge(std::optional<std::chrono::microseconds> age);

protected:
    void paintEvent(QPaintEvent *event) override;
    void showEvent(QShowEvent *event) override;
    void hideEvent(QHideEvent *event) override;
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void updateWords();

    std::optional<std::chrono::microseconds> m_age;
    QElapsedTimer m_since;
    QString m_words;
    QTimer m_tick;
};

}  // namespace cm::ui
