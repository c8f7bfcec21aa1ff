// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/downloads/annotation_sheets.h"

#include "ui/format/download_words.h"
#include "ui/format/format.h"

#include <QComboBox>
#include <QDateTimeEdit>
#include <QLineEdit>

namespace cm::ui {

namespace {

QDateTime dateOf(Time time)
{
    return QDateTime::fromMSecsSinceEpoch(std::chrono::floor<std::chrono::milliseconds>(time).time_since_epoch().count(), Qt::UTC);
}

Time timeOf(const QDateTime &date)
{
    return Time(std::chrono::milliseconds(date.toMSecsSinceEpoch()));
}

QDateTimeEdit *timeField(const QString &name, Time time)
{
    auto *field = new QDateTimeEdit(dateOf(time));
    field->setTimeSpec(Qt::UTC);
    field->setDisplayFormat(QStringLiteral("yyyy-MM-dd HH:mm"));
    field->setCalendarPopup(true);
    field->setAccessibleName(name);
    return field;
}

QComboBox *narrowChoice(const QString &name)
{
    auto *box = new QComboBox;
    box->setAccessibleName(name);
    // As wide as the sheet, however long a text is.
    box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    box->setMinimumContentsLength(12);
    return box;
}

}  // namespace

AnnotationSheet::AnnotationSheet(const QString &project, Time from, Time to, bool gap, QWidget *parent)
    : ActionSheet(tr("Annotate the downloads"), tr("A&nnotate"), parent), m_project(project), m_kind(narrowChoice(tr("Kind"))),
      m_from(timeField(tr("From, UTC"), from)), m_to(timeField(tr("To, UTC"), to)), m_text(new QLineEdit)
{
    using enum api::AnnotationKind;
    for (const api::AnnotationKind kind : {Gap, Deploy, Definition, Note})
        m_kind->addItem(nameFor(kind), static_cast<int>(kind));
    m_kind->setCurrentIndex(m_kind->findData(static_cast<int>(gap ? Gap : Note)));
    m_text->setAccessibleName(tr("What the charts say"));
    addField(tr("&Kind"), m_kind);
    addField(tr("Fro&m, UTC"), m_from);
    addField(tr("&To, UTC"), m_to);
    addField(tr("Words &in the charts"), m_text);
    askReason(true);
    setUndoText(tr("It can be removed again; the audit log keeps both."));
    connect(m_kind, &QComboBox::currentIndexChanged, this, &AnnotationSheet::showPlan);
    connect(m_text, &QLineEdit::textChanged, this, [this](const QString &now) { setReady(!now.trimmed().isEmpty()); });
    setReady(false);
    showPlan();
}

void AnnotationSheet::showPlan()
{
    const bool gap = m_kind->currentData().toInt() == static_cast<int>(api::AnnotationKind::Gap);
    QStringList plan{m_project.isEmpty() ? tr("Every chart that spans this time shows it.") : tr("Charts of %1 that span this time show it.").arg(ltr(m_project))};
    if (gap)
        plan << tr("Buckets inside it have no figure any more: what was counted then is not all.");
    setPlan(plan);
}

api::AddAnnotation AnnotationSheet::annotation() const
{
    api::AddAnnotation out;
    out.kind = static_cast<api::AnnotationKind>(m_kind->currentData().toInt());
    out.project = m_project.toStdString();
    out.from = timeOf(m_from->dateTime());
    if (m_to->dateTime() > m_from->dateTime())
        out.to = timeOf(m_to->dateTime());
    out.text = m_text->text().trimmed().toStdString();
    out.reason = reason().toStdString();
    return out;
}

RemoveAnnotationSheet::RemoveAnnotationSheet(const std::vector<api::DownloadAnnotation> &annotations, QWidget *parent)
    : ActionSheet(tr("Remove an annotation"), tr("Re&move it"), parent), m_annotations(annotations), m_which(narrowChoice(tr("Annotation")))
{
    for (const api::DownloadAnnotation &one : m_annotations)
        m_which->addItem(QStringLiteral("%1  %2").arg(formatMinute(one.from), text(one.text)));
    addField(tr("&Annotation"), m_which);
    askReason(true);
    setPlan({tr("No chart shows it any more. Where it is a gap, its buckets have their figures again.")});
    setUndoText(tr("The audit log keeps what it said."));
}

const api::DownloadAnnotation &RemoveAnnotationSheet::chosen() const
{
    return m_annotations.at(static_cast<std::size_t>(std::max(0, m_which->currentIndex())));
}

api::RemoveAnnotation RemoveAnnotationSheet::removal() const
{
    return {chosen().id, reason().toStdString()};
}

}  // namespace cm::ui
