// SPDX-License-Identifier: GPL-3.0-or-later
// The mark of a state with its words, as a widget; the words are also its accessible name.
#pragma once

#include "core/api/types.h"
#include "ui/theme/marks.h"

#include <QWidget>

namespace cm::ui {

Mark markOf(api::Verdict verdict);
// Active: ok; archived and deprecated: hollow diamond; quarantined: octagon.
Mark markOf(api::ProjectStatus status);

class StateMark : public QWidget {
    Q_OBJECT
public:
    explicit StateMark(QWidget *parent = nullptr);
    StateMark(Mark mark, const QString &text, QWidget *parent = nullptr);

    void setState(Mark mark, const QString &text);
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    Mark m_mark = Mark::None;
    QString m_text;
};

}  // namespace cm::ui
