// SPDX-License-Identifier: GPL-3.0-or-later
// A brown-out while it runs: when it ends by itself, what was refused of whom, how near the threshold is at which it
// is aborted, and the button that aborts it. Counts down by the end's time. GUI thread.
#pragma once

#include "core/api/deprecation_evidence.h"
#include "core/api/deprecations.h"
#include "ui/widgets/card.h"

#include <QTimer>

class QAction;
class QLabel;
class QProgressBar;

namespace cm::ui {

class KeyValueList;

class LiveBrownOut : public Card {
    Q_OBJECT
public:
    explicit LiveBrownOut(const Clock &clock, QWidget *parent = nullptr);

    // `evidence` null: not known yet.
    void show(const api::BrownOut &brownOut, const api::DeprecationEvidence *evidence, Time sampled, bool mayAbort);
    [[nodiscard]] QAction *abort() const { return m_abort; }
    [[nodiscard]] const api::BrownOut &brownOut() const { return m_brownOut; }

Q_SIGNALS:
    // The end's time has come: what follows is the registry's to say.
    void over();

private:
    void tick();

    const Clock &m_clock;
    api::BrownOut m_brownOut;
    Time m_sampled{};
    QTimer m_tick;
    QLabel *m_rest;
    KeyValueList *m_facts;
    QProgressBar *m_threshold;
    QAction *m_abort;
    bool m_told = false;
};

}  // namespace cm::ui
