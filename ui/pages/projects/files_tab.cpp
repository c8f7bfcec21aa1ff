// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/projects/files_tab.h"

#include "core/api/endpoints.h"
#include "ui/format/format.h"
#include "ui/pages/projects/project_columns.h"
#include "ui/shell/changes.h"
#include "ui/shell/shell.h"
#include "ui/widgets/buttons.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/faces.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QSignalBlocker>
#include <QVBoxLayout>

#include <algorithm>

namespace cm::ui {

namespace ep = api::endpoints;

FilesTab::FilesTab(const PageContext &context, QWidget *parent)
    : QWidget(parent), m_context(context),
      m_model(new Model(ProjectColumns::files(), [](const api::FileInfo &row) { return text(row.filename); }, this)),
      m_table(new DataTable(tr("Files of the release"), this)), m_faces(new FacesStack(this)), m_release(new QComboBox(this)),
      m_count(new QLabel(this)), m_inspect(new QAction(tr("&Inspect file"), this)),
      m_copyDigest(new QAction(tr("Cop&y SHA-256"), this)), m_delete(new QAction(tr("De&lete file…"), this))
{
    m_model->setLess(QStringLiteral("size"), [](const auto &a, const auto &b) { return a.size < b.size; });
    m_table->setTable(m_model);
    m_table->rememberLayout(m_context.settings, QStringLiteral("projects/files"));
    m_table->setEmptyText(tr("This release has no files"));
    m_table->addActions(actions());
    m_faces->setContent(m_table);

    auto *label = new QLabel(tr("Relea&se"));
    label->setBuddy(m_release);
    m_release->setAccessibleName(tr("Release"));
    m_release->setMinimumContentsLength(14);
    m_count->setForegroundRole(QPalette::PlaceholderText);
    auto *top = new QHBoxLayout;
    top->addWidget(label);
    top->addWidget(m_release);
    top->addStretch();
    top->addWidget(m_count);
    auto *buttons = new QHBoxLayout;
    buttons->setSpacing(8);
    for (QAction *action : actions())
        buttons->addWidget(actionButton(action));
    buttons->addStretch();
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 8, 0, 0);
    layout->addLayout(top);
    layout->addWidget(m_faces, 1);
    layout->addLayout(buttons);

    connect(m_release, &QComboBox::currentIndexChanged, this, [this] { read(); });
    connect(m_table, &DataTable::currentKeyChanged, this, &FilesTab::updateActions);
    connect(m_table, &DataTable::opened, m_inspect, &QAction::trigger);
    connect(m_inspect, &QAction::triggered, this, [this] {
        if (const auto *file = current())
            m_context.shell.go({QStringLiteral("inspector"), text(file->filename)});
    });
    connect(m_copyDigest, &QAction::triggered, this, [this] {
        if (const auto *file = current())
            QApplication::clipboard()->setText(text(file->sha256));
    });
    connect(m_delete, &QAction::triggered, this, &FilesTab::askDelete);
    updateActions();
}

const api::FileInfo *FilesTab::current() const
{
    return m_model->rowAt(m_model->rowOf(m_table->currentKey()));
}

void FilesTab::setProject(const api::ProjectDetail &detail)
{
    const bool other = detail.project.normalizedName != m_detail.project.normalizedName;
    m_detail = detail;
    const QString chosen = other ? QString() : m_release->currentText();
    {
        const QSignalBlocker quiet(m_release);
        m_release->clear();
        for (const auto &release : detail.releases)
            m_release->addItem(text(release.version));
        m_release->setCurrentIndex(std::max(0, m_release->findText(chosen)));
    }
    if (other)
        m_model->setRows({});
    read();
}

void FilesTab::showRelease(const QString &version)
{
    m_release->setCurrentIndex(m_release->findText(version));
}

void FilesTab::clear()
{
    m_call.drop();
    m_detail = {};
    m_model->setRows({});
    const QSignalBlocker quiet(m_release);
    m_release->clear();
}

void FilesTab::read()
{
    const QString version = m_release->currentText();
    m_release->setEnabled(m_release->count() > 0);
    if (version.isEmpty()) {
        m_model->setRows({});
        m_count->clear();
        m_faces->showContent();
        return;
    }
    if (m_shown != version)
        m_faces->showLoading();
    m_call.start(this, m_context.client.call(ep::getRelease, {m_detail.project.name, version.toStdString()}),
                 [this, version](const Result<api::ReleaseDetail> &answer) {
                     if (!answer) {
                         m_faces->showError(answer.error(), [this] { read(); });
                         return;
                     }
                     m_shown = version;
                     m_model->setRows(QList<api::FileInfo>(answer->files.begin(), answer->files.end()));
                     m_count->setText(tr("%n file(s)", nullptr, static_cast<int>(answer->files.size())) + QStringLiteral(" · ") +
                                      formatBytes(answer->release.size));
                     m_faces->showContent();
                     if (m_table->currentKey().isEmpty() && m_model->rowCount() > 0)
                         m_table->selectRow(0);
                     updateActions();
                 });
}

void FilesTab::updateActions()
{
    const bool chosen = current() != nullptr;
    m_inspect->setEnabled(chosen);
    m_copyDigest->setEnabled(chosen);
    m_delete->setEnabled(chosen && std::find(m_detail.allowed.begin(), m_detail.allowed.end(), "delete-file") != m_detail.allowed.end());
}

void FilesTab::askDelete()
{
    const auto *file = current();
    if (!file)
        return;
    const std::string name = file->filename;
    auto *sheet = new ActionSheet(tr("Delete file"), tr("&Delete %1").arg(elideMiddle(text(name), 28)));
    sheet->setDangerous(true);
    sheet->setPlan({tr("%1, %2, goes out of sight at once.").arg(ltr(text(name)), formatBytes(file->size)),
                    tr("The file name stays taken for good.")});
    sheet->setUndoText(tr("It can be restored until the retention time has passed."));
    sheet->askReason(true);
    sheet->askTyped(text(name));
    connect(sheet, &ActionSheet::confirmed, this, [this, sheet, name] {
        QPointer<FilesTab> self(this);
        const QString shown = ltr(text(name));
        runChange(this, m_context, ep::deleteFile, {name, sheet->typed().toStdString(), sheet->reason().toStdString()},
                  {tr("%1 is deleted").arg(shown), {}},
                  {sheet,
                   [self, name, shown] {
                       if (self)
                           runChange(self.data(), self->m_context, ep::restoreFile, {name, "undone"},
                                     {tr("%1 is back").arg(shown), tr("%1 was not restored").arg(shown)},
                                     {nullptr, {}, [self] { Q_EMIT self->changed(); }});
                   },
                   [this] { Q_EMIT changed(); }});
    });
    m_context.shell.showSheet(sheet);
}

}  // namespace cm::ui
