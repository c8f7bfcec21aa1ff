// SPDX-License-Identifier: GPL-3.0-or-later
// A brown-out while it runs: when it ends by itself, whom it refuses by class of client and by person, what fails beside
// it, how near the threshold is at which it is aborted, and the button that aborts it. Counts down by the end's time; what
// nobody knows is a dash. GUI thread.
#pragma once

#include "core/api/brown_outs.h"
#include "ui/widgets/card.h"

#include <QTimer>

class QAction;
class QLabel;
class QProgressBar;

namespace cm::ui {

class ComparisonGrid;
class CountBars;
class KeyValueList;

class LiveBrownOut : public Card {
    Q_OBJECT
public:
    explicit LiveBrownOut(const Clock &clock, QWidget *parent = nullptr);

    // As the record has it; whom it refuses follows.
    void show(const api::BrownOut &brownOut, Time sampled, bool mayAbort);
    void setView(const api::BrownOutView &view);
    // Whom it refuses could not be read: what was known last stays, and why it is old is said.
    void setProblem(const QString &problem);
    [[nodiscard]] QAction *abort() const { return m_abort; }
    [[nodiscard]] const api::BrownOut &brownOut() const { return m_brownOut; }

Q_SIGNALS:
    // The end's time has come: what follows is the registry's to say.
    void over();

private:
    void tick();
    void fill();
    void fillClasses();
    void fillThreshold();
    void fillCollateral();

    const Clock &m_clock;
    api::BrownOut m_brownOut;
    std::optional<api::BrownOutView> m_view;
    Time m_sampled{};
    QTimer m_tick;
    QLabel *m_rest;
    QLabel *m_near;
    QProgressBar *m_threshold;
    CountBars *m_classes;
    KeyValueList *m_facts;
    ComparisonGrid *m_collateral;
    QLabel *m_uncounted;
    QLabel *m_problem;
    QAction *m_abort;
    bool m_told = false;
};

}  // namespace cm::ui
