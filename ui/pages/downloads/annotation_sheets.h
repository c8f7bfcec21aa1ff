// SPDX-License-Identifier: GPL-3.0-or-later
// Says something of a stretch of time in the charts, or takes it back. GUI thread.
#pragma once

#include "core/api/downloads.h"
#include "ui/widgets/action_sheet.h"

#include <vector>

class QComboBox;
class QDateTimeEdit;
class QLineEdit;

namespace cm::ui {

class AnnotationSheet : public ActionSheet {
    Q_OBJECT
public:
    // `project` empty: of the whole registry. The stretch is what the chart shows.
    // `gap`: it may well be one. Of all that there is to see it hardly is, and would leave no figure.
    AnnotationSheet(const QString &project, Time from, Time to, bool gap, QWidget *parent = nullptr);
    [[nodiscard]] api::AddAnnotation annotation() const;

private:
    void showPlan();

    QString m_project;
    QComboBox *m_kind;
    QDateTimeEdit *m_from;
    QDateTimeEdit *m_to;
    QLineEdit *m_text;
};

class RemoveAnnotationSheet : public ActionSheet {
    Q_OBJECT
public:
    explicit RemoveAnnotationSheet(const std::vector<api::DownloadAnnotation> &annotations, QWidget *parent = nullptr);
    [[nodiscard]] api::RemoveAnnotation removal() const;
    [[nodiscard]] const api::DownloadAnnotation &chosen() const;

private:
    std::vector<api::DownloadAnnotation> m_annotations;
    QComboBox *m_which;
};

}  // namespace cm::ui
