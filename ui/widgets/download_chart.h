// SPDX-License-Identifier: GPL-3.0-or-later
// Downloads over time: stacked bars or lines, linear or by tens, stretches of which nothing or not all is known
// hatched, annotations as marks. T shows the figures as a table. GUI thread.
#pragma once

#include "core/api/downloads.h"

#include <QWidget>

namespace cm::ui {

class TimeChart;

class DownloadChart : public QWidget {
    Q_OBJECT
public:
    enum class Look { Stacked, Lines, Tenfold };

    explicit DownloadChart(const QString &name, QWidget *parent = nullptr);

    // `anew`: another question than before, so that what was zoomed into is no longer meant.
    void setSeries(api::DownloadSplit split, const api::DownloadSeries &series, bool anew);
    // Several projects are no parts of a whole: they are lines in any look but Tenfold.
    void setLook(Look look);
    [[nodiscard]] TimeChart *chart() const { return m_chart; }
    // The sum of what is known; nothing where nothing is.
    static std::optional<std::int64_t> totalOf(const api::DownloadSeries &series);

private:
    void draw();

    TimeChart *m_chart;
    Look m_look = Look::Stacked;
    api::DownloadSplit m_split = api::DownloadSplit::None;
    api::DownloadSeries m_series;
};

}  // namespace cm::ui
