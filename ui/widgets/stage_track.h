// SPDX-License-Identifier: GPL-3.0-or-later
// Stages on a line: those behind filled with a tick, the one that is now larger and named in bold, those ahead hollow;
// each with its date below. The same in words is the accessible text. GUI thread.
#pragma once

#include <QList>
#include <QWidget>

namespace cm::ui {

class StageTrack : public QWidget {
    Q_OBJECT
public:
    enum class State { Done, Now, Ahead };
    struct Stage {
        QString name;
        // "24 Feb", "today 08:50–09:00 done".
        QString detail;
        QString tip;
        State state = State::Ahead;
        friend bool operator==(const Stage &, const Stage &) = default;
    };

    explicit StageTrack(const QString &name, QWidget *parent = nullptr);
    // `halted`: it stands still at the stage that is now: a ring and no disc.
    void setStages(const QList<Stage> &stages, bool halted);

    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent *event) override;
    bool event(QEvent *event) override;

private:
    [[nodiscard]] QRect placeOf(qsizetype stage) const;
    [[nodiscard]] int linesBelow(const QString &text, bool bold) const;

    QList<Stage> m_stages;
    bool m_halted = false;
};

}  // namespace cm::ui
