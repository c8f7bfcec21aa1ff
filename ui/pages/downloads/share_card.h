// SPDX-License-Identifier: GPL-3.0-or-later
// The most downloaded of a window: projects of the registry, versions of a project; with the share of each and how
// much of it went to mirrors. GUI thread.
#pragma once

#include "core/api/downloads.h"
#include "ui/models/list_table_model.h"
#include "ui/shell/page_context.h"
#include "ui/widgets/card.h"

namespace cm::ui {

class DataTable;
class ProjectTrends;

class ShareCard : public Card {
    Q_OBJECT
public:
    explicit ShareCard(const PageContext &context, QWidget *parent = nullptr);

    // `from`: where the window begins that was asked for; a list may begin earlier, with the hour or day.
    void setShares(api::DownloadSplit split, const api::DownloadShares &shares, Time from);
    // Projects side by side.
    void setCompared(const api::DownloadSeries &series);
    void forget();

Q_SIGNALS:
    // Enter or a double click on a project or version.
    void opened(const QString &value);

private:
    struct Row {
        QString project;  // empty: it is none
        QString name;
        api::DownloadShare share;
        double part = 0;
    };
    using Model = ListTableModel<Row>;

    ProjectTrends *m_trends;
    Model *m_model;
    DataTable *m_table;
};

}  // namespace cm::ui
