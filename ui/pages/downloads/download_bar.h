// SPDX-License-Identifier: GPL-3.0-or-later
// What is asked of the counts: of what (the registry, projects, a version), over which window, split by what, with
// which client classes, drawn how. GUI thread.
#pragma once

#include "core/api/downloads.h"
#include "ui/client/when_done.h"
#include "ui/widgets/download_chart.h"

#include <QStringList>
#include <QWidget>

#include <chrono>
#include <optional>

class QComboBox;
class QLineEdit;
class QStringListModel;

namespace cm::ui {

class AdminClient;

class DownloadBar : public QWidget {
    Q_OBJECT
public:
    explicit DownloadBar(AdminClient &client, QWidget *parent = nullptr);

    // Empty: the registry.
    [[nodiscard]] QStringList projects() const { return m_projects; }
    [[nodiscard]] QString version() const;
    [[nodiscard]] api::DownloadSplit split() const;
    // As the contract has it: empty for all.
    [[nodiscard]] std::string classes() const;
    // Nothing: since counting began.
    [[nodiscard]] std::optional<std::chrono::minutes> span() const;
    [[nodiscard]] DownloadChart::Look look() const;

    void setSubject(const QStringList &projects, const QString &version);
    // Of the one project; the largest first.
    void setVersions(const QStringList &versions);
    void takeFocus();

Q_SIGNALS:
    // Something else is asked.
    void changed();
    void lookChanged();

private:
    void build();
    void connectSignals();
    void suggest(const QString &typed);
    void takeTyped();
    void offerSplits();
    void offerVersions(const QStringList &versions, const QString &chosen);

    AdminClient &m_client;
    QStringList m_projects;
    QLineEdit *m_subject = nullptr;
    QStringListModel *m_suggestions = nullptr;
    QComboBox *m_version = nullptr;
    QWidget *m_versionLabel = nullptr;
    QComboBox *m_span = nullptr;
    QComboBox *m_split = nullptr;
    QComboBox *m_classes = nullptr;
    QComboBox *m_look = nullptr;
    LatestCall m_suggesting;
};

}  // namespace cm::ui
