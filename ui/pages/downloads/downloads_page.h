// SPDX-License-Identifier: GPL-3.0-or-later
// Downloads: who downloads what, of the registry, a project, a version, or projects side by side, with what is not
// known drawn as such, how complete the counts are, and evidence for decisions. Routes "downloads",
// "downloads/PROJECT", "downloads/PROJECT/VERSION". GUI thread.
#pragma once

#include "core/api/downloads.h"
#include "ui/client/when_done.h"
#include "ui/shell/page.h"
#include "ui/shell/page_registry.h"

#include <QTimer>

class QBoxLayout;
class QScrollArea;

namespace cm::ui {

class Card;
class CompletenessCard;
class DownloadBar;
class DownloadChart;
class EvidenceCard;
class FinerDownloads;
class ShareCard;

PageFactory downloadsPage();

class DownloadsPage : public Page {
    Q_OBJECT
public:
    explicit DownloadsPage(const PageContext &context, QWidget *parent = nullptr);

    void activate(const Route &route) override;
    void refresh() override;
    void onEvent(const api::Event &event) override;
    [[nodiscard]] QList<QAction *> pageActions() const override;
    void find() override;

protected:
    void resizeEvent(QResizeEvent *event) override;
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    QWidget *build();
    void connectSignals();
    void ask(bool anew);
    void askSeries();
    [[nodiscard]] QFuture<Result<api::DownloadSeries>> seriesOf(std::optional<Time> from, std::optional<Time> to) const;
    void tellTotal();
    void askShares();
    void askCompleteness();
    void showSeries(const api::DownloadSeries &series);
    // Whether the whole registry may be asked about.
    [[nodiscard]] bool isStaff() const;
    [[nodiscard]] QString subjectName() const;
    void placeColumns();
    void saveAs(const QString &suffix, const QString &title);
    void save(const QString &path, bool picture);
    void annotate();
    void removeAnnotation();

    DownloadBar *m_bar = nullptr;
    DownloadChart *m_chart = nullptr;
    FinerDownloads *m_finer = nullptr;
    Card *m_chartCard = nullptr;
    ShareCard *m_shares = nullptr;
    CompletenessCard *m_completeness = nullptr;
    EvidenceCard *m_evidence = nullptr;
    QBoxLayout *m_columns = nullptr;
    QScrollArea *m_scroll = nullptr;
    QAction *m_table;
    QAction *m_csv;
    QAction *m_png;
    QAction *m_annotate;
    QAction *m_removeAnnotation;
    QTimer m_again;
    api::DownloadSeries m_series;
    std::optional<api::DownloadCompleteness> m_lines;
    api::DownloadSplit m_shownSplit = api::DownloadSplit::Class;
    bool m_anew = true;
    LatestCall m_seriesCall;
    LatestCall m_sharesCall;
    LatestCall m_completenessCall;
};

}  // namespace cm::ui
