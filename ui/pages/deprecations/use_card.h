// SPDX-License-Identifier: GPL-3.0-or-later
// Direct use: what was accepted and refused a day, with the steps as marks and where it is heading; how many people and
// projects that were, of which classes of clients, and how whole the record of it is. GUI thread.
#pragma once

#include "core/api/deprecation_evidence.h"
#include "core/api/deprecations.h"
#include "ui/widgets/card.h"

class QLabel;

namespace cm::ui {

class TimeChart;

class UseCard : public Card {
    Q_OBJECT
public:
    explicit UseCard(QWidget *parent = nullptr);

    // `reads`: of something that is read, which caches may answer for as well.
    void show(const api::DeprecationRecord &record, const api::DeprecationEvidence &evidence, bool reads, Time now);
    // What failed; figures become dashes.
    void showProblem(const QString &problem);
    [[nodiscard]] TimeChart *chart() const { return m_chart; }

private:
    void draw(const api::DeprecationRecord &record, const api::DeprecationEvidence &evidence);

    void showFigures(const api::DeprecationEvidence &evidence, bool reads);
    void showClasses(const api::DeprecationEvidence &evidence);

    TimeChart *m_chart;
    QLabel *m_classes;
    QLabel *m_figures;
    QLabel *m_whole;
};

}  // namespace cm::ui
