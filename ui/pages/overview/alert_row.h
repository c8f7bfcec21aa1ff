// SPDX-License-Identifier: GPL-3.0-or-later
// One open alert in a narrow column: mark and sentence, below it owner and age. A button that opens it.
// GUI thread.
#pragma once

#include "core/api/alerting.h"

#include <QAbstractButton>

class QLabel;

namespace cm::ui {

class StateMark;

class AlertRow : public QAbstractButton {
    Q_OBJECT
public:
    explicit AlertRow(QWidget *parent = nullptr);
    void setAlert(const api::Alert &alert, Time now);
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;
    [[nodiscard]] bool hasHeightForWidth() const override { return true; }
    [[nodiscard]] int heightForWidth(int width) const override;

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    StateMark *m_mark;
    QLabel *m_statement;
    QLabel *m_about;
};

}  // namespace cm::ui
