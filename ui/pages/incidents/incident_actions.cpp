// SPDX-License-Identifier: GPL-3.0-or-later
// What IncidentsPage changes, and the hand-over as a file.
#include "ui/client/connection.h"
#include "ui/format/error_words.h"
#include "ui/format/format.h"
#include "ui/format/signals.h"
#include "ui/pages/incidents/incident_report.h"
#include "ui/pages/incidents/incident_sheets.h"
#include "ui/pages/incidents/incidents_page.h"
#include "ui/pages/incidents/timeline_tab.h"
#include "ui/shell/shell.h"
#include "ui/widgets/data_table.h"

#include <QFileDialog>
#include <QPointer>
#include <QSaveFile>

namespace cm::ui {

namespace {

namespace ep = api::endpoints;

// With its series an incident is large: written beside the window's thread. For machines alone where the name says so.
QFuture<Result<qint64>> written(const QString &path, api::Incident incident, RegistryLines registry)
{
    return onWorker<qint64>([path, incident = std::move(incident), registry = std::move(registry)]() -> Result<qint64> {
        const bool json = path.endsWith(QStringLiteral(".json"), Qt::CaseInsensitive);
        const QByteArray bytes = json ? incidentAsJson(incident, registry) : incidentAsHtml(incident, registry);
        QSaveFile file(path);
        if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size() || !file.commit())
            return fail(ErrorCode::Unavailable, file.errorString().toStdString());
        return bytes.size();
    });
}

}  // namespace

ChangeSteps IncidentsPage::steps(ActionSheet *sheet, std::function<void()> undo)
{
    return {sheet, std::move(undo), [page = QPointer(this)] {
                if (page)
                    page->refresh();
            }};
}

void IncidentsPage::acknowledge()
{
    const api::Alert *chosen = current();
    if (!chosen || !m_acknowledge->isEnabled())
        return;
    const api::Alert alert = *chosen;
    auto *sheet = new AcknowledgeSheet(context(), alert);
    connect(sheet, &ActionSheet::confirmed, this, [this, sheet, alert] {
        const ChangeWords back{tr("%1 fires again").arg(text(alert.node)), tr("The alert was not given back")};
        runChangeAt(monitor(), this, context(), ep::acknowledgeAlert, {alert.id, sheet->reason().toStdString(), sheet->until()},
                    {tr("The alert of %1 is yours").arg(text(alert.node)), tr("The alert was not acknowledged")},
                    steps(sheet, [page = QPointer(this), alert, back] {
                        if (page)
                            runChangeAt(page->monitor(), page, page->context(), ep::releaseAlert, {alert.id, "undone"}, back, page->steps(nullptr));
                    }));
    });
    context().shell.showSheet(sheet);
}

void IncidentsPage::acknowledgeAll()
{
    auto *sheet = new AcknowledgeSheet(context(), std::nullopt);
    connect(sheet, &ActionSheet::confirmed, this, [this, sheet] {
        runChangeAt(monitor(), this, context(), ep::acknowledgeAll, {sheet->reason().toStdString(), sheet->until()},
                    {tr("What fires now is yours"), tr("The alerts were not acknowledged")}, steps(sheet));
    });
    context().shell.showSheet(sheet);
}

void IncidentsPage::release()
{
    const api::Alert *chosen = current();
    if (!chosen)
        return;
    const api::Alert alert = *chosen;
    std::function<void()> undo;
    if (alert.acknowledgedUntil && *alert.acknowledgedUntil > now()) {
        const ChangeWords again{tr("The alert of %1 is owned again").arg(text(alert.node)), tr("The alert was not acknowledged")};
        undo = [page = QPointer(this), alert, again] {
            if (page)
                runChangeAt(page->monitor(), page, page->context(), ep::acknowledgeAlert, {alert.id, alert.note, *alert.acknowledgedUntil}, again,
                            page->steps(nullptr));
        };
    }
    runChangeAt(monitor(), this, context(), ep::releaseAlert, {alert.id, {}},
                {tr("The alert of %1 fires again").arg(text(alert.node)), tr("The alert was not given back")}, steps(nullptr, undo));
}

void IncidentsPage::silence()
{
    const api::Alert *chosen = current();
    if (!chosen)
        return;
    auto *sheet = new SilenceSheet(context(), *chosen);
    connect(sheet, &ActionSheet::confirmed, this, [this, sheet] {
        sheet->setBusy(true);
        const api::CreateSilence request{sheet->match(), sheet->reason().toStdString(), sheet->until()};
        const QString what = matchWords(request.match);
        // Undo needs the new silence's id.
        whenDone(this, monitor().call(ep::createSilence, request), [this, what, sheet = QPointer<ActionSheet>(sheet)](const Result<api::Silence> &answer) {
            ChangeSteps after = steps(sheet);
            if (answer) {
                after.undo = [page = QPointer(this), id = answer->id, what] {
                    if (page)
                        runChangeAt(page->monitor(), page, page->context(), ep::endSilence, {id, "undone"},
                                    {tr("%1 is heard again").arg(what), tr("The silence was not ended")}, page->steps(nullptr));
                };
            }
            finishChange(context().shell, {tr("%1 is held back").arg(what), tr("Nothing was silenced")}, after, answer ? nullptr : &answer.error());
        });
    });
    context().shell.showSheet(sheet);
}

void IncidentsPage::endSilence()
{
    const api::Silence *chosen = m_silences->rowAt(m_silences->rowOf(m_silenceTable->currentKey()));
    if (!chosen)
        return;
    const api::Silence silence = *chosen;
    const QString what = matchWords(silence.match);
    const ChangeWords again{tr("%1 is held back again").arg(what), tr("Nothing was silenced")};
    runChangeAt(monitor(), this, context(), ep::endSilence, {silence.id, {}}, {tr("%1 is heard again").arg(what), tr("The silence was not ended")},
                steps(nullptr, [page = QPointer(this), silence, again] {
                    if (page)
                        runChangeAt(page->monitor(), page, page->context(), ep::createSilence, {silence.match, silence.reason, silence.until}, again,
                                    page->steps(nullptr));
                }));
}

void IncidentsPage::exportIncident()
{
    auto *dialog = new QFileDialog(this, tr("Export incident"));
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setNameFilters({tr("To read, in any browser (*.html)"), tr("For programs (*.json)")});
    dialog->setDefaultSuffix(QStringLiteral("html"));
    connect(dialog, &QFileDialog::filterSelected, dialog, [dialog](const QString &filter) {
        dialog->setDefaultSuffix(filter.contains(QStringLiteral("*.json")) ? QStringLiteral("json") : QStringLiteral("html"));
    });
    QString name = QStringLiteral("incident-%1.html").arg(formatMinute(now()));
    name.replace(QLatin1Char(' '), QLatin1Char('-')).remove(QLatin1Char(':'));
    dialog->selectFile(name);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QFileDialog::fileSelected, this, &IncidentsPage::fetchIncident);
    dialog->open();
}

void IncidentsPage::fetchIncident(const QString &path)
{
    // The span of the timeline's filter; all time: from before the first open alert.
    whenDone(this, monitor().call(ep::exportIncident, {m_timeline->from(), std::nullopt}), [this, path](Result<api::Incident> answer) {
        if (!answer) {
            context().shell.notify(Mark::Warning, tr("The incident was not exported"), wordsFor(answer.error()).title);
            return;
        }
        // What was done to the registry itself a monitor does not know.
        const Time from = answer->from, until = answer->until;
        auto *registry = new RegistryEvents(context(), this);
        registry->read(from, until, RegistryEvents::most, [this, path, registry, incident = std::move(*answer)](RegistryLines lines) mutable {
            registry->deleteLater();
            const bool whole = leftOutOf(incident, lines).isEmpty();
            whenDone(this, written(path, std::move(incident), std::move(lines)), [this, path, whole](const Result<qint64> &size) {
                if (!size)
                    context().shell.notify(Mark::Warning, tr("The incident was not exported"), text(size.error().detail));
                else
                    context().shell.notify(Mark::Ok, tr("The incident is in one file, %1").arg(formatBytes(*size)), whole ? path : tr("%1, which says what is not in it").arg(path));
            });
        });
    });
}

}  // namespace cm::ui
