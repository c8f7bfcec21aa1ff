// SPDX-License-Identifier: GPL-3.0-or-later
// Downloads over time: stacked bars or lines, linear or by tens, stretches of which nothing or not all is known
// hatched, annotations and lines that came twice as marks. T shows the figures as a table. GUI thread.
#pragma once

#include "core/api/downloads.h"

#include <QWidget>

#include <optional>

namespace cm::ui {

class FlowLayout;
class TimeChart;

class DownloadChart : public QWidget {
    Q_OBJECT
public:
    enum class Look { Stacked, Lines, Tenfold };

    explicit DownloadChart(const QString &name, QWidget *parent = nullptr);

    // `anew`: another question than before, so that what was zoomed into is no longer meant.
    void setSeries(api::DownloadSplit split, const api::DownloadSeries &series, bool anew);
    // The same question for a part of the whole, at a finer step: drawn while no more than that part is shown.
    void setFiner(const api::DownloadSeries &series);
    // Of the same time: where lines came again, and where they are counted twice. Nothing: nobody told.
    void setDuplicates(const std::optional<api::DownloadCompleteness> &completeness);
    // The step of the finer figures while they are drawn.
    [[nodiscard]] std::optional<api::DownloadStep> finerStep() const;
    // Several projects are no parts of a whole: they are lines in any look but Tenfold.
    void setLook(Look look);
    [[nodiscard]] TimeChart *chart() const { return m_chart; }
    // The sum of what is known; nothing where nothing is.
    static std::optional<std::int64_t> totalOf(const api::DownloadSeries &series);

private:
    void look();
    void draw();
    void mark();
    void showLegend();
    [[nodiscard]] bool isFiner() const;

    TimeChart *m_chart;
    QWidget *m_legend;  // how marks and gaps are drawn, where there are any; a table says it in words
    FlowLayout *m_kinds;
    Look m_look = Look::Stacked;
    api::DownloadSplit m_split = api::DownloadSplit::None;
    api::DownloadSeries m_series;
    std::optional<api::DownloadSeries> m_finer;
    std::optional<api::DownloadCompleteness> m_lines;
    bool m_drawnFiner = false;
};

}  // namespace cm::ui
