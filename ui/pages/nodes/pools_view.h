// SPDX-License-Identifier: GPL-3.0-or-later
// What each pgpool believes, side by side: the databases behind them, quorum, settings. Cells in which
// they differ from each other, or from what was measured, are marked. GUI thread.
#pragma once

#include "core/api/monitoring.h"

#include <QWidget>

class QLabel;

namespace cm::ui {

class Card;
class ComparisonGrid;
class StateMark;

class PoolsView : public QWidget {
    Q_OBJECT
public:
    explicit PoolsView(QWidget *parent = nullptr);

    void setPools(const api::PoolView &view);
    void tick(bool old, Time now);
    void clear();
    [[nodiscard]] qsizetype differences() const { return static_cast<qsizetype>(m_view.disagreements.size()); }

private:
    void showBackends(bool old, Time now);
    void showSettings();

    api::PoolView m_view;
    StateMark *m_verdict;
    QLabel *m_quorum;
    ComparisonGrid *m_backends;
    ComparisonGrid *m_settings;
    Card *m_settingsCard;
};

}  // namespace cm::ui
