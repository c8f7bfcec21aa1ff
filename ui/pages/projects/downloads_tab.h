// SPDX-License-Identifier: GPL-3.0-or-later
// Downloads of one project over time, read when the tab is looked at. GUI thread.
#pragma once

#include "core/api/downloads.h"
#include "ui/client/when_done.h"
#include "ui/shell/page_context.h"

#include <QWidget>

class QComboBox;
class QLabel;

namespace cm::ui {

class DownloadChart;
class FacesStack;
class FinerDownloads;

class DownloadsTab : public QWidget {
    Q_OBJECT
public:
    explicit DownloadsTab(const PageContext &context, QWidget *parent = nullptr);

    // Another project, or news of the same.
    void setProject(const QString &project);
    void clear();

protected:
    void showEvent(QShowEvent *event) override;

private:
    QWidget *build();
    void read(bool anew);
    [[nodiscard]] QFuture<Result<api::DownloadSeries>> seriesOf(Time from, std::optional<Time> to) const;
    void tellTotal();
    void show(const api::DownloadSeries &series, bool anew);

    PageContext m_context;
    QString m_project;
    QString m_read;
    FacesStack *m_faces;
    QComboBox *m_span = nullptr;
    QComboBox *m_split = nullptr;
    QComboBox *m_classes = nullptr;
    QLabel *m_total = nullptr;
    DownloadChart *m_chart = nullptr;
    FinerDownloads *m_finer = nullptr;
    api::DownloadSeries m_series;
    LatestCall m_call;
};

}  // namespace cm::ui
