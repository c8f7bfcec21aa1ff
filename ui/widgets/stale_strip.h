// SPDX-License-Identifier: GPL-3.0-or-later
// Says above a page that the connection is gone and how old everything below is. GUI thread.
#pragma once

#include <QElapsedTimer>
#include <QLabel>
#include <QTimer>

#include <chrono>
#include <optional>

namespace cm::ui {

class StaleStrip : public QLabel {
    Q_OBJECT
public:
    explicit StaleStrip(QWidget *parent = nullptr);
    // How old what is below was when this is called; absent: not knowable.
    void setAge(std::optional<std::chrono::microseconds> age);
    // Parts of the page are about now: the rest is greyed.
    void setPartly(bool partly);

protected:
    void paintEvent(QPaintEvent *event) override;
    void showEvent(QShowEvent *event) override;
    void hideEvent(QHideEvent *event) override;

private:
    void updateWords();

    std::optional<std::chrono::microseconds> m_age;
    bool m_partly = false;
    QElapsedTimer m_since;
    QTimer m_tick;
};

}  // namespace cm::ui
