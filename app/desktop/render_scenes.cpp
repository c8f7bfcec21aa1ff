// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/desktop/render_scenes.h"

#include "ui/shell/page.h"
#include "ui/shell/page_stack.h"
#include "ui/widgets/action_sheet.h"

#include <QAction>
#include <QFile>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>

namespace cm::desktop {

namespace {

void trigger(ui::MainWindow &window, const QString &text)
{
    for (QAction *action : window.pages().current()->findChildren<QAction *>()) {
        if (action->isEnabled() && action->text().remove(QLatin1Char('&')) == text) {
            action->trigger();
            return;
        }
    }
}

// Types into the fields of the open sheet, in their order.
void fill(ui::MainWindow &window, const QString &reason, const QString &typed)
{
    const auto *sheet = window.findChild<ui::ActionSheet *>();
    if (!sheet)
        return;
    for (QPlainTextEdit *edit : sheet->findChildren<QPlainTextEdit *>())
        edit->setPlainText(reason);
    for (QLineEdit *line : sheet->findChildren<QLineEdit *>()) {
        if (line->isVisible()) {
            line->setText(typed);
            return;
        }
    }
}

QString copied(const QString &from, const QString &work)
{
    const QString path = work + QStringLiteral("/bitreader-2.2.0-py3-none-any.whl");
    QFile::copy(from + QStringLiteral("/upload/bitreader-2.2.0-py3-none-any.whl"), path);
    return path;
}

QString broken(const QString &work)
{
    const QString path = work + QStringLiteral("/bitreader-2.2.0.tar.gz");
    QFile file(path);
    if (file.open(QIODevice::WriteOnly))
        file.write("cut off on its way");
    return path;
}

}  // namespace

QList<Scene> scenes(const QString &recorded, const QString &work)
{
    const ui::Route project = ui::Route::parse(QStringLiteral("project/geoflux"));
    return {
        {QStringLiteral("upload_files"), ui::Route{QStringLiteral("upload"), {}},
         [recorded, work](ui::MainWindow &window) {
             for (const QString &path : {copied(recorded, work), broken(work)})
                 window.go({QStringLiteral("upload"), path});
         }},
        {QStringLiteral("sheet_quarantine"), project,
         [](ui::MainWindow &window) {
             trigger(window, QStringLiteral("Quarantine\u2026"));
             fill(window, QStringLiteral("1.2.0 reads environment variables on import"), {});
         }},
        {QStringLiteral("sheet_delete"), project,
         [](ui::MainWindow &window) {
             trigger(window, QStringLiteral("Delete project\u2026"));
             fill(window, QStringLiteral("asked for by its owner"), QStringLiteral("geoflux"));
         }},
        {QStringLiteral("my-projects_token"), ui::Route{QStringLiteral("my-projects"), {}},
         [](ui::MainWindow &window) {
             trigger(window, QStringLiteral("New token\u2026"));
             fill(window, {}, QStringLiteral("build machine"));
             if (auto *sheet = window.findChild<ui::ActionSheet *>())
                 Q_EMIT sheet->confirmed();
         }},
    };
}

}  // namespace cm::desktop
