// SPDX-License-Identifier: GPL-3.0-or-later
// A line edit for searches: tells the text 150 ms after the last key, at once on Enter; Esc clears,
// then leaves.
#pragma once

#include <QLineEdit>
#include <QTimer>

namespace cm::ui {

class SearchField : public QLineEdit {
    Q_OBJECT
public:
    // `placeholder` says what is searched, such as "Filter by name"; it is the accessible name too.
    explicit SearchField(const QString &placeholder, QWidget *parent = nullptr);
    // Wide enough for the placeholder.
    [[nodiscard]] QSize minimumSizeHint() const override;
    [[nodiscard]] QSize sizeHint() const override;

Q_SIGNALS:
    void searched(const QString &text);
    // Down arrow: the results take the focus.
    void leaveDown();

protected:
    void keyPressEvent(QKeyEvent *event) override;

private:
    void tell();

    QTimer m_soon;
    QString m_told;
};

}  // namespace cm::ui
