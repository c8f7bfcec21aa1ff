// SPDX-License-Identifier: GPL-3.0-or-later
// Says what failed, what is still true and what to do, with the technical text below.
#pragma once

#include "core/base/result.h"

#include <QWidget>

#include <functional>

class QLabel;
class QPushButton;

namespace cm::ui {

class ErrorState : public QWidget {
    Q_OBJECT
public:
    explicit ErrorState(QWidget *parent = nullptr);
    void setError(const Error &error, std::function<void()> retry);

private:
    QLabel *m_title;
    QLabel *m_stillTrue;
    QLabel *m_remedy;
    QLabel *m_detail;
    QPushButton *m_retry;
    std::function<void()> m_onRetry;
};

}  // namespace cm::ui
