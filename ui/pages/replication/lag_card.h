// SPDX-License-Identifier: GPL-3.0-or-later
// Lag over time: a line for each standby and end, in bytes or seconds, what happened meanwhile as
// marks, and how the lag was spread over what is shown. Zooming in asks for finer figures. GUI thread.
#pragma once

#include "core/api/monitor_endpoints.h"
#include "ui/client/one_call.h"
#include "ui/models/list_table_model.h"
#include "ui/shell/page_context.h"
#include "ui/widgets/card.h"
#include "ui/widgets/series_points.h"

class QComboBox;
class QStackedWidget;

namespace cm::ui {

class DataTable;
class TimeChart;

class LagCard : public Card {
    Q_OBJECT
public:
    explicit LagCard(const PageContext &context, QWidget *parent = nullptr);

    void setStandbys(const QStringList &standbys);
    // Asks for the series and for what happened.
    void read();
    void forget();
    // Nothing of it is about now.
    void setOld(bool old);

private:
    struct Line {
        api::SeriesInfo info;
        api::Series coarse;
        std::optional<api::Series> fine;
        std::shared_ptr<OneCall> call = std::make_shared<OneCall>();
    };
    struct Row {
        QString name;
        Spread spread;
    };
    using Model = ListTableModel<Row>;

    void build();
    void connectSignals();
    void onSeries(const api::SeriesList &list);
    void readLine(const std::shared_ptr<Line> &line);
    void readFine();
    void readMarks();
    void redraw();
    [[nodiscard]] TimeChart *chart() const;
    [[nodiscard]] std::string unit() const;
    [[nodiscard]] QString words(std::optional<double> value) const;
    [[nodiscard]] QString nameOf(const api::SeriesInfo &info) const;

    PageContext m_context;
    QStringList m_standbys;
    QComboBox *m_unit = nullptr;
    QComboBox *m_span = nullptr;
    QStackedWidget *m_charts = nullptr;
    TimeChart *m_bytes = nullptr;
    TimeChart *m_seconds = nullptr;
    Model *m_model = nullptr;
    DataTable *m_table = nullptr;
    QList<std::shared_ptr<Line>> m_lines;
    std::vector<ChartMark> m_marks;
    bool m_old = false;
    OneCall m_list;
    OneCall m_timeline;
};

}  // namespace cm::ui
