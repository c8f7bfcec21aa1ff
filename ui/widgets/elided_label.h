// SPDX-License-Identifier: GPL-3.0-or-later
// A line of text that gives way: elided where there is no room, whole in the tool tip and for
// assistive technology. Identifiers are in the fixed font, left to right, elided in the middle.
#pragma once

#include <QWidget>

namespace cm::ui {

class ElidedLabel : public QWidget {
    Q_OBJECT
public:
    enum class Kind { Text, Identifier };
    explicit ElidedLabel(const QString &text = {}, Kind kind = Kind::Text, QWidget *parent = nullptr);

    void setText(const QString &text);
    [[nodiscard]] QString text() const { return m_text; }
    // In the palette's dim colour.
    void setDim(bool dim);
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    QString m_text;
    Kind m_kind;
    bool m_dim = false;
};

}  // namespace cm::ui
